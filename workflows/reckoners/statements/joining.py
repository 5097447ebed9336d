"""Bookings of several files as one list: what two exports both have counts once, what one file has twice counts twice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from decimal import Decimal

from workflows.reckoners.statements.bookings import Booking

_MOST_PAIRS = 2_500
_LOOKED_AT = 50
_DAYS = dt.timedelta(4)
_Key = tuple[dt.date, Decimal, str]


def joined(bookings: Iterable[Booking]) -> list[Booking]:
    """All bookings, each once, by day and then by reference.

    Two of different files are the same where day, amount, currency and words are, and neither says that it is of another
    account. Where the files have other columns, the words may be in one or in two, so it is enough that those of one hold those
    of the other.
    """
    files: dict[str, dict[_Key, list[Booking]]] = {}
    for booking in bookings:
        file = files.setdefault(booking.ref.rpartition("#")[0], {})
        file.setdefault((booking.day, booking.amount, booking.currency), []).append(booking)
    known: dict[_Key, list[Booking]] = {}
    for _, file in sorted(files.items()):
        for key, found in file.items():
            known[key] = [*known.get(key, ()), *_new(found, known.get(key, ()))]
    return sorted((one for group in known.values() for one in group), key=lambda one: (one.day, _line(one.ref)))


def moved(bookings: Iterable[Booking]) -> Iterator[tuple[Booking, Booking]]:
    """Pairs of bookings of two files, of which one went and the other came within days: what may be one's own money moved."""
    came: dict[tuple[Decimal, str], list[Booking]] = {}
    every = list(bookings)
    for one in every:
        if one.amount > 0:
            came.setdefault((one.amount, one.currency), []).append(one)
    for one in every:
        others = came.get((-one.amount, one.currency), [])
        near = (at for at, each in enumerate(others[:_LOOKED_AT]) if _are_near(one, each))
        if (at := next(near, None)) is not None:
            yield one, others.pop(at)


def _are_near(one: Booking, other: Booking) -> bool:
    return _file(one) != _file(other) and abs(one.day - other.day) <= _DAYS


def _file(booking: Booking) -> str:
    return booking.ref.rpartition("#")[0]


def _new(found: list[Booking], known: Iterable[Booking]) -> list[Booking]:
    """Those of a file that are not among the known ones; each known one stands for one of them at most."""
    left = dict(enumerate(known))
    alike: dict[str, list[int]] = {}
    for at, one in left.items():
        alike.setdefault(words(one), []).append(at)
    unmatched = []
    for booking in sorted(found, key=words):
        places = alike.get(words(booking), [])
        same = next((at for at in places if _may_be_one(left[at], booking)), None)
        if same is None:
            unmatched.append(booking)
        else:
            places.remove(same)
            del left[same]
    # Nobody has so many bookings of one amount on one day: there only equal words are one.
    return unmatched if len(left) * len(unmatched) > _MOST_PAIRS else _unsaid(unmatched, list(left.values()))


def _unsaid(found: Iterable[Booking], left: list[Booking]) -> list[Booking]:
    """Those of a file of which none of the others says the same in another manner."""
    new = []
    for booking in found:
        same = next((one for one in left if _says(one, booking) and _may_be_one(one, booking)), None)
        if same is None:
            new.append(booking)
        else:
            left.remove(same)
    return new


def _may_be_one(one: Booking, other: Booking) -> bool:
    """Whether two may be of one account; what lies in two roots may be of two people where not both say whose it is."""
    if one.account and other.account:
        return one.account == other.account
    return _root(one) == _root(other)


def _root(booking: Booking) -> str:
    return booking.ref.partition("/")[0]


def _says(one: Booking, other: Booking) -> bool:
    """Whether two that were written down in different manners say the same, in whatever order their columns are."""
    if one.manner == other.manner:
        return False
    mine, theirs = _parts(one), _parts(other)
    whole, their_whole = "".join(mine), "".join(theirs)
    return all(part in their_whole for part in mine) or all(part in whole for part in theirs)


def words(booking: Booking) -> str:
    """The letters and digits of what a booking says, folded."""
    return "".join(_parts(booking))


def _parts(booking: Booking) -> list[str]:
    return ["".join(c for c in text.casefold() if c.isalnum()) for text in (booking.payee, booking.purpose)]


def _line(ref: str) -> tuple[str, int]:
    file, _, line = ref.rpartition("#L")
    return file, int(line)
