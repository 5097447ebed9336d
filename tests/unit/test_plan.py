"""The sync's decisions, without a source or a mirror."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from memory_source import NOON, raw_mail, raw_note, raw_object

from butler.core.calendar import CalendarObject
from butler.core.errors import SourceError
from butler.core.mail import Message, RawMail, RawPart
from butler.core.notes import Note
from butler.core.sources import Collection, Frame, Raw, SourceState
from butler.plan import Plan, SuddenEmptyError, covering, fingerprint, frame_for, is_sudden, judge_state, plan, stand_in

A, B, C = Collection("a", "1"), Collection("b", "2"), Collection("c", "")


def test_what_is_new_or_changed_or_without_a_token_is_read_and_what_vanished_is_dropped() -> None:
    assert plan([A, B, C], {"a": "1", "b": "1", "c": "", "d": "4"}) == Plan([B, C], ["d"])
    assert plan([A], {}) == Plan([A], [])
    assert plan([], {}) == Plan([], [])


def test_a_collection_that_was_never_read_to_its_end_is_read_on() -> None:
    assert plan([A], {"a": ""}) == Plan([A], [])


@pytest.mark.parametrize(("had", "left", "sudden"), [(10, 0, True), (9, 0, False), (10, 1, False), (0, 0, False)])
def test_losing_many_things_at_once_is_sudden(had: int, left: int, sudden: bool) -> None:
    assert is_sudden(had, left) is sudden


def test_the_state_of_a_source_follows_from_its_errors_and_its_past() -> None:
    before = NOON - timedelta(1)
    error = SourceError("It is down.", advice="Start it.")
    assert judge_state("home", "mail", [], NOON, before) == SourceState("home", "mail", "fresh", NOON)
    assert judge_state("home", "mail", [error], NOON, before) == SourceState(
        "home", "mail", "stale", before, "It is down. Start it."
    )
    assert judge_state("home", "mail", [error, error], NOON, None).state == "failed"


def test_the_frame_reaches_from_last_month_to_next_year() -> None:
    assert frame_for(date(2026, 11, 24), "UTC", 5) == Frame("UTC", date(2026, 10, 24), date(2027, 12, 29), 5)


def test_a_refusal_says_how_to_allow_it() -> None:
    assert "mail.home" in str(SuddenEmptyError("mail", "home"))
    assert "butler sync --allow-empty" in str(SuddenEmptyError("mail", "home"))


@pytest.mark.parametrize(
    ("raw", "kind"), [(raw_mail("k", "a@x"), Message), (raw_object("k"), CalendarObject), (raw_note("k", "Text"), Note)]
)
def test_what_cannot_be_parsed_is_stood_in_for_by_something_that_says_so(raw: Raw, kind: type) -> None:
    parsed = stand_in(raw)
    assert isinstance(parsed, kind)
    assert (parsed.key, len(parsed.problems)) == ("k", 1)


def test_a_fingerprint_changes_with_whatever_is_parsed() -> None:
    parts = (RawPart("text/plain", "utf-8", "8bit", b"text"),)
    mails = [
        RawMail("1", frozenset(), 0, 0, b"header", parts),
        RawMail("1", frozenset(), 0, 0, b"headers", parts),
        RawMail("1", frozenset(), 0, 0, b"header", (*parts, *parts)),
        RawMail("1", frozenset(), 0, 0, whole=b"whole"),
    ]
    assert len({fingerprint(mail) for mail in mails}) == 4
    assert fingerprint(mails[0]) == fingerprint(RawMail("2", frozenset({"\\seen"}), 1, 1, b"header", parts))
    assert fingerprint(raw_note("k", "Text")) != fingerprint(raw_note("k", "Other"))


@pytest.mark.parametrize(
    ("days", "state"), [(0, "fresh"), (-31, "fresh"), (-32, "stale"), (397, "fresh"), (398, "stale"), (9999, "stale")]
)
def test_calendars_are_stale_for_days_whose_events_are_not_mirrored(days: int, state: str) -> None:
    frame = frame_for(NOON.date(), "Europe/Berlin")
    states = [SourceState("home", "mail", "fresh", NOON), SourceState("work", "calendar", "fresh", NOON)]
    mail, calendar = covering(states, NOON.date() + timedelta(days), frame)
    assert mail == states[0]
    assert calendar.state == state
    assert (calendar.error is None) is (state == "fresh")


def test_a_calendar_that_failed_stays_failed_whatever_the_day() -> None:
    failed = SourceState("work", "calendar", "failed", None, "It is down.")
    assert covering([failed], date(1, 1, 1), frame_for(NOON.date(), "UTC")) == [failed]
