"""Outgoings that recur: the same payee in even steps of months, with amounts that are alike."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Literal

from workflows.reckoners.statements.bookings import Booking

Change = Literal["dearer", "cheaper", "new", "gone", ""]
_STEPS = {"month": (24, 37), "quarter": (84, 98), "year": (355, 376)}
"""Days between two bookings, at least and at most: weekends and short months put them off."""

_MOST_RISE_PERCENT = 160
_LEAST_EQUAL = 3
"""Bookings of one amount that a payee must have among others before they count as a subscription."""


@dataclass(frozen=True, slots=True)
class Recurring:
    """Bookings that recur, oldest first, and what is new about them in the month that is looked at."""

    payee: str
    every: str
    bookings: tuple[Booking, ...]
    change: Change


def payee_key(booking: Booking) -> str:
    """By what two bookings count as of one payee: the letters of its name; numbers are those of branches and cards."""
    letters = "".join(c if c.isalpha() else " " for c in booking.payee.casefold()).split()
    return " ".join(letters[:5]) or booking.payee.casefold()


def display_name(bookings: Iterable[Booking]) -> str:
    """The name by which most bookings call their payee."""
    counts = Counter(booking.payee for booking in bookings)
    return min(counts, key=lambda name: (-counts[name], name)) or "no name"


def recurring(bookings: Iterable[Booking], month: dt.date, days: tuple[dt.date, dt.date]) -> list[Recurring]:
    """What recurs among the bookings of one currency until the end of a month; what changed comes first.

    `days` are those of the oldest and the newest booking there are: what is as old as the first is not new, and what might
    still come after the last is not gone.
    """
    payees: dict[str, list[Booking]] = {}
    for booking in bookings:
        if booking.amount < 0:
            payees.setdefault(payee_key(booking), []).append(booking)
    found = []
    for group in payees.values():
        for every, series in _series(sorted(group, key=lambda one: (one.day, one.ref))):
            change = _change(series, every, month, days)
            if change is not None:
                found.append(Recurring(display_name(series), every, tuple(series), change))
    order = ("dearer", "new", "gone", "cheaper", "")
    return sorted(found, key=lambda one: (order.index(one.change), one.bookings[-1].amount, one.payee))


def _series(group: Sequence[Booking]) -> Iterator[tuple[str, Sequence[Booking]]]:
    """A payee's bookings as one series, else each amount that comes often as one of its own."""
    every = _step(group)
    if every:
        yield every, group
        return
    amounts: dict[Decimal, list[Booking]] = {}
    for one in group:
        amounts.setdefault(one.amount, []).append(one)
    for _, equal in sorted(amounts.items()):
        every = _step(equal) if len(equal) >= _LEAST_EQUAL else ""
        if every:
            yield every, equal


def _step(group: Sequence[Booking]) -> str:
    """The step in which bookings recur, empty where they do not."""
    if len(group) < 2:
        return ""
    sizes = [-one.amount for one in group]
    if max(sizes) * 100 > min(sizes) * _MOST_RISE_PERCENT:
        return ""
    gaps = [(later.day - one.day).days for one, later in pairwise(group)]
    return next((every for every, (least, most) in _STEPS.items() if all(least <= gap <= most for gap in gaps)), "")


def _change(series: Sequence[Booking], every: str, month: dt.date, days: tuple[dt.date, dt.date]) -> Change | None:
    """What is new about a series in a month; None where it ended before, or is not due in it."""
    most = dt.timedelta(_STEPS[every][1])
    oldest, newest = days
    last = series[-1]
    if last.day < month:
        return "gone" if month <= last.day + most < newest else None
    if last.amount != series[-2].amount:
        return "dearer" if last.amount < series[-2].amount else "cheaper"
    is_new = len(series) == 2 and series[0].day - oldest > most
    return "new" if is_new else ""
