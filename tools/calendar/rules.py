"""What a recurrence rule costs to work out, found by arithmetic before anything is expanded.

dateutil steps from the first occurrence to the window, one period after the other, and searches up to the year 9999
where a rule never comes true. So rules are measured first: old ones are moved forward by whole periods, dense ones are
cut off after enough occurrences, and what would take too long is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from math import prod

import icalendar

LIBRARY_ERRORS = (ValueError, TypeError, KeyError, AttributeError, IndexError, ArithmeticError, AssertionError, RecursionError)
"""What icalendar, recurring-ical-events and dateutil were seen to raise on hostile input."""

_DAY_SECONDS = 86_400
_PERIOD_DAYS = {
    "YEARLY": 365.2425,
    "MONTHLY": 30.436875,
    "WEEKLY": 7.0,
    "DAILY": 1.0,
    "HOURLY": 1 / 24,
    "MINUTELY": 1 / 1440,
    "SECONDLY": 1 / 86_400,
}
# Microseconds that dateutil takes for one period of a rule, measured on a two-core machine with Python 3.11 and doubled.
_PERIOD_COST = {"YEARLY": 56.0, "MONTHLY": 9.0, "WEEKLY": 7.0, "DAILY": 4.0, "HOURLY": 4.0, "MINUTELY": 4.0, "SECONDLY": 4.0}
_TIME_COST = 6.0
_DAY_FILTERS = {
    "YEARLY": {"BYMONTH", "BYWEEKNO", "BYYEARDAY", "BYMONTHDAY", "BYDAY", "BYSETPOS"},
    "MONTHLY": {"BYMONTH", "BYMONTHDAY", "BYDAY", "BYSETPOS"},
    "WEEKLY": {"BYMONTH", "BYDAY"},
    "DAILY": {"BYMONTH", "BYMONTHDAY", "BYDAY"},
    "HOURLY": {"BYDAY"},
    "MINUTELY": {"BYDAY"},
    "SECONDLY": {"BYDAY"},
}
_ALL_FILTERS = {"BYMONTH", "BYWEEKNO", "BYYEARDAY", "BYMONTHDAY", "BYDAY", "BYSETPOS", "BYEASTER"}
_LONGEST_MONTH = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_LONG_RULE_YEARS = 8000


@dataclass(frozen=True, slots=True)
class Shape:
    """A rule as far as its cost goes: at most `per_day` times a day; `doubtful` where it may never come true."""

    freq: str
    interval: int
    per_day: float
    doubtful: bool
    counted: bool

    @property
    def period(self) -> float:
        """Days from one period that the rule looks at to the next."""
        return _PERIOD_DAYS[self.freq] * self.interval


def shape(rule: icalendar.vRecur, start: datetime | date) -> Shape | None:
    """Measure the rule of a series; None for one that RFC 5545 does not allow."""
    freq = str(rule.get("FREQ", [""])[0]).upper()
    interval = int(rule.get("INTERVAL", [1])[0])
    filters = {name for name in _ALL_FILTERS if name in rule}
    if freq not in _PERIOD_DAYS or interval < 1 or not filters <= _DAY_FILTERS[freq]:
        return None
    doubtful = _doubtful(rule, freq, interval, filters, start.day)
    return Shape(freq, interval, _times_a_day(rule, freq, interval), doubtful, counted="COUNT" in rule)


def _times_a_day(rule: icalendar.vRecur, freq: str, interval: int) -> float:
    """Below a day a rule's own pace multiplies with the finer lists; what coarser lists thin out is not counted on."""
    lists = {"BYHOUR": "HOURLY", "BYMINUTE": "MINUTELY", "BYSECOND": "SECONDLY"}
    order = ["DAILY", "HOURLY", "MINUTELY", "SECONDLY"]
    rank = order.index(freq) if freq in order else 0
    finer = prod(len(set(rule[name])) for name, unit in lists.items() if name in rule and order.index(unit) > rank)
    return finer / (_PERIOD_DAYS[freq] * interval) if freq in order else float(finer)


