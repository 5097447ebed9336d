"""Which events are prepared: in time, once for each occurrence, over days that change their length, and only as wished."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from butler.core.calendar import Answer, Attendee, Occurrence, Placed
from butler.core.jobs import Job, On, slot_of, subject_of
from butler.core.refs import event_ref
from butler.core.requests import Request
from butler.core.upcoming import EventWish, due_meetings
from butler.store.truth import Truth

BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 11, 25, 12, tzinfo=BERLIN)
MEETING = Job("meeting", "meeting", On("event", 30), model=True)
ANNA, BEN = "anna@berger.example", "ben@nordwind.example"
WISH = EventWish(frozenset({ANNA}))
ALL = EventWish(frozenset({ANNA}), ())
MINUTE = timedelta(minutes=1)


def person(address: str, answer: Answer = "accepted") -> Attendee:
    return Attendee("", address, answer)


def event(uid: str = "a", start: datetime | date = NOON, recurrence: str = "", **fields: object) -> Placed:
    values: dict[str, object] = {"attendees": (person(BEN),)} | fields
    end = start + timedelta(hours=1)
    occurrence = Occurrence(uid, recurrence, "Talk", start, end, **values)  # type: ignore[arg-type]
    return Placed(event_ref("family", uid, recurrence), "family", occurrence)


def due(now: datetime, *events: Placed, wish: EventWish = WISH, prepared: Sequence[tuple[str, str]] = ()) -> list[str]:
    return [request.subject for request in due_meetings(events, prepared, now, MEETING, wish)]


@pytest.mark.parametrize(("before", "expected"), [(31, False), (30, True), (29, True), (1, True), (0, False), (-1, False)])
def test_an_event_is_prepared_from_its_minutes_before_until_it_begins(before: int, expected: bool) -> None:
    assert bool(due(NOON - before * MINUTE, event())) == expected


def test_the_request_names_the_occurrence_and_its_day() -> None:
    (request,) = due_meetings([event(recurrence="20261125T110000Z")], (), NOON - MINUTE, MEETING, WISH)
    ref = "event:family/a/20261125T110000Z"
    assert request == Request("meeting", ref, subject=ref, job="meeting", slot=f"{ref} @20261125", model=True)


def test_the_earliest_event_comes_first_and_each_once() -> None:
    events = [event("b", NOON + 9 * MINUTE), event("a", NOON + MINUTE), event("b", NOON + 9 * MINUTE)]
    assert due(NOON, *events) == ["event:family/a", "event:family/b"]


@pytest.mark.parametrize(
    ("start", "due_at"),
    [
        # The hour from two to three is left out in spring, and comes twice in autumn.
        (datetime(2026, 3, 29, 3, 15, tzinfo=BERLIN), datetime(2026, 3, 29, 0, 45, tzinfo=UTC)),
        (datetime(2026, 3, 29, 1, 45, tzinfo=BERLIN), datetime(2026, 3, 29, 0, 15, tzinfo=UTC)),
        (datetime(2026, 10, 25, 2, 15, tzinfo=BERLIN), datetime(2026, 10, 24, 23, 45, tzinfo=UTC)),
        (datetime(2026, 10, 25, 2, 15, tzinfo=BERLIN, fold=1), datetime(2026, 10, 25, 0, 45, tzinfo=UTC)),
        (datetime(2026, 10, 25, 3, 0, tzinfo=BERLIN), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
    ],
)
def test_minutes_are_real_ones_on_days_that_change(start: datetime, due_at: datetime) -> None:
    for zone in (UTC, BERLIN, ZoneInfo("Pacific/Kiritimati")):
        assert due(due_at.astimezone(zone), event(start=start))
        assert not due((due_at - timedelta(seconds=1)).astimezone(zone), event(start=start))


def test_days_cancelled_and_declined_ones_are_left_out() -> None:
    declined = event(attendees=(person(BEN), person(ANNA, "declined")))
    assert due(NOON - MINUTE, event(status="cancelled"), declined, event(start=date(2026, 11, 25)), wish=ALL) == []


@pytest.mark.parametrize(
    ("fields", "wish", "expected"),
    [
        ({}, WISH, True),
        ({"attendees": ()}, WISH, False),
        ({"attendees": (person(ANNA),)}, WISH, False),
        ({"attendees": (), "organizer": person(BEN)}, WISH, True),
        ({"attendees": (), "organizer": person(ANNA)}, WISH, False),
        ({"attendees": ()}, ALL, True),
        ({"attendees": (), "location": "Town hall"}, WISH, False),
        ({"attendees": (), "location": "Town hall"}, EventWish(WISH.addresses, ("place",)), True),
        ({"attendees": (), "location": " "}, EventWish(WISH.addresses, ("place",)), False),
        ({"attendees": (), "location": "Town hall"}, EventWish(WISH.addresses, ("others", "place")), True),
        ({}, EventWish(WISH.addresses, ("others", "place")), True),
        ({}, EventWish(WISH.addresses, (), ("family",)), True),
        ({}, EventWish(WISH.addresses, (), ("work",)), False),
    ],
)
def test_only_events_as_wished_are_prepared(fields: dict[str, object], wish: EventWish, expected: bool) -> None:
    assert bool(due(NOON - MINUTE, event(**fields), wish=wish)) == expected  # type: ignore[arg-type]


def test_an_event_is_prepared_again_only_when_it_is_moved_to_another_day() -> None:
    (first,) = due_meetings([event()], (), NOON - MINUTE, MEETING, WISH)
    prepared = [(first.job, first.slot)]
    assert due(NOON - MINUTE, event(), prepared=prepared) == []
    assert due(NOON + 10 * MINUTE, event(start=NOON + 30 * MINUTE), prepared=prepared) == []
    tomorrow = NOON + timedelta(days=1)
    assert due(tomorrow - MINUTE, event(start=tomorrow), prepared=prepared) == ["event:family/a"]
    assert due(NOON - MINUTE, event(), prepared=[("another", first.slot)]) == ["event:family/a"]


def test_after_a_restart_the_store_knows_what_was_asked_for(tmp_path: Path) -> None:
    for number in range(3):
        truth = Truth.open(tmp_path / "butler.db")
        new = [
            truth.jobs.arrive(request.job, request.slot, NOON)
            for request in due_meetings([event("a"), event("b")], (), NOON - (9 - number) * MINUTE, MEETING, WISH)
        ]
        truth.close()
        assert new == [number == 0] * 2


@given(st.integers(0, 2 * 365 * 24 * 60), st.integers(1, 1440))
def test_looked_at_every_minute_an_event_is_asked_for_once(minute: int, before: int) -> None:
    start = (datetime(2026, 1, 1, tzinfo=UTC) + minute * MINUTE).astimezone(BERLIN)
    job = Job("meeting", "meeting", On("event", before))
    asked: list[Request] = []
    moment = start.astimezone(UTC) - (before + 2) * MINUTE
    for _ in range(4):
        asked += due_meetings([event(start=start)], {(each.job, each.slot) for each in asked}, moment, job, WISH)
        moment += MINUTE
    assert len(asked) == 1


@given(st.text(max_size=20), st.integers(0))
def test_a_slot_tells_its_subject(subject: str, version: int) -> None:
    assert subject_of(slot_of(subject, f"{version:x}")) == subject
    assert subject_of("event:family/a") == "event:family/a"
