"""Whether the fees of a statement are in its amounts: its balances tell."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from workflows.reckoners.statements.numbers import written
from workflows.reckoners.statements.tables import Table


@dataclass(frozen=True, slots=True)
class _Step:
    """What one row of a statement says it did to the balance."""

    amount: Decimal
    fee: Decimal
    balance: Decimal


def are_beside(tables: Iterable[Table], mark: str) -> bool:
    """Whether fees went in addition to the amounts: some balances say so, and none says otherwise."""
    counted = {_beside(earlier, later) for table in tables for earlier, later in _pairs(_steps(table, mark))}
    return True in counted and False not in counted


def fee_of(cell: str, mark: str) -> Decimal:
    """What a cell says that was taken for a booking, never below zero."""
    found = written(cell)
    return abs(found.values.get(mark, Decimal())) if found else Decimal()


def _steps(table: Table, mark: str) -> list[_Step]:
    steps = []
    for row in table.rows if {"fee", "balance", "amount"} <= table.roles.keys() else ():
        amount, balance = written(table.cell(row, "amount")), written(table.cell(row, "balance"))
        if amount and balance and mark in amount.values and mark in balance.values:
            fee = fee_of(table.cell(row, "fee"), mark)
            steps.append(_Step(amount.values[mark], fee, balance.values[mark]))
    return steps


def _pairs(steps: Sequence[_Step]) -> Iterable[tuple[_Step, _Step]]:
    """Neighbours with a fee, in both directions: the oldest row may be the first or the last."""
    both = (pair for one, other in pairwise(steps) for pair in ((one, other), (other, one)))
    return (pair for pair in both if pair[1].fee)


def _beside(earlier: _Step, later: _Step) -> bool | None:
    """Whether a fee came on top of the amount; None where these are no neighbours in time."""
    change = later.balance - earlier.balance
    return True if change == later.amount - later.fee else False if change == later.amount else None
