"""Windows of time in words, such as "last month" or "next 7 days", as the days they mean. Pure: today is an argument."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from zoneinfo import ZoneInfo

from butler.core.localtime import day_start

ALL = "all"
LAST_TIME = "since last time"
_FIRST_TIME = 7
_COUNTED = re.compile(r"(last|next) (\d{1,4}) (day|week|month|year)s?")
_SINCE = re.compile(r"since (\d{4}-\d{2}-\d{2})")
_LONGEST = {"day": 3660, "week": 520, "month": 120, "year": 10}
_WEEK = 7

Days = tuple[dt.date, dt.date]
"""The first day, and the one after the last."""

_NAMED: Mapping[str, Callable[[dt.date], Days]] = {
    "today": lambda day: (day, _after(day, 1)),
    "yesterday": lambda day: (_after(day, -1), day),
    "tomorrow": lambda day: (_after(day, 1), _after(day, 2)),
    "this week": lambda day: (_monday(day), _after(_monday(day), _WEEK)),
    "last week": lambda day: (_after(_monday(day), -_WEEK), _monday(day)),
    "next week": lambda day: (_after(_monday(day), _WEEK), _after(_monday(day), 2 * _WEEK)),
    "this month": lambda day: (_first(day, 0), _first(day, 1)),
    "last month": lambda day: (_first(day, -1), _first(day, 0)),
    "next month": lambda day: (_first(day, 1), _first(day, 2)),
    "this year": lambda day: (dt.date(day.year, 1, 1), _first(day.replace(month=1), 12)),
    "last year": lambda day: (_first(day.replace(month=1), -12), dt.date(day.year, 1, 1)),
}
EXAMPLES = '"last month", "this week", "last 30 days", "next 7 days", "since 2026-01-31", "since last time" or "all"'


def is_window(words: str) -> bool:
    """Whether words name a window."""
    try:
        days_of(words, dt.date(2000, 6, 15))
    except ValueError:
        return False
    return True


def days_of(words: str, day: dt.date) -> Days | None:
    """The days that a window means on a day, None for all; raises ValueError.

    "last 3 months" are the three whole months before this one and this one so far; "last 7 days" are those up to today, and
    so is "since last time" where there was none.
    """
    said = " ".join(words.lower().split())
    if said in {"", ALL}:
        return None
    if said == LAST_TIME:
        return (_after(day, 1 - _FIRST_TIME), _after(day, 1))
    if said in _NAMED:
        return _NAMED[said](day)
    if since := _SINCE.fullmatch(said):
        first = dt.date.fromisoformat(since[1])
        return (first, max(_after(day, 1), first))
    counted = _COUNTED.fullmatch(said)
    if not counted or not 1 <= int(counted[2]) <= _LONGEST[counted[3]]:
        raise ValueError(f"{words!r} is no window of time. Write {EXAMPLES}.")
    return _counted(counted[1] == "next", int(counted[2]), counted[3], day)


def moments_of(
    words: str, day: dt.date, zone: ZoneInfo, last: dt.datetime | None = None
) -> tuple[dt.datetime, dt.datetime] | None:
    """The first moment of a window and the one after its last, in UTC; None for all. `last` is when the last time was."""
    found = days_of(words, day)
    if found is None:
        return None
    end = day_start(found[1], zone)
    is_since = last is not None and " ".join(words.lower().split()) == LAST_TIME
    return (min(last, end), end) if is_since and last is not None else (day_start(found[0], zone), end)


def _counted(is_next: bool, count: int, unit: str, day: dt.date) -> Days:
    if unit in {"month", "year"}:
        months = count * (12 if unit == "year" else 1)
        return (day, _first(day, months + 1)) if is_next else (_first(day, -months), _after(day, 1))
    days = count * (_WEEK if unit == "week" else 1)
    return (day, _after(day, days)) if is_next else (_after(day, 1 - days), _after(day, 1))


def _after(day: dt.date, days: int) -> dt.date:
    """A day so many later, at the edges of the calendar as near to it as can be."""
    return dt.date.fromordinal(min(max(day.toordinal() + days, 1), dt.date.max.toordinal()))


def _monday(day: dt.date) -> dt.date:
    return _after(day, -day.weekday())


def _first(day: dt.date, months: int) -> dt.date:
    """The first of the month that is so many later."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(min(max(year, 1), dt.MAXYEAR), month + 1, 1)
