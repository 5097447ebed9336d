"""The tables of a statement: where its header is after the lines before it, and what cuts its cells."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from operator import itemgetter

from workflows.reckoners.statements.headers import currency_in, is_header, roles_of
from workflows.reckoners.statements.numbers import currency_of
from workflows.reckoners.statements.texts import DELIMITERS, Record, lines_of, readings, records

LOOKED_AT = 80
"""Records in which the header of a file has to stand."""

_SAID = 4_000
_IBAN = re.compile(r"\b([A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?)\b")
_CURRENCY = re.compile(
    r"(?i)\b(?:currency|w[äa]hrung|waehrung|devise|moneda|divisa|valuta|munt|moeda|waluta)\b\W{1,6}([A-Z]{3}|€|£)"
)


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a statement: which column is what, its rows, and what the file says for all of them.

    `ref` is the file's reference without a line, `header` the names of its columns as they stand there.
    """

    ref: str
    header: tuple[str, ...]
    roles: Mapping[str, int]
    rows: tuple[Record, ...]
    currency: str = ""
    account: str = ""

    def cell(self, row: Record, role: str) -> str:
        """What a row has in the column of a role, empty where there is none."""
        at = self.roles.get(role, len(row.cells))
        cell = row.cells[at].strip() if at < len(row.cells) else ""
        # A formula of a text keeps spreadsheets from making a number of it.
        return cell[2:-1].strip() if len(cell) > 2 and cell.startswith('="') and cell.endswith('"') else cell

    @property
    def alike(self) -> tuple[str, ...]:
        """What tables of one bank have in common, by which dates and numbers are written in one way."""
        return tuple(name.strip().casefold() for name in self.header)


def tables_in(ref: str, content: bytes) -> list[Table]:
    """The tables of a file that have the columns of a statement; none where there are none."""
    found = [
        (len(roles), lines, delimiter)
        for lines in map(lines_of, readings(content))
        for delimiter in DELIMITERS
        if (roles := _first_header(lines, delimiter))
    ]
    if not found:
        return []
    _, lines, delimiter = max(found, key=itemgetter(0))
    return list(_cut(ref, lines, delimiter))


def _first_header(lines: Sequence[str], delimiter: str) -> Mapping[str, int]:
    for record in islice(records(lines, delimiter), LOOKED_AT):
        roles = roles_of(record.cells)
        if is_header(roles):
            return roles
    return {}


def _cut(ref: str, lines: Sequence[str], delimiter: str) -> Iterator[Table]:
    """Begin a table at every header; what stands before the first one says what holds for all of them."""
    table: Table | None = None
    rows: list[Record] = []
    before: list[str] = []
    for record in records(lines, delimiter):
        roles = {} if table and not _may_be_header(record, table) else roles_of(record.cells)
        if is_header(roles) and not record.broken:
            if table and rows:
                yield replace(table, rows=tuple(rows))
            said = "\n".join(before)[-_SAID:]
            table, rows = Table(ref, record.cells, roles, (), _currency(record.cells, roles, said), _account(said)), []
        elif table:
            rows.append(record)
        else:
            before.append(" ".join(record.cells))
    if table:
        yield replace(table, rows=tuple(rows))


def _may_be_header(record: Record, table: Table) -> bool:
    """Whether a row below a header may be another one: it has no digit where the table has its amounts."""
    said = "".join(table.cell(record, role) for role in ("amount", "debit", "credit", "booked"))
    return bool(said) and not any(c.isdigit() for c in said)


def _currency(header: Sequence[str], roles: Mapping[str, int], said: str) -> str:
    for role in ("amount", "debit", "credit"):
        if role in roles and (currency := currency_in(header[roles[role]])):
            return currency
    found = {currency_of(word) for word in _CURRENCY.findall(said)}
    return found.pop() if len(found) == 1 else ""


def _account(said: str) -> str:
    found = _IBAN.search(said)
    return found[1].replace(" ", "") if found else ""
