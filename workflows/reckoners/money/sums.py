"""Sums over bookings of one currency: in, out and balance by month, by payee and by category. Never across currencies."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from workflows.reckoners.showing import average
from workflows.reckoners.statements.bookings import Booking


@dataclass(frozen=True, slots=True)
class Flow:
    """What came, what went (below zero), and the two together."""

    came: Decimal
    went: Decimal

    @property
    def balance(self) -> Decimal:
        """What is left of what came."""
        return self.came + self.went


@dataclass(frozen=True, slots=True)
class Months:
    """The bookings of one currency by month, up to the month that is looked at."""

    month: dt.date
    bookings: Mapping[dt.date, Sequence[Booking]]

    @property
    def here(self) -> Sequence[Booking]:
        """The bookings of the month that is looked at."""
        return self.bookings.get(self.month, ())

    @property
    def before(self) -> Sequence[Booking] | None:
        """Those of the month before, None where there are none of any currency's statements."""
        return self.bookings.get(month_before(self.month))

    def compared(self, total: Callable[[Sequence[Booking]], Decimal]) -> tuple[Decimal, Decimal | None, Decimal]:
        """A total of this month and of the one before, and the average of all months that there are."""
        totals = [total(bookings) for bookings in self.bookings.values()]
        before = None if self.before is None else total(self.before)
        return total(self.here), before, average(totals, len(totals))

    def parted(self, name: Callable[[Booking], str]) -> dict[str, Months]:
        """The same months for each name of bookings; one that a month has none of is empty there."""
        found: dict[str, dict[dt.date, list[Booking]]] = {}
        for month, bookings in self.bookings.items():
            for booking in bookings:
                of_name = found.setdefault(name(booking), {each: [] for each in self.bookings})
                of_name[month].append(booking)
        return {each: Months(self.month, months) for each, months in found.items()}

    @property
    def all(self) -> Iterator[Booking]:
        """All bookings, by month."""
        return (booking for month in sorted(self.bookings) for booking in self.bookings[month])


def month_of(day: dt.date) -> dt.date:
    """The first day of a day's month."""
    return day.replace(day=1)


def month_before(month: dt.date) -> dt.date:
    """The first day of the month before."""
    return month_of(month - dt.timedelta(1))


def flow(bookings: Iterable[Booking]) -> Flow:
    """What came and went."""
    came = went = Decimal()
    for booking in bookings:
        if booking.amount > 0:
            came += booking.amount
        else:
            went += booking.amount
    return Flow(came, went)


def total(bookings: Iterable[Booking]) -> Decimal:
    """All amounts together."""
    return sum((booking.amount for booking in bookings), Decimal())


def grouped(bookings: Iterable[Booking], name: Callable[[Booking], str]) -> dict[str, list[Booking]]:
    """Bookings by a name of theirs."""
    groups: dict[str, list[Booking]] = {}
    for booking in bookings:
        groups.setdefault(name(booking), []).append(booking)
    return groups


def by_currency(bookings: Iterable[Booking], month: dt.date) -> list[tuple[str, Months]]:
    """The months of each currency up to one, the currency with the most bookings first.

    A month counts for a currency from its first booking on, also where nothing was booked in it while other bookings were.
    """
    until = [booking for booking in bookings if month_of(booking.day) <= month]
    there = sorted({month_of(booking.day) for booking in until})
    found = []
    for currency, group in grouped(until, lambda one: one.currency).items():
        first = month_of(min(booking.day for booking in group))
        months: dict[dt.date, list[Booking]] = {each: [] for each in there if each >= first}
        for booking in group:
            months[month_of(booking.day)].append(booking)
        found.append((currency, Months(month, months)))
    return sorted(found, key=lambda pair: (-sum(map(len, pair[1].bookings.values())), pair[0]))
