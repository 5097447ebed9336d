"""Every expression of time in a question as a concrete window in its owner's zone; pure: the clock is an argument.

The model never produces a date: it picks one of these by number.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from zoneinfo import ZoneInfo

from butler.core.localtime import day_start, moment_of
from workflows.ask import timephrases as words
from workflows.ask.clockhits import MIDNIGHT, ClockHit, clock_hits, led, merged, part_of_day
from workflows.ask.daycounts import Frame
from workflows.ask.dayhits import DayHit, day_hits, fold

MOST = 9
"""So many windows of one question are looked at."""

READ = 2_000
_WIDEST_GAP = 30
_FAR = dt.timedelta(days=365)
_HOUR = dt.timedelta(hours=1)
_DAY = dt.timedelta(days=1)
_WEEK = dt.timedelta(days=7)
_DATED = re.compile(r"\.?,?\s+(?:(?:the|den|dem|le|el|il|dia)\s+)?")
_PAST = re.compile(rf"(?<!\w)(?:{words.PAST})(?!\w)")
_GAP = re.compile(rf"(?:\s|,|(?<!\w)(?:{words.FILLERS})(?!\w))*")


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time that words from `begin` to `end` of a question name, `start` inclusive and `stop` exclusive.

    `day` says that it is one whole day, `moment` that it begins at a time of the clock. `daily` are the minutes of each day
    that are meant where it is longer: "next week in the afternoon".
    """

    words: str
    begin: int
    end: int
    start: dt.datetime
    stop: dt.datetime
    day: bool = False
    moment: bool = False
    daily: tuple[int, int] | None = None


def find_windows(
    text: str, now: dt.datetime, zone: ZoneInfo, language: str = "en", *, past: bool | None = None
) -> list[Window]:
    """Find them, in order; `past` says that what has been is asked about, and is told from the words where it is None."""
    text = text[:READ]
    folded = fold(text)
    past = is_past(folded, language) if past is None else past
    place = _Place(folded, now.astimezone(zone), zone, language, past=past)
    return [replace(each, words=text[each.begin : each.end].strip()) for each in place.windows()][:MOST]


def is_past(folded: str, language: str) -> bool:
    """Whether a folded question is about what has been."""
    # In German "was" is "what".
    return _PAST.search(re.sub(r"\bwas\b", "", folded) if language == "de" else folded) is not None


@cache
def _lead(language: str) -> re.Pattern[str]:
    kinds = (("since", words.SINCE), ("until", words.UNTIL), ("prior", words.BEFORE), ("after", words.AFTER))
    pieces = "|".join(f"(?P<{name}>{led(table, language)})" for name, table in kinds)
    return re.compile(rf"(?<![\w-])(?:{pieces})\s+(?:the\s+|next\s+)?$")


@cache
def _between(language: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{led(words.BETWEEN, language)})\s+(?:the\s+)?$")


@cache
def _joined(language: str) -> re.Pattern[str]:
    return re.compile(rf"\s*(?:(?P<to>{words.TO})|{led(words.AND, language)})\s+(?:the\s+|dem\s+)?")


def _holds(clock: ClockHit, day: DayHit) -> bool:
    """Whether a day is but a part of the words of a time: "mañana" in "por la mañana"."""
    return clock.begin <= day.begin and day.end <= clock.end and (clock.begin, clock.end) != (day.begin, day.end)


def _covers(day: DayHit, clock: ClockHit) -> bool:
    return day.begin <= clock.begin and clock.end <= day.end


def _in_week(days: Sequence[DayHit], clocks: Sequence[ClockHit], folded: str) -> Iterator[DayHit]:
    """Make one day of a weekday beside its week: "Thursday afternoon next week", "nächste Woche Donnerstag"."""
    at = 0
    while at < len(days):
        one, other = days[at], days[at + 1] if at + 1 < len(days) else None
        between = [clock for clock in clocks if other and one.end <= clock.begin and clock.end <= other.begin and clock.part]
        made = _day_of_week(one, other, between[:1], folded) if other else None
        yield made or one
        at += 2 if made else 1


def _day_of_week(one: DayHit, other: DayHit, parts: Sequence[ClockHit], folded: str) -> DayHit | None:
    day, week = (one, other) if one.weekday else (other, one)
    gap = folded[one.end : other.begin]
    for each in parts:
        gap = gap.replace(folded[each.begin : each.end], "", 1)
    is_week = week.last - week.first == _WEEK and week.first.weekday() == 0
    if not (day.weekday and day.is_day and is_week and _GAP.fullmatch(gap)):
        return None
    first = week.first + day.first.weekday() * _DAY
    part = day.part or next((each.part for each in parts), "")
    return replace(day, begin=one.begin, end=other.end, first=first, last=first + _DAY, part=part)


def _dated(days: Sequence[DayHit], folded: str) -> Iterator[DayHit]:
    """Make one of a weekday that stands before its date: "Friday, 27 November"."""
    at = 0
    while at < len(days):
        day, after = days[at], days[at + 1] if at + 1 < len(days) else None
        doubled = after is not None and _is_date_of(day, after, folded)
        yield replace(after, begin=day.begin) if after is not None and doubled else day
        at += 2 if doubled else 1


def _is_date_of(day: DayHit, after: DayHit, folded: str) -> bool:
    follows = _DATED.fullmatch(folded[day.end : after.begin]) is not None
    return day.weekday and not after.weekday and after.is_day and follows


