"""The drawing of a day: where events stand, on days of 23 and 25 hours, over midnight, and when there are far too many."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from butler.core.calendar import Attendee, Occurrence, Placed
from butler.web.timeline import COLUMNS, LEAST, Box, Day, Drawing, draw, whole_days

BERLIN = ZoneInfo("Europe/Berlin")
TUESDAY = date(2026, 11, 24)
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)
ANNA = "anna@berger.example"


def at(text: str, day: date = TUESDAY, zone: ZoneInfo = BERLIN) -> datetime:
    hour, minute = map(int, text.split(":"))
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)


def event(name: str, start: datetime, end: datetime, **more: Any) -> Placed:
    return Placed(name, "work", Occurrence(name, "", name, start, end, **more))


def on(name: str, start: str, end: str, **more: Any) -> Placed:
    return event(name, at(start), at(end), **more)


def drawn(*events: Placed, day: date = TUESDAY, zone: ZoneInfo = BERLIN, now: datetime | None = None) -> Drawing:
    found = draw(events, Day(day, zone, owner=frozenset({ANNA})), now)
    assert found is not None
    return found


def places(drawing: Drawing) -> dict[str, tuple[float, float, float, float]]:
    return {box.ref: (box.top, box.height, box.left, box.width) for box in drawing.boxes}


def test_what_follows_each_other_takes_the_whole_width() -> None:
    assert places(drawn(on("a", "09:00", "10:00"), on("b", "10:00", "11:30"))) == {
        "a": (60, 60, 0, 100),
        "b": (120, 90, 0, 100),
    }


def test_what_shares_time_stands_beside_each_other_and_reaches_over_what_is_empty() -> None:
    found = places(
        drawn(on("a", "09:00", "12:00"), on("b", "09:30", "10:30"), on("c", "10:00", "10:30"), on("d", "11:00", "12:00"))
    )
    third = 100 / 3
    assert {name: place[2:] for name, place in found.items()} == {
        "a": (0, third),
        "b": (third, third),
        "c": (2 * third, third),
        "d": (third, 2 * third),
    }


def test_a_later_group_does_not_suffer_from_an_earlier_one() -> None:
    found = places(drawn(on("a", "09:00", "10:00"), on("b", "09:00", "10:00"), on("c", "14:00", "15:00")))
    assert found["c"] == (360, 60, 0, 100)


def test_the_hours_are_those_of_the_owner_and_those_of_the_events() -> None:
    calm, early = drawn(on("a", "09:00", "10:00")), drawn(on("a", "06:40", "07:00"), on("b", "20:10", "21:30"))
    assert (calm.hours[0], calm.hours[-1], calm.height) == ((0, "08:00"), (600, "18:00"), 600)
    assert (early.hours[0], early.hours[-1]) == ((0, "06:00"), (960, "22:00"))
    assert places(early)["a"][0] == 40


def test_an_event_over_midnight_is_cut_and_says_so() -> None:
    yesterday, tomorrow = TUESDAY - timedelta(1), TUESDAY + timedelta(1)
    late = event("late", at("22:00"), at("02:00", tomorrow))
    early = event("early", at("22:00", yesterday), at("02:00"))
    both = event("both", at("22:00", yesterday), at("02:00", tomorrow))
    found = {box.ref: box for box in drawn(late, early, both).boxes}
    assert {name: (box.starts_before, box.goes_on) for name, box in found.items()} == {
        "late": (False, True),
        "early": (True, False),
        "both": (True, True),
    }
    assert (found["late"].top, found["late"].height, found["early"].top, found["early"].height) == (1320, 120, 0, 120)
    assert found["both"].height == 1440
    assert drawn(late).hours[-1][1] == "24:00"
    assert not drawn(event("exact", at("22:00"), at("00:00", tomorrow))).boxes[0].goes_on


def test_what_ends_at_midnight_is_not_on_the_next_day() -> None:
    assert draw([event("a", at("22:00"), at("00:00", TUESDAY + timedelta(1)))], Day(TUESDAY + timedelta(1), BERLIN)) is None


def test_what_has_no_length_can_be_read_and_covers_nothing() -> None:
    found = places(drawn(on("call", "09:00", "09:00"), on("next", "09:05", "10:00")))
    assert found == {"call": (60, LEAST, 0, 50), "next": (65, 55, 50, 50)}


def test_what_begins_at_the_end_of_the_day_is_drawn_inside_it() -> None:
    drawing = drawn(on("last", "23:55", "23:58"))
    assert drawing.boxes[0].top + drawing.boxes[0].height == drawing.height == 960
    assert drawing.boxes[0].height == LEAST


def test_a_day_of_23_hours_leaves_out_an_hour() -> None:
    drawing = drawn(event("a", at("01:00", SPRING), at("04:00", SPRING)), day=SPRING)
    assert places(drawing)["a"][:2] == (0, 120)
    assert [label for _, label in drawing.hours[:3]] == ["01:00", "03:00", "04:00"]
    assert drawing.hours[-1] == (16 * 60, "18:00")


def test_a_day_of_25_hours_has_one_twice_and_tells_them_apart() -> None:
    drawing = drawn(event("a", at("01:30", AUTUMN), at("03:30", AUTUMN)), day=AUTUMN)
    assert places(drawing)["a"][:2] == (30, 180)
    assert [label for _, label in drawing.hours[:4]] == ["01:00", "02:00 CEST", "02:00 CET", "03:00"]
    assert Day(AUTUMN, BERLIN).edges[1] - Day(AUTUMN, BERLIN).edges[0] == timedelta(hours=25)


@pytest.mark.parametrize(
    ("name", "day", "hours"),
    [
        ("America/Santiago", date(2026, 9, 6), 23),  # midnight does not exist
        ("Australia/Lord_Howe", date(2026, 10, 4), 23.5),
        ("Pacific/Apia", date(2011, 12, 29), 24),  # the next day does not exist
    ],
)
def test_odd_days_are_as_long_as_they_are(name: str, day: date, hours: float) -> None:
    zone = ZoneInfo(name)
    begins, ends = Day(day, zone).edges
    assert (ends - begins) / timedelta(hours=1) == hours
    drawing = drawn(event("a", at("10:00", day, zone), at("11:00", day, zone)), day=day, zone=zone)
    assert (drawing.boxes[0].height, drawing.height) == (60, 600)


def test_a_day_that_a_zone_left_out_can_be_asked_for() -> None:
    zone, day = ZoneInfo("Pacific/Apia"), date(2011, 12, 30)
    whole = event("a", at("10:00", day - timedelta(1), zone), at("10:00", day + timedelta(1), zone))
    drawing = draw([whole], Day(day, zone))
    assert drawing is not None
    assert [(box.starts_before, box.goes_on) for box in drawing.boxes] == [(True, True)]


def test_fifty_events_at_once_are_shown_in_part_and_counted() -> None:
    drawing = drawn(*(on(f"e{number:02}", "09:00", "10:00") for number in range(50)))
    assert [box.more for box in drawing.boxes] == [0] * (COLUMNS - 1) + [50 - (COLUMNS - 1)]
    assert {box.width for box in drawing.boxes} == {100 / COLUMNS}
    assert len({box.left for box in drawing.boxes}) == COLUMNS


def test_what_clashes_is_named_and_what_nobody_has_to_attend_is_not() -> None:
    declined = on("no", "09:00", "10:00", attendees=(Attendee("", ANNA, "declined"),))
    drawing = drawn(on("a", "09:00", "10:00"), on("b", "09:30", "11:00"), on("idle", "09:00", "12:00", busy=False), declined)
    assert drawing.clashing == {"a", "b"}


def test_what_is_free_and_what_is_tight_is_drawn_by_the_rules_of_the_briefing() -> None:
    drawing = drawn(
        on("a", "09:00", "10:00", location="Canal 9"), on("b", "10:10", "12:00", location="Market 1"), on("c", "12:30", "18:00")
    )
    assert [(band.top, band.height) for band in drawing.free] == [(0, 60)]
    assert [(band.top, band.height, band.span.minutes) for band in drawing.tight] == [(120, 10, 10)]


def test_a_day_on_which_nothing_takes_time_has_no_free_window() -> None:
    assert drawn(on("idle", "09:00", "12:00", busy=False)).free == ()


def test_the_present_is_drawn_where_it_is() -> None:
    calm = on("a", "09:00", "10:00")
    assert drawn(calm, now=at("09:30").astimezone(UTC)).now == 90
    assert drawn(calm, now=at("20:00")).now is None
    assert drawn(calm, now=at("07:00")).now is None
    assert drawn(calm).now is None


def test_a_day_without_a_time_has_no_drawing() -> None:
    whole = Placed("w", "work", Occurrence("w", "", "Holiday", TUESDAY, TUESDAY + timedelta(1)))
    assert draw([whole], Day(TUESDAY, BERLIN)) is None
    assert draw([event("a", at("09:00", SPRING), at("10:00", SPRING))], Day(TUESDAY, BERLIN)) is None


MINUTES = st.integers(0, 26 * 60)


@settings(deadline=None, max_examples=150)
@given(st.sampled_from([TUESDAY, SPRING, AUTUMN]), st.lists(st.tuples(MINUTES, st.integers(0, 400)), min_size=1, max_size=30))
def test_nothing_covers_anything_and_all_is_counted(day: date, spans: Sequence[tuple[int, int]]) -> None:
    midnight = Day(day, BERLIN).edges[0]
    events = [
        event(f"e{number}", midnight + timedelta(minutes=start - 60), midnight + timedelta(minutes=start - 60 + length))
        for number, (start, length) in enumerate(spans)
    ]
    drawing = draw(events, Day(day, BERLIN))
    if drawing is None:
        return
    boxes = drawing.boxes
    for place, box in enumerate(boxes):
        assert -1e-6 <= box.left <= box.left + box.width <= 100 + 1e-6
        assert -1e-6 <= box.top <= box.top + box.height <= drawing.height + 1e-6
        assert box.more or box.height >= LEAST - 1e-6
        assert not any(covers(box, other) for other in boxes[place + 1 :])
    begins, ends = Day(day, BERLIN).edges
    touching = [
        one
        for one in events
        if isinstance(one.occurrence.start, datetime) and isinstance(one.occurrence.end, datetime)
        if begins <= one.occurrence.start < ends or one.occurrence.start < begins < one.occurrence.end
    ]
    assert sum(box.more or 1 for box in boxes) == len(touching)


def covers(one: Box, other: Box) -> bool:
    beside = one.left + one.width <= other.left + 1e-6 or other.left + other.width <= one.left + 1e-6
    apart = one.top + one.height <= other.top + 1e-6 or other.top + other.height <= one.top + 1e-6
    return not beside and not apart


def test_whole_days_are_those_that_last_over_the_day() -> None:
    def days(name: str, start: date, end: date) -> Placed:
        return Placed(name, "work", Occurrence(name, "", name, start, end))

    events = [
        days("today", TUESDAY, TUESDAY + timedelta(1)),
        days("trip", TUESDAY - timedelta(2), TUESDAY + timedelta(1)),
        days("over", TUESDAY - timedelta(2), TUESDAY),
        days("nothing", TUESDAY, TUESDAY),
        on("timed", "09:00", "10:00"),
    ]
    assert [one.ref for one in whole_days(events, TUESDAY)] == ["trip", "nothing", "today"]
