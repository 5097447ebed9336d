"""What comes first, what collides, where the way is too long, and what is free."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import count, pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from butler.core.calendar import Attendee, Occurrence, Placed
from butler.core.dayplan import Span, busy_spans, free_windows, in_order, overlaps, place_of, takes_time, tight_moves

BERLIN = ZoneInfo("Europe/Berlin")
DAY = date(2026, 11, 24)
OWNER = frozenset({"anna@berger.example"})
_uids = count()


def at(text: str, day: date = DAY, zone: ZoneInfo = BERLIN) -> datetime:
    hour, minute = map(int, text.split(":"))
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)


def placed(start: str, end: str, summary: str = "", **fields: Any) -> Placed:
    uid = fields.pop("uid", f"u{next(_uids)}")
    occurrence = Occurrence(uid, "", summary or f"{start}-{end}", at(start), at(end), **fields)
    return Placed(f"event:work/{uid}", "work", occurrence)


def whole(day: date = DAY, summary: str = "Holiday") -> Placed:
    return Placed("event:work/h", "work", Occurrence("h", "", summary, day, day + timedelta(days=1)))


def names(events: list[Placed]) -> list[str]:
    return [each.occurrence.summary for each in events]


def pairs(events: list[Placed], owner: frozenset[str] = OWNER) -> list[tuple[str, str]]:
    return [(each.first.occurrence.summary, each.second.occurrence.summary) for each in overlaps(events, owner)]


def clock(spans: list[Span]) -> list[str]:
    return [f"{each.start:%H:%M}-{each.end:%H:%M}" for each in spans]


def test_whole_days_come_first_then_what_starts_earlier_and_ends_earlier() -> None:
    events = [placed("10:00", "12:00", "c"), placed("10:00", "11:00", "b"), placed("09:00", "18:00", "a"), whole()]
    assert names(in_order(events)) == ["Holiday", "a", "b", "c"]


def test_two_that_share_time_overlap_for_that_time() -> None:
    (found,) = overlaps([placed("10:30", "11:30", "b"), placed("10:00", "11:00", "a")])
    assert (found.first.occurrence.summary, found.second.occurrence.summary) == ("a", "b")
    assert (clock([found.shared]), found.shared.minutes) == (["10:30-11:00"], 30)


def test_touching_ends_do_not_overlap() -> None:
    assert overlaps([placed("10:00", "11:00"), placed("11:00", "12:00")]) == []


def test_each_two_of_three_are_told() -> None:
    events = [placed("09:00", "12:00", "a"), placed("09:30", "10:00", "b"), placed("11:00", "13:00", "c")]
    assert pairs(events) == [("a", "b"), ("a", "c")]


def test_one_event_in_two_calendars_does_not_collide_with_itself() -> None:
    assert overlaps([placed("10:00", "11:00", uid="same"), placed("10:00", "11:00", uid="same")]) == []
    assert len(overlaps([placed("10:00", "11:00", uid="same"), placed("10:30", "11:30", uid="same")])) == 1


@pytest.mark.parametrize(
    ("fields", "counts"),
    [
        ({}, True),
        ({"status": "tentative"}, True),
        ({"status": "cancelled"}, False),
        ({"busy": False}, False),
        ({"attendees": (Attendee("", "anna@berger.example", "declined"),)}, False),
        ({"attendees": (Attendee("", "anna@berger.example", "accepted"),)}, True),
        ({"attendees": (Attendee("", "tom@nordwind.example", "declined"),)}, True),
    ],
)
def test_only_what_takes_the_owners_time_counts(fields: dict[str, Any], counts: bool) -> None:
    events = [placed("09:00", "11:00", **fields), placed("10:00", "12:00")]
    assert takes_time(events[0].occurrence, OWNER) == counts
    assert bool(overlaps(events, OWNER)) == counts
    assert clock(busy_spans(events, DAY, BERLIN, owner=OWNER)) == (["09:00-12:00"] if counts else ["10:00-12:00"])


def test_whole_days_and_moments_without_length_take_no_time() -> None:
    events = [whole(), placed("10:00", "10:00"), placed("09:00", "11:00")]
    assert overlaps(events) == []
    assert clock(busy_spans(events, DAY, BERLIN)) == ["09:00-11:00"]


def test_another_place_with_too_little_time_between_is_told() -> None:
    (found,) = tight_moves(
        [placed("09:00", "10:00", "a", location="Office"), placed("10:20", "11:00", "b", location="Dentist")], 30
    )
    assert (found.first.occurrence.summary, found.second.occurrence.summary, found.minutes) == ("a", "b", 20)


@pytest.mark.parametrize(
    ("one", "other", "start"),
    [
        ("Office", "  OFFICE ", "10:00"),
        ("Office", "", "10:00"),
        ("Office", "https://meet.example/abc", "10:00"),
        ("Zoom", "Dentist", "10:00"),
        ("Office", "Dentist", "10:30"),
        ("Office", "Dentist", "09:45"),
    ],
)
def test_no_way_or_time_enough_or_an_overlap_is_no_tight_move(one: str, other: str, start: str) -> None:
    assert tight_moves([placed("09:00", "10:00", location=one), placed(start, "12:00", location=other)], 30) == []


def test_with_a_place_between_only_its_own_ways_count() -> None:
    events = [
        placed("09:00", "10:00", "a", location="A"),
        placed("10:05", "10:10", "b", location="B"),
        placed("10:10", "10:15", "call", location="online"),
        placed("10:20", "11:00", "c", location="C"),
    ]
    found = tight_moves(events, 30)
    assert [(each.first.occurrence.summary, each.second.occurrence.summary) for each in found] == [("a", "b"), ("b", "c")]


def test_both_that_begin_elsewhere_at_the_same_time_are_told() -> None:
    events = [
        placed("09:00", "10:00", location="A"),
        placed("10:10", "11:00", location="B"),
        placed("10:10", "11:30", location="C"),
    ]
    assert len(tight_moves(events, 30)) == 2


def test_a_place_is_compared_without_case_and_spaces() -> None:
    assert place_of(placed("09:00", "10:00", location="Main  Street\n1").occurrence) == "main street 1"


def test_free_windows_lie_between_what_is_busy() -> None:
    events = [placed("09:00", "10:00"), placed("09:30", "11:00"), placed("12:30", "13:00"), placed("17:00", "20:00")]
    assert clock(free_windows(events, DAY, BERLIN, 8, 18, 60)) == ["08:00-09:00", "11:00-12:30", "13:00-17:00"]
    assert clock(free_windows(events, DAY, BERLIN, 8, 18, 91)) == ["13:00-17:00"]


def test_an_empty_day_is_free_from_its_first_to_its_last_hour() -> None:
    assert clock(free_windows([], DAY, BERLIN, 8, 18, 60)) == ["08:00-18:00"]
    assert [each.minutes for each in free_windows([], DAY, BERLIN, 0, 24, 60)] == [24 * 60]


def test_a_day_that_is_booked_out_or_has_no_hours_is_not_free() -> None:
    assert free_windows([placed("07:00", "19:00")], DAY, BERLIN, 8, 18, 1) == []
    assert free_windows([], DAY, BERLIN, 18, 8, 0) == []


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (DAY, 24)])
def test_days_on_which_clocks_change_have_their_true_length(day: date, hours: int) -> None:
    assert [each.minutes for each in free_windows([], day, BERLIN, 0, 24, 60)] == [hours * 60]


def test_overlaps_in_the_hour_that_comes_twice_are_right() -> None:
    early, late = (datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN, fold=fold) for fold in (0, 1))
    first = Placed("a", "work", Occurrence("a", "", "a", early, early.replace(minute=45)))
    second = Placed("b", "work", Occurrence("b", "", "b", late, late.replace(minute=45)))
    assert overlaps([first, second]) == []
    assert len(busy_spans([second, first], date(2026, 10, 25), BERLIN)) == 2


minutes = st.integers(-300, 1800)


@settings(max_examples=150, deadline=None)
@given(
    times=st.lists(st.tuples(minutes, st.integers(0, 400)), max_size=12),
    day=st.sampled_from([date(2026, 3, 29), date(2026, 10, 25), DAY]),
    zone=st.sampled_from([BERLIN, ZoneInfo("America/Havana"), ZoneInfo("Australia/Lord_Howe")]),
    hours=st.tuples(st.integers(0, 24), st.integers(0, 24)),
)
def test_busy_and_free_time_part_the_day(
    times: list[tuple[int, int]], day: date, zone: ZoneInfo, hours: tuple[int, int]
) -> None:
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
    events = []
    for begin, length in times:
        start = midnight + timedelta(minutes=begin)
        ends = start + timedelta(minutes=length)
        events.append(Placed("r", "c", Occurrence(f"{begin}", "", "", start.astimezone(zone), ends.astimezone(zone))))
    busy, free = busy_spans(events, day, zone, *hours), free_windows(events, day, zone, *hours, 0)
    parts = sorted([*busy, *free], key=lambda each: each.start.astimezone(UTC))
    length = sum(each.minutes for each in parts)
    whole_day = free_windows([], day, zone, *hours, 0)
    assert length == sum(each.minutes for each in whole_day)
    assert all(one.end.astimezone(UTC) == other.start.astimezone(UTC) for one, other in pairwise(parts))
    assert all(one.end.astimezone(UTC) < other.start.astimezone(UTC) for one, other in pairwise(busy))
    for event in events:
        assert all(not _shares(event.occurrence, each) for each in free)


def _shares(occurrence: Occurrence, span: Span) -> bool:
    assert isinstance(occurrence.start, datetime)
    assert isinstance(occurrence.end, datetime)
    start, end = occurrence.start.astimezone(UTC), occurrence.end.astimezone(UTC)
    return max(start, span.start.astimezone(UTC)) < min(end, span.end.astimezone(UTC))


@pytest.mark.parametrize(
    "location",
    [
        *(
            "Zoom Call",
            "https://zoom.us/j/1\nMeeting-ID 3",
            "MS Teams",
            "Teams-Besprechung",
            "Online (Zoom)",
            "via Zoom",
            "TBD",
            "-",
        ),
        *(
            "Microsoft Teams Meeting; ",
            "Videokonferenz",
            "Skype",
            "Phone call",
            "+49 30 1234567",
            "Tel. 030 1234567",
            "Visioconférence",
        ),
    ],
)
def test_nobody_has_to_go_to_a_call(location: str) -> None:
    assert place_of(placed("09:00", "10:00", location=location).occurrence) == ""


@pytest.mark.parametrize(
    "location", ["Kanalufer 9", "Raum 12", "Callao 3, Madrid", "Hauptstraße 110", "Meeting room 2", "Phoenixallee 1"]
)
def test_somebody_has_to_go_to_a_place(location: str) -> None:
    assert place_of(placed("09:00", "10:00", location=location).occurrence)


def test_an_address_is_the_same_place_with_its_postcode() -> None:
    spellings = ("Kantstraße 40, Berlin", "Kantstraße 40, 10625 Berlin", "Kantstraße 40\n10625 Berlin")
    assert len({place_of(placed("09:00", "10:00", location=each).occurrence) for each in spellings}) == 1
