"""Whether a date in a text is a deadline: the cue before or after it, and the time of day beside it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from butler.core.daynames import ANY_MONTH_OF, unaccented
from workflows.briefing import datewords, farewells, phrases
from workflows.briefing.datespans import pattern
from workflows.briefing.sentences import bounds, clause

_BEFORE = 64
_WORDS = re.compile(r"[^\W\d_]+(?:['/][^\W\d_]+)*'?")
_CUT = re.compile(r"[.!?;\d)\]]|\n[ \t]*\n")
_TO = frozenset({"to", "bis", "a", "au", "al", "tot", "do", "até", "and", "und", "through"})
_FROM = re.compile(r"(?i)\b(?:from|vom|von|du|desde|del|dal|van|od|de)\s+(?:the\s+|dem\s+|el\s+|le\s+)?$")
_RANGE_AHEAD = re.compile(r"\s*(?:[-–—]|(?:bis|to|until|au|al|tot|t/m|do|a|até)\s(?:zum\s)?)\s*\d", re.IGNORECASE)
_ENGLISH_DO = frozenset({"can", "could", "we", "you", "would", "will", "not", "should", "might", "may"})
_FOR = frozenset({"pour", "para", "per", "voor", "na"})
# A number that is itself a day or a time of day begins a stretch; an amount or a chapter does not.
_OPENS = (
    rf"(?<![\w.,])\d{{1,2}}(?:\.|(?:[:.h]\d{{2}})?\s?(?:uhr|h|am|pm|[ap]\.m\.|u|u\.)|[:h]\d{{2}}|\.?\s(?:{pattern(ANY_MONTH_OF)}))"
    r"|(?<!\w)(?:von|vom|from|od|van|del|dal|dalle|desde|de|du|da|das|between)\s(?:the\s|dem\s|el\s|le\s|las\s)?\d{1,2}"
)
_OPEN_RANGE = re.compile(rf"(?:{_OPENS})\s?[-–]?\s?(?:bis|to|do|a|à|al|au|alle|até|às|tot|until|till)\s(?:zum\s|the\s)?$")
_REDUCED = (
    r"\d\s?%\s*(?:off|rabatt|nachlass|sparen|auf|discount|de\s(?:descuento|réduction|remise|desconto)|di\ssconto|korting|"
    r"rabatu|zniżki)"
)
_TIMES_RANGE = re.compile(r"\d[\s.]*(?:uhr\s)?(?:bis|to|do|a|à|al|alle|até|às|tot|until|till|and|und)\s$")
_NOON = {
    "noon": 12,
    "midday": 12,
    "mittag": 12,
    "midi": 12,
    "mediodía": 12,
    "mezzogiorno": 12,
    "południe": 12,
    "południa": 12,
    "midnight": 24,
}
# A time of another zone than the owner's would be said wrongly: it is left to the quote. Capitals only: "est" is French.
_ZONE = r"(?:[ \t]*\(?(?-i:UTC|GMT|[ECMP][SD]?T|AEDT|AEST|NZDT|NZST|JST|IST|BST|CEST|MEZ|MESZ|WET|WEST)(?![\w])\)?)"
_CLOCK = (
    r"(?:(?P<hour>\d{1,2})(?:(?P<colon>[:.h])(?P<minute>\d{2}))?[ \t]*"
    r"(?P<half>[ap]\.?m\b\.?|uhr\b|h\b|hs\b|u\b|hrs\b|o'clock\b)?"
    rf"|(?P<noon>{'|'.join(_NOON)}))(?![\w/]|\.\d)"
)
_AT = r"(?:at|by|before|um|bis|gegen|à|avant|a las|a la|alle|alle ore|ore|entro le|om|voor|o|do|godz\.?|às|as|até às)"
_AFTER_TIME = re.compile(rf"[\s,(]{{1,3}}(?:{_AT}\s+)?{_CLOCK}", re.IGNORECASE)
_ZONED = re.compile(_ZONE, re.IGNORECASE)
_BEFORE_TIME = re.compile(
    rf"(?<![\w.:/]){_CLOCK}(?P<zoned>{_ZONE})?,?\s+(?:on|am|le|el|il|op|w|em|de|del|di|on the)?\s*$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Cue:
    """What stands beside a date: whether it is a deadline, the time of day, and where all of it ends."""

    cued: bool
    time: dt.time | None
    end: int
    strong: bool = False


def _forms(table: Mapping[str, str] | str) -> frozenset[str]:
    rows = [table] if isinstance(table, str) else table.values()
    forms = {form for row in rows for form in row.split("|")}
    return frozenset(forms | {unaccented(form) for form in forms})


@cache
def _strong() -> frozenset[str]:
    return _forms(datewords.STRONG)


@cache
def _weak() -> frozenset[str]:
    return _forms(datewords.WEAK)


@cache
def _fillers() -> frozenset[str]:
    return _forms(datewords.FILLERS) | {"d'", "l'"}


@cache
def _first_words() -> frozenset[str]:
    phrases: Iterable[str] = (*_strong(), *_weak(), *_forms(datewords.NOUNS), *_forms(datewords.AFTER), *_forms(datewords.IN))
    phrases = (*phrases, *_forms(datewords.ENDS["day"]))
    return frozenset(word for phrase in phrases for word in (phrase, phrase.split(" ")[0], phrase.split("'")[0]))


@cache
def _nouns() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{pattern(datewords.NOUNS.split('|'))})(?!\w)(?!(?<=due)\s+to\b)", re.IGNORECASE)


@cache
def _after() -> re.Pattern[str]:
    # A cue with a date of its own ("Rechnungsdatum 24.11., zahlbar bis 8.12.") belongs to that one.
    another = r"(?!\W{0,3}(?:[^\W\d_]{1,5}\W{1,2}){0,3}\d{1,4}(?:[./-]\d|\.?\s(?!uhr\b)[^\W\d_]{3}))"
    return re.compile(
        rf"(?:[^\S\n]|[,(:–-]|\n(?!\s|(?-i:[A-ZÄÖÜÉ]))){{1,4}}(?:{pattern(datewords.AFTER.split('|'))})(?!\w){another}",
        re.IGNORECASE,
    )


@cache
def _labels() -> re.Pattern[str]:
    return re.compile(
        rf"(?:(?:\A|\n)\W*(?:date|datum|data|fecha)|(?<!\w)(?:{pattern(datewords.LABELS.split('|'))}))(?:\s[^\W\d_]{{1,3}})?[^\w\n]*\n?[^\w\n]*$",
        re.IGNORECASE,
    )


@cache
def _lasting() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{pattern(datewords.LASTING.split('|'))})(?!\w)|{_REDUCED}", re.IGNORECASE)


@cache
def _being() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{pattern(datewords.BEING.split('|'))})(?!\w)", re.IGNORECASE)


def may_hold_any(text: str) -> bool:
    """Whether any word of the text could be a deadline's cue: a cheap look before the real one."""
    words = text[:30_000].casefold().replace("’", "'")
    return not _first_words().isdisjoint(_WORDS.findall(words)) or "📅" in text


