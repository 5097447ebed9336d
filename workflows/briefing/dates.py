"""Dates by which something is to be done, found in text and resolved from the day on which it was written.

Code finds the place and the cue; the dateparser library reads calendar dates and spans; weekdays, ends of weeks and months and
relative days are counted from tables. Nothing here raises, and the work is bounded whatever the text.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from butler.core.daynames import ANY_MONTH_OF, ANY_WEEKDAY_OF, MONTH_OF, MONTHS, SHORT_MONTHS, positions, spellings, unaccented
from butler.core.daynames import LANGUAGES as _LANGUAGES
from workflows.briefing import cues, datespans, datewords, phrases
from workflows.briefing.sentences import bounds, is_quoted, sentence
from workflows.briefing.values import Due

FOUND = 40
PAST_DAYS = 60
FUTURE_DAYS = 1100
_ORDINAL = re.compile(r"(\b\d{1,2})(?:st|nd|rd|th|er|e|º|ª|°|\.)(\s|,|$)")
_WORKING = 4
_AMERICAN = ("America/", "US/")


@dataclass(frozen=True, slots=True)
class Found:
    """A date in a text; `cued` says that words beside it make it a deadline."""

    due: Due
    cued: bool
    strong: bool = False


def find_dues(text: str, written: dt.date, zone: ZoneInfo | None = None, languages: Sequence[str] = ()) -> list[Due]:
    """Find the deadlines in a text written on a day: dates beside words such as "by", "spätestens", "avant le".

    `zone` tells American from other English (3/4), `languages` are tried first where a name means two months.
    """
    if not cues.may_hold_any(text):
        return []
    found = list(_scan(text, written, _Frame(_order(zone), tuple(languages), cued_only=True)))
    # "The contract ends on 31 December, cancel by 30 November": beside the limit the other day only says what for.
    limits = {one.due.quote for one in found if one.strong}
    return [one.due for one in found if one.strong or one.due.quote not in limits]


def find_dates(text: str, written: dt.date, zone: ZoneInfo | None = None, languages: Sequence[str] = ()) -> list[Found]:
    """Find all dates that a text names, deadlines or not, in order; at most forty."""
    return list(_scan(text, written, _Frame(_order(zone), tuple(languages), cued_only=False)))


@dataclass(frozen=True, slots=True)
class _Frame:
    order: str
    languages: tuple[str, ...]
    cued_only: bool


def _order(zone: ZoneInfo | None) -> str:
    return "MDY" if zone is not None and zone.key.startswith(_AMERICAN) else "DMY"


def _scan(text: str, written: dt.date, frame: _Frame) -> Iterator[Found]:
    """Look at the cue first: it is cheap, and most dates of a mail have none."""
    count, last, plain = 0, 0, datespans.plain(text)
    spans = list(datespans.spans(plain))
    for span in spans:
        between, last = plain[last : span.start()] if last else "", last if span["clock"] else span.end()
        cue = cues.around(plain, span)
        cued = cue.cued and (not cues.is_range(between) or cues.ends_limit(plain, span))
        unclear = span["bare"] or span["bare2"] or span["clock"]
        if is_quoted(text, span.start()) or (not cued and (frame.cued_only or unclear)):
            continue
        if span["clock"] and not _stands_alone(plain, span, spans):
            continue
        day = _resolve(span, written, frame, cued=cued)
        if day and written - dt.timedelta(PAST_DAYS) <= day <= written + dt.timedelta(FUTURE_DAYS):
            count += 1
            quote = sentence(text, span.start(), cue.end)
            yield Found(Due(day=day, time=cue.time, quote=quote, words=_words(text, span)), cued, cue.strong)
        if count == FOUND:
            return


def _stands_alone(text: str, clock: re.Match[str], spans: Sequence[re.Match[str]]) -> bool:
    """Whether a time without a day is today's limit: no date stands in its sentence, and something is wanted there."""
    left, right = bounds(text, clock.start(), clock.end())
    dated = any(left <= span.start() < right for span in spans if not span["clock"])
    if dated:
        return False
    return text[right - 1 : right] == "?" or any(phrases.holds(table, text[left:right]) for table in ("REQUESTS", "PROMISES"))


def _words(text: str, span: re.Match[str]) -> str:
    """The date's own words, without the full stop of its sentence."""
    words = text[span.start() : span.end()].strip()
    return words if span["numeric"] or span["spaced"] else words.rstrip(".")


def _resolve(span: re.Match[str], written: dt.date, frame: _Frame, *, cued: bool) -> dt.date | None:
    """The day that an expression names, counted from the day it was written on."""
    try:
        if span["weekday"] or span["short"]:
            return _weekday(span, written)
        if span["relative"]:
            return written + dt.timedelta(_relative()[_folded(span["relative"])])
        if span["ends"]:
            return _end(_folded(span["ends"]), written, cued=cued)
        if span["endmonth"]:
            return _month_end(min(MONTH_OF[_folded(span["endmonth"])]) + 1, written)
        if span["within"]:
            return _after(_folded(span["count"]), _folded(span["unit"]), written)
        if span["clock"]:
            return written
        if span["nth"] or span["bare"] or span["bare2"]:
            return _day_of_month(int(span["nth"] or span["bare"] or span["bare2"]), written)
        return _calendar_day(span, written, frame.order, frame.languages)
    except (ValueError, OverflowError):
        return None


def _folded(words: str) -> str:
    return re.sub(r"\s+", " ", words).casefold().replace("’", "'")


@cache
def _relative() -> dict[str, int]:
    return datespans.relative_days()


@cache
def _numbers() -> dict[str, frozenset[int]]:
    return positions(datewords.NUMBERS)


