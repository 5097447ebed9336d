"""Robust figures of a series: medians, a slope that a few wrong values do not turn, what is far out, and gaps."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations, pairwise

LEAST_FOR_SLOPE = 5
LEAST_FOR_OUTLIERS = 7
MOST_FOR_SLOPE = 400
_FAR = Decimal("3.5")
_TO_DEVIATION = Decimal("0.6745")
_LEAST_GAP = 7
_GAP_TIMES = 3


@dataclass(frozen=True, slots=True)
class Point:
    """A value of a day, and the line at which it stands."""

    day: dt.date
    value: Decimal
    ref: str


def median(values: Sequence[Decimal]) -> Decimal:
    """The middle of some values, at least one; of an even number the mean of the two in the middle."""
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def slope(points: Sequence[Point]) -> Decimal | None:
    """The slope a day by Theil and Sen: the median of the slopes of all pairs of different days; None for too few.

    H. Theil, "A rank-invariant method of linear and polynomial regression analysis" (1950); P. K. Sen, "Estimates of the
    regression coefficient based on Kendall's tau", Journal of the American Statistical Association 63 (1968), 1379-1389.
    """
    newest = sorted(points, key=lambda one: (one.day, one.ref))[-MOST_FOR_SLOPE:]
    if len({point.day for point in newest}) < LEAST_FOR_SLOPE:
        return None
    pairs = combinations(newest, 2)
    return median([(two.value - one.value) / (two.day - one.day).days for one, two in pairs if two.day != one.day])


def outliers(points: Sequence[Point]) -> list[Point]:
    """The values of which the modified z-score is above 3.5.

    B. Iglewicz and D. C. Hoaglin, "How to detect and handle outliers" (1993): 0.6745 times the distance from the median, by the
    median of all such distances. Where more than half of the values are equal there is no such measure, and nothing is far out.
    """
    if len(points) < LEAST_FOR_OUTLIERS:
        return []
    middle = median([point.value for point in points])
    spread = median([abs(point.value - middle) for point in points])
    return [point for point in points if spread and _TO_DEVIATION * abs(point.value - middle) / spread > _FAR]


def gaps(points: Sequence[Point], until: dt.date) -> Iterator[tuple[Point, dt.date | None]]:
    """Stretches of days without an entry that are long for the series: the entry before, and the day after (None: until now).

    Long is over a week, and over three times the usual distance of two entries.
    """
    by_day = {point.day: point for point in sorted(points, key=lambda one: (one.day, one.ref))}
    days = sorted(by_day)
    steps = [Decimal((later - day).days) for day, later in pairwise(days)]
    if not steps:
        return
    least = max(Decimal(_LEAST_GAP), _GAP_TIMES * median(steps))
    for day, later in pairwise(days):
        if (later - day).days > least:
            yield by_day[day], later
    if (until - days[-1]).days > least:
        yield by_day[days[-1]], None
