"""The numbers of two models that were compared, side by side."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from butler.cli import output
from butler.core.pins import short
from butler.core.tallies import Cost
from butler.core.text import one_line
from butler.terminal import width_of

if TYPE_CHECKING:
    from butler.shadow.shadow import Compared

_NAME = 20
"""Cells of a model's name."""


def rows(found: Compared) -> Iterator[str]:
    """The numbers of both, side by side; rows in which neither has any are left out."""
    sides = (found.present, found.other)
    yield _row("", *(one_line(side.name, _NAME) for side in sides), code="1")
    digests = [" ".join(sorted({short(digest) for digest in side.digests().values()})) for side in sides]
    if any(digests):
        yield _row("Digest", *(digest or "–" for digest in digests))
    for label, values in _numbers(found):
        if any(values):
            yield _row(label, *values)


def _numbers(found: Compared) -> Iterator[tuple[str, tuple[str, str]]]:
    """The rows of the table; those in which both have none are left out."""
    one, other = found.tallies
    cost, costs = found.costs
    yield "Mails that want an answer", _both(one.reply, other.reply)
    yield "Perhaps", _both(one.unsure, other.unsure)
    yield "Deadlines", _both(one.deadlines, other.deadlines)
    yield "Promises of yours", _both(one.promises, other.promises)
    yield "Claims that stand in no mail", _both(one.dropped, other.dropped)
    yield "Drafts", _both(one.drafts, other.drafts)
    yield "  of them skeletons", _both(one.skeletons, other.skeletons)
    yield "  of them with a warning", _both(one.warned, other.warned)
    yield "Questions to the model", _both(cost.questions, costs.questions)
    yield "  answered before", _both(cost.recorded, costs.recorded)
    yield "  never asked", _both(cost.unasked, costs.unasked)
    yield "  answered after a repair", _both(cost.repaired, costs.repaired)
    yield "  without a valid answer", _both(cost.unusable, costs.unusable)
    yield "  failed otherwise", _both(cost.unanswered, costs.unanswered)
    yield "Tokens read", _both(cost.tokens_in, costs.tokens_in)
    yield "Tokens written", _both(cost.tokens_out, costs.tokens_out)
    yield "Seconds", _both(_tenths(cost.seconds), _tenths(costs.seconds))
    yield "Tokens written a second", _both(_rate(cost), _rate(costs))


def _both(one: float | None, other: float | None) -> tuple[str, str]:
    """Two numbers as they are shown; two empty ones where there is nothing in either."""
    return (_number(one), _number(other)) if one or other else ("", "")


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.1f}" if isinstance(value, float) else f"{value:,}"


def _tenths(seconds: float) -> float:
    return round(seconds, 1)


def _rate(cost: Cost) -> float | None:
    return cost.rate


def _row(label: str, *values: str, code: str = "") -> str:
    cells = [" " * max(_NAME + 2 - width_of(value), 1) + (output.painted(code, value) if code else value) for value in values]
    return (f"{label:<30}" + "".join(cells)).rstrip()