def around(text: str, span: re.Match[str]) -> Cue:
    """Read the cue and the time of day beside a date."""
    start, end = span.start(), span.end()
    time, end = (_own_time(span), end) if span["clock"] else _time_after(text, end)
    window = text[max(0, start - _BEFORE) : start]
    if _labels().search(window) or farewells.says_goodbye(text, start):
        return Cue(cued=False, time=time, end=end)
    if time is None:
        earlier = _BEFORE_TIME.search(window)
        if earlier and (earlier["noon"] or earlier["colon"] or earlier["half"]):
            time, window = None if earlier["zoned"] else _time(earlier), window[: earlier.start()]
    opening = (span["within"] or "").casefold()
    strength = _strength(
        f"{window} {opening}" if opening not in ("in", "en", "em", "dans", "tra", "fra", "over", "za") else window
    )
    after = _after().match(text, end, min(len(text), end + 32))
    end = after.end() if after else end
    if after or strength == "strong" or span["dayend"]:
        return Cue(cued=not (span["clock"] and _TIMES_RANGE.search(window)), time=time, end=end, strong=True)
    if strength == "for" and span["ends"]:
        return Cue(cued=False, time=time, end=end)
    noun = _nouns().search(text, max(0, start - 120), start)
    if not strength and not noun:
        return Cue(cued=False, time=time, end=end)
    left, right = bounds(text, start, end)
    if noun and noun.start() >= left:
        # "The deadline was moved from Friday to Monday", "Frist: 25.11. bis 2.12.": the first day is not the limit.
        cued = not (_FROM.search(window) or _RANGE_AHEAD.match(text, end))
    else:
        cued = bool(strength) and not _lasts(text[left:right], text[left:start], clause(text, left, start, end, right))
        cued = cued and (_is_dated(span) or not farewells.is_farewell(text[left:start], text[end:right], text[left:right]))
        cued = cued and not (span["clock"] and _TIMES_RANGE.search(window))
    return Cue(cued=cued, time=time, end=end)


