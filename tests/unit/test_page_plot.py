"""Plots of days are laid out in round shares; amounts are written as exactly as they matter."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from butler.store.spending import Cost
from butler.web.amounts import grouped, lasting, sized
from butler.web.month import month
from butler.web.plot import MOST_SERIES, OTHERS, Bar, plot, round_top, series_of

COSTS = st.dictionaries(st.sampled_from("abcdefghij"), st.floats(0, 1e12, allow_nan=False), max_size=10)


@pytest.mark.parametrize(
    ("most", "top"),
    [(0, 1), (0.2, 1), (1, 1), (1.1, 2), (2, 2), (3, 5), (5.1, 10), (10, 10), (11, 20), (99, 100), (123_456, 200_000)],
)
def test_the_top_is_the_next_round_number(most: float, top: int) -> None:
    assert round_top(most) == top


def test_pieces_stand_on_each_other_in_the_order_of_their_series() -> None:
    drawn = plot([{"triage": 30.0, "briefing": 10.0}, {}], ["briefing", "triage"])
    assert (drawn.top, drawn.total) == (50, 40)
    assert drawn.days == [[Bar(0, 6.25, 80.0, 37.5, 20.0), Bar(1, 6.25, 20.0, 37.5, 60.0)], []]


def test_those_that_cost_least_share_a_colour() -> None:
    days = [{name: float(place + 1) for place, name in enumerate("abcdefgh")}, {"a": 100.0, "none": 0.0}]
    series = series_of(days)
    assert series == ["a", "h", "g", "f", "e", OTHERS]
    assert plot(days, series).days[0][-1] == Bar(5, 6.25, 64.0, 37.5, 9.0)
    assert series_of([{"b": 1.0, "a": 1.0}]) == ["a", "b"]


@given(st.lists(COSTS, min_size=1, max_size=30))
def test_no_bar_leaves_its_place_and_all_that_was_spent_is_drawn(days: list[dict[str, float]]) -> None:
    series = series_of(days)
    drawn = plot(days, series)
    assert len(series) <= MOST_SERIES
    for place, (day, bars) in enumerate(zip(days, drawn.days, strict=True)):
        left, right = place * 100 / len(days), (place + 1) * 100 / len(days)
        assert all(left - 0.02 <= bar.x and bar.x + bar.width <= right + 0.02 for bar in bars)
        assert all(bar.y >= 0 and bar.y + bar.height <= 100.1 for bar in bars)
        assert sum(bar.height for bar in bars) == pytest.approx(sum(day.values()) * 100 / drawn.top, abs=0.1)


def test_a_month_adds_what_ran_below_a_workflow_to_it_and_names_what_belongs_to_none() -> None:
    days = [dt.date(2026, 11, 23), dt.date(2026, 11, 24)]
    spent = [{}, {"triage": Cost(1, 2, 10, 1, 0.5), "triage.judge": Cost(2, 0, 20, 2, 1.0), "": Cost(1, 0, 1, 1, 0.1)}]
    found = month(days, spent)
    assert found.days[1].costs == [("triage", Cost(3, 2, 30, 3, 1.5)), ("checks of the model", Cost(1, 0, 1, 1, 0.1))]
    assert [name for name, _ in found.series] == ["triage", "checks of the model"]
    assert found.total == found.days[1].total == Cost(4, 2, 31, 4, 1.6)
    assert found.dearest.day == days[1]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        *((-1, "0.0 s"), (0.04, "0.0 s"), (9.94, "9.9 s"), (9.96, "10 s"), (59.4, "59 s"), (59.6, "1 min")),
        *((200, "3 min 20 s"), (3599.7, "1 h"), (7500, "2 h 5 min"), (4_000_000, "1,111 h 6 min")),
    ],
)
def test_how_long_something_took_is_told_in_words(seconds: float, text: str) -> None:
    assert lasting(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 bytes"), (999, "999 bytes"), (1000, "1.0 kB"), (99_600, "100 kB"), (3_440_000, "3.4 MB"), (10**16, "10000 TB")],
)
def test_sizes_are_told_with_a_unit(count: int, text: str) -> None:
    assert sized(count) == text


def test_thousands_are_told_apart() -> None:
    assert grouped(1234567.4) == "1,234,567"