@cache
def _units() -> dict[str, frozenset[int]]:
    return datespans.unit_names()


@cache
def _ends() -> dict[str, str]:
    return {
        phrase: key for key, row in datewords.ENDS.items() for form in row.split("|") for phrase in (form, unaccented(form))
    }


def _weekday(span: re.Match[str], written: dt.date) -> dt.date:
    """The next such weekday after the day of writing; "Friday next week" counts from next week's Monday.

    In "jueves 3" the number tells which one, as long as a near third is a Thursday.
    """
    place = min(ANY_WEEKDAY_OF[_folded(span["weekday"] or span["short"])])
    if span["following"]:
        return written + dt.timedelta(7 - written.weekday() + place)
    coming = written + dt.timedelta((place - written.weekday() - 1) % 7 + 1)
    near = (coming + dt.timedelta(7 * weeks) for weeks in (-1, 0, 1, 2, 3, 4, 5, -2))
    return next((day for day in near if span["numbered"] and day.day == int(span["numbered"])), coming)


def _end(phrase: str, written: dt.date, *, cued: bool) -> dt.date:
    what, _, later = _ends()[phrase].partition("+")
    if what == "next":
        return written + dt.timedelta((7 if cued else 11) - written.weekday())
    if what == "day":
        return written
    if what == "week":
        return written + dt.timedelta((4 - written.weekday()) % 7 + 7 * int(later or 0))
    if what == "year":
        return dt.date(written.year, 12, 31)
    first = (written.replace(day=1) + dt.timedelta(32)).replace(day=1) if later else written
    return first.replace(day=calendar.monthrange(first.year, first.month)[1])


def _month_end(month: int, written: dt.date) -> dt.date:
    year = written.year if month >= written.month else written.year + 1
    return dt.date(year, month, calendar.monthrange(year, month)[1])


def _day_of_month(day: int, written: dt.date) -> dt.date | None:
    """The next such day of a month, on or after the day of writing; months too short for it are passed over."""
    if not 1 <= day <= 31:
        return None
    for ahead in range(3):
        year, month = divmod(written.year * 12 + written.month - 1 + ahead, 12)
        if day <= calendar.monthrange(year, month + 1)[1] and dt.date(year, month + 1, day) >= written:
            return dt.date(year, month + 1, day)
    return None


def _calendar_day(span: re.Match[str], written: dt.date, order: str, languages: tuple[str, ...]) -> dt.date | None:
    """A date with day and month; without a year it is the one from sixty days back to ten months ahead."""
    words = next(span[kind] for kind in ("iso", "named", "english", "spaced", "numeric") if span[kind])
    words = words.replace(" ", "") if span["spaced"] else words.replace("-", " ") if span["named"] else words
    folded = _ORDINAL.sub(r"\1\2", _folded(words).rstrip("."))
    mark = "." if span["spaced"] else span["mark"]
    if span["iso"]:
        return _parse_day(folded, ("en",), "YMD")
    tongues = ("en",) if mark else _languages_of(folded, languages)
    order = "DMY" if mark == "." else order
    if _has_year(folded):
        return _parse_day(folded, tongues, order)
    tail = f"{mark or ' '}{{}}"
    for year in (written.year, written.year + 1, written.year - 1):
        day = _parse_day(folded + tail.format(year), tongues, order)
        if day and -PAST_DAYS <= (day - written).days < 366 - PAST_DAYS:
            return day
    return None


def _has_year(folded: str) -> bool:
    return re.search(r"\d{4}$|^\d+([./-])\d+\1\d", folded) is not None


@lru_cache(maxsize=256)
def _languages_of(folded: str, preferred: tuple[str, ...]) -> tuple[str, ...]:
    """The languages in which the month's name is one, preferred ones first."""
    name = next((word for word in re.findall(r"[^\W\d]{3,}", folded) if word in ANY_MONTH_OF), "")
    known = [language for language in _LANGUAGES if name in spellings((MONTHS, SHORT_MONTHS), language)]
    return tuple(sorted(known, key=lambda language: (language not in preferred, known.index(language)))) or ("en",)


@lru_cache(maxsize=4096)
def _parse_day(words: str, languages: tuple[str, ...], order: str) -> dt.date | None:
    """Read a calendar date with its year; where the order of day and month cannot be meant, dateparser takes the other."""
    import dateparser

    settings = {"DATE_ORDER": order, "PARSERS": ["absolute-time"], "REQUIRE_PARTS": ["day", "month", "year"]}
    parsed: dt.datetime | None = dateparser.parse(words, languages=list(languages), settings=settings)
    return parsed.date() if parsed else None


@lru_cache(maxsize=1024)
def _after(count: str, unit: str, written: dt.date) -> dt.date | None:
    """The day after so many days, weeks or months; put in English, in which dateparser knows all of them."""
    import dateparser

    number = int(count) if count.isdigit() else min(_numbers()[count]) + 1
    place = max(_units()[unit])
    if place == _WORKING:
        return _working_days_after(number, written)
    base = dt.datetime(written.year, written.month, written.day, 12)  # noqa: DTZ001 - a day, not a moment
    words = f"in {number} {('days', 'weeks', 'months', 'hours')[place]}"
    parsed: dt.datetime | None = dateparser.parse(words, languages=["en"], settings={"RELATIVE_BASE": base})
    return parsed.date() if parsed else None


def _working_days_after(count: int, written: dt.date) -> dt.date:
    """The day after so many days from Monday to Friday; holidays are not known."""
    weeks, rest = divmod(count, 5)
    start = written - dt.timedelta(max(0, written.weekday() - 4))
    return start + dt.timedelta(7 * weeks + rest + (2 if start.weekday() + rest > 4 else 0))
