"""Which days the name of a time means, counted from today: weekdays, spans, weeks, months and holidays; pure."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from butler.core import timewords
from butler.core.daynames import MONTHS, SHORT_MONTHS, WEEKDAYS, positions, unaccented
from workflows.ask import timephrases as words

DAY = dt.timedelta(1)
HOUR, WORKING, YEAR, MINUTE = 3, 4, 5, 6
"""The places of some units; days, weeks and months come first."""

_FEW = {0: 7, 1: 21, 2: 90, YEAR: 3 * 365}
"""How many days are meant where no number is said: "in the next weeks"."""

_MOST = 3_660

Span = tuple[dt.date, dt.date]
"""From a day until before another."""


@dataclass(frozen=True, slots=True)
class Frame:
    """From which day is counted, and whether what a question asks about has been."""

    today: dt.date
    past: bool


@cache
def numbers() -> Mapping[str, int]:
    """Every number in words that can be read."""
    named = {unaccented(name): min(places) + 1 for name, places in positions(timewords.NUMBERS).items()}
    late = {name: place + 11 for row in words.LATE_NUMBERS.values() for place, name in enumerate(row.split(" "))}
    return {**named, **late, **words.SOME}


@cache
def hours(language: str) -> Sequence[str]:
    """The names of the numbers that hours bear, in a language and in English; what means one is an article, too."""
    tongues = {name: timewords.NUMBERS[name] for name in (language, "en") if name in timewords.NUMBERS}
    named = [unaccented(name) for name, places in positions(tongues).items() if min(places) > 0 or name == "one"]
    return (*named, *(name for tongue in tongues for name in words.LATE_NUMBERS[tongue].split(" ")))


def number(text: str) -> int:
    """A number in figures or words; one for none."""
    return 1 if not text else int(text) if text.isdigit() else numbers()[text]


@cache
def units() -> Mapping[str, int]:
    """Every name of a unit with its place."""
    named = {unaccented(name.replace("_", " ")): max(places) for name, places in positions(timewords.UNITS).items()}
    return {**named, **words.MORE_UNITS}


@cache
def weekdays() -> Mapping[str, int]:
    """Every name of a weekday with its place, from Monday."""
    named = {unaccented(name): min(places) for name, places in positions(WEEKDAYS).items()}
    return {**named, **words.MORE_WEEKDAYS}


@cache
def months() -> Mapping[str, int]:
    """Every name of a month with its number."""
    named = {unaccented(name): min(places) + 1 for name, places in positions(MONTHS, SHORT_MONTHS).items()}
    return {**named, **words.MORE_MONTHS}


@cache
def relative_days() -> Mapping[str, int]:
    """Every name of a day near today with how far it is."""
    rows = (entry.partition(":") for row in timewords.RELATIVE.values() for entry in row.split(" "))
    ahead = {unaccented(name.replace("_", " ")): int(days) for names, _, days in rows for name in names.split("|")}
    evenings = {"tonight", "ce soir", "stasera", "vanavond"}
    return {**{name: days for name, days in ahead.items() if name not in evenings}, **words.MORE_DAYS, **words.PAST_DAYS}


def place_of(unit: str) -> int:
    """Which unit a word names: its place."""
    if re.fullmatch(words.MINUTES, unit):
        return MINUTE
    return units().get(unit, YEAR)


def direction_of(turn: str) -> int:
    """Minus one for what is past, one for what comes, none for this one."""
    bare = " ".join(turn.split())
    if re.fullmatch(words.THIS, bare):
        return 0
    return 1 if re.fullmatch(words.NEXT, bare) else -1


def one_day(day: dt.date) -> Span:
    """A day as a span."""
    return day, day + DAY


def nearest(frame: Frame, month: int, day: int) -> dt.date:
    """Such a day of the year, the nearest in the direction that is asked about; raises ValueError where there is none."""
    step = -1 if frame.past else 1
    for year in range(frame.today.year, frame.today.year + 9 * step, step):
        try:
            found = dt.date(year, month, day)
        except ValueError:
            continue
        if found <= frame.today if frame.past else found >= frame.today:
            return found
    raise ValueError("there is no such day")


def day_of_month(frame: Frame, day: int) -> Span | None:
    """Such a day of a month, the nearest in the direction that is asked about."""
    step = -1 if frame.past else 1
    for ahead in range(0, 4 * step, step):
        year, month = divmod(frame.today.year * 12 + frame.today.month - 1 + ahead, 12)
        try:
            date = dt.date(year, month + 1, day)
        except ValueError:
            continue
        if date <= frame.today if frame.past else date >= frame.today:
            return one_day(date)
    return None


def weekday(frame: Frame, place: int, direction: int | None) -> dt.date:
    """A weekday: the next one, or the last one where that is said or what has been is asked about; "this" may be today."""
    ahead = (place - frame.today.weekday()) % 7
    if direction == 0 and not (frame.past and ahead):
        return frame.today + ahead * DAY
    if direction == 1 or (direction is None and not frame.past):
        return frame.today + (ahead or 7) * DAY
    return frame.today + (ahead - 7) * DAY


def is_plural(unit: str, place: int) -> bool:
    """Whether a unit without a number is more than one of it: "in the next days"."""
    return place in _FEW and unit in words.PLURALS.split(" ")


def length(place: int, count: int | None) -> int:
    """So many units in days; a few of them where no number is said."""
    if count is None:
        return _FEW.get(place, _FEW[0])
    working = count + 2 * (count // 5)
    days = {0: count, 1: 7 * count, 2: round(30.5 * count), HOUR: 1, WORKING: working, YEAR: 365 * count, MINUTE: 1}
    return min(days[place], _MOST)


def period(place: int, direction: int, today: dt.date) -> Span | None:
    """This, the last or the next day, week, month or year of the calendar."""
    if place == 1:
        monday = today + (7 * direction - today.weekday()) * DAY
        return monday, monday + 7 * DAY
    if place == 2:
        return month_after(today, direction)
    if place == YEAR:
        return dt.date(today.year + direction, 1, 1), dt.date(today.year + direction + 1, 1, 1)
    return one_day(today + direction * DAY) if place == 0 else None


def month_after(today: dt.date, ahead: int) -> Span:
    """The month that is so many months away."""
    year, month = divmod(today.year * 12 + today.month - 1 + ahead, 12)
    after_year, after = divmod(year * 12 + month + 1, 12)
    return dt.date(year, month + 1, 1), dt.date(after_year, after + 1, 1)


def weekend(frame: Frame, direction: int) -> Span:
    """The weekend of this week, of the one before or after; where what has been is asked about, the last one that began."""
    saturday = frame.today + (5 - frame.today.weekday()) * DAY
    back = direction < 0 or (direction == 0 and frame.past and saturday > frame.today)
    saturday += (-7 if back else 7 * direction) * DAY
    return saturday, saturday + 2 * DAY


def away(today: dt.date, count: int, place: int) -> Span:
    """The day that is so many days away, or the week, month or year."""
    if place in (1, 2, YEAR):
        found = period(place, count, today)
        assert found is not None  # noqa: S101 - each of the three is a period
        return found
    if place in (HOUR, MINUTE):
        return one_day(today)
    step, left, day = (1 if count > 0 else -1), abs(count), today
    while left:
        day += step * DAY
        left -= place != WORKING or day.weekday() < 5
    return one_day(day)


def week_number(frame: Frame, week: int) -> Span:
    """The week of the year with a number by ISO 8601; raises ValueError where there is none."""
    year = frame.today.isocalendar().year
    monday = dt.date.fromisocalendar(year, week, 1)
    if not frame.past and monday + 7 * DAY <= frame.today:
        monday = dt.date.fromisocalendar(year + 1, week, 1)
    elif frame.past and monday > frame.today:
        monday = dt.date.fromisocalendar(year - 1, week, 1)
    return monday, monday + 7 * DAY


def holiday(frame: Frame, name: str) -> dt.date:
    """A holiday by its name, the nearest in the direction that is asked about."""
    for (month, day), row in words.HOLIDAYS.items():
        if name in row.split("|"):
            return nearest(frame, month, day)
    distance = next(days for days, row in words.EASTER.items() if name in row.split("|"))
    days = [easter(frame.today.year + ahead) + distance * DAY for ahead in (-1, 0, 1)]
    if frame.past:
        return max(day for day in days if day <= frame.today)
    return min(day for day in days if day >= frame.today)


def easter(year: int) -> dt.date:
    """Easter Sunday of the Gregorian calendar, by the rule of Meeus, Jones and Butcher."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    h = (19 * a + b - d - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    month, day = divmod(h + m - 7 * ((a + 11 * h + 22 * m) // 451) + 114, 31)
    return dt.date(year, month, day + 1)
