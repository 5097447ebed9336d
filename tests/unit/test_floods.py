"""Floods: what one sender's words or one run brought in heaps is one line, and the gate lets no run go on for ever."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import card_case as case
import pytest
from hypothesis import given
from hypothesis import strategies as st

from butler.core import payloads as p
from butler.core.actions import Action, Kept, Taint
from butler.core.errors import ButlerError
from butler.core.floods import OF_ONE, OF_RUN, Waits, floods
from butler.core.notices import Manners, due, message
from butler.core.policy import Policy
from butler.gate import MOST_OF_RUN, Gate
from butler.store.outbox import MOST_ALTERNATIVES
from butler.store.truth import Truth

DRAFT = p.MailDraft(letter=case.LETTER)


@pytest.fixture
def truth(tmp_path: Path) -> Iterator[Truth]:
    found = Truth.open(tmp_path / "butler.db")
    yield found
    found.close()


def gate(truth: Truth) -> Gate:
    return Gate(truth.outbox, Policy(), lambda: case.NOW)


def propose(truth: Truth, number: int, by: str, run: str = "run-1", **more: object) -> Kept:
    taint = (Taint(f"mail:home/{number}", by),)
    action = Action(DRAFT, "It asks.", f"k{number}", (f"mail:home/{number}",), taint, workflow="triage", run=run)
    return gate(truth).propose(replace(action, **more))  # type: ignore[arg-type]


def waits(numbers: range, by: str = "", run: str = "r", kind: str = "mail.draft", source: str = "") -> list[Waits]:
    return [Waits(number, kind, run, source, by and by.format(number)) for number in numbers]


def test_a_few_of_one_sender_or_of_one_run_are_no_flood() -> None:
    assert floods(waits(range(OF_ONE), by="a@x.example")) == []
    assert floods(waits(range(OF_RUN), by="{}@x.example")) == []


def test_more_of_one_sender_are_one_whatever_the_run() -> None:
    mixed = [one for run in range(3) for one in waits(range(run * 10, run * 10 + 10), by="a@x.example", run=f"r{run}")]
    (found,) = floods([*mixed, *waits(range(100, 105), by="b@x.example")])
    assert (found.kind, found.by, len(found.ids), found.ids[0]) == ("mail.draft", "a@x.example", 30, 29)
    assert found.sentence == "30 at once that rest on what a@x.example wrote"


def test_more_of_one_run_are_one_whoever_wrote() -> None:
    (found,) = floods(waits(range(OF_RUN + 1), by="{}@x.example"))
    assert found.sentence == f"{OF_RUN + 1} at once from one run, resting on what {OF_RUN + 1} others wrote"
    kinds = [*waits(range(15), by="{}@x.example"), *waits(range(20, 35), by="{}@x.example", kind="calendar.respond")]
    assert floods(kinds) == []


def test_answers_to_choose_from_count_as_one() -> None:
    starts = range(0, 24, 3)
    choices = [one for start in starts for one in waits(range(start, start + 3), by="a@x.example", source=f"mail:home/{start}")]
    assert len(choices) > OF_ONE
    assert floods(choices) == []


WAITS = st.builds(
    Waits,
    id=st.integers(1, 500),
    kind=st.sampled_from(["mail.draft", "file.append"]),
    run=st.sampled_from(["", "r", "s"]),
    by=st.sampled_from(["", "x", "y"]),
)


@given(st.lists(WAITS, max_size=80, unique_by=lambda one: one.id))
def test_no_action_is_in_two_floods_and_none_is_lost(waiting: list[Waits]) -> None:
    found = floods(waiting)
    ids = [number for flood in found for number in flood.ids]
    assert len(ids) == len(set(ids))
    assert set(ids) <= {one.id for one in waiting}
    assert all(len(flood.ids) > OF_ONE for flood in found)


def test_the_store_finds_them_and_lists_the_rest(truth: Truth) -> None:
    for number in range(1, 13):
        propose(truth, number, "a@x.example")
    calm = propose(truth, 13, "tom@nordwind.example")
    (found,) = truth.waiting.floods()
    assert (found.by, found.ids) == ("a@x.example", tuple(range(12, 0, -1)))
    assert truth.waiting.floods("another account") == []
    assert [kept.id for kept in truth.waiting.needs(case.NOW, without=found.ids)] == [calm.id]
    assert [kept.id for kept in truth.outbox.find(without=found.ids, limit=5)] == [calm.id]
    assert len(truth.waiting.needs(case.NOW, limit=50)) == 13


def test_a_notice_of_a_hundred_is_one_line(truth: Truth) -> None:
    for number in range(1, 101):
        propose(truth, number, f"{number}@x.example")
    truth.notices.look(case.NOW)
    later = case.NOW + dt.timedelta(minutes=5)
    told = message(due(truth.notices.waiting(), Manners(), later), Manners())
    assert told.count("\n") == 0
    assert told.startswith("100 actions wait for your decision (100 mail.draft): ")
    assert len(told) < 400


def test_alternatives_to_one_another_come_to_an_end(truth: Truth) -> None:
    kept = [
        propose(truth, number, "a@x.example", sources=("mail:home/1",), group="g") for number in range(1, MOST_ALTERNATIVES + 5)
    ]
    assert truth.outbox.count() == MOST_ALTERNATIVES
    assert {one.id for one in kept} == set(range(1, MOST_ALTERNATIVES + 1))


def test_a_run_that_never_ends_to_propose_is_ended(truth: Truth, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MOST_OF_RUN >= 1000
    monkeypatch.setattr("butler.gate.MOST_OF_RUN", 5)
    for number in range(5):
        propose(truth, number, "a@x.example")
    with pytest.raises(ButlerError, match="may put no more"):
        propose(truth, 6, "a@x.example")
    assert propose(truth, 1, "a@x.example").id == 2
    assert propose(truth, 7, "a@x.example", run="run-2").id == 6
