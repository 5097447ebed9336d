"""The monthly money review: what statements say of a month, beside the month before and the average of all there are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from butler.core.definitions import Definition, Material, Paper, Reckoned, ReckonedLine, ReckonedSection, Reckoner
from workflows.reckoners.money.recurring import Recurring, display_name, payee_key, recurring
from workflows.reckoners.money.rules import Rules, rules_of
from workflows.reckoners.money.sums import Months, by_currency, flow, grouped, month_before, month_of, total
from workflows.reckoners.showing import (
    CITED,
    amount,
    counted,
    line,
    month_name,
    quoted,
    row,
    section,
    sections_of,
    table,
    whole,
)
from workflows.reckoners.sources import TABLES
from workflows.reckoners.statements.bookings import (
    MANY_MARKS,
    MANY_ORDERS,
    NO_TABLE,
    Booking,
    Statements,
    Unread,
    manner_of,
    read_statements,
)
from workflows.reckoners.statements.joining import joined, moved

PAYEES = 10
LARGEST = 5
UNREAD_SHOWN = 12
_WEEK = 7
NO_CURRENCY = "no currency named"
_NONE = "–"
_ENDINGS = (*TABLES, ".txt")
_HEADLESS = " Where it is a statement without names of columns, give it a first line such as Date;Payee;Amount."
_ADVICE = {
    MANY_ORDERS: " The option dates can say it.",
    MANY_MARKS: " The option decimals can say it.",
}

Total = Callable[[Sequence[Booking]], Decimal]

OPTIONS = {
    "categories": 'names with their words, such as {Rent: "Miete, Hausverwaltung"}; whole words, * for the rest of one',
    "leave_out": "words of bookings that count in no sum, such as transfers between own accounts",
    "currency": "the currency of statements that name none, such as EUR",
    "dates": "day first, month first or year first, for statements in which that cannot be told",
    "decimals": "point or comma, for statements in which that cannot be told",
    "charges": "files (such as card-*.csv) in which what was spent stands without a minus",
    "payees": f"how many payees are shown ({PAYEES})",
    "largest": f"how many single outgoings are shown ({LARGEST})",
}


def reckon(material: Material, definition: Definition, day: dt.date) -> Reckoned:
    """Review the last month that is over, or the newest before it that has bookings."""
    options = definition.options("money")
    manner = manner_of(options)
    rules = rules_of(options.get("categories"), options.get("leave_out"))
    payees = whole(options.get("payees"), "payees", PAYEES, 100)
    largest = whole(options.get("largest"), "largest", LARGEST, 100)
    papers = [paper for paper in material.documents if paper.path.casefold().endswith(_ENDINGS)]
    statements = read_statements([(paper.ref, content) for paper in papers if (content := _content(paper))], manner)
    lost = [Unread(paper.ref, _reason(paper), rows=0) for paper in papers if not _content(paper)]
    statements = replace(statements, unread=(*statements.unread, *lost))
    every = joined(statements.bookings)
    counted_ones = [booking for booking in every if not rules.is_left_out(booking)]
    month = _month(counted_ones, day)
    sections: list[ReckonedSection] = []
    for currency, months in by_currency(counted_ones, month):
        sections += _Review(currency or NO_CURRENCY, months, rules).sections(payees, largest)
    rows = sum(one.rows for one in statements.unread)
    said = _remarks(len(statements.bookings) - len(every), every, counted_ones, month, day)
    sections += sections_of(
        section(f"Not read: {counted(rows, 'row')}" if rows else "Not read, or in doubt", _unread(statements))
    )
    return Reckoned(tuple(sections), left_out=(*said, *_others(material, papers)))


def _content(paper: Paper) -> bytes:
    """The bytes of a table, or the text of a file that only may be one; a table's text is laid out anew and has other lines."""
    return paper.content or (b"" if paper.path.casefold().endswith(TABLES) else paper.text.encode())


def _reason(paper: Paper) -> str:
    return paper.problem.rstrip(".") or "there is nothing in it, or it is too large to be added up"


