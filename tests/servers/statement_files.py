"""Bookings written down as the exports of different banks, to read them back."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from butler.core.definitions import Definition, Material, Paper
from butler.core.owner import Owner
from butler.sample.days import BERLIN

OWNER = Owner("Anna Berger", frozenset({"anna@berger.example"}), BERLIN, "en")
NOW = dt.datetime(2026, 11, 24, 7, tzinfo=BERLIN)


@dataclass(frozen=True)
class Written:
    """A booking as a test means it."""

    day: dt.date
    payee: str
    purpose: str
    amount: Decimal


def german(bookings: Sequence[Written]) -> bytes:
    """Semicolons, decimal commas, thousands with points, Latin-1, lines before the header."""
    rows = [[f"{one.day:%d.%m.%Y}", one.payee, one.purpose, _comma(one.amount)] for one in bookings]
    header = ["Buchungstag", "Empfänger/Auftraggeber", "Verwendungszweck", "Betrag (EUR)"]
    return b"Girokonto;;;\r\n\r\n" + _rows([header, *rows], ";").encode("latin-1")


def english(bookings: Sequence[Written]) -> bytes:
    """Commas, decimal points, one column for what went and one for what came, UTF-8 with a mark."""
    rows = []
    for one in bookings:
        value = f"{abs(one.amount):,.2f}"
        rows.append([f"{one.day:%Y-%m-%d}", one.payee, one.purpose, *([value, ""] if one.amount < 0 else ["", value]), "EUR"])
    return _rows([["Date", "Payee", "Description", "Paid out", "Paid in", "Currency"], *rows], ",").encode("utf-8-sig")


def dutch(bookings: Sequence[Written]) -> bytes:
    """Tabs, a column that says what went and what came, dates without marks between them."""
    rows = [
        [f"{one.day:%Y%m%d}", one.payee, "Af" if one.amount < 0 else "Bij", _comma(abs(one.amount)), "EUR", one.purpose]
        for one in bookings
    ]
    return _rows([["Datum", "Naam", "Af Bij", "Bedrag", "Munt", "Omschrijving"], *rows], "\t").encode()


def french(bookings: Sequence[Written]) -> bytes:
    """Bars, a sign behind the number, narrow spaces between thousands."""
    rows = []
    for one in bookings:
        value = f"{abs(one.amount):,.2f}".replace(",", "\u202f").replace(".", ",")
        rows.append([f"{one.day:%d/%m/%Y}", one.payee, one.purpose, f"{value}{'-' if one.amount < 0 else ''} €"])
    return _rows([["Date opération", "Tiers", "Libellé", "Montant"], *rows], "|").encode("utf-8")


DIALECTS: tuple[Callable[[Sequence[Written]], bytes], ...] = (german, english, dutch, french)


def paper(path: str, content: bytes | str) -> Paper:
    """A file of the root `r`."""
    raw = content.encode() if isinstance(content, str) else content
    text = "" if path.endswith(".csv") else raw.decode()
    return Paper(f"file:r/{path}", "r", path, NOW, text, raw if path.endswith(".csv") else b"")


def material(*papers: Paper) -> Material:
    """What a reckoner is given of some files."""
    return Material(OWNER, NOW, documents=papers)


def told(tool: str, **options: object) -> Definition:
    """A definition that names one tool."""
    return Definition.model_validate({"name": tool, "title": tool, "tools": [{"name": tool, "options": options}]})


def _comma(value: Decimal) -> str:
    return f"{value:,.2f}".translate(str.maketrans(",.", ".,"))


def _rows(rows: Sequence[Sequence[str]], delimiter: str) -> str:
    made = io.StringIO(newline="")
    csv.writer(made, delimiter=delimiter).writerows(rows)
    return made.getvalue()
