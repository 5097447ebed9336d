"""The checkable facts of a text by their value: addresses, domains, dates, times, numbers, weekdays and months.

`3 pm` and `15:00` are one time, `1.200` and `1,200` may be one amount, `30.11.` and `30 November` one day.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from butler.core.daynames import ANY_MONTH_OF, ANY_WEEKDAY_OF, EVERYDAY, MONTH_OF, WEEKDAY_OF

Value = tuple[str, str]
_ADDRESS = (
    r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,6}"
    r"|https?://[^\s<>\"')\]]{1,2000}"
    r"|(?<![\w.@-])(?:[a-z0-9-]{1,63}\.){1,5}[a-z]{2,24}(?![\w@.-]\w)"
)
_ISO = r"(?<![\w-])(?P<iy>\d{4})-(?P<im>\d{2})-(?P<id>\d{2})(?!\d)"
_NUMERIC = (
    r"(?<![\w.,/-])(?P<n1>\d{1,2})(?P<sep>[./-])(?P<n2>\d{1,2})"
    r"(?:(?P=sep)(?P<ny>\d{4}|\d{2})(?!\d)|(?<=\d)\.(?!\w)|(?<=/\d\d)(?![\d/])|(?<=/\d)(?![\d/]))"
)
_CLOCK = (
    r"(?<![\w.,:])(?P<hour>\d{1,2})(?:[:.h](?P<minute>\d{2}))?[ \u00a0]?(?P<half>[ap]\.?m\b\.?|uhr\b|h\b|o'clock\b)"
    r"|(?<![\w.,:])(?P<h24>\d{1,2}):(?P<m24>\d{2})(?!\d)"
)
_NUMBER = (
    r"(?<![\w.,])\d{1,3}(?:[.,'’\u00a0\u202f ]\d{3})+(?:[.,]\d{1,2})?(?![\w]|[.,]\d)"
    r"|(?<![\w.,])\d{1,18}(?:[.,]\d{1,9})?(?=(?:st|nd|rd|th|er|e|º|ª|%|k)?(?!\w))"
)
_CODE = r"(?<!\w)(?=[\w/-]{0,60}\d)\w(?:[\w/-]{0,60}\w)?"
_WORD = re.compile(r"[^\W\d_]+(?:-feira)?")


@cache
def _day_and_month() -> re.Pattern[str]:
    names = "|".join(sorted((re.escape(name) for name in ANY_MONTH_OF), key=lambda name: (-len(name), name)))
    return re.compile(
        r"(?<!\w)(?P<day>3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th|er|[.º°ªe])?\s{1,3}(?:de\s|of\s|d['’])?"
        rf"(?P<month>{names})(?!\w)\.?(?:,?\s(?:de\s|del\s)?(?P<year>\d{{4}})(?!\d))?"
        rf"|(?<!\w)(?P<month2>{names})\.?\s(?P<day2>3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?(?![\d:]|[.,]\d)(?:,?\s(?P<year2>\d{{4}})(?!\d))?",
        re.IGNORECASE,
    )


_ADDRESSES = re.compile(_ADDRESS, re.IGNORECASE)
_FACTS = re.compile("|".join((_ISO, _NUMERIC, _CLOCK, f"(?P<number>{_NUMBER})", f"(?P<code>{_CODE})")), re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Fact:
    """Words that state a checkable value, with every reading of it."""

    words: str
    start: int
    end: int
    readings: frozenset[Value]


def facts(text: str) -> list[Fact]:
    """Find the addresses, dates, times, numbers, codes, weekdays and months of a text; none overlap."""
    found: list[Fact] = []
    rest = text
    for spotted in (_addresses, _dates, _figures, _names):
        here = list(spotted(rest))
        found += here
        rest = _blank(rest, here)
    return sorted(found, key=lambda fact: fact.start)


def unborne(summary: str, source: str) -> list[str]:
    """List the facts of a summary of which no reading is among the facts of its source."""
    claims = facts(summary)
    if not claims:
        return []
    borne = {reading for fact in facts(source) for reading in _implied(fact)}
    return [fact.words for fact in claims if fact.readings.isdisjoint(borne)]


def without_facts(text: str) -> str:
    """Blank out the facts of a text, so that what is left are its plain words."""
    return _blank(text, facts(text))


def _blank(text: str, found: list[Fact]) -> str:
    pieces, at = [], 0
    for fact in found:
        pieces += [text[at : fact.start], "·" * (fact.end - fact.start)]
        at = fact.end
    return "".join((*pieces, text[at:]))


def _fact(match: re.Match[str], readings: set[Value]) -> Fact:
    return Fact(match.group().strip(), match.start(), match.end(), frozenset(readings))


def _implied(fact: Fact) -> Iterator[Value]:
    """The readings of a fact of the source, and what they say in passing: a date its month, day and year."""
    for kind, value in fact.readings:
        yield kind, value
        if kind == "date":
            year, month, day = value.split("-")
            yield from (("date", f"0-{month}-{day}"), ("month", month), ("number", day), ("number", year))
        elif kind == "time" and value.endswith(":0"):
            yield "number", value.removesuffix(":0")
        elif kind == "address" and "@" in value:
            yield "address", value.rpartition("@")[2]


def _addresses(text: str) -> Iterator[Fact]:
    for found in _ADDRESSES.finditer(text):
        folded = found.group().casefold().rstrip(".,;:!?")
        host = re.sub(r"^https?://", "", folded).partition("/")[0].removeprefix("www.")
        bare = folded.removeprefix("https://").removeprefix("http://").removeprefix("www.").rstrip("/")
        yield _fact(
            found,
            {
                ("address", folded if "@" in folded else bare),
                *([("address", host)] if "@" not in folded and host == bare else []),
            },
        )


def _dates(text: str) -> Iterator[Fact]:
    for found in _day_and_month().finditer(text):
        day, year = int(found["day"] or found["day2"]), int(found["year"] or found["year2"] or 0)
        months = ANY_MONTH_OF[(found["month"] or found["month2"]).casefold()]
        yield _fact(found, {("date", f"{year}-{month + 1}-{day}") for month in months})


def _figures(text: str) -> Iterator[Fact]:
    for found in _FACTS.finditer(text):
        if found["iy"]:
            readings = {("date", f"{int(found['iy'])}-{int(found['im'])}-{int(found['id'])}")}
        elif found["n1"]:
            readings = _numeric_date(found)
        elif found["hour"] or found["h24"]:
            readings = _time(found)
        elif found["number"]:
            readings = _number(found["number"])
        else:
            readings = {("code", unicodedata.normalize("NFKC", found["code"]).casefold())}
        yield _fact(found, readings)


def _numeric_date(found: re.Match[str]) -> set[Value]:
    """Both orders of day and month, and the plain number that it may be as well."""
    first, second, year = int(found["n1"]), int(found["n2"]), int(found["ny"] or 0)
    year += 2000 if 0 < year < 100 else 0
    orders = {(first, second)} if found["sep"] == "." else {(first, second), (second, first)}
    readings = {("date", f"{year}-{month}-{day}") for day, month in orders if 1 <= month <= 12 and 1 <= day <= 31}
    return readings | {("number", f"{first}.{second}")} if not found["ny"] else readings or {("code", found.group().casefold())}


def _time(found: re.Match[str]) -> set[Value]:
    hour, minute = int(found["hour"] or found["h24"]), int(found["minute"] or found["m24"] or 0)
    half = (found["half"] or "").casefold()[:1]
    hour = hour % 12 + 12 * (half == "p") if half in ("a", "p") else hour
    return {("time", f"{hour}:{minute}")}


def _number(words: str) -> set[Value]:
    """A number's readings: as thousands where its marks part groups of three, and with a decimal mark."""
    plain = re.sub(r"['’\u00a0\u202f ]", "", words)
    readings = set()
    groups = re.fullmatch(r"(\d{1,3}(?:[.,]\d{3})+)(?:[.,](\d{1,2}))?", plain)
    if groups:
        readings.add(_decimal(re.sub(r"[.,]", "", groups[1]), groups[2] or ""))
    decimal = re.fullmatch(r"(\d+)(?:[.,](\d+))?", plain)
    if decimal:
        readings.add(_decimal(decimal[1], decimal[2] or ""))
    return {("number", value) for value in readings}


def _decimal(whole: str, fraction: str) -> str:
    fraction = fraction.rstrip("0")
    return (whole.lstrip("0") or "0") + (f".{fraction}" if fraction else "")


def _names(text: str) -> Iterator[Fact]:
    """Weekdays and months by full name; short and everyday ones only with a capital and no sentence before them."""
    for found in _WORD.finditer(text):
        folded = found.group().casefold()
        if folded not in ANY_WEEKDAY_OF and folded not in ANY_MONTH_OF:
            continue
        full = (folded in WEEKDAY_OF or folded in MONTH_OF) and folded not in EVERYDAY
        if full or (found.group()[0].isupper() and len(folded) >= 3 and found.start() > 0):
            days = {("weekday", str(day)) for day in ANY_WEEKDAY_OF.get(folded, ())}
            yield _fact(found, days | {("month", str(month + 1)) for month in ANY_MONTH_OF.get(folded, ())})
