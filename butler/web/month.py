"""What the model cost on each of the last thirty days, by workflow, and how that is drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from butler.core.localtime import day_start
from butler.store.spending import Cost
from butler.web.books import Books
from butler.web.plot import OTHERS, Plot, plot, series_of

DAYS = 30
_CHECKS = "checks of the model"


@dataclass(frozen=True, slots=True)
class Day:
    """What a day cost: in all, and by workflow, those first that cost most."""

    day: date
    total: Cost
    costs: Sequence[tuple[str, Cost]]


@dataclass(frozen=True, slots=True)
class Month:
    """What the last days cost: the days, the workflows that have a colour, and a plot each of tokens and seconds."""

    days: Sequence[Day]
    series: Sequence[tuple[str, Cost]]
    tokens: Plot
    seconds: Plot

    @property
    def total(self) -> Cost:
        """All of it."""
        return sum((day.total for day in self.days), Cost())

    @property
    def dearest(self) -> Day:
        """The day that cost most."""
        return max(self.days, key=lambda day: day.total.tokens)


class Months:
    """Keeps the last month that was summed up, for as long as no call was added to it. For one state folder."""

    def __init__(self) -> None:
        self._known: tuple[int, date] | None = None
        self._month: Month | None = None

    def of(self, books: Books) -> Month:
        """Sum up the days until today."""
        known = (books.truth.spending.last_call(), books.now.date())
        if self._month is None or self._known != known:
            self._month, self._known = _summed(books, known[1]), known
        return self._month


def month(dates: Sequence[date], spent: Sequence[Mapping[str, Cost]]) -> Month:
    """Lay out what was spent on some days."""
    costs = [_by_workflow(each) for each in spent]
    tokens = [{name: float(each.tokens) for name, each in day.items()} for day in costs]
    seconds = [{name: each.seconds for name, each in day.items()} for day in costs]
    series = series_of(tokens)
    days = [Day(day, sum(cost.values(), Cost()), _dearest(cost)) for day, cost in zip(dates, costs, strict=True)]
    named = [(name, sum((_of_series(day, name, series) for day in costs), Cost())) for name in series]
    return Month(days, named, plot(tokens, series), plot(seconds, series))


def _summed(books: Books, today: date) -> Month:
    dates = [today - timedelta(days=back) for back in range(DAYS - 1, -2, -1)]
    moments = [day_start(each, books.owner.zone) for each in dates]
    return month(dates[:-1], books.truth.spending.by_span(list(pairwise(moments))))


def _by_workflow(found: Mapping[str, Cost]) -> dict[str, Cost]:
    """The costs of a day by workflow: runs below another belong to that one's, and what belongs to none to the checks."""
    costs: dict[str, Cost] = {}
    for name, cost in found.items():
        workflow = name.partition(".")[0].replace("_", " ") or _CHECKS
        costs[workflow] = costs.get(workflow, Cost()) + cost
    return costs


def _of_series(day: Mapping[str, Cost], name: str, series: Sequence[str]) -> Cost:
    others = (cost for each, cost in day.items() if each not in series)
    return sum(others, Cost()) if name == OTHERS else day.get(name, Cost())


def _dearest(costs: Mapping[str, Cost]) -> list[tuple[str, Cost]]:
    return sorted(costs.items(), key=lambda pair: (-pair[1].tokens, pair[0]))
