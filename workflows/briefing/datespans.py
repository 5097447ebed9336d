"""Where dates stand in a text: cheap spotting by word, and one anchored expression a language union, linear in the text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache

from butler.core.daynames import (
    LANGUAGES,
    MONTHS,
    SHORT_MONTHS,
    SHORT_WEEKDAYS,
    WEEKDAYS,
    positions,
    spellings,
    unaccented,
)
from workflows.briefing import datewords
from workflows.briefing.sentences import without_urls

SCANNED = 30_000
TRIED = 400
_WORD = re.compile(r"(?<![\w/])\w+(?:['’-](?!\d)\w+)?")
_BLANK = str.maketrans(dict.fromkeys("\u00a0\u1680\u2007\u2009\u202f\u3000", " "))
_BARE_SHORT = "(?-i:Mon|Tue|Tues|Wed|Thu|Thurs|Fri|Sat|Sun|Mo|Di|Mi|Do|Fr|Sa|So)"
_TIME = r"\d{1,2}(?:[:.]\d{2})?[ ]?(?:[ap]\.?m\b\.?|uhr\b|o'clock\b)|\d{1,2}[:h]\d{2}"
_ARTICLES = "the|zum|den|dem|am|le|el|il|dia|dnia|de"


def pattern(words: Iterable[str]) -> str:
    """An alternation of phrases, longest first, with and without accents; a space stands for any white space."""
    forms = {form for word in words for form in (word, unaccented(word))}
    ordered = sorted(forms, key=lambda form: (-len(form), form))
    return "|".join(re.escape(form).replace(r"\ ", r"\s+").replace("'", "['’]") for form in ordered)


def _union(*tables: Mapping[str, str]) -> str:
    return pattern(form for language in LANGUAGES for form in spellings(tables, language))


def relative_days() -> dict[str, int]:
    """Map each relative day ("tomorrow", "pasado mañana") to its distance in days."""
    found: dict[str, int] = {}
    for row in datewords.RELATIVE.values():
        for entry in row.split(" "):
            names, _, days = entry.partition(":")
            for name in names.split("|"):
                spaced = name.replace("_", " ")
                found[spaced] = found[unaccented(spaced)] = int(days)
    return found


def unit_names() -> dict[str, frozenset[int]]:
    """Map each unit of time ("weeks", "jours ouvrés") to its place in its row."""
    return {name.replace("_", " "): places for name, places in positions(datewords.UNITS).items()}


def _phrases(table: Mapping[str, str]) -> Iterator[str]:
    for row in table.values():
        yield from row.split("|")


@cache
def expression() -> re.Pattern[str]:
    """The expression that reads one date at a given place; its named groups tell the kinds apart."""
    full, month = _union(WEEKDAYS), _union(MONTHS, SHORT_MONTHS)
    short = _union(WEEKDAYS, SHORT_WEEKDAYS)
    units, numbers = pattern(unit_names()), pattern(positions(datewords.NUMBERS))
    following = pattern(datewords.NEXT_WEEK.split("|"))
    coming = pattern(datewords.COMING.split("|"))
    year = r"(?:(?:,?\s(?:de\s|del\s)?|-)\d{4}(?!\d))?"
    calendar = (
        r"(?P<iso>\d{4}(?P<cut>[-/])\d{2}(?P=cut)\d{2})(?!\d)"
        r"|(?P<named>\d{1,2}(?:st|nd|rd|th|er|[.ºª°]|e)?(?:[ \t\n]{1,4}|-)(?:de\s|of\s|di\s|d['’])?"
        rf"(?:{month})(?!\w)\.?{year})"
        rf"|(?P<english>(?:{_month_words('en')})\.?\s\d{{1,2}}(?:st|nd|rd|th)?(?!\d|[:.]\d){year})"
        r"|(?P<spaced>\d{1,2}\. (?:0?[1-9]|1[0-2])\.(?: ?\d{4}(?!\d))?(?! ?\d))"
        r"|(?P<numeric>\d{1,2}(?P<mark>[/-]|\.(?=(?:0?[1-9]|1[0-2])(?!\d)))\d{1,2}(?:(?P=mark)(?:\d{4}|\d{2})(?![\d./-]\d|\d)"
        r"|\.(?![\d:/-])|(?<=/\d)(?![\d:/.-])|(?<=\d\d)(?![\d:/.-]|,\d|(?:,| and| or| und| oder) v?\d{1,2}\.\d{1,2}(?![\d.]))))"
        rf"(?!\s*(?:[%€$£°]|(?:{datewords.MEASURES})(?!\w)))"
    )
    numbered = (
        r"(?:,?\s+(?:(?:the|den|dem|le|el|il|dia|día)\s+)?(?P<numbered>\d{1,2})(?:st|nd|rd|th|[.ºª°](?=\W))?"
        r"(?!\w|[.,:/-]\d|\s*(?:[ap]\.?m\b|uhr|h\b|hs\b|u\b|o'clock|[%€$£])))"
    )
    dayend = pattern(datewords.ENDS["day"].split("|"))
    # What counts something ("the 3rd floor", "am 10. Werktag") is no day of a month.
    alone = rf"(?![ \t]+(?!(?:{pattern(datewords.AFTER_DAY.split('|'))})(?!\w))[^\W\d_])"
    begins = pattern(datewords.AFTER_GERMAN_DAY.split("|"))
    german = rf"(?=\.(?!\w)(?![ \t]+(?!(?:{begins})(?!\w))(?-i:[A-ZÄÖÜ]))(?![ \t]+mal\b)|(?![\w.]|[,:]\d))"
    opening = rf"(?:(?P<dayend>{dayend}),?\s+(?:(?:on|of|the|this|am|vom|du|le|de|del|el|il)\s+){{0,2}})?"
    return re.compile(
        rf"{opening}(?:"
        rf"(?:(?:(?:(?:{coming})\s+)?(?:{full}),?|(?:{short})[.,]{{1,2}}|{_BARE_SHORT})\s+)?(?:(?:{_ARTICLES})\s+)?(?:{calendar})"
        rf"|(?P<ends>{_ends()})(?!\w)"
        rf"|(?:{pattern(datewords.END_OF.split('|'))})\s+(?P<endmonth>{_union(MONTHS)})(?!\w)"
        rf"|(?P<relative>{pattern(relative_days())})(?!\w)"
        rf"|(?:(?:(?:{coming})\s+)?(?P<weekday>{full})(?:mittag|abend|nachmittag|morgen|früh|vormittag)?(?!\w|-feira)"
        rf"(?:\s+(?P<following>{following})(?!\w))?"
        rf"|(?P<short>(?-i:Mon|Tue|Tues|Wed|Thu|Thur|Thurs|Fri))(?!\w)){numbered}?"
        rf"|(?P<within>{pattern(datewords.IN.split('|'))})\s+(?P<count>\d{{1,3}}|{numbers})\s+(?P<unit>{units})(?!\w)"
        rf"|(?:the\s+)?(?P<nth>\d{{1,2}})(?:st|nd|rd|th)(?!\w){alone}"
        rf"|(?:(?:zum|den|am)\s+(?P<bare>\d{{1,2}}){german}|(?:le|el|il|dia|día)\s+(?P<bare2>\d{{1,2}}){alone})"
        r"(?!\w|[.,:]\d|\s*(?:[%€$£]|uhr|h\b))"
        rf"|(?P<clock>{_TIME})(?!\w))",
        re.IGNORECASE,
    )


def _month_words(language: str) -> str:
    return pattern(spellings((MONTHS, SHORT_MONTHS), language))


def _ends() -> str:
    return pattern(_phrases(datewords.ENDS))


@cache
def _starts() -> tuple[frozenset[str], frozenset[str]]:
    """The folded first words of dates: those that say much by themselves, and those ("the", "in", "next") that need another."""
    relative = _first_words(relative_days())
    names = {form for language in LANGUAGES for form in spellings((WEEKDAYS, SHORT_WEEKDAYS, MONTHS, SHORT_MONTHS), language)}
    days = {unaccented(day) for day in spellings((WEEKDAYS,), "de")}
    parts = {f"{day}{part}" for day in days for part in ("mittag", "abend", "nachmittag", "morgen", "früh", "vormittag")}
    leading = (*datewords.COMING.split("|"), *datewords.IN.split("|"), *_ARTICLES.split("|"), "día", "la")
    weak = _first_words(leading) - relative
    strong = relative | _first_words((*names, *_phrases(datewords.ENDS), *datewords.END_OF.split("|"))) | parts
    return frozenset(strong - weak), frozenset(weak)


@cache
def _seconds() -> frozenset[str]:
    """The words that may follow a weak first word."""
    strong, weak = _starts()
    ends = (word for phrase in _phrases(datewords.ENDS) for word in phrase.split(" ")[1:2])
    return strong | weak | _first_words((*positions(datewords.NUMBERS), *re.split(r"[ |]", datewords.IN), *ends))


def _first_words(phrases: Iterable[str]) -> frozenset[str]:
    """The first words of phrases, with and without accents; "d'ici" and "mid-week" also by their first part."""
    firsts = {phrase.split(" ")[0] for phrase in phrases}
    cut = firsts | {re.split("['-]", first)[0] for first in firsts}
    return frozenset(cut | {unaccented(first) for first in cut})


def plain(text: str) -> str:
    """The text with ordinary spaces for all others and its web addresses blanked out, every character at its place."""
    return without_urls(text.translate(_BLANK))


def spans(text: str) -> Iterator[re.Match[str]]:
    """Yield the date expressions of a text's first 30,000 characters, in order, without overlaps."""
    tried, reached, read = 0, 0, expression()
    places = list(_WORD.finditer(text, 0, SCANNED))
    tokens = [place.group().casefold().replace("’", "'") for place in places]
    for number in _beginnings(tokens):
        start = places[number].start()
        if start < reached:
            continue
        tried += 1
        if tried > TRIED:
            return
        found = read.match(text, start, min(len(text), start + 80))
        if found:
            reached = found.end()
            yield found


def _beginnings(tokens: Sequence[str]) -> Iterator[int]:
    """The numbers of the words at which a date may begin."""
    strong, weak = _starts()
    seconds = _seconds()
    for number, token in enumerate(tokens):
        following = tokens[number + 1] if number + 1 < len(tokens) else " "
        led = token in weak and (following[0].isdigit() or following in seconds)
        if led or token[0].isdigit() or token in strong or _first_part(token) in strong:
            yield number


def _first_part(token: str) -> str:
    return token.partition("'")[0].partition("-")[0]
