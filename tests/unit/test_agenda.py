"""The agenda and the conflicts of a day: order, zones, midnight, clocks that change, answers, gaps."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from briefing_day import ANNA, BERLIN, DAY, OPTIONS, at, composed, day_lines, event, gathered, person

from butler.core.calendar import Placed
from butler.core.owner import BriefingOptions

NEW_YORK = ZoneInfo("America/New_York")


def agenda(*events: Placed) -> list[str]:
    return day_lines("agenda", gathered(events=events))


def conflicts(*events: Placed, options: BriefingOptions = OPTIONS) -> list[str]:
    return day_lines("conflicts", gathered(events=events), options)


def on(day: int) -> dt.date:
    return dt.date(2026, 11, day)


def test_whole_days_come_first_then_times_then_tomorrows_first() -> None:
    assert agenda(
        event("Dentist", at(25, 8, 30), at(25, 9)),
        event("Lunch", at(24, 12), at(24, 13), location="Canteen"),
        event("Stand-up", at(24, 9), at(24, 9, 30)),
        event("Later", at(25, 10), at(25, 11)),
        event("Birthday", on(24), on(25)),
        event("Off tomorrow", at(25, 7), at(25, 8), status="cancelled"),
    ) == ["all day: Birthday", "09:00–09:30 Stand-up", "12:00–13:00 Lunch, Canteen", "tomorrow first: 08:30 Dentist"]


@pytest.mark.parametrize(
    ("start", "end", "text"),
    [
        (on(23), on(26), "all day, day 2 of 3: X"),
        (on(24), on(24), "all day: X"),
        (at(24, 9), at(24, 9), "09:00 X"),
        (at(24, 22), at(25, 2), "22:00–02:00 (Wed 25 Nov) X"),
        (at(23, 22), at(24, 2), "until 02:00 (since Mon 23 Nov 22:00) X"),
        (at(24, 20), at(25, 0), "20:00–24:00 X"),
        (at(23, 12), at(25, 12), "all day (since Mon 23 Nov 12:00, day 2 of 3) X"),
        (at(24, 12), at(26, 12), "12:00–12:00 (Thu 26 Nov, day 1 of 3) X"),
        (at(24, 9, zone=NEW_YORK), at(24, 10, zone=NEW_YORK), "15:00–16:00 X"),
        (at(23, 19, zone=NEW_YORK), at(23, 20, zone=NEW_YORK), "01:00–02:00 X"),
    ],
)
def test_times_are_the_owners_and_long_events_say_where_they_stand(start: dt.datetime, end: dt.datetime, text: str) -> None:
    assert agenda(event("X", start, end)) == [text]


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (at(23, 9), at(23, 10)),
        (at(23, 20), at(24, 0)),
        (on(23), on(24)),
        (on(25), on(26)),
        (at(24, 20, zone=NEW_YORK), at(24, 21, zone=NEW_YORK)),
    ],
)
def test_what_does_not_touch_the_day_is_not_on_it(start: dt.datetime, end: dt.datetime) -> None:
    assert [line for line in agenda(event("X", start, end)) if not line.startswith("tomorrow")] == []


def test_a_cancelled_one_is_said_to_be_so() -> None:
    assert agenda(event("Choir", at(24, 19), at(24, 20), status="cancelled")) == ["cancelled: 19:00–20:00 Choir"]


def test_a_moved_one_says_from_when() -> None:
    assert agenda(
        event("Early", at(24, 9), at(24, 10), moved_from=at(24, 8)),
        event("From before", at(24, 11), at(24, 12), moved_from=at(23, 11)),
        event("Whole day", on(24), on(25), moved_from=on(23)),
    ) == [
        "all day: Whole day (moved from Mon 23 Nov)",
        "09:00–10:00 Early (moved from 08:00)",
        "11:00–12:00 From before (moved from Mon 23 Nov 11:00)",
    ]


def test_the_answers_of_the_others_are_counted_and_the_silent_named() -> None:
    attendees = (
        person("anna@berger.example", "needs-action"),
        person("eva@nordwind.example", "accepted"),
        person("jo@nordwind.example", "declined"),
        person("ines@cais-jardim.example", "tentative"),
        person("tom@nordwind.example", "needs-action", "Tom Winter"),
    )
    [line] = agenda(event("Review", at(24, 9), at(24, 10), attendees=attendees, status="tentative"))
    assert line == (
        "09:00–10:00 Review (tentative, 1 accepted, 1 declined, 1 tentative, waiting for Tom Winter, you have not answered)"
    )


def test_the_owner_need_not_answer_their_own_invitation() -> None:
    anna = person("anna@berger.example", "needs-action")
    assert agenda(event("Mine", at(24, 9), at(24, 10), attendees=(anna,), organizer=anna)) == ["09:00–10:00 Mine"]
    declined = (person("anna@berger.example", "declined"),)
    assert agenda(event("Not mine", at(24, 9), at(24, 10), attendees=declined)) == ["09:00–10:00 Not mine (you declined)"]


def test_text_from_the_world_stays_one_harmless_line() -> None:
    [line] = agenda(event("A\nB\u202e\x1b[31m" + "x" * 500, at(24, 9), at(24, 10), location="C\r\nD"))
    assert "\n" not in line
    assert "\u202e" not in line
    assert "\x1b" not in line
    assert len(line) <= 240


def test_a_line_without_a_summary_still_says_something() -> None:
    assert agenda(event("", at(24, 9), at(24, 10), ref="event:family/x")) == ["09:00–10:00 (no title)"]


@pytest.mark.parametrize("day", [dt.date(2026, 3, 29), dt.date(2026, 10, 25)])
def test_hours_are_counted_right_when_clocks_change(day: dt.date) -> None:
    start, end = 1, 4
    begin = dt.datetime.combine(day, dt.time(start), BERLIN)
    until = dt.datetime.combine(day, dt.time(end), BERLIN)
    options = replace(OPTIONS, day_start=0, day_end=24)
    found = gathered(events=[event("Night", begin, until)], day=day, now=dt.datetime.combine(day, dt.time(7), BERLIN))
    assert day_lines("agenda", found) == [f"{start:02}:00–{end:02}:00 Night"]
    windows = day_lines("conflicts", found, options)
    assert windows[-1] == "free 04:00–24:00 (20 h)"
    assert windows[0] == "free 00:00–01:00 (1 h)"


def test_overlaps_tight_moves_and_free_windows_are_found() -> None:
    assert conflicts(
        event("Site", at(24, 9), at(24, 10), location="Canal 1"),
        event("Review", at(24, 9, 30), at(24, 11), location="Office"),
        event("Lunch", at(24, 11, 10), at(24, 12), location="Harbour"),
        event("Call", at(24, 12), at(24, 12, 30), location="https://meet.example/x"),
    ) == [
        "“Site” overlaps “Review” by 30 min",
        "10 min from “Review” (“Office”) to “Lunch” (“Harbour”)",
        "free 08:00–09:00 (1 h)",
        "free 12:30–18:00 (5 h 30 min)",
    ]


def test_no_time_between_two_places_is_said() -> None:
    first, second = event("A", at(24, 8), at(24, 13), location="X"), event("B", at(24, 13), at(24, 18), location="Y")
    assert conflicts(first, second) == ["no time from “A” (“X”) to “B” (“Y”)"]


def test_each_conflict_cites_its_events() -> None:
    made = composed(gathered(events=[event("A", at(24, 9), at(24, 12)), event("B", at(24, 11), at(24, 18))]))
    [section] = [one for one in made.sections if one.name == "conflicts"]
    assert [[evidence.ref for evidence in line.evidence] for line in section.lines] == [
        ["event:family/a", "event:family/b"],
        ["event:family/a"],
    ]


def test_an_empty_day_has_no_free_windows_to_cite() -> None:
    assert conflicts() == []
    assert conflicts(event("Evening", at(24, 20), at(24, 21))) == []


def test_what_takes_no_time_is_no_conflict() -> None:
    declined = (person("anna@berger.example", "declined"),)
    assert (
        conflicts(
            event("Whole", on(24), on(25)),
            event("Free", at(24, 9), at(24, 10), busy=False),
            event("Off", at(24, 9), at(24, 10), status="cancelled"),
            event("No", at(24, 9), at(24, 10), attendees=declined),
            event("Tomorrow", at(25, 9), at(25, 10)),
        )
        == []
    )


def test_a_bombed_calendar_gives_few_lines() -> None:
    events = [event(f"Bomb {number}", at(24, 9), at(24, 10)) for number in range(400)]
    assert len(conflicts(*events)) == 15
    assert ANNA.zone == BERLIN
    assert DAY.weekday() == 1
