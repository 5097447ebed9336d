"""Sums that do not depend on how bookings were written down: in which order, in how many files, in whose dialect."""

import datetime as dt
import random
from collections.abc import Callable, Sequence
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st
from statement_files import DIALECTS, Written

from workflows.reckoners.statements.bookings import Manner, Statements, read_statements
from workflows.reckoners.statements.joining import joined

FIRST = dt.date(2026, 1, 1)
WORDS = st.text(alphabet="abcäöüßéñ ,;.|\"'\n-&€", min_size=1, max_size=12).filter(lambda text: any(c.isalpha() for c in text))
BOOKINGS = st.lists(
    st.builds(
        Written,
        day=st.integers(0, 150).map(lambda days: FIRST + dt.timedelta(days)),
        payee=WORDS.map(lambda text: text.replace("€", "E")),
        purpose=st.one_of(st.just(""), WORDS.map(lambda text: text.replace("€", "E"))),
        amount=st.integers(-2_000_000, 2_000_000).filter(bool).map(lambda cents: Decimal(cents) / 100),
    ),
    min_size=1,
    max_size=14,
)
SETTLING = [
    Written(dt.date(2026, 6, 29), "settles", "", Decimal("-1234.56")),
    Written(dt.date(2026, 6, 30), "settles", "", Decimal("1234.56")),
]
"""Two bookings after which nothing about a file is open: their days are above twelve, their amounts have cents."""


def read(files: Sequence[bytes]) -> Statements:
    return read_statements([(f"file:r/{at}.csv", file) for at, file in enumerate(files)], Manner(currency="EUR"))


def sums(files: Sequence[bytes]) -> tuple[Decimal, Decimal, int]:
    found = read(files)
    assert found.unread == ()
    bookings = joined(found.bookings)
    came = sum((one.amount for one in bookings if one.amount > 0), Decimal())
    went = sum((one.amount for one in bookings if one.amount < 0), Decimal())
    return came, went, len(bookings)


def meant(bookings: Sequence[Written]) -> tuple[Decimal, Decimal, int]:
    came = sum((one.amount for one in bookings if one.amount > 0), Decimal())
    return came, sum((one.amount for one in bookings), Decimal()) - came, len(bookings)


@settings(max_examples=60, deadline=None)
@given(BOOKINGS, st.sampled_from(DIALECTS), st.randoms(use_true_random=False))
def test_every_dialect_and_every_order_of_rows_says_the_same(
    bookings: list[Written], write: Callable[[Sequence[Written]], bytes], chance: random.Random
) -> None:
    rows = [*bookings, *SETTLING]
    chance.shuffle(rows)
    assert sums([write(rows)]) == meant(rows)


@settings(max_examples=60, deadline=None)
@given(BOOKINGS, st.sampled_from(DIALECTS), st.integers(0, 150))
def test_a_file_that_is_split_between_two_days_says_the_same(
    bookings: list[Written], write: Callable[[Sequence[Written]], bytes], days: int
) -> None:
    border = FIRST + dt.timedelta(days)
    rows = [*bookings, *SETTLING]
    parts = [[one for one in rows if one.day < border], [one for one in rows if one.day >= border]]
    assert sums([write(part) for part in parts]) == meant(rows)


@settings(max_examples=60, deadline=None)
@given(BOOKINGS, st.sampled_from(DIALECTS), st.sampled_from(DIALECTS), st.integers(0, 150), st.integers(0, 150))
def test_exports_that_overlap_count_once_in_whatever_dialects_they_are(
    bookings: list[Written],
    write: Callable[[Sequence[Written]], bytes],
    again: Callable[[Sequence[Written]], bytes],
    begin: int,
    end: int,
) -> None:
    rows = [*bookings, *SETTLING]
    first, last = FIRST + dt.timedelta(min(begin, end)), FIRST + dt.timedelta(max(begin, end))
    part = [one for one in rows if first <= one.day <= last]
    assert sums([write(rows), again([*part, *SETTLING])]) == meant(rows)


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=400), st.sampled_from(DIALECTS))
def test_whatever_stands_beside_a_statement_nothing_breaks_and_no_booking_is_lost(
    noise: bytes, write: Callable[[Sequence[Written]], bytes]
) -> None:
    found = read([noise, write(SETTLING)])
    assert {one.amount for one in found.bookings} >= {one.amount for one in SETTLING}
    behind = bytes(byte for byte in noise if byte < 128)
    assert read([write(SETTLING) + b"\n" + behind]).bookings[:2] == read([write(SETTLING)]).bookings