def _others(material: Material, papers: Sequence[Paper]) -> Iterator[str]:
    others = len(material.documents) - len(papers)
    if others:
        yield f"{counted(others, 'file')} beside the statements, of other kinds than {', '.join(_ENDINGS)}."


MONEY = Reckoner(reckon, OPTIONS, ("documents",))


def _month(bookings: Sequence[Booking], day: dt.date) -> dt.date:
    last = month_before(month_of(day))
    return max((month_of(one.day) for one in bookings if month_of(one.day) <= last), default=last)


class _Review:
    """The sections of one currency."""

    def __init__(self, currency: str, months: Months, rules: Rules) -> None:
        self._currency = currency
        self._months = months
        self._rules = rules
        has_before = months.before is not None
        self._columns = [month_name(months.month), *([month_name(month_before(months.month))] if has_before else [])]
        if len(months.bookings) > 1:
            self._columns.append(f"average of {counted(len(months.bookings), 'month')}")

    def sections(self, payees: int, largest: int) -> tuple[ReckonedSection, ...]:
        """All sections, what matters most first."""
        name = self._currency
        return sections_of(
            table(f"In and out, {name}", ["", *self._columns], self._flow()),
            table(f"By category, {name}", ["category", *self._columns], self._categories()),
            table(f"Subscriptions, {name}", ["payee", "every", "last", "amount", "change"], self._recurring()),
            table(f"Largest outgoings, {name}", ["day", "payee", "amount"], self._largest(largest)),
            table(f"By payee, {name}", ["payee", "bookings", *self._columns[:1]], self._payees(payees)),
        )

    def _flow(self) -> Iterator[ReckonedLine]:
        if not self._months.here:
            return
        came = [booking for booking in self._months.here if booking.amount > 0]
        went = [booking for booking in self._months.here if booking.amount <= 0]
        yield self._compared("in", self._months, lambda group: flow(group).came, came or self._months.here)
        yield self._compared("out", self._months, lambda group: flow(group).went, went or self._months.here)
        yield self._compared("balance", self._months, total, self._months.here)

    def _compared(self, name: str, months: Months, sum_of: Total, cited: Sequence[Booking]) -> ReckonedLine:
        here, before, mean = months.compared(sum_of)
        cells = [amount(here), *([amount(before)] if before is not None else [])]
        cells += [amount(mean)] if len(months.bookings) > 1 else []
        return row([name, *cells], _refs(cited))

    def _categories(self) -> Iterator[ReckonedLine]:
        """Every category, the largest outgoings first; one that had nothing this month cites what it had before."""
        if not self._rules.categories:
            return
        groups = self._months.parted(self._rules.category)
        for name in sorted(groups, key=lambda name: (total(groups[name].here), name)):
            months = groups[name]
            yield self._compared(name, months, total, months.here or list(months.all)[-1:])

    def _recurring(self) -> Iterator[ReckonedLine]:
        days = [booking.day for booking in self._months.all]
        if days:
            for one in recurring(self._months.all, self._months.month, (min(days), max(days))):
                last = one.bookings[-1]
                cells = [one.payee, one.every, last.day.isoformat(), amount(last.amount), _change(one)]
                yield row(cells, _refs_of(reversed(one.bookings[-CITED:])))

    def _largest(self, most: int) -> Iterator[ReckonedLine]:
        """The largest single outgoings; none where each is the only one of its payee, and so stands below already."""
        went = sorted((one for one in self._months.here if one.amount < 0), key=lambda one: (one.amount, one.day, one.ref))
        if len({payee_key(one) for one in went}) == len(went) <= most:
            return
        for one in went[:most]:
            yield row([one.day.isoformat(), one.payee or "no name", amount(one.amount)], [one.ref])

    def _payees(self, most: int) -> Iterator[ReckonedLine]:
        groups = list(grouped(self._months.here, payee_key).values())
        ordered = sorted(groups, key=lambda group: (-abs(total(group)), display_name(group)))
        for group in ordered[:most]:
            yield row([display_name(group), str(len(group)), amount(total(group))], _refs(group))
        rest = [one for group in ordered[most:] for one in group]
        if rest:
            name = counted(len(ordered) - most, "more payee")
            yield row([name, str(len(rest)), amount(total(rest))], _refs(rest))


