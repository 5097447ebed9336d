"""Numbers as people and banks write them: what a cell may mean, by the mark that stands before its decimals."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

POINT, COMMA = "point", "comma"
_MARKS = {POINT: (".", ","), COMMA: (",", ".")}
_SYMBOLS = {"€": "EUR", "£": "GBP", "zł": "PLN", "₹": "INR", "₺": "TRY", "₽": "RUB", "₴": "UAH", "kč": "CZK"}
_EUROS = {"euro": "EUR", "euros": "EUR", "euroa": "EUR"}
_DOLLARS = {"r$": "BRL", "us$": "USD", "ca$": "CAD", "c$": "CAD", "a$": "AUD", "au$": "AUD", "nz$": "NZD", "hk$": "HKD"}
_MINUS = str.maketrans({"−": "-", "–": "-", "—": "-", "‐": "-", "‑": "-", "﹣": "-", "－": "-", "’": "'", "＋": "+"})
_CELL = re.compile(
    r"(?P<open>\()?\s*(?P<sign>[-+])?\s*(?P<before>[^\W\d_]{0,2}\$|[^\W\d_]{1,5}|[€£¥₹₺₽₴])?\s*(?P<sign2>[-+])?\s*"
    r"(?P<body>[0-9][0-9.,' ]*|[.,][0-9]+)\s*(?P<sign3>[-+])?\s*(?P<after>[^\W\d_]{1,5}|[€£$¥₹₺₽₴])?\s*(?P<close>\))?"
)
_GROUPED = re.compile(r"[0-9]{1,3}(?:[' ][0-9]{3})+(?![0-9])[.,]?[0-9]*")
_MOST_DIGITS = 18
_DEBITS = (
    "d dr db debit dbit soll s belastung lastschrift ausgang cargo debe adeudo debito addebito dare af out debet uscita "
    "obciazenie withdrawal out expense ausgabe depense gasto spesa uitgave wydatek"
)
_CREDITS = (
    "c cr credit crdt haben h gutschrift eingang abono haber credito accredito avere bij in entrata uznanie "
    "deposit income einnahme recette ingreso"
)


@dataclass(frozen=True, slots=True)
class Written:
    """A number as it is written: what it means in each way of writing, its currency and its side where it names them."""

    values: Mapping[str, Decimal]
    currency: str = ""
    side: int = 0


def written(cell: str) -> Written | None:
    """Read a cell as an amount; None where it is none."""
    found = _CELL.fullmatch(" ".join(cell.translate(_MINUS).split()))
    if found is None or bool(found["open"]) != bool(found["close"]):
        return None
    values = _values(found["body"].strip())
    names = [name for name in (found["before"], found["after"]) if name]
    sides = [side for side in map(side_of, names) if side]
    currencies = [name for name in names if not side_of(name)]
    signs = [found[name] for name in ("sign", "sign2", "sign3") if found[name]]
    if not values or len(sides) > 1 or len(currencies) > 1 or len(signs) > 1:
        return None
    currency = currency_of(currencies[0]) if currencies else ""
    if currencies and not currency:
        return None
    minus = "-" in signs or bool(found["open"])
    return Written({way: -value if minus else value for way, value in values.items()}, currency, sides[0] if sides else 0)


def side_of(word: str) -> int:
    """Whether a word says that money went (-1) or came (1); 0 where it says neither."""
    folded = word.strip().strip(".").casefold()
    return -1 if folded in _DEBITS.split() else 1 if folded in _CREDITS.split() else 0


def currency_of(word: str) -> str:
    """The currency that a sign or a code names, empty where it is none; `$` stays what it is, for many share it."""
    folded = word.strip().casefold()
    if folded in _SYMBOLS or folded in _EUROS:
        return _SYMBOLS.get(folded) or _EUROS[folded]
    if folded in _DOLLARS:
        return _DOLLARS[folded]
    if folded in {"$", "¥", "kr", "fr"}:
        return folded
    return folded.upper() if len(folded) == 3 and folded.isascii() and folded.isalpha() else ""


def _values(body: str) -> dict[str, Decimal]:
    if "'" in body or " " in body:
        if not _GROUPED.fullmatch(body):
            return {}
        body = body.replace("'", "").replace(" ", "")
    if sum(c.isdigit() for c in body) > _MOST_DIGITS:
        return {}
    found = {way: _value(body, *marks) for way, marks in _MARKS.items()}
    return {way: value for way, value in found.items() if value is not None}


def _value(body: str, mark: str, thousands: str) -> Decimal | None:
    """What digits and marks mean where `mark` stands before the decimals; None where they cannot be meant so.

    Groups are of three, in India of two above the last three, and no number has a nought as its first group.
    """
    whole, _, rest = body.partition(mark)
    if rest and not rest.isdigit():
        return None
    if thousands in whole:
        first, *groups = whole.split(thousands)
        lengths = {len(group) for group in groups[:-1]}
        if len(groups[-1]) != 3 or not 1 <= len(first) <= 3 or first.startswith("0") or not (lengths <= {3} or lengths <= {2}):
            return None
    digits = whole.replace(thousands, "")
    return Decimal(f"{digits or '0'}.{rest}" if rest else digits or "0")
