"""The lane's queue alone: equal work has one place, however much waits and however often it is asked for."""

from collections.abc import Sequence
from datetime import UTC, datetime

from butler.children import Child
from butler.core.jobs import Outcome
from butler.core.requests import Priority, Request
from butler.core.turns import Conditions
from butler.lane import Errand, Lane

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Nothing:
    """A ledger for a lane that runs nothing."""

    async def begin(self, requests: Sequence[Request]) -> bool:
        return not requests

    async def end(self, requests: Sequence[Request], outcome: Outcome, note: str) -> None:
        return

    async def give_up(self, workflow: str, sentence: str) -> None:
        return


async def fair(_: bool) -> Conditions:
    return Conditions(NOON)


def unused(errand: Errand) -> Child:
    raise AssertionError(errand)


def lane() -> Lane:
    return Lane(Nothing(), unused, fair, lambda: NOON, lambda *_: None, 60.0)


class Subject(str):
    """Counts how often one is compared with another."""

    __slots__ = ()
    compared = 0

    def __eq__(self, other: object) -> bool:
        Subject.compared += 1
        return str.__eq__(self, other)

    __hash__ = str.__hash__


def test_all_that_waits_can_be_asked_for_again_without_being_compared_with_each_other() -> None:
    queue = lane()
    for _ in range(2):
        for number in range(1000):
            slot = f"d{number}"
            queue.add(Request("documents", "file", Priority.TRIGGER, Subject(slot), "documents", slot), [])
    assert len(queue.waiting) == 1000
    assert Subject.compared < 10_000


def test_equal_work_shares_a_place_and_what_was_given_up_does_not() -> None:
    queue = lane()
    one = queue.add(Request("triage", "mail", subject="a", job="triage"), [])
    assert queue.add(Request("triage", "schedule", subject="a", job="nightly"), []) is one
    assert [each.job for each in one.answers] == ["triage", "nightly"]
    queue.cancel(one)
    other = queue.add(Request("triage", "mail", subject="a", job="triage"), [])
    assert other is not one
    assert queue.add(Request("triage", "mail", subject="a", job="triage"), []) is other
    asked = Request("triage", "person", Priority.PERSON, "a")
    assert queue.add(asked, []) is not queue.add(asked, [])