def _change(one: Recurring) -> str:
    before = one.bookings[-2]
    if one.change in {"dearer", "cheaper"}:
        return f"{one.change}: was {amount(before.amount)}"
    return {"new": f"new since {one.bookings[0].day.isoformat()}", "gone": "gone: none since"}.get(one.change, _NONE)


def _refs(bookings: Iterable[Booking]) -> list[str]:
    """The largest of some bookings, as what a sum rests on."""
    return _refs_of(sorted(bookings, key=lambda one: (-abs(one.amount), one.day, one.ref))[:CITED])


def _refs_of(bookings: Iterable[Booking]) -> list[str]:
    return [booking.ref for booking in bookings]


def _unread(statements: Statements) -> Iterator[ReckonedLine]:
    """What could not be read, with its place; whole files first."""
    for ref in statements.unsigned:
        yield line(
            f"{_name(ref)}: hardly an amount in it is below zero, so nearly all count as money that came. "
            "If they are charges, name it in the option charges.",
            [ref],
        )
    ordered = sorted(statements.unread, key=_order)
    for one in ordered[:UNREAD_SHOWN]:
        yield line(_unread_sentence(one), [one.ref])
    rest = ordered[UNREAD_SHOWN:]
    if rest:
        yield line(f"and {counted(len(rest), 'more row')}", [one.ref for one in rest[:CITED]])


def _unread_sentence(one: Unread) -> str:
    if "#L" not in one.ref:
        headless = one.reason == NO_TABLE and one.ref.casefold().endswith(TABLES)
        advice = _HEADLESS if headless else _ADVICE.get(one.reason, "")
        rows = f", {counted(one.rows, 'row')}" if one.rows else ""
        return f"{_name(one.ref)}{rows}: {one.reason}.{advice}"
    words = f": {quoted(one.words, 100)}" if one.words else ""
    return f"{_name(one.ref)} line {_line_of(one.ref)}: {one.reason}{words}"


def _order(one: Unread) -> tuple[bool, int, str, int]:
    """Whole files first, those with the most rows before the others; then rows by their place."""
    is_row = "#L" in one.ref
    return is_row, 0 if is_row else -one.rows, one.ref.partition("#L")[0], _line_of(one.ref)


def _line_of(ref: str) -> int:
    _, _, number = ref.rpartition("#L")
    return int(number) if number.isdigit() else 0


def _name(ref: str) -> str:
    return ref.partition(":")[2].partition("#L")[0].partition("/")[2]


def _remarks(
    twice: int, every: Sequence[Booking], counted_ones: Sequence[Booking], month: dt.date, day: dt.date
) -> Iterator[str]:
    """What one has to know of the sums: what counts in none, which month it is, and how far the statements go."""
    last = month_before(month_of(day))
    if month != last:
        yield f"There are no bookings of {month_name(last)}: this is {month_name(month)}."
    elif not counted_ones:
        yield f"There are no bookings of {month_name(last)}."
    newest = max((one.day for one in every), default=day)
    if month <= newest < _last_days(month):
        yield f"The newest booking is of {newest.isoformat()}: what was booked later is in no statement."
    if twice:
        yield f"{counted(twice, 'booking')} that another export has, too, counted once."
    pairs = sum(1 for _ in moved(one for one in counted_ones if month_of(one.day) == month))
    if pairs:
        yield (
            f"{counted(pairs, 'amount')} that went from one file and came in another within days: perhaps between own "
            "accounts. The option leave_out keeps such out of all sums."
        )
    if len(every) > len(counted_ones):
        yield f"{counted(len(every) - len(counted_ones), 'booking')} that the option leave_out names, in no sum."


def _last_days(month: dt.date) -> dt.date:
    """From when on a statement may be of the whole month: its last week."""
    return (month + dt.timedelta(32)).replace(day=1) - dt.timedelta(_WEEK)
