"""The plots of a score card, pure: bars in rows, with marks for others' shares, and totals over time; laid out in pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from butler.web.plot import round_top

LABEL, BAR, ROW, EDGE = 190.0, 210.0, 26.0, 80.0
"""Pixels: of a row's name, of a full bar, of a row's height, and of the room to the right for its number."""
_THICK = 14.0
_HIGH, _WIDE, _MARGIN = 160.0, 380.0, 70.0


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it is wanted: its name, its value, what stands behind it, where it may truly lie, and the values of others."""

    name: str
    value: float
    told: str
    low: float | None = None
    high: float | None = None
    marks: tuple[float | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Bar:
    """A row as it is drawn; `marks` are places from the left, None where there is none."""

    name: str
    told: str
    y: float
    middle: float
    width: float
    low: float | None
    high: float | None
    marks: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Rows:
    """Bars below each other, what a full one stands for, and the size of all."""

    bars: Sequence[Bar]
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Dot:
    """An exam on the way: its place, whether it is of this model, and what is told of it."""

    x: float
    y: float
    mine: bool
    told: str


def rows(wanted: Sequence[Row], top: float | None = None) -> Rows:
    """Lay out rows; without a `top` a full bar is the next round number."""
    most = top or float(round_top(max((row.value for row in wanted), default=1.0) or 1.0))
    bars = [_bar(row, place, most) for place, row in enumerate(wanted)]
    return Rows(bars, most, LABEL + BAR + EDGE, ROW * max(len(wanted), 1))


def way(totals: Sequence[tuple[float, bool, str]]) -> Sequence[Dot]:
    """Lay out totals from 0 to 1, oldest first, from left to right."""
    step = _WIDE / max(len(totals) - 1, 1)
    places = (step * place if len(totals) > 1 else _WIDE / 2 for place in range(len(totals)))
    return [
        Dot(round(_MARGIN + x, 1), round(_HIGH * (1 - total) + 10, 1), mine, told)
        for x, (total, mine, told) in zip(places, totals, strict=True)
    ]


def _bar(row: Row, place: int, top: float) -> Bar:
    y = place * ROW + (ROW - _THICK) / 2
    low, high = (None if each is None else _place(each, top) for each in (row.low, row.high))
    marks = tuple(None if each is None else _place(each, top) for each in row.marks)
    return Bar(row.name, row.told, y, place * ROW + ROW / 2, round(_place(row.value, top) - LABEL, 1), low, high, marks)


def _place(value: float, top: float) -> float:
    return round(LABEL + BAR * min(max(value / top, 0.0), 1.0), 1)
