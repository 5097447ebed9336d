"""Dates as exports write them: what a cell may mean, by the order of day, month and year."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from functools import cache

from butler.core.daynames import MONTHS, SHORT_MONTHS, positions, unaccented

DAY_FIRST, MONTH_FIRST, YEAR_FIRST = "day first", "month first", "year first"
_ORDERS = {DAY_FIRST: (2, 1, 0), MONTH_FIRST: (2, 0, 1), YEAR_FIRST: (0, 1, 2)}
"""Where year, month and day stand among the three numbers."""

_NUMBERS = re.compile(r"([0-9]{1,4})\s?([./\-\u2010\u2011\u2013])\s?([0-9]{1,2})\s?\2\s?([0-9]{1,4})(?:[T ,;].*)?")
_CLOSE = re.compile(r"([0-9]{8})(?:[T ][0-9:.]+)?")
_NAMED = re.compile(
    r"(?:[^\W\d]+,\s*)?([0-9]{1,4})(?:st|nd|rd|th)?[\s./-]*(?:de )?([^\W\d]{3,})[\s./,-]*(?:de )?([0-9]{2,4})(?:[T ,].*)?"
)
_NAMED_FIRST = re.compile(r"(?:[^\W\d]+,\s*)?([^\W\d]{3,})\.?\s*([0-9]{1,2})(?:st|nd|rd|th)?,?\s+([0-9]{4})(?:[T ,].*)?")
_FIRST_YEAR, _LAST_YEAR = 1970, 2100


def dated(cell: str) -> Mapping[str, dt.date]:
    """What a cell means in each order in which it is a date; nothing where it is none. A time of the day is left away."""
    text = cell.strip()
    if found := _NUMBERS.fullmatch(text):
        return _numbered((found[1], found[3], found[4]), found[2])
    if found := _CLOSE.fullmatch(text):
        digits = found[1]
        ends = _numbered((digits[:2], digits[2:4], digits[4:]), "")
        return {**ends, **_numbered((digits[:4], digits[4:6], digits[6:]), "")}
    return _with_name(text)


def likely(cells: Sequence[Mapping[str, dt.date]]) -> Sequence[Mapping[str, dt.date]]:
    """The cells without readings as year first that have days for years: those of a column are of many years then."""
    years = {order: {cell[order].year for cell in cells if order in cell} for order in _ORDERS}
    first = years.pop(YEAR_FIRST)
    if not any(found and 2 * len(found) <= len(first) for found in years.values()):
        return cells
    return [{order: day for order, day in cell.items() if order != YEAR_FIRST} for cell in cells]


def _numbered(parts: tuple[str, str, str], mark: str) -> dict[str, dt.date]:
    """The orders in which three numbers are a date; with points between them the month is never first."""
    found: dict[str, dt.date] = {}
    for order, (year, month, day) in _ORDERS.items():
        if len(parts[month]) > 2 or len(parts[day]) > 2 or len(parts[year]) not in {2, 4}:
            continue
        if mark == "." and (order == MONTH_FIRST or (order == YEAR_FIRST and len(parts[year]) == 2)):
            continue
        made = _date(parts[year], int(parts[month]), parts[day])
        if made:
            found[order] = made
    return found


def _with_name(text: str) -> dict[str, dt.date]:
    """A date with the name of its month, which is the same in every order."""
    if found := _NAMED.fullmatch(text.casefold()):
        first, name, last = found.groups()
        day, year = (last, first) if len(first) == 4 else (first, last)
    elif found := _NAMED_FIRST.fullmatch(text.casefold()):
        name, day, year = found.groups()
    else:
        return {}
    months = _months().get(name) or _months().get(unaccented(name)) or frozenset()
    made = _date(year, min(months) + 1, day) if len(months) == 1 and len(day) <= 2 else None
    return dict.fromkeys(_ORDERS, made) if made else {}


@cache
def _months() -> Mapping[str, frozenset[int]]:
    return positions(MONTHS, SHORT_MONTHS)


def _date(year: str, month: int, day: str) -> dt.date | None:
    """A date, None where there is no such; two digits are a year of this century."""
    number = int(year) + (2000 if len(year) == 2 else 0)
    try:
        return dt.date(number, month, int(day)) if _FIRST_YEAR <= number <= _LAST_YEAR else None
    except ValueError:
        return None
