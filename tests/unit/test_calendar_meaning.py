"""What counts as the same object, what a server rewrote, and what the owner asked for over an object that changed."""

from __future__ import annotations

import datetime as dt

import pytest
from ical_text import event, todo, wrapped

from butler.core import payloads as p
from butler.core.effects import PutObject, Seen
from tools.calendar import TOOL
from tools.calendar.editing import answer_in, answered, cancelled, updated
from tools.calendar.hands import new_key
from tools.calendar.meaning import differences, same
from tools.calendar.tasks import completed, new_task

NOW = dt.datetime(2026, 11, 20, 9, tzinfo=dt.UTC)
ME = "anna@berger.example"
BODY = (
    "DTSTART;TZID=Europe/Berlin:20261103T090000\nDTEND;TZID=Europe/Berlin:20261103T100000\nRRULE:FREQ=WEEKLY;BYDAY=TU;COUNT=6\n"
    "SUMMARY:Standup\nORGANIZER:mailto:tom@nordwind.example\nATTENDEE;CN=Anna:mailto:anna@berger.example\n"
)


def text(body: str = BODY) -> str:
    return wrapped(event(body)).decode()


@pytest.mark.parametrize(
    "other",
    [
        text().replace("\r\n", "\n"),
        text(BODY + "X-SERVER:1\nCREATED:20261101T000000Z\nDTSTAMP:20261102T000000Z\n"),
        text("\n".join(reversed(BODY.strip().split("\n")))),
        text(BODY.replace("RRULE:FREQ=WEEKLY;BYDAY=TU;COUNT=6", "RRULE:COUNT=6;FREQ=WEEKLY;BYDAY=TU")),
        text(BODY.replace("DTEND;TZID=Europe/Berlin:20261103T100000", "DURATION:PT1H")),
        text(BODY.replace("DTSTART;TZID=Europe/Berlin:20261103T090000", "DTSTART:20261103T080000Z")),
        text(BODY.replace("ATTENDEE;CN=Anna:", "ATTENDEE;PARTSTAT=NEEDS-ACTION;CUTYPE=INDIVIDUAL:")),
        text(BODY + "TRANSP:OPAQUE\n"),
    ],
)
def test_a_rewriting_without_another_meaning_is_the_same(other: str) -> None:
    assert same(text(), other)


@pytest.mark.parametrize(
    "other",
    [
        text(BODY.replace("Standup", "Standdown")),
        text(BODY.replace("T090000", "T093000")),
        text(BODY.replace("T100000", "T103000")),
        text(BODY.replace("COUNT=6", "COUNT=7")),
        text(BODY.replace("CN=Anna", "PARTSTAT=ACCEPTED")),
        text(BODY + "EXDATE;TZID=Europe/Berlin:20261110T090000\n"),
        text(BODY + "TRANSP:TRANSPARENT\n"),
        text(BODY + "STATUS:CANCELLED\n"),
        text(BODY + "COMMENT:I come\n"),
        answered(text(), ME, "needs-action", "20261110T080000Z", now=NOW),  # type: ignore[arg-type]
        "rubbish",
        "",
    ],
)
def test_another_meaning_is_not_the_same(other: str) -> None:
    assert not same(text(), other)
    assert not same(other, text())


def test_what_a_server_rewrote_is_named() -> None:
    other = text(BODY.replace("CN=Anna", "CN=Anna;SCHEDULE-STATUS=1.2") + "X-SERVER:1\nDTSTAMP:20261102T000000Z\n")
    assert differences(text(), other) == ["ATTENDEE", "X-SERVER"]
    assert differences(text(), text()) == []
    assert differences(text(), "rubbish") == ["all of it"]


def test_names_of_new_objects_are_safe_and_differ() -> None:
    assert new_key("a-1@host") == "a-1@host.ics"
    names = [new_key(uid) for uid in ("a/b", "a?b", "a-b", "A-B", "a b", "", "..", "ü" * 200, "x" * 300)]
    assert len(set(names)) == len(names)
    assert all(name.isascii() and "/" not in name and not name.startswith(".") and len(name) < 110 for name in names)


def seen(current: str) -> Seen:
    return Seen(state="changed", current=current, etag='"2"', key="k.ics")


def change(before: str, after: str) -> p.CalendarChange:
    return p.CalendarChange(account="family", calendar="family", uid="u", key="k.ics", etag='"1"', before=before, after=after)


def renew(payload: p.Payload, current: str, state: Seen | None = None) -> p.Payload | None:
    effect = PutObject(account="family", calendar="family", uid="u", after="x")
    return TOOL.renewed(payload, effect, state or seen(current))


CURRENT = text(BODY + "LOCATION:Room 5\nX-NEW:1\n")


def test_an_answer_is_given_over_what_changed() -> None:
    payload = p.CalendarRespond(
        answer="accepted", attendee=ME, change=change(text(), answered(text(), ME, "accepted", now=NOW))
    )
    found = renew(payload, CURRENT)
    assert isinstance(found, p.CalendarRespond)
    assert found.change is not None
    assert (found.change.before, found.change.etag, found.change.key) == (CURRENT, '"2"', "k.ics")
    assert answer_in(found.change.after, {ME}) == "accepted"
    assert "Room 5" in found.change.after
    assert renew(payload, CURRENT) == found


def test_an_answer_to_an_event_that_was_moved_is_not_given_by_itself() -> None:
    payload = p.CalendarRespond(
        answer="accepted", attendee=ME, change=change(text(), answered(text(), ME, "accepted", now=NOW))
    )
    assert renew(payload, text(BODY.replace("T090000", "T083000"))) is None


def test_fields_a_cancellation_and_a_completion_are_asked_for_again() -> None:
    fields = p.EventFields(summary="Other")
    update = p.CalendarUpdate(change=change(text(), updated(text(), fields, now=NOW)), fields=fields)
    found = renew(update, CURRENT)
    assert isinstance(found, p.CalendarUpdate)
    assert ("SUMMARY:Other" in found.change.after, "Room 5" in found.change.after) == (True, True)
    name = "20261110T080000Z"
    cancel = p.CalendarCancel(
        change=change(text(), cancelled(text(), "this", name, now=NOW, owner=("tom@nordwind.example",))),
        scope="this",
        recurrence_id=name,
    )
    gone = renew(cancel, CURRENT)
    assert isinstance(gone, p.CalendarCancel)
    assert ("EXDATE" in gone.change.after, "Room 5" in gone.change.after, "SEQUENCE:1" in gone.change.after) == (
        True,
        True,
        True,
    )
    task = new_task("u", "Pay", None, "", NOW)
    done = renew(p.TaskComplete(change=change(task, completed(task, "u", NOW)), at=NOW), task + "")
    assert isinstance(done, p.TaskComplete)
    assert "STATUS:COMPLETED" in done.change.after


def test_what_cannot_be_asked_for_again_is_none() -> None:
    fields = p.EventFields(summary="Other")
    update = p.CalendarUpdate(change=change(text(), updated(text(), fields, now=NOW)), fields=fields)
    assert renew(update, "rubbish") is None
    assert renew(update, "", Seen(state="gone")) is None
    assert renew(p.CalendarCreate(change=change("", text())), CURRENT) is None
    assert renew(p.TaskComplete(change=change("", wrapped(todo("", "u")).decode()), at=NOW), CURRENT) is None
    assert renew(p.Undo(of=1, effects=()), CURRENT) is None
