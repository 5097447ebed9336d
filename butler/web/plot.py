"""A plot of some days as bars, pure: what each day cost, by workflow, laid out in shares of a hundred."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

MOST_SERIES = 6
OTHERS = "others"
_GAP = 0.25
"""The share of a day's room that is left free between two bars."""
_STEPS = (1, 2, 5, 10)


@dataclass(frozen=True, slots=True)
class Bar:
    """A piece of a day's bar: its place and size in hundredths of the plot, from the left and from above."""

    series: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Plot:
    """Bars by day, the round number that the full height stands for, and the sum of all days."""

    days: Sequence[Sequence[Bar]]
    top: int
    total: float


def series_of(days: Sequence[Mapping[str, float]]) -> list[str]:
    """Name the workflows that get a colour of their own, those that cost most first; the rest share one, as `OTHERS`."""
    sums: Counter[str] = Counter()
    for day in days:
        sums.update(day)
    names = [name for name, cost in sorted(sums.items(), key=lambda pair: (-pair[1], pair[0])) if cost > 0]
    return names if len(names) <= MOST_SERIES else [*names[: MOST_SERIES - 1], OTHERS]


def plot(days: Sequence[Mapping[str, float]], series: Sequence[str]) -> Plot:
    """Lay out what each day cost, one piece above the other in the order of `series`."""
    sums = [sum(day.values()) for day in days]
    top = round_top(max(sums, default=0.0))
    width = 100 / max(len(days), 1)
    return Plot([_bars(day, series, place * width, width, top) for place, day in enumerate(days)], top, sum(sums))


def round_top(most: float) -> int:
    """The least round number (1, 2, 5, 10, 20, …) that is not below another."""
    size = 1
    while True:
        for step in _STEPS:
            if step * size >= most:
                return step * size
        size *= 10


def _bars(day: Mapping[str, float], series: Sequence[str], x: float, width: float, top: int) -> list[Bar]:
    found: list[Bar] = []
    y = 100.0
    for place, name in enumerate(series):
        cost = sum(each for key, each in day.items() if key not in series) if name == OTHERS else day.get(name, 0.0)
        height = cost * 100 / top
        if height > 0:
            y -= height
            sizes = (x + width * _GAP / 2, max(y, 0.0), width * (1 - _GAP), height)
            found.append(Bar(place, *(round(each, 2) for each in sizes)))
    return found
