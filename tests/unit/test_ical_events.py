"""Events as calendars write them, read into occurrences."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from ical_text import CUSTOM_ZONE, FRAME, event, parsed, starts, todo, wrapped

from butler.core.calendar import Attendee
from butler.core.sources import Frame

BERLIN = ZoneInfo("Europe/Berlin")


def test_a_timed_event_is_read_whole() -> None:
    text = """
DTSTART;TZID=Europe/Berlin:20261124T090000
DTEND;TZID=Europe/Berlin:20261124T103000
SUMMARY:Review\\, part 2
LOCATION:Room 3
DESCRIPTION:Bring the
  figures
URL:https://nordwind.example/review
STATUS:TENTATIVE
ORGANIZER;CN=Tom:MAILTO:Tom@Nordwind.example
ATTENDEE;CN="Berger, Anna";PARTSTAT=ACCEPTED:mailto:anna@berger.example
ATTENDEE;PARTSTAT=X-MAYBE:mailto:lisa@nordwind.example
"""
    (found,) = parsed(event(text)).occurrences
    assert (found.start, found.end) == (datetime(2026, 11, 24, 9, tzinfo=BERLIN), datetime(2026, 11, 24, 10, 30, tzinfo=BERLIN))
    assert (found.summary, found.location, found.description) == ("Review, part 2", "Room 3", "Bring the figures")
    assert (found.status, found.busy, found.url) == ("tentative", True, "https://nordwind.example/review")
    assert found.organizer == Attendee("Tom", "tom@nordwind.example", "needs-action")
    assert found.attendees == (
        Attendee("Berger, Anna", "anna@berger.example", "accepted"),
        Attendee("", "lisa@nordwind.example", "needs-action"),
    )
    assert (found.recurrence_id, found.moved_from) == ("", None)


def test_times_are_given_in_the_owners_zone() -> None:
    (found,) = parsed(event("DTSTART;TZID=America/New_York:20261124T090000\nDTEND:20261124T150000Z")).occurrences
    assert (found.start.isoformat(), found.end.isoformat()) == ("2026-11-24T15:00:00+01:00", "2026-11-24T16:00:00+01:00")


def test_a_floating_time_is_the_owners_own() -> None:
    assert starts(parsed(event("DTSTART:20261124T090000"))) == ["2026-11-24T09:00:00+01:00"]


@pytest.mark.parametrize(
    "lines",
    ["DTSTART;VALUE=DATE:20261124", "DTSTART;VALUE=DATE:20261124\nDTEND;VALUE=DATE:20261124", "DTSTART:20261124\nDURATION:P1D"],
)
def test_a_whole_day_is_one_day_long(lines: str) -> None:
    (found,) = parsed(event(lines)).occurrences
    assert (found.start, found.end, found.all_day) == (date(2026, 11, 24), date(2026, 11, 25), True)


@pytest.mark.parametrize(
    ("lines", "end"),
    [
        ("DURATION:PT1H30M", "2026-11-24T10:30:00+01:00"),
        ("DURATION:P1D", "2026-11-25T09:00:00+01:00"),
        ("", "2026-11-24T09:00:00+01:00"),
        ("DTEND;VALUE=DATE:20261125", "2026-11-25T00:00:00+01:00"),
    ],
)
def test_an_end_is_found_however_it_is_written(lines: str, end: str) -> None:
    (found,) = parsed(event(f"DTSTART;TZID=Europe/Berlin:20261124T090000\n{lines}")).occurrences
    assert found.end.isoformat() == end


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ("DTEND:20261123T080000Z", "Its end cannot be"),
        ("DTEND:20460101T080000Z", "Its end cannot be"),
        ("DURATION:-PT1H", "Its duration cannot be"),
        ("DURATION:P99999W", "Its duration cannot be"),
        ("DTEND:soon", "DTEND could not be read"),
    ],
)
def test_an_end_that_cannot_be_is_left_out_and_told(lines: str, problem: str) -> None:
    found = parsed(event(f"DTSTART:20261124T080000Z\n{lines}"))
    assert found.occurrences[0].start == found.occurrences[0].end
    assert any(problem in each for each in found.problems)


def test_a_whole_day_event_with_a_timed_end_ends_with_a_day() -> None:
    (found,) = parsed(event("DTSTART;VALUE=DATE:20261124\nDTEND:20261126T100000Z")).occurrences
    assert (found.start, found.end) == (date(2026, 11, 24), date(2026, 11, 26))


def test_an_event_over_midnight_and_a_clock_change_keeps_its_ends() -> None:
    text = "DTSTART;TZID=Europe/Berlin:20261024T220000\nDTEND;TZID=Europe/Berlin:20261025T060000"
    (found,) = parsed(event(text), Frame("Europe/Berlin", date(2026, 10, 1), date(2026, 11, 1))).occurrences
    assert (found.start.isoformat(), found.end.isoformat()) == ("2026-10-24T22:00:00+02:00", "2026-10-25T06:00:00+01:00")


@pytest.mark.parametrize("word", ["TRANSP:TRANSPARENT", "STATUS:CANCELLED"])
def test_what_takes_no_time_is_not_busy(word: str) -> None:
    assert not parsed(event(f"DTSTART:20261124T080000Z\n{word}")).occurrences[0].busy


def test_a_cancelled_event_is_kept_and_marked() -> None:
    assert parsed(event("DTSTART:20261124T080000Z\nSTATUS:CANCELLED")).occurrences[0].status == "cancelled"


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("W. Europe Standard Time", "2026-11-24T09:00:00+01:00"),
        ("Eastern Standard Time", "2026-11-24T15:00:00+01:00"),
        ("/freeassociation.sourceforge.net/Europe/Lisbon", "2026-11-24T10:00:00+01:00"),
        ("/vendor.example/20261/America/Argentina/Buenos_Aires", "2026-11-24T13:00:00+01:00"),
    ],
)
def test_foreign_names_of_zones_are_understood(name: str, start: str) -> None:
    found = parsed(event(f'DTSTART;TZID="{name}":20261124T090000'))
    assert (starts(found), found.problems) == ([start], ())


@pytest.mark.parametrize("name", ["Mars/Phobos", "Europe", "../../etc/passwd", "a" * 300, "posix\\0", ""])
def test_an_unknown_zone_is_taken_as_the_owners_and_told(name: str) -> None:
    found = parsed(event(f"DTSTART;TZID={name}:20261124T090000"))
    assert starts(found) == ["2026-11-24T09:00:00+01:00"]
    assert (len(found.problems) == 1) == bool(name)


def test_a_zone_that_the_object_defines_is_used() -> None:
    found = parsed(wrapped(CUSTOM_ZONE, event("DTSTART;TZID=Office:20261124T090000")))
    assert (starts(found), found.problems) == (["2026-11-24T15:00:00+01:00"], ())


def test_a_zone_defined_in_one_object_is_unknown_to_the_next() -> None:
    parsed(wrapped(CUSTOM_ZONE, event("DTSTART;TZID=Office:20261124T090000")))
    assert starts(parsed(event("DTSTART;TZID=Office:20261124T090000"))) == ["2026-11-24T09:00:00+01:00"]


@pytest.mark.parametrize(
    "change",
    [
        ("RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU", "RRULE:FREQ=SECONDLY"),
        ("RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU", "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"),
        ("TZOFFSETTO:-0400", "TZOFFSETTO:soon"),
        ("DTSTART:19700308T020000", "X-NONE:1"),
    ],
)
def test_a_zone_defined_by_nonsense_is_unknown(change: tuple[str, str]) -> None:
    found = parsed(wrapped(CUSTOM_ZONE.replace(*change), event("DTSTART;TZID=Office:20261124T090000")))
    assert starts(found) == ["2026-11-24T09:00:00+01:00"]
    assert "Office" in found.problems[0]


def test_a_calendars_own_zone_is_not_looked_at() -> None:
    assert starts(parsed("X-WR-TIMEZONE:Asia/Tokyo\n" + event("DTSTART:20261124T090000"))) == ["2026-11-24T09:00:00+01:00"]


def test_a_single_event_is_read_wherever_it_lies() -> None:
    found = parsed(event("DTSTART:20310101T090000Z"))
    assert (starts(found), found.recurs) == (["2031-01-01T10:00:00+01:00"], False)


def test_an_event_without_uid_gets_one_from_its_content() -> None:
    text = wrapped("BEGIN:VEVENT\nDTSTART:20261124T080000Z\nEND:VEVENT")
    one, again, other = parsed(text), parsed(text), parsed(text + b"\r\n")
    assert one.occurrences[0].uid == again.occurrences[0].uid != other.occurrences[0].uid
    assert one.problems == ("It has no UID; one was made from its content.",)


def test_of_two_versions_of_one_event_the_later_counts() -> None:
    text = event("DTSTART:20261124T080000Z\nSEQUENCE:2\nSUMMARY:new") + event(
        "DTSTART:20261123T080000Z\nSEQUENCE:1\nSUMMARY:old"
    )
    assert [each.summary for each in parsed(text).occurrences] == ["new"]


def test_an_invitation_to_one_occurrence_alone_is_named_by_it() -> None:
    text = "RECURRENCE-ID;TZID=Europe/Berlin:20261124T090000\nDTSTART;TZID=Europe/Berlin:20261124T110000"
    (found,) = parsed(event(text)).occurrences
    assert found.recurrence_id == "20261124T080000Z"
    assert found.moved_from == datetime(2026, 11, 24, 9, tzinfo=BERLIN)


def test_an_override_of_an_event_without_rule_takes_its_place() -> None:
    text = event("DTSTART:20261124T080000Z\nSUMMARY:a") + event(
        "RECURRENCE-ID:20261124T080000Z\nDTSTART:20261124T090000Z\nSUMMARY:b"
    )
    assert [each.summary for each in parsed(text).occurrences] == ["b"]


def test_events_of_several_uids_in_one_object_are_all_read() -> None:
    text = event("DTSTART:20261124T080000Z", "a") + event("DTSTART:20261123T080000Z", "b") + todo("SUMMARY:c", "a")
    found = parsed(text)
    assert [each.uid for each in found.occurrences] == ["b", "a"]
    assert [each.uid for each in found.tasks] == ["a"]


def test_journals_and_free_busy_are_left_out() -> None:
    text = "BEGIN:VJOURNAL\nUID:j\nSUMMARY:x\nEND:VJOURNAL\nBEGIN:VFREEBUSY\nUID:f\nEND:VFREEBUSY"
    found = parsed(text + "\n" + event("DTSTART:20261124T080000Z"))
    assert (len(found.occurrences), found.tasks, found.problems) == (1, (), ())


def test_a_description_is_cut_at_the_limit() -> None:
    frame = Frame(FRAME.zone, FRAME.start, FRAME.end, text_limit=10)
    assert parsed(event("DTSTART:20261124T080000Z\nDESCRIPTION:" + "x" * 50), frame).occurrences[0].description == "x" * 10


def test_key_and_version_are_handed_through() -> None:
    found = parsed(event("DTSTART:20261124T080000Z"))
    assert (found.key, found.version) == ("a.ics", "1")


def test_old_files_in_another_encoding_are_read() -> None:
    text = wrapped(event("DTSTART:20261124T080000Z\nSUMMARY:Kaffee für alle")).decode().encode("cp1252")
    assert parsed(text).occurrences[0].summary == "Kaffee für alle"