def _doubtful(rule: icalendar.vRecur, freq: str, interval: int, filters: set[str], day: int) -> bool:
    """Whether a rule might never come true, as Feb 30 and the sixth Monday do not; when unsure, it might."""
    if not filters:
        return False
    if freq in {"HOURLY", "MINUTELY", "SECONDLY"}:
        return _PERIOD_DAYS[freq] * interval > 1
    if "BYDAY" in filters and freq == "DAILY":
        return interval % 7 == 0 or not _some_day_exists(rule)
    if "BYSETPOS" in filters:
        return filters != {"BYSETPOS", "BYDAY"} or max(abs(int(place)) for place in rule["BYSETPOS"]) > 4
    if filters & {"BYWEEKNO", "BYYEARDAY"}:
        return len(filters) > 1 or interval > 1 or not _number_exists(rule)
    if "BYMONTH" in filters and freq == "MONTHLY" and interval > 1:
        return True
    implied = day if filters == {"BYMONTH"} and freq in {"YEARLY", "MONTHLY"} else None
    return not _ordinals_exist(rule, freq, filters) or not _some_day_exists(rule, implied)


def _number_exists(rule: icalendar.vRecur) -> bool:
    weeks = any(0 < abs(int(week)) <= 52 for week in rule.get("BYWEEKNO", []))
    return weeks or any(0 < abs(int(day)) <= 365 for day in rule.get("BYYEARDAY", []))


def _ordinals_exist(rule: icalendar.vRecur, freq: str, filters: set[str]) -> bool:
    ordinals = [int(day.relative or 0) for day in rule.get("BYDAY", [])]
    if not ordinals or 0 in ordinals:
        return True
    by_month = freq == "MONTHLY" or "BYMONTH" in filters
    return "BYMONTHDAY" not in filters and any(abs(each) <= (4 if by_month else 52) for each in ordinals)


def _some_day_exists(rule: icalendar.vRecur, implied: int | None = None) -> bool:
    days = [abs(int(day)) for day in rule.get("BYMONTHDAY", [implied] if implied else [])]
    months = [int(month) for month in rule.get("BYMONTH", range(1, 13))]
    longest = max((_LONGEST_MONTH[month - 1] for month in months if 1 <= month <= 12), default=0)
    return not days or any(0 < day <= longest for day in days)


def utc(moment: datetime | date) -> datetime:
    """Place any time in UTC for rough comparison, whole days at midnight."""
    if not isinstance(moment, datetime):
        return datetime.combine(moment, time(), UTC)
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def cost(found: Shape, start: datetime | date, end: datetime) -> float:
    """Estimate the microseconds that it takes to work out a rule from `start` to `end`."""
    days = max((end - utc(start)).total_seconds() / _DAY_SECONDS, 0) + 1
    per_period = _PERIOD_COST[found.freq]
    steps = days / found.period * per_period
    emitted = days * found.per_day
    tail = _LONG_RULE_YEARS * 365.2425 / max(found.period, 1) * per_period if found.doubtful else 0
    return steps + emitted * _TIME_COST + tail


def forwarded(found: Shape, start: datetime | date, until: datetime) -> datetime | date:
    """Move a first occurrence forward by whole periods, to shortly before `until` where that changes no later one.

    Steps are taken on the wall clock, as dateutil takes them. Months and years are left alone: they have few periods,
    and the day of the month would have to be looked after.
    """
    if found.counted or found.freq in {"MONTHLY", "YEARLY"}:
        return start
    step = timedelta(seconds=round(found.period * _DAY_SECONDS))
    periods = (until - utc(start)) // step
    whole_days = step % timedelta(days=1) == timedelta(0)
    if periods <= 0 or not (whole_days or isinstance(start, datetime)):
        return start
    return start + periods * step


def until_in(rule: icalendar.vRecur, zone: tzinfo | None) -> datetime | date | None:
    """Read UNTIL as its series needs it: a date for whole days (`zone` None), else UTC; a date counts to its end."""
    until = rule.get("UNTIL", [None])[0]
    if until is None or not isinstance(until, date):
        return None
    if zone is None:
        return until.date() if isinstance(until, datetime) else until
    if not isinstance(until, datetime):
        until = datetime.combine(until, time(23, 59, 59))
    return (until if until.tzinfo else until.replace(tzinfo=zone)).astimezone(UTC)
