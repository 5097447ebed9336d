"""What a question asks that code can answer, by small patterns: precise rather than greedy, for the loop takes the rest."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from zoneinfo import ZoneInfo

from butler.core.daynames import unaccented
from butler.core.everyday import LITTLE
from workflows.ask import intentmore, intentwords
from workflows.ask import timephrases as words
from workflows.ask.dayhits import fold
from workflows.ask.windows import Window, find_windows

_LONGEST = 200
_WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")
_END = re.compile(r"[\s?!.¿¡,;:\"“”„«»]+")
_NOT_LEAD = re.compile(
    r"(?:next|nachste[nr]?|prochaine?|proxim[oa]|prossim[oa]|volgende|the|my|our|der|die|das|den|dem|mein|meine|meinem|meiner|le|la|les|l|mon|ma|el|mi|il|lo|mio|mia|de|het|mijn|o|a|meu|minha|"
    r"herrn?|frau|mr|mrs|ms|dr|mme|monsieur|madame|senor|senora|signor|signora)\.?[\s']+"
)
_KINDS = tuple(dict.fromkeys((*intentmore.FIRST, "due", *intentwords.PATTERNS, *intentmore.LAST)))
_SPELLED = re.compile(r"\b(what|who|when|where)s\b")
_LEADS_TIME = re.compile(rf"(?<!\w)(?:(?:{words.FILLERS}|for|fur|this|per|para|pour)\s+)+$")


@dataclass(frozen=True, slots=True)
class Intent:
    """What is asked: its kind, the words for a person or an event, and the times that are named."""

    kind: str
    who: str = ""
    what: str = ""
    windows: tuple[Window, ...] = ()

    @property
    def window(self) -> Window | None:
        """The time that it is about, where it is one."""
        return self.windows[0] if self.windows else None


def intents(text: str, now: dt.datetime, zone: ZoneInfo, language: str) -> Iterator[Intent]:
    """What a question may ask, the likeliest first; none where it is for the loop."""
    if len(text) > _LONGEST:
        return
    windows = tuple(find_windows(text, now, zone, language))
    ahead = tuple(find_windows(text, now, zone, language, past=False))
    bare = _SPELLED.sub(r"\1's", without_windows(text, windows))
    for kind in _KINDS:
        if kind in intentwords.NEEDS_TIME and not windows:
            continue
        for pattern in _patterns(kind):
            found = pattern.fullmatch(bare) or pattern.search(bare)
            if found and _nothing_else(bare, found):
                named = found.groupdict()
                meant = ahead if kind in intentwords.AHEAD else windows
                yield Intent(kind, _name(named.get("who")), _name(named.get("what")), meant)
                break
    if ahead and _nothing_else(bare, None):
        yield Intent("agenda", windows=ahead)


def without_windows(text: str, windows: Sequence[Window]) -> str:
    """A question folded, without its times and marks, each gap one space."""
    folded, pieces, at = fold(text), [], 0
    for window in windows:
        pieces.append(_LEADS_TIME.sub(" ", folded[at : window.begin]))
        at = max(at, window.end)
    return _END.sub(" ", " ".join((*pieces, folded[at:]))).strip()


def content_words(text: str, language: str = "") -> list[str]:
    """The words of a folded text that carry meaning, each once; of one language where it is named, else of all."""
    small = little(language)
    return [word for word in dict.fromkeys(_WORD.findall(text)) if word not in small and len(word) > 1]


@cache
def little(language: str = "") -> frozenset[str]:
    """Words without a meaning of their own, in one language or in all, folded: a car is none for who writes English."""
    rows = [LITTLE[language]] if language in LITTLE else LITTLE.values()
    return frozenset(unaccented(word) for row in rows for word in row.split(" "))


@cache
def _patterns(kind: str) -> tuple[re.Pattern[str], ...]:
    tables = (intentmore.FIRST, intentmore.MORE, intentwords.PATTERNS, intentmore.LAST)
    return tuple(_compiled(one) for table in tables for row in table.get(kind, ()) for one in _alternatives(row))


def _alternatives(row: str) -> Iterator[str]:
    """The alternatives of a pattern at its top, since each may name somebody."""
    depth, start = 0, 0
    for at, sign in enumerate(row):
        depth += (sign == "(") - (sign == ")")
        if sign == "|" and depth == 0:
            yield row[start:at]
            start = at + 1
    yield row[start:]


def _compiled(pattern: str) -> re.Pattern[str]:
    named = pattern.replace("WHO", r"(?P<who>[^?]+?)").replace("WHAT", r"(?P<what>[^?]+?)").replace("MAIL", intentwords.MAIL)
    named = named.replace("CLASH", intentwords.CLASH)
    greedy = r"(?=\s*$)" if re.search(r"(?:WHO|WHAT)(?:\(\?:[^)]*\)\?|\))*\??$", pattern) else ""
    return re.compile(rf"(?<![\w'-])(?:{named})(?!\w){greedy}")


def _nothing_else(bare: str, found: re.Match[str] | None) -> bool:
    """Whether a question says nothing beside what a pattern takes in; without one, nothing at all."""
    rest = f"{bare[: found.start()]} {bare[found.end() :]}" if found else bare
    return all(word in _passing() for word in _WORD.findall(rest))


@cache
def _passing() -> frozenset[str]:
    return little() | frozenset(intentwords.POLITE.split(" "))


def _name(named: str | None) -> str:
    """A name without what stands before names, and without a possessive ending."""
    name = (named or "").strip()
    while found := _NOT_LEAD.match(name):
        name = name[found.end() :]
    return re.sub(r"'s?$", "", name)
