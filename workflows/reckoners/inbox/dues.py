"""What a document seems to be, and the amount that is to be paid where it names one: by words, in eight languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from butler.core.daynames import unaccented
from workflows.documents.filing import WORDS_OF_KIND
from workflows.reckoners.statements.numbers import Written, written
from workflows.reckoners.statements.settling import settled
from workflows.reckoners.statements.texts import lines_of

READ = 20_000
_HEAD = 1_000
_TITLES, _LONGEST_TITLE = 6, 60
_TOTAL = re.compile(
    r"(?i)\b(?:total|amount due|balance due|to pay|payable|grand total|gesamt\w*|summe|rechnungsbetrag|endbetrag|zahlbetrag|"
    r"zu zahlen\w*|zahlbar|berechnen|offener betrag|beitrag\w*|betraegt|betragt|montant|a payer|total ttc|net a payer|importe|"
    r"a pagar|importo|da pagare|totale|te betalen|totaal|bedrag|do zaplaty|razem|kwota|valor|a pagar)\b"
)
_DIGITS = r"[0-9](?:[0-9.,' \u00a0\u202f]{0,18}[0-9])?"
_MONEY = re.compile(
    rf"(?P<before>EUR|USD|GBP|CHF|PLN|[€£$])\s?(?P<one>{_DIGITS})|"
    rf"(?<![0-9.,])(?P<two>{_DIGITS})(?:,-)?\s?(?P<after>EUR|Euros?|euros?|USD|GBP|CHF|PLN|zł|[€£$])(?!\w)"
)


@dataclass(frozen=True, slots=True)
class Sum:
    """An amount of money that a document names: its value, its currency, and the line (from 1) at which it stands."""

    value: Decimal
    currency: str
    line: int


def kind_of(name: str, text: str) -> str:
    """What a document seems to be by the words of its name and the titles in its head, empty where they do not say."""
    titles = [line for line in lines_of(text[:_HEAD]) if 0 < len(line.strip()) <= _LONGEST_TITLE][:_TITLES]
    for place in (name, *titles):
        words = set(re.findall(r"[^\W\d_]{3,}", unaccented(place.casefold())))
        for kind, known in WORDS_OF_KIND.items():
            if words & {unaccented(word) for word in known.split()}:
                return kind
    return ""


def amount_due(text: str) -> Sum | None:
    """The amount that is to be paid: the one beside words such as "total", else the only one; None where that is not clear."""
    found = list(_sums(text[:READ]))
    way = settled(number.values for _, number, _ in found)
    sums = [
        (Sum(number.values[way], number.currency, at), is_total)
        for at, number, is_total in found
        if way in number.values and number.values[way] > 0
    ]
    totals = {(one.value, one.currency): one for one, is_total in reversed(sums) if is_total}
    every = {(one.value, one.currency): one for one, _ in reversed(sums)}
    for group in (totals, every):
        if len(group) == 1:
            return next(iter(group.values()))
    return None


def _sums(text: str) -> Iterator[tuple[int, Written, bool]]:
    """Amounts with a currency, their lines, and whether a word of a total stands in their line or the one before."""
    before = ""
    for at, line in enumerate(lines_of(text), 1):
        for found in _MONEY.finditer(line):
            currency = found["before"] or found["after"]
            number = written(f"{found['one'] or found['two']} {currency}")
            if number is not None:
                near = f"{before} {line[: found.start()]} {line[found.end() : found.end() + 20]}"
                yield at, number, bool(_TOTAL.search(unaccented(near.casefold())))
        # "Total:" may stand in a line of its own above its amount.
        before = "" if _MONEY.search(line) else line.strip()
