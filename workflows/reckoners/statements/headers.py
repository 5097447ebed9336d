"""What the columns of a statement are, by their names in many languages."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache

from butler.core.daynames import unaccented
from workflows.reckoners.statements.names import NAMES, WEAK
from workflows.reckoners.statements.numbers import currency_of

_WORDS: Mapping[str, str] = {
    "booked": "date datum fecha data buchungstag buchungsdatum boekdatum",
    "amount": "amount betrag montant importe importo bedrag montante kwota",
    "debit": "debit belastung ausgang debito addebiti obciazenia",
    "credit": "credit gutschrift eingang credito accrediti uznania",
    "payee": "payee counterparty beneficiary merchant empfanger begunstigter beneficiaire beneficiario tegenpartij",
    "purpose": "description verwendungszweck buchungstext libelle concepto descripcion causale descrizione omschrijving",
}
"""One of these words makes a column what it is, where no column has a name of the table above."""

_NOT = (
    "value valeur valor valuta wertstellung foreign original originally fremd ursprung ursprungsbetrag origine origen "
    "balance saldo solde fee gebuhr frais comision commissione kosten exchange rate kurs type account konto iban number nr "
    "waluty rachunku rekening rekeningnummer adres bic compte cuenta conta from to until von bis opening "
    "closing birth due count min max settlement equivalent"
)
_BRACKETED = re.compile(r"[(\[]\s*([^()\[\]]{1,5})\s*[)\]]\s*$|(?:\s+(?:in|en)\s+|[\s/]+)([^\W\d_]{3,5}|[€£$])\s*$")
_SIGNS = re.compile(r"[\W_]+")
_LONGEST_NAME = 48


def roles_of(cells: Sequence[str]) -> dict[str, int]:
    """Which column of a header is what; the first of a name counts. A row with numbers in it is no header."""
    if any(len(cell.strip()) > _LONGEST_NAME or re.search(r"[0-9]{2}", cell) for cell in cells if cell.strip()):
        return {}
    names = [named(cell) for cell in cells]
    found: dict[str, int] = {}
    for at, name in sorted(enumerate(names), key=lambda each: each[1] in WEAK):
        for role in _roles().get(name, ()):
            found.setdefault(role, at)
    _settle_valor(found, names)
    _settle_currency(found, names)
    for role, words in _WORDS.items():
        if role in found or (role == "amount" and {"debit", "credit"} & found.keys()):
            continue
        place = _by_word(names, frozenset(words.split()), frozenset(found.values()))
        if place is not None:
            found[role] = place
    return found


def is_header(roles: Mapping[str, int]) -> bool:
    """Whether columns are those of a statement: a day and an amount, or money that came and went."""
    return bool({"booked", "valued"} & roles.keys()) and bool({"amount", "debit", "credit"} & roles.keys())


def currency_in(name: str) -> str:
    """The currency that a column's name says, such as EUR of "Amount (EUR)" and "Betrag in €"."""
    found = _BRACKETED.search(name.strip())
    word = next((each for each in found.groups() if each), "") if found else ""
    return currency_of(word) if word.isupper() or not word.isalpha() or word.casefold() in {"euro", "euros"} else ""


def named(cell: str) -> str:
    """A column's name without accents, signs, and the currency behind it."""
    text = cell.strip()
    if currency_in(text):
        text = _BRACKETED.sub("", text)
    return _folded(text).rstrip("0123456789").strip() or _folded(text)


def _folded(text: str) -> str:
    return _SIGNS.sub(" ", unaccented(text.casefold())).strip()


@cache
def _roles() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for role, names in NAMES.items():
        for name in dict.fromkeys(map(_folded, names.split("|"))):
            found[name] = (*found.get(name, ()), role)
    return found


def _settle_valor(found: dict[str, int], names: Sequence[str]) -> None:
    """Portuguese banks call the amount "valor", Spanish ones the day on which it counts: beside an amount it is that day.

    What British banks call "value" is the amount where nothing else is.
    """
    if "amount" in found and names[found["amount"]] == "valor":
        other = next((at for at, name in enumerate(names) if name != "valor" and "amount" in _roles().get(name, ())), None)
        if other is not None:
            found["amount"] = other
            found.setdefault("valued", names.index("valor"))
    if not {"amount", "debit", "credit"} & found.keys() and "value" in names:
        found["amount"] = names.index("value")


def _settle_currency(found: dict[str, int], names: Sequence[str]) -> None:
    """Where a balance has a currency of its own, that of the amount stands beside it."""
    if "currency" in found and "amount" in found:
        alike = [at for at, name in enumerate(names) if name == names[found["currency"]]]
        beside = [at for at in (found["amount"] + 1, found["amount"] - 1) if at in alike]
        found["currency"] = (beside or [found["currency"]])[0]


def _by_word(names: Sequence[str], words: frozenset[str], taken: frozenset[int]) -> int | None:
    unwanted = frozenset(_NOT.split())
    for at, name in enumerate(names):
        parts = frozenset(name.split())
        if at not in taken and parts & words and not parts & unwanted:
            return at
    return None
