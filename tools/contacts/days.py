"""Reads the days of vCards: whole ones, those without a year, and those that are told in words only. Pure."""

from __future__ import annotations

import re
from datetime import MAXYEAR, date

from butler.core.contacts import YearDay

_WHOLE = re.compile(r"(\d{4})([-/.]?)(\d{1,2})\2(\d{1,2})(?:[T ].*)?", re.DOTALL)
_YEARLESS = re.compile(r"--(\d{2})-?(\d{2})(?:[T ].*)?", re.DOTALL)
_NEVER = {0, 1, 1604}
"""Years by which programs say that there is none; Apple's is 1604."""
_LEAP = 2000


def read_day(text: str) -> YearDay | None:
    """Read a day of the year (`1984-04-12`, `19840412`, `--0412`, each also with a time); None for anything else."""
    text = text.strip()
    if found := _YEARLESS.fullmatch(text):
        return _day(0, int(found[1]), int(found[2]))
    found = _WHOLE.fullmatch(text)
    if found is None or not (found[2] or len(found[3]) == len(found[4]) == 2):
        return None
    year = int(found[1])
    return _day(0 if year in _NEVER else year, int(found[3]), int(found[4]))


def _day(year: int, month: int, day: int) -> YearDay | None:
    try:
        date(year or _LEAP, month, day)
    except ValueError:
        return None
    return YearDay(month, day, year) if year < MAXYEAR else None
