"""Invitations read and answered: what an answer says, to the letter, and what hostile ones come to."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ical_text import CUSTOM_ZONE, event, wrapped
from invitation_mails import ics

from tools.calendar.itip import answer_of, counter, read_invitation, reply, stored
from tools.calendar.lines import EditError, read_block
from tools.calendar.merging import merged

NOW = dt.datetime(2026, 11, 20, 9, tzinfo=dt.UTC)
BERLIN = ZoneInfo("Europe/Berlin")
ME = "anna@berger.example"


def test_an_invitation_is_read() -> None:
    found = read_invitation(ics(sequence=2), BERLIN)
    assert (found.method, found.uid, found.sequence, found.recurrence_id) == ("REQUEST", "review-1", 2, "")
    assert found.start == dt.datetime(2026, 11, 26, 11, tzinfo=BERLIN)
    assert found.end == dt.datetime(2026, 11, 26, 12, tzinfo=BERLIN)
    assert (found.summary, found.location, found.repeats, found.problems) == ("Review", "Room 4", False, ())
    assert found.organizer is not None
    assert (found.organizer.name, found.organizer.address) == ("Tom Krüger", "tom@nordwind.example")
    assert [each.address for each in found.attendees] == [ME]
    assert found.stamp == dt.datetime(2026, 11, 20, 8, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (ics(uid=""), "no UID"),
        (ics(organizer=""), "no organizer"),
        (ics(method=""), "METHOD"),
        (ics(method="EXPLODE"), "METHOD"),
        (ics(start="20261126T100000").replace("DTSTART:", "DTSTART;TZID=Mars/Olympus:"), "time zone"),
        (ics(more="RRULE:FREQ=SECONDLY"), "very often"),
        (ics(more="RRULE:FREQ=SECONDLY;BYWEEKNO=3"), "rule that is not valid"),
        (ics(more="RRULE:FREQ=DAILY;BYDAY=" + ",".join(["MO"] * 5_000)), "too long"),
        (
            ics().replace("END:VEVENT", "END:VEVENT\r\nBEGIN:VEVENT\r\nUID:b\r\nDTSTART:20261126\r\nEND:VEVENT"),
            "several events",
        ),
        (ics(start="rubbish"), "no event"),
        ("", "not a calendar"),
        ("BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR", "no event"),
        (ics(more="X:" + "y" * 2_000_000), "larger than 1 MB"),
        (ics(start="99991231T235959Z", end="99991231T235959Z"), ""),
    ],
)
def test_what_is_wrong_becomes_a_sentence(text: str, words: str) -> None:
    assert words in " ".join(read_invitation(text, BERLIN).problems)


def test_a_method_inside_of_an_event_is_none() -> None:
    assert read_invitation(ics(method="", more="METHOD:CANCEL"), BERLIN).method == ""


@pytest.mark.parametrize("answer", ["accepted", "declined", "tentative"])
def test_a_reply_has_exactly_the_owner_and_the_organizers_own_values(answer: str) -> None:
    invitation = read_invitation(
        ics(sequence=4, more="RECURRENCE-ID:20261126T100000Z\nATTENDEE:mailto:carla@nordwind.example\nX-SECRET:1"), BERLIN
    )
    text = reply(invitation, ME, answer, "See you; bring cake", NOW)  # type: ignore[arg-type]
    (block,) = read_block(text).blocks("VEVENT")
    assert [line.raw for line in block.lines] == [
        "UID:review-1",
        "ORGANIZER;CN=Tom Krüger:mailto:tom@nordwind.example",
        "RECURRENCE-ID:20261126T100000Z",
        "SEQUENCE:4",
        "DTSTART:20261126T100000Z",
        "DTEND:20261126T110000Z",
        "SUMMARY:Review",
        "LOCATION:Room 4",
        f"ATTENDEE;CN=Anna;PARTSTAT={answer.upper()}:mailto:anna@berger.example",
        "DTSTAMP:20261120T090000Z",
        "COMMENT:See you\\; bring cake",
    ]
    assert "METHOD:REPLY" in text
    assert answer_of(text) == ("review-1", "20261126T100000Z", answer)


def test_a_reply_takes_the_definitions_of_its_zones_along() -> None:
    given = "UID:z\nORGANIZER:mailto:tom@nordwind.example\nDTSTART;TZID=Office:20261126T100000"
    text = wrapped("METHOD:REQUEST", CUSTOM_ZONE, event(given)).decode()
    assert "TZID:Office" in reply(read_invitation(text, BERLIN), ME, "accepted", "", NOW)


def test_a_counter_proposes_other_times_in_the_invitations_zone() -> None:
    start = dt.datetime(2026, 11, 27, 15, tzinfo=BERLIN)
    zoned = ics(start="20261126T110000", end="20261126T120000").replace("DTSTART:", "DTSTART;TZID=Europe/Berlin:")
    text = counter(read_invitation(zoned, BERLIN), ME, start, start + dt.timedelta(hours=1), "", NOW)
    assert "METHOD:COUNTER" in text
    assert "DTSTART;TZID=Europe/Berlin:20261127T150000" in text
    assert "DTEND;TZID=Europe/Berlin:20261127T160000" in text
    assert "PARTSTAT=TENTATIVE" in text
    assert text.count("DTSTART") == 1
    assert read_invitation(text, BERLIN).start == start


@pytest.mark.parametrize("text", [ics(uid=""), ics(organizer=""), ics(uid="u" * 5_000), "", ics() + ics()])
def test_what_cannot_be_answered_is_refused(text: str) -> None:
    with pytest.raises(EditError):
        reply(read_invitation(text, BERLIN), ME, "accepted", "", NOW)


def test_what_is_kept_of_an_invitation_has_no_method_and_no_alarm_of_its_author() -> None:
    text = stored(read_invitation(ics(more="BEGIN:VALARM\nACTION:EMAIL\nEND:VALARM\nX-MORE:1"), BERLIN))
    assert "METHOD" not in text
    assert "VALARM" not in text
    assert "X-MORE:1" in text


def test_an_invitation_with_more_than_an_event_is_not_kept() -> None:
    text = ics().replace("END:VCALENDAR", "BEGIN:VTODO\r\nUID:x\r\nEND:VTODO\r\nEND:VCALENDAR")
    with pytest.raises(EditError, match="more than an event"):
        stored(read_invitation(text, BERLIN))


def test_a_newer_override_takes_its_place_beside_the_series() -> None:
    series = ics(method="", more="RRULE:FREQ=DAILY;COUNT=5\nBEGIN:VALARM\nEND:VALARM")
    one = ics(start="20261127T150000Z", end="20261127T160000Z", more="RECURRENCE-ID:20261127T100000Z")
    both = merged(series, stored(read_invitation(one, BERLIN)))
    assert both.count("BEGIN:VEVENT") == 2
    again = merged(both, stored(read_invitation(one.replace("Room 4", "Room 5"), BERLIN)))
    assert again.count("BEGIN:VEVENT") == 2
    assert ("Room 5" in again, "RRULE" in again, "VALARM" in again) == (True, True, True)


def test_a_zone_that_a_newer_invitation_brings_is_added_once() -> None:
    newer = wrapped(CUSTOM_ZONE, event("UID:review-1\nDTSTART;TZID=Office:20261126T100000")).decode()
    once = merged(ics(method=""), newer)
    assert merged(once, newer).count("BEGIN:VTIMEZONE") == once.count("BEGIN:VTIMEZONE") == 1


_HOSTILE = st.text(st.one_of(st.characters(blacklist_categories=["Cs"]), st.sampled_from('\r\n;:,"\\^=<>@')), max_size=60)


@settings(max_examples=60, deadline=None)
@given(_HOSTILE, _HOSTILE, _HOSTILE, _HOSTILE)
def test_nothing_in_an_invitation_reaches_another_property_or_component_of_the_answer(
    uid: str, name: str, summary: str, comment: str
) -> None:
    text = ics(uid=f"u{uid}", organizer=f"ORGANIZER;CN={name}:mailto:tom@nordwind.example", more=f"SUMMARY:{summary}")
    invitation = read_invitation(text, BERLIN)
    try:
        answer = reply(invitation, ME, "accepted", comment, NOW)
    except EditError:
        return
    calendar = read_block(answer)
    (block,) = calendar.blocks("VEVENT")
    assert len(block.all("ATTENDEE")) == len(block.all("ORGANIZER")) == len(block.all("UID")) == 1
    known = {"UID", "ORGANIZER", "RECURRENCE-ID", "SEQUENCE", "DTSTART", "DTEND", "DURATION", "SUMMARY", "LOCATION"}
    assert {line.name for line in block.lines} <= known | {"ATTENDEE", "DTSTAMP", "COMMENT"}
    assert [each.name for each in calendar.body if not hasattr(each, "raw")] == ["VEVENT"]
