"""Whose turn it is, and what comes of a run that ended."""

from datetime import UTC, datetime, time, timedelta

import pytest

from butler.core.policy import Hours
from butler.core.requests import Priority, Request
from butler.core.turns import Conditions, Verdict, Waiting, gives_way, next_of, verdict, why_waiting, work_of

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
NIGHT = (Hours(time(23), time(6)),)
BUSY = "waits until 13:00"


def waiting(number: int, priority: Priority, seconds: int = 0, *, model: bool = False, **more: object) -> Waiting:
    request = Request(f"w{number}", "test", priority, model=model)
    since = NOON - timedelta(seconds=seconds)
    return Waiting(number, request, since, **more)  # type: ignore[arg-type]


PERSON, TRIGGER, BACKLOG = (waiting(number, priority) for number, priority in enumerate(Priority))


def test_a_person_goes_before_a_trigger_and_that_before_a_backlog() -> None:
    order, left = [], [BACKLOG, TRIGGER, PERSON]
    while chosen := next_of(left, Conditions(NOON)):
        left.remove(chosen)
        order.append(chosen)
    assert order == [PERSON, TRIGGER, BACKLOG]


def test_triggers_go_oldest_first_and_a_backlog_newest_first() -> None:
    old, new = waiting(1, Priority.TRIGGER, 60), waiting(2, Priority.TRIGGER, 1)
    assert next_of([new, old], Conditions(NOON)) == old
    old, new = waiting(1, Priority.BACKLOG, 60), waiting(2, Priority.BACKLOG, 1)
    assert next_of([old, new], Conditions(NOON)) == new


def test_a_busy_model_holds_what_needs_it_but_no_person() -> None:
    asks = waiting(1, Priority.TRIGGER, 60, model=True)
    assert why_waiting(asks, Conditions(NOON, BUSY)) == BUSY
    assert next_of([asks, TRIGGER], Conditions(NOON, BUSY)) == TRIGGER
    assert why_waiting(waiting(2, Priority.PERSON, model=True), Conditions(NOON, BUSY)) == ""


def test_a_backlog_waits_for_its_hours() -> None:
    assert why_waiting(BACKLOG, Conditions(NOON, backlog=NIGHT)) == "waits for the night"
    assert why_waiting(BACKLOG, Conditions(NOON.replace(hour=2), backlog=NIGHT)) == ""
    assert why_waiting(TRIGGER, Conditions(NOON, backlog=NIGHT)) == ""


def test_what_was_put_off_waits_until_then() -> None:
    later = waiting(1, Priority.PERSON, not_before=NOON + timedelta(seconds=5))
    assert why_waiting(later, Conditions(NOON)) == "tried again at 12:00:05"
    assert why_waiting(later, Conditions(NOON + timedelta(seconds=5))) == ""


def test_only_a_backlog_gives_way_and_only_for_a_person_or_when_its_time_is_over() -> None:
    conditions = Conditions(NOON)
    assert gives_way(BACKLOG.request, [TRIGGER, PERSON], conditions)
    assert not gives_way(BACKLOG.request, [TRIGGER], conditions)
    assert not gives_way(TRIGGER.request, [PERSON], conditions)
    assert gives_way(BACKLOG.request, [], Conditions(NOON, backlog=NIGHT))
    later = waiting(9, Priority.PERSON, not_before=NOON + timedelta(seconds=5))
    assert not gives_way(BACKLOG.request, [later], conditions)


def test_equal_work_is_done_once_but_each_person_is_answered() -> None:
    one = Request("triage", "mail:home/INBOX", subject="a")
    assert work_of(one) == work_of(Request("triage", "schedule", subject="a", job="triage"))
    assert work_of(one) != work_of(Request("triage", "mail:home/INBOX", subject="b"))
    # A trigger that joined what waits for the night would wait as long.
    assert work_of(one) != work_of(Request("triage", "night", Priority.BACKLOG, "a"))
    assert work_of(Request("triage", "person", Priority.PERSON, "a")) is None


@pytest.mark.parametrize(
    ("code", "each", "expected"),
    [
        (0, TRIGGER, Verdict("ran")),
        (1, TRIGGER, Verdict("failed")),
        (69, TRIGGER, Verdict("failed")),
        (75, TRIGGER, Verdict("put off", NOON + timedelta(seconds=5))),
        (75, waiting(1, Priority.TRIGGER, 7 * 3600), Verdict("failed")),
        (-9, TRIGGER, Verdict("put off", NOON + timedelta(seconds=2))),
        (-9, waiting(1, Priority.TRIGGER, deaths=2), Verdict("failed")),
    ],
)
def test_an_exit_code_is_judged(code: int, each: Waiting, expected: Verdict) -> None:
    assert verdict(code, each, NOON) == expected
