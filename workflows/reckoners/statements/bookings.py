"""What was booked, as the statements of all banks say it, and which of their rows could not be read."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fnmatch import fnmatchcase

from butler.core.text import one_line
from workflows.reckoners.statements.days import DAY_FIRST, MONTH_FIRST, YEAR_FIRST, dated, likely
from workflows.reckoners.statements.fees import are_beside, fee_of
from workflows.reckoners.statements.headers import named
from workflows.reckoners.statements.names import UNBOOKED
from workflows.reckoners.statements.numbers import COMMA, POINT, Written, currency_of, side_of, written
from workflows.reckoners.statements.settling import settled
from workflows.reckoners.statements.tables import Table, tables_in
from workflows.reckoners.statements.texts import Record

NO_TABLE = "no line of it names a column of days and one of amounts"
MANY_ORDERS = "day and month cannot be told apart in its dates"
MANY_MARKS = "point and comma cannot be told apart in its amounts"
NO_DAYS = "nothing in its column of days is a date"
NO_AMOUNTS = "nothing in its column of amounts is a number"
_MONEY = ("amount", "debit", "credit")
_FEW = 5
"""A card that shows charges without a minus has one payment below zero among that many rows or more."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How statements are to be read where their owner said so: the order of dates, the mark before decimals, a currency.

    `charges` are globs of files in which what was spent is written without a minus.
    """

    order: str = ""
    mark: str = ""
    currency: str = ""
    charges: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Booking:
    """One booking: `ref` names its line, `amount` is below zero for what went; `currency` is empty where none is said.

    `manner` is a number that the bookings of all files with the same columns share.
    """

    ref: str
    day: dt.date
    amount: Decimal
    currency: str
    payee: str
    purpose: str = ""
    account: str = ""
    manner: int = 0


@dataclass(frozen=True, slots=True)
class Unread:
    """A row, or a whole file, that could not be read, and why."""

    ref: str
    reason: str
    words: str = ""
    rows: int = 1


@dataclass(frozen=True, slots=True)
class Statements:
    """What files say together; `unsigned` are those in which hardly an amount is below zero."""

    bookings: tuple[Booking, ...]
    unread: tuple[Unread, ...]
    unsigned: tuple[str, ...] = ()


def read_statements(files: Iterable[tuple[str, bytes]], manner: Manner) -> Statements:
    """Read files (reference, bytes). How dates and numbers are written is decided for all tables with the same columns."""
    bookings: list[Booking] = []
    unread: list[Unread] = []
    unsigned: list[str] = []
    groups: dict[tuple[str, ...], list[Table]] = {}
    for ref, content in files:
        tables = tables_in(ref, content)
        for table in tables:
            groups.setdefault(table.alike, []).append(table)
        if not tables:
            unread.append(Unread(ref, NO_TABLE, rows=0))
    for number, tables in enumerate(groups.values()):
        group = _Group(tables, manner, number)
        unsigned += group.unsigned
        for outcome in group.outcomes():
            if isinstance(outcome, Booking):
                bookings.append(outcome)
            else:
                unread.append(outcome)
    return Statements(tuple(bookings), tuple(unread), tuple(unsigned))


class _Group:
    """Tables with the same columns, and what was decided for all of them."""

    def __init__(self, tables: Sequence[Table], manner: Manner, number: int) -> None:
        self._tables = tables
        self._number = number
        self._manner = manner
        days = likely([dated(table.cell(row, role)) for table, row in self._rows() for role in ("booked", "valued")])
        self._orders = {order for cell in days for order in cell}
        # What the owner says counts where the columns themselves do not tell.
        self._order = settled(days) or (manner.order if manner.order in self._orders else "")
        self._amounts = {
            role: [cell for table, row in self._rows() if (cell := written(table.cell(row, role)))] for role in _MONEY
        }
        numbers = [cell.values for cells in self._amounts.values() for cell in cells]
        self._marked = bool(numbers)
        self._mark = settled(numbers) or (manner.mark if numbers else "")
        self._fees = are_beside(tables, self._mark)
        self._turned = {role: self._is_turned(role) for role in ("debit", "credit")}
        # Where amounts have signs, a column of kinds ("debit", "credit") says nothing about them.
        self._signed = any(cell.values.get(self._mark, Decimal()) < 0 for cell in self._amounts["amount"])
        lengths = Counter(len(row.cells) for _, row in self._rows())
        self._width = max(lengths, key=lambda length: (lengths[length], -length), default=0)

    def _rows(self) -> Iterator[tuple[Table, Record]]:
        return ((table, row) for table in self._tables for row in table.rows if not row.broken)

    @property
    def unsigned(self) -> list[str]:
        """The files of which (nearly) every amount is above zero though nothing else says what went."""
        amounts = [cell.values.get(self._mark, Decimal()) for cell in self._amounts["amount"]]
        below = sum(value < 0 for value in amounts)
        if {"debit", "credit"} & self._tables[0].roles.keys() or not self._mark or len(amounts) < max(2, _FEW * below):
            return []
        if any(cell.side for cell in self._amounts["amount"]):
            return []
        if not below and any(side_of(table.cell(row, "side")) for table, row in self._rows()):
            return []
        refs = dict.fromkeys(table.ref for table in self._tables)
        return [ref for ref in refs if not _is_named(ref, self._manner.charges)]

    def outcomes(self) -> Iterator[Booking | Unread]:
        """Each row as a booking, or why it is none; the whole file where its dates or amounts cannot be told."""
        wrong = self._why_not()
        for table in self._tables:
            if wrong and table.rows:
                yield Unread(table.ref, wrong, rows=len(table.rows))
                continue
            for row in table.rows:
                yield self._outcome(table, row)

    def _why_not(self) -> str:
        if not self._order:
            return MANY_ORDERS if self._orders else NO_DAYS
        if not self._mark:
            return MANY_MARKS if self._marked else NO_AMOUNTS
        return ""

    def _outcome(self, table: Table, row: Record) -> Booking | Unread:
        ref = f"{table.ref}#L{row.line}"
        day = self._day(table, row)
        amount = self._amount(table, row)
        reason = _odd(table, row, self._width)
        if reason or day is None or isinstance(amount, str):
            reason = reason or (amount if isinstance(amount, str) else "its day cannot be read")
            return Unread(ref, reason, row.words)
        value, currency = amount
        currency = currency or currency_of(table.cell(row, "currency")) or table.currency or self._manner.currency
        payer = table.cell(row, "payer") if value > 0 or "payee" not in table.roles else ""
        purpose = one_line(table.cell(row, "purpose"), 300)
        payee = one_line(payer or table.cell(row, "payee"), 120) or purpose[:120]
        account = table.cell(row, "account").replace(" ", "") or table.account
        return Booking(ref, day, value, currency, payee, "" if purpose == payee else purpose, account, self._number)

    def _day(self, table: Table, row: Record) -> dt.date | None:
        days = (dated(table.cell(row, role)).get(self._order) for role in ("booked", "valued"))
        return next((day for day in days if day), None)

    def _amount(self, table: Table, row: Record) -> tuple[Decimal, str] | str:
        """What was booked and in which currency, or why that cannot be told."""
        found: dict[str, tuple[Decimal, str]] = {}
        for role in _MONEY:
            cell = table.cell(row, role)
            if not cell.strip("- "):
                continue
            read = _value(written(cell), self._mark)
            if read is None:
                return "its amount cannot be read"
            found[role] = read
        if "amount" in found:
            value, currency = found["amount"]
            side = 0 if self._signed else side_of(table.cell(row, "side"))
            turned = _is_named(table.ref, self._manner.charges)
            value = side * abs(value) if side else -value if turned else value
            return (value - fee_of(table.cell(row, "fee"), self._mark) if self._fees else value), currency
        sides = {role: pair for role, pair in found.items() if pair[0]} or found
        if len(sides) != 1:
            return "it names money that went and money that came" if sides else "it has no amount"
        ((role, (value, currency)),) = sides.items()
        return (-value if self._turned[role] else value), currency

    def _is_turned(self, role: str) -> bool:
        """Whether the values of a column are to be turned: what went is to be below zero, what came above it."""
        signs = Counter(cell.values[self._mark] > 0 for cell in self._amounts[role] if cell.values.get(self._mark))
        return signs[True] >= signs[False] if role == "debit" else signs[False] > signs[True]


def _value(cell: Written | None, mark: str) -> tuple[Decimal, str] | None:
    if cell is None or mark not in cell.values:
        return None
    value = cell.values[mark]
    return (cell.side * abs(value) if cell.side else value), cell.currency


def _odd(table: Table, row: Record, width: int) -> str:
    """Why a row is no booking though its cells may look like one; most rows have `width` cells."""
    if row.broken:
        return "a quote in it is never closed"
    if len(row.cells) > max(width, len(table.header)) or any(cell.strip() for cell in row.cells[len(table.header) :]):
        return "it has more cells than the table has columns"
    state = named(table.cell(row, "state"))
    return f"it is not booked ({state})" if state in UNBOOKED else ""


def _is_named(ref: str, globs: Sequence[str]) -> bool:
    path = ref.partition(":")[2]
    return any(fnmatchcase(path, glob) or fnmatchcase(path, f"*/{glob}") for glob in globs)


def manner_of(options: Mapping[str, object]) -> Manner:
    """How the owner says that their statements are written; raises ValueError for a word that says nothing."""
    order, mark = str(options.get("dates", "")), str(options.get("decimals", ""))
    if order not in {"", DAY_FIRST, MONTH_FIRST, YEAR_FIRST}:
        raise ValueError(f"dates: {order!r} is no order. Write {DAY_FIRST}, {MONTH_FIRST} or {YEAR_FIRST}.")
    if mark not in {"", POINT, COMMA}:
        raise ValueError(f"decimals: {mark!r} is no mark. Write {POINT} or {COMMA}.")
    said = str(options.get("currency", ""))
    currency = currency_of(said)
    if said and not currency:
        raise ValueError(f"currency: {said!r} is no currency. Write a code such as EUR.")
    return Manner(order, mark, currency, _texts(options.get("charges", ())))


def _texts(option: object) -> tuple[str, ...]:
    texts = option.split(",") if isinstance(option, str) else option if isinstance(option, tuple) else ()
    return tuple(text.strip() for text in texts if text.strip())
