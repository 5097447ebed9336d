"""Events that repeat: exceptions, moved and cancelled occurrences, clock changes, and agreement with dateutil."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st
from ical_text import CUSTOM_ZONE, FRAME, event, parsed, starts, wrapped

from butler.core.sources import Frame

WEEKLY = "DTSTART;TZID=Europe/Berlin:20261103T090000\nDTEND;TZID=Europe/Berlin:20261103T100000\nRRULE:FREQ=WEEKLY\nSUMMARY:Team"
OCTOBER = Frame("Europe/Berlin", date(2026, 10, 1), date(2026, 11, 1))


def days(text: str, frame: Frame = FRAME) -> list[int]:
    return [each.start.day for each in parsed(text, frame).occurrences]


def test_a_weekly_event_comes_every_week_and_is_named_by_its_start() -> None:
    found = parsed(event(WEEKLY))
    assert [each.recurrence_id for each in found.occurrences] == [f"202611{day:02}T080000Z" for day in (3, 10, 17, 24)]
    assert found.recurs
    assert all(each.moved_from is None for each in found.occurrences)


def test_the_wall_clock_stays_over_a_clock_change_and_the_name_follows_utc() -> None:
    found = parsed(event("DTSTART;TZID=Europe/Berlin:20261018T090000\nRRULE:FREQ=WEEKLY"), OCTOBER)
    assert starts(found) == ["2026-10-18T09:00:00+02:00", "2026-10-25T09:00:00+01:00"]
    assert [each.recurrence_id for each in found.occurrences] == ["20261018T070000Z", "20261025T080000Z"]


def test_an_event_kept_in_utc_moves_on_the_wall_clock() -> None:
    found = parsed(event("DTSTART:20261018T070000Z\nRRULE:FREQ=WEEKLY"), OCTOBER)
    assert starts(found) == ["2026-10-18T09:00:00+02:00", "2026-10-25T08:00:00+01:00"]


def test_an_event_of_another_zone_follows_that_zones_clock() -> None:
    found = parsed(event("DTSTART;TZID=America/New_York:20261020T090000\nRRULE:FREQ=WEEKLY"), OCTOBER)
    assert starts(found) == ["2026-10-20T15:00:00+02:00", "2026-10-27T14:00:00+01:00"]


def test_a_series_in_a_zone_of_its_own_definition_follows_it() -> None:
    text = wrapped(CUSTOM_ZONE, event("DTSTART;TZID=Office:20261028T090000\nRRULE:FREQ=WEEKLY;COUNT=2"))
    found = parsed(text, Frame("UTC", date(2026, 10, 1), date(2026, 12, 1)))
    assert starts(found) == ["2026-10-28T13:00:00+00:00", "2026-11-04T14:00:00+00:00"]


def test_exceptions_are_left_out() -> None:
    assert days(event(WEEKLY + "\nEXDATE;TZID=Europe/Berlin:20261110T090000\nEXDATE:20261117T080000Z")) == [3, 24]


def test_additional_dates_come_in_and_may_have_their_own_length() -> None:
    text = WEEKLY + "\nRDATE;VALUE=PERIOD:20261105T080000Z/PT3H\nRDATE:20261106T080000Z"
    found = parsed(event(text)).occurrences
    lengths = {each.start.day: each.end - each.start for each in found}  # type: ignore[operator]
    assert sorted(lengths) == [3, 5, 6, 10, 17, 24]
    assert lengths[5] == timedelta(hours=3)


def test_additional_dates_alone_make_a_series() -> None:
    found = parsed(event("DTSTART:20261103T080000Z\nRDATE:20261105T080000Z"))
    assert [each.start.day for each in found.occurrences] == [3, 5]
    assert found.recurs


def test_a_moved_occurrence_appears_once_at_its_new_time() -> None:
    moved = "RECURRENCE-ID;TZID=Europe/Berlin:20261110T090000\nDTSTART:20261111T130000Z\nSUMMARY:Team, late"
    found = parsed(event(WEEKLY) + event(moved)).occurrences
    assert [(each.start.day, each.summary) for each in found] == [(3, "Team"), (11, "Team, late"), (17, "Team"), (24, "Team")]
    assert found[1].recurrence_id == "20261110T080000Z"
    assert found[1].moved_from == datetime(2026, 11, 10, 8, tzinfo=UTC)


def test_an_occurrence_moved_into_the_window_from_far_away_is_found() -> None:
    old = "DTSTART:20200107T080000Z\nRRULE:FREQ=WEEKLY;UNTIL=20200301T000000Z"
    found = parsed(event(old) + event("RECURRENCE-ID:20200114T080000Z\nDTSTART:20261112T080000Z")).occurrences
    assert [(each.start.day, each.recurrence_id) for each in found] == [(12, "20200114T080000Z")]


def test_an_occurrence_moved_out_of_the_window_is_gone() -> None:
    moved = "RECURRENCE-ID;TZID=Europe/Berlin:20261110T090000\nDTSTART:20270111T130000Z"
    assert days(event(WEEKLY) + event(moved)) == [3, 17, 24]


def test_a_changed_occurrence_at_its_old_time_is_not_moved() -> None:
    changed = "RECURRENCE-ID:20261110T080000Z\nDTSTART:20261110T080000Z\nSUMMARY:Guests"
    found = parsed(event(WEEKLY) + event(changed)).occurrences
    assert [(each.summary, each.moved_from) for each in found][1] == ("Guests", None)


def test_a_cancelled_occurrence_is_kept_and_marked() -> None:
    cancelled = "RECURRENCE-ID:20261110T080000Z\nDTSTART:20261110T080000Z\nSTATUS:CANCELLED"
    found = parsed(event(WEEKLY) + event(cancelled)).occurrences
    assert [(each.start.day, each.status, each.busy) for each in found][:2] == [
        (3, "confirmed", True),
        (10, "cancelled", False),
    ]


def test_this_and_all_later_occurrences_can_be_moved() -> None:
    moved = "RECURRENCE-ID;RANGE=THISANDFUTURE:20261117T080000Z\nDTSTART:20261117T100000Z\nSUMMARY:Later"
    found = parsed(event(WEEKLY) + event(moved)).occurrences
    assert [(each.start.isoformat(), each.summary) for each in found] == [
        ("2026-11-03T09:00:00+01:00", "Team"),
        ("2026-11-10T09:00:00+01:00", "Team"),
        ("2026-11-17T11:00:00+01:00", "Later"),
        ("2026-11-24T11:00:00+01:00", "Later"),
    ]
    assert [each.recurrence_id for each in found][2:] == ["20261117T080000Z", "20261124T080000Z"]
    assert [each.moved_from for each in found][3] == datetime(2026, 11, 24, 8, tzinfo=UTC)


def test_a_timed_occurrence_that_became_a_whole_day_is_moved() -> None:
    found = parsed(event(WEEKLY) + event("RECURRENCE-ID:20261110T080000Z\nDTSTART;VALUE=DATE:20261110")).occurrences
    whole = next(each for each in found if each.all_day)
    assert whole.moved_from == datetime(2026, 11, 10, 8, tzinfo=UTC)


def test_whole_days_are_named_by_their_date() -> None:
    found = parsed(event("DTSTART;VALUE=DATE:20261102\nRRULE:FREQ=DAILY;INTERVAL=10")).occurrences
    assert [each.recurrence_id for each in found] == ["20261102", "20261112", "20261122"]


@pytest.mark.parametrize("zone", ["", ";TZID=Nowhere"])
def test_times_without_a_known_zone_are_named_by_the_clock(zone: str) -> None:
    found = parsed(event(f"DTSTART{zone}:20261102T090000\nRRULE:FREQ=DAILY;INTERVAL=10"))
    assert found.occurrences[0].recurrence_id == "20261102T090000"
    assert starts(found)[0] == "2026-11-02T09:00:00+01:00"


@pytest.mark.parametrize(
    ("start", "until", "last"),
    [
        (";TZID=America/New_York:20261102T090000", "20261105T090000", 5),
        (";TZID=America/New_York:20261102T090000", "20261105", 5),
        (":20261102T090000", "20261105T090000", 5),
        (":20261102T090000", "20261105T080000Z", 5),
        (":20261102T090000", "20261105T075959Z", 4),
        (":20261102T080000Z", "20261105T080000Z", 5),
        (":20261102T080000Z", "20261105", 5),
        (";VALUE=DATE:20261102", "20261105", 5),
        (";VALUE=DATE:20261102", "20261105T000000Z", 5),
    ],
)
def test_until_is_understood_however_it_is_written(start: str, until: str, last: int) -> None:
    assert days(event(f"DTSTART{start}\nRRULE:FREQ=DAILY;UNTIL={until}"))[-1] == last


def test_a_series_that_ended_before_the_window_is_empty_and_still_a_series() -> None:
    found = parsed(event("DTSTART:20200101T080000Z\nRRULE:FREQ=DAILY;COUNT=5"))
    assert (found.occurrences, found.recurs, found.problems) == ((), True, ())


def test_a_long_event_that_began_before_the_window_is_in_it() -> None:
    assert days(event("DTSTART;VALUE=DATE:20261030\nDTEND;VALUE=DATE:20261103\nRRULE:FREQ=YEARLY")) == [30]


@pytest.mark.parametrize(
    ("start", "within"),
    [("20261031T230000Z", True), ("20261031T225959Z", False), ("20261130T225959Z", True), ("20261130T230000Z", False)],
)
def test_the_window_begins_and_ends_at_the_owners_midnight(start: str, within: bool) -> None:
    assert bool(days(event(f"DTSTART:{start}\nRDATE:20200101T000000Z"))) == within


def test_a_rule_of_exceptions_is_told() -> None:
    assert "EXRULE" in parsed(event(WEEKLY + "\nEXRULE:FREQ=WEEKLY;INTERVAL=2")).problems[0]


@pytest.mark.parametrize("rule", ["FREQ=MONTHLY;BYDAY=-1MO", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"])
def test_the_last_monday_and_the_last_working_day_are_found(rule: str) -> None:
    assert days(event(f"DTSTART;VALUE=DATE:20250630\nRRULE:{rule}")) == [30]


NOVEMBER = datetime(2026, 11, 1)  # noqa: DTZ001 - rules are worked out on the wall clock of each zone
zones = st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"])
DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
weekdays = st.lists(st.sampled_from(DAYS), min_size=1, max_size=3, unique=True).map(",".join)
rules = st.one_of(
    st.integers(1, 9).map(lambda n: f"FREQ=DAILY;INTERVAL={n}"),
    st.tuples(st.integers(1, 4), weekdays).map(lambda t: f"FREQ=WEEKLY;INTERVAL={t[0]};BYDAY={t[1]}"),
    st.integers(1, 28).map(lambda n: f"FREQ=MONTHLY;BYMONTHDAY={n}"),
    st.tuples(st.sampled_from([1, 2, -1]), st.sampled_from(DAYS)).map(lambda t: f"FREQ=MONTHLY;BYDAY={t[0]}{t[1]}"),
    st.tuples(st.integers(1, 60), weekdays).map(lambda t: f"FREQ=DAILY;COUNT={t[0]};BYDAY={t[1]}"),
    st.integers(1, 7).map(lambda n: f"FREQ=HOURLY;INTERVAL={n * 5}"),
)


@settings(max_examples=60, deadline=None)
@given(rule=rules, zone=zones, minutes=st.integers(-15_000_000, 60_000))
def test_series_agree_with_dateutil_worked_out_from_their_very_start(rule: str, zone: str, minutes: int) -> None:
    first = NOVEMBER + timedelta(minutes=minutes)
    frame = Frame(zone, date(2026, 10, 20), date(2026, 11, 20))
    place = ZoneInfo(zone)
    begin, end = (datetime.combine(day, datetime.min.time(), place) for day in (frame.start, frame.end))
    begin, end = begin.astimezone(UTC), end.astimezone(UTC)
    expected = {first.replace(tzinfo=place).astimezone(UTC)} | {
        moment.replace(tzinfo=place).astimezone(UTC)
        for moment in rrulestr(rule, dtstart=first).between(NOVEMBER - timedelta(days=14), NOVEMBER + timedelta(days=21))
    }
    found = parsed(event(f"DTSTART;TZID={zone}:{first:%Y%m%dT%H%M%S}\nRRULE:{rule}"), frame)
    assert {each.start.astimezone(UTC) for each in found.occurrences} == {  # type: ignore[union-attr]
        moment for moment in expected if begin <= moment < end
    }
    assert found.problems == ()


MARCH = Frame("Europe/Berlin", date(2027, 3, 27), date(2027, 3, 30))


@pytest.mark.parametrize(
    ("begins", "ends", "span"),
    [
        ("DTSTART;TZID=Europe/Berlin:20270301T023000", "DTEND;TZID=Europe/Berlin:20270301T033000", ("03:30", "04:30")),
        ("DTSTART;TZID=Europe/Berlin:20270301T020000", "DTEND;TZID=Europe/Berlin:20270301T030000", ("03:00", "04:00")),
        ("DTSTART;TZID=Europe/Berlin:20270301T023000", "DURATION:PT1H", ("03:30", "04:30")),
        ("DTSTART;TZID=Europe/Berlin:20270301T010000", "DTEND;TZID=Europe/Berlin:20270301T050000", ("01:00", "05:00")),
    ],
)
def test_a_day_of_a_series_in_the_hour_that_the_clocks_skip_keeps_its_length(
    begins: str, ends: str, span: tuple[str, str]
) -> None:
    found = parsed(event(f"{begins}\n{ends}\nRRULE:FREQ=DAILY"), MARCH)
    [skipped] = [each for each in found.occurrences if each.start.day == 28]
    assert (f"{skipped.start:%H:%M}", f"{skipped.end:%H:%M}") == span


def test_a_single_event_in_the_hour_that_the_clocks_skip_keeps_its_length_or_its_end() -> None:
    berlin = "DTSTART;TZID=Europe/Berlin:20270328T023000\nDTEND;TZID=Europe/Berlin:20270328T{}"
    ends = [parsed(event(berlin.format(end)), MARCH).occurrences[0].end for end in ("033000", "060000")]
    assert [f"{end:%H:%M}" for end in ends] == ["04:30", "06:00"]
