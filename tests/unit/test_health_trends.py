"""A health log: what is found in prose, tables and front matter, and figures checked by hand."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statement_files import material, paper, told

from butler.core.definitions import Reckoned
from workflows.reckoners.health.logs import entries_in
from workflows.reckoners.health.measures import measures_in
from workflows.reckoners.health.reckoning import HEALTH
from workflows.reckoners.health.trends import Point, gaps, median, outliers, slope
from workflows.reckoners.statements.numbers import POINT

DAY = dt.date(2026, 11, 24)


def found_in(text: str, path: str = "Health/log.md") -> list[tuple[str, str, str, str, int]]:
    entries, _ = entries_in("file:r/log", path, text)
    return [
        (
            one.day.isoformat(),
            one.measure.name,
            one.measure.unit,
            str(one.measure.values[POINT]),
            int(one.ref.rpartition("L")[2]),
        )
        for one in entries
    ]


def points(*values: tuple[int, str]) -> list[Point]:
    return [
        Point(dt.date(2026, 10, 1) + dt.timedelta(day), Decimal(value), f"file:r/log#L{at}")
        for at, (day, value) in enumerate(values, 1)
    ]


def trends(text: str, **options: object) -> Reckoned:
    return HEALTH(material(paper("Health/log.md", text)), told("health", **options), DAY)


def test_a_line_of_a_log_holds_several_measurements() -> None:
    assert found_in("2026-11-20 weight 81.4 kg, sleep 7:20, ran 5 km; pressure 128/82 mmHg · mood: 6/10\n") == [
        ("2026-11-20", "weight", "kg", "81.4", 1),
        ("2026-11-20", "sleep", "h:mm", "440", 1),
        ("2026-11-20", "ran", "km", "5", 1),
        ("2026-11-20", "pressure, upper", "mmHg", "128", 1),
        ("2026-11-20", "pressure, lower", "mmHg", "82", 1),
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("- **2026-11-20**: weight 81.4 kg\n", ("2026-11-20", "weight", "kg", "81.4", 1)),
        ("## 2026-11-20\n\n- weight: 81.4 kg\n", ("2026-11-20", "weight", "kg", "81.4", 3)),
        ("20.11.2026 sleep 7 h 20 min\n", ("2026-11-20", "sleep", "h:mm", "440", 1)),
        ("# Log\n[[2026-11-20]] resting pulse = 52 bpm\n", ("2026-11-20", "resting pulse", "bpm", "52", 2)),
        ("2026-11-20 Wasser 1.5 l\n", ("2026-11-20", "Wasser", "l", "1.5", 1)),
        ("2026-11-20 body fat 18.5%\n", ("2026-11-20", "body fat", "%", "18.5", 1)),
    ],
)
def test_days_and_values_are_found_as_people_write_them(text: str, found: tuple[str, str, str, str, int]) -> None:
    assert found_in(text) == [found]


def test_daily_notes_give_their_front_matter_and_their_inline_fields() -> None:
    note = "---\ndate: 2026-11-20\nmood: 6\ntags: [a]\n---\nAte at 7 with 3 friends.\nweight:: 81.4 kg\n[sleep:: 7:05]\n"
    assert found_in(note, "Daily/2026-11-20.md") == [
        ("2026-11-20", "mood", "", "6", 3),
        ("2026-11-20", "weight", "kg", "81.4", 7),
        ("2026-11-20", "sleep", "h:mm", "425", 8),
    ]


def test_tables_of_notes_and_csv_files_are_read_by_their_headers() -> None:
    table = (
        "Log\n\n| Date | Weight (kg) | Sleep |\n|---|---:|---|\n"
        "| 2026-11-20 | 81.4 | 7:20 |\n| 2026-11-21 | | 6:00 |\n\nend 5\n"
    )
    assert found_in(table) == [
        ("2026-11-20", "Weight", "kg", "81.4", 5),
        ("2026-11-20", "Sleep", "h:mm", "440", 5),
        ("2026-11-21", "Sleep", "h:mm", "360", 6),
    ]
    assert found_in("date;steps\n2026-11-20;8012\nnever;5\n", "Health/steps.csv") == [("2026-11-20", "steps", "", "8012", 2)]


def test_prose_is_no_measurement() -> None:
    assert found_in("2026-11-20 We saw the doctor at 7 and she said that all of it was fine, see page 12 of it\n") == []
    assert found_in("## 2026-11-20\nMila wants 3 apples\n- Mila wants 3 apples, and we had none\n") == []
    assert list(measures_in("call Anna on 030 1234567 ext 4")) == []


def test_a_log_in_which_day_and_month_cannot_be_told_is_left_out_and_said() -> None:
    assert entries_in("file:r/log", "log.md", "03/04/2026 weight 80 kg\n")[1].startswith("day and month")
    found = trends("03/04/2026 weight 80 kg\n")
    assert [line.text for line in found.sections[0].lines] == [
        "Health/log.md: day and month cannot be told apart in its dates."
    ]


def test_the_slope_is_that_of_theil_and_sen() -> None:
    # Pairs of days 0, 1, 2, 4, 6: ten slopes, of which five are one and the wild last value cannot turn the median.
    assert slope(points((0, "1"), (1, "2"), (2, "3"), (4, "5"), (6, "70"))) == Decimal(1)
    assert slope(points((0, "1"), (1, "2"), (2, "3"), (3, "4"))) is None
    assert slope(points(*((0, str(at)) for at in range(9)))) is None


@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(-999, 999)), min_size=5, max_size=20),
    st.integers(-50, 50),
    st.integers(-9, 9),
)
def test_a_line_added_to_a_series_is_added_to_its_slope(values: list[tuple[int, int]], shift: int, rise: int) -> None:
    plain = slope(points(*((day, str(value)) for day, value in values)))
    moved = slope(points(*((day, str(value + shift + rise * day)) for day, value in values)))
    assert (plain is None) == (moved is None)
    if plain is not None and moved is not None:
        assert abs(moved - plain - rise) < Decimal("1e-20")


def test_outliers_are_far_by_the_median_of_distances() -> None:
    series = points(*((at, value) for at, value in enumerate(["80", "81", "80.5", "79.5", "80", "8.1", "81.5"])))
    assert [one.value for one in outliers(series)] == [Decimal("8.1")]
    assert outliers(points(*((at, "5") for at in range(9)))) == []
    assert median([Decimal(4), Decimal(1), Decimal(2), Decimal(9)]) == 3


def test_gaps_are_long_for_the_series() -> None:
    daily = points((0, "1"), (1, "1"), (2, "1"), (12, "1"), (13, "1"))
    assert [(one.day.day, after and after.day) for one, after in gaps(daily, dt.date(2026, 10, 15))] == [(3, 13)]
    assert [after for _, after in gaps(daily, dt.date(2026, 10, 30))] == [dt.date(2026, 10, 13), None]
    monthly = points((0, "1"), (30, "1"), (60, "1"))
    assert list(gaps(monthly, dt.date(2026, 12, 10))) == []


def test_the_last_days_stand_beside_those_before_and_an_outlier_is_marked_not_dropped() -> None:
    days = [(DAY - dt.timedelta(back), f"{70 + back / 10:.1f}") for back in range(20, 0, -2)]
    days += [(DAY - dt.timedelta(back), "75.0") for back in (50, 45, 40, 35)] + [(DAY - dt.timedelta(9), "7.5")]
    text = "".join(f"{day.isoformat()} weight {value} kg\n" for day, value in sorted(days))
    found = trends(text)
    (row,) = found.sections[0].lines
    assert row.text.split("\t") == ["weight (kg)", "70.2, 2026-11-22", "71.0", "75.0", "7.5", "72.0", "-0.70"]
    assert found.sections[1].heading == "Far from the others"
    assert "7.5, median 71.4. It counts all the same." in found.sections[1].lines[0].text


def test_units_are_never_mixed_and_chosen_series_alone_are_shown() -> None:
    text = "".join(f"2026-11-{day:02} weight {80 + day} kg, weight 180 lb, mood 5\n" for day in range(1, 20))
    assert [line.text.split("\t")[0] for line in trends(text).sections[0].lines] == ["mood", "weight (kg)", "weight (lb)"]
    assert [line.text.split("\t")[0] for line in trends(text, series="Mood").sections[0].lines] == ["mood"]


def test_decimals_are_settled_over_the_series() -> None:
    text = "2026-11-20 Gewicht 81,4 kg\n2026-11-21 Gewicht 81,2 kg\n2026-11-22 Gewicht 81 kg\n"
    assert trends(text).sections[0].lines[0].text.split("\t")[2] == "81.2"
    steps = trends("2026-11-20 steps 8.214\n2026-11-21 steps 9.100\n2026-11-22 steps 7.000\n")
    assert "point and comma cannot be told apart" in steps.sections[0].lines[0].text