class _Place:
    """The windows of one question."""

    def __init__(self, folded: str, now: dt.datetime, zone: ZoneInfo, language: str, *, past: bool) -> None:
        self._folded = folded
        self._now = now
        self._zone = zone
        self._language = language
        self._past = past
        days, clocks = list(day_hits(folded, Frame(now.date(), past))), list(clock_hits(folded, language))
        self._days = list(_dated([day for day in days if not any(_holds(clock, day) for clock in clocks)], folded))
        self._days = list(_in_week(self._days, clocks, folded))
        self._clocks = [clock for clock in clocks if not any(_covers(day, clock) for day in self._days)]
        self._back = {hit.begin: hit for hit in day_hits(folded, Frame(now.date(), past=True))}

    def windows(self) -> Iterator[Window]:
        """All of them, in order."""
        found = [self._of_day(hit) for hit in self._days]
        found += [window for clock in self._clocks if (window := self._of_clock(clock, found))]
        yield from self._turned(sorted(found, key=lambda each: each.begin))

    def _of_day(self, hit: DayHit) -> Window:
        lead = _lead(self._language).search(self._folded[: hit.begin])
        if lead and lead["since"]:
            hit = self._back.get(hit.begin, hit)
        if hit.hours is not None:
            start = (self._now.astimezone(dt.UTC) + hit.hours * _HOUR).astimezone(self._zone)
            return Window("", hit.begin, hit.end, start, start + _HOUR, moment=True)
        clock = part_of_day(hit.part, hit.begin, hit.end) if hit.part else None
        for beside in self._beside(hit.begin, hit.end):
            clock = merged(clock, beside) if clock else beside
        if clock is None:
            return Window("", hit.begin, hit.end, self._midnight(hit.first), self._midnight(hit.last), day=hit.is_day)
        begin, end = min(hit.begin, clock.begin), max(hit.end, clock.end)
        if not hit.is_day:
            daily = (clock.first, clock.last)
            return Window("", begin, end, self._midnight(hit.first), self._midnight(hit.last), daily=daily)
        return self._timed(begin, end, hit.first, clock)

    def _beside(self, begin: int, end: int) -> list[ClockHit]:
        """The times of the clock beside a day, which belong to it; nearest first, and to no other one then."""
        taken: list[ClockHit] = []
        while True:
            near = [each for each in self._clocks if self._is_near(each, begin, end)]
            if not near:
                return taken
            self._clocks.remove(near[0])
            taken.append(near[0])
            begin, end = min(begin, near[0].begin), max(end, near[0].end)

    def _is_near(self, clock: ClockHit, begin: int, end: int) -> bool:
        if clock.first < 0:
            return False
        gap = self._folded[end : clock.begin] if clock.begin >= end else self._folded[clock.end : begin]
        return len(gap) < _WIDEST_GAP and _GAP.fullmatch(gap) is not None

    def _of_clock(self, clock: ClockHit, days: Sequence[Window]) -> Window | None:
        """A time without a day is today's, or tomorrow's where it has passed and what comes is asked about."""
        if clock.first < 0:
            return Window("", clock.begin, clock.end, self._now, self._now + _HOUR / 2, moment=True)
        if any(each.begin < clock.end and clock.begin < each.end for each in days) or not clock.alone:
            return None
        window = self._timed(clock.begin, clock.end, self._now.date() + clock.shift * _DAY, clock)
        if clock.moment and window.stop <= self._now and not self._past:
            window = self._timed(clock.begin, clock.end, self._now.date() + _DAY, clock)
        return window

    def _timed(self, begin: int, end: int, day: dt.date, clock: ClockHit) -> Window:
        start, stop = self._moment(day, clock.first), self._moment(day, clock.last)
        return Window("", begin, end, start, stop, moment=clock.moment or clock.part == "noon")

    def _moment(self, day: dt.date, minutes: int) -> dt.datetime:
        days, rest = divmod(minutes, MIDNIGHT)
        found = moment_of(day + days * _DAY, dt.time(*divmod(rest, 60)), self._zone)
        return found.astimezone(self._zone) if found else self._midnight(day + days * _DAY)

    def _midnight(self, day: dt.date) -> dt.datetime:
        return day_start(day, self._zone).astimezone(self._zone)

    def _turned(self, found: Sequence[Window]) -> Iterator[Window]:
        """Join two that make a span, and take in the words before: since, until, before, after."""
        at = 0
        while at < len(found):
            window, after = found[at], found[at + 1] if at + 1 < len(found) else None
            spanned = self._spanned(window, after) if after else None
            yield spanned or self._led(window)
            at += 2 if spanned else 1

    def _spanned(self, first: Window, last: Window) -> Window | None:
        gap = self._folded[first.end : last.begin]
        join = _joined(self._language).fullmatch(gap)
        lead = _between(self._language).search(self._folded[: first.begin])
        if last.day and first.start - last.start <= _WEEK and last.stop <= first.start:
            last = replace(last, start=last.start + _WEEK, stop=last.stop + _WEEK)
        if join is None or not (lead or join["to"]) or last.stop <= first.start:
            return None
        begin = lead.start() if lead else first.begin
        return Window("", begin, last.end, first.start, last.stop, daily=first.daily or last.daily)

    def _led(self, window: Window) -> Window:
        lead = _lead(self._language).search(self._folded[: window.begin])
        if lead is None:
            return window
        wider = replace(window, begin=lead.start(), day=False, moment=False)
        if lead["since"]:
            return replace(wider, stop=max(self._now, window.start))
        if lead["after"]:
            from_it = re.match(words.FROM_IT, lead["after"]) is not None or window.moment
            return replace(wider, start=window.start if from_it else window.stop, stop=window.stop + _FAR)
        stop = window.stop if lead["until"] else window.start
        if window.moment:
            stop = window.start
        start = min(self._now, stop - _FAR) if self._past else min(self._now, stop)
        return replace(wider, start=start, stop=stop)