def _time_after(text: str, end: int) -> tuple[dt.time | None, int]:
    found = _AFTER_TIME.match(text, end, min(len(text), end + 32))
    if not found or not (found["noon"] or (found["colon"] and found["minute"]) or found["half"]):
        return None, end
    time, zoned = _time(found), _ZONED.match(text, found.end())
    if time and zoned:
        return None, zoned.end()
    return time, (found.end() if time else end)


def _own_time(span: re.Match[str]) -> dt.time | None:
    found = _AFTER_TIME.match(f" {span['clock']}")
    return _time(found) if found else None


def _time(found: re.Match[str]) -> dt.time | None:
    if found["noon"]:
        hour = _NOON[found["noon"].casefold()]
        return dt.time(hour) if hour < 24 else dt.time(23, 59)
    hour, minute, half = int(found["hour"]), int(found["minute"] or 0), (found["half"] or "").casefold()[:1]
    if half in ("a", "p") and not 1 <= hour <= 12:
        return None
    hour = hour % 12 + 12 * (half == "p") if half in ("a", "p") else hour
    return dt.time(hour % 24, minute) if hour <= 24 and minute < 60 else None


def _strength(window: str) -> str:
    """How strongly the words right before a date make it a deadline: "strong", "weak" or not at all."""
    tail = _CUT.split(window.replace("’", "'"))[-1].casefold()
    words = _WORDS.findall(tail)
    for _ in range(5):
        endings = [" ".join(words[-length:]) for length in range(min(4, len(words)), 0, -1)]
        if any(ending in _strong() for ending in endings):
            return "strong"
        if any(ending in _weak() for ending in endings):
            return _weakness(words)
        if not words or words[-1] not in _fillers():
            return ""
        words = words[:-1]
    return ""


def _weakness(words: Sequence[str]) -> str:
    """Tell "do piątku" from "we can do Friday", and "bis" from a mere "pour la semaine prochaine"."""
    if words[-1] == "do" and words[-2:-1] and words[-2] in _ENGLISH_DO:
        return ""
    return "weak" if _FOR.isdisjoint(words[-2:]) else "for"


def is_range(between: str) -> bool:
    """Whether what stands between two dates makes the second the end of a stretch: "vom 23. bis zum", "Monday until"."""
    words = _WORDS.findall(between.casefold().replace("’", "'").replace("tot en met", "tot"))
    joined = [word for word in words if word not in _fillers()]
    return bool(words) and len(between) <= 24 and len(joined) <= 1 and all(word in _weak() or word in _TO for word in joined)


def ends_limit(text: str, span: re.Match[str]) -> bool:
    """Whether the date ends what the sentence called a limit before: "the deadline was extended from 1 to 8 December"."""
    left, _ = bounds(text, span.start(), span.end())
    return _nouns().search(text, left, span.start()) is not None


def _is_dated(span: re.Match[str]) -> bool:
    """Whether the expression is a calendar date, which nobody says goodbye with."""
    return any(span[kind] for kind in ("iso", "named", "english", "spaced", "numeric", "endmonth", "clock"))


def _lasts(whole: str, before: str, own: str) -> bool:
    """Whether a weak cue only says how long something lasts: "away until Friday", "vom 3. bis 5."."""
    if _being().search(own.replace("’", "'")) and not phrases.holds("REQUESTS", own):
        return True
    return _lasting().search(whole) is not None or _OPEN_RANGE.search(before.casefold()) is not None
