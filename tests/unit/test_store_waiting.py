"""The order of need, the counts, and what was decided last, from a database of actions."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import card_case as case
import pytest

from butler.core import payloads as p
from butler.core.actions import Action
from butler.core.policy import Policy
from butler.gate import Gate
from butler.store.truth import Truth
from butler.store.waiting import SOON, Tally

DRAFT = p.MailDraft(letter=case.LETTER)
NOTE = p.FileWrite(root="notes", path="a.md", content="x")
TASK = p.TaskCreate(change=p.CalendarChange(account="tasks", calendar="t", uid="u", after="x"))
SENT = p.MailSend(letter=case.LETTER)


@pytest.fixture
def truth(tmp_path: Path) -> Iterator[Truth]:
    found = Truth.open(tmp_path / "butler.db")
    yield found
    found.close()


def add(truth: Truth, payload: p.Payload, workflow: str = "", expires: dt.timedelta | None = None) -> int:
    number = truth.outbox.count() + 1
    when = case.NOW + expires if expires else None
    return truth.outbox.add(Action(payload, "why", f"k{number}", workflow=workflow, expires=when), case.NOW).id


def test_need_is_what_ends_soon_then_whom_somebody_waits_for_then_calendars_then_the_rest_and_then_the_newest(
    truth: Truth,
) -> None:
    later = SOON + dt.timedelta(seconds=1)
    for payload, expires in (
        *((NOTE, None), (TASK, later), (DRAFT, later), (SENT, None), (TASK, None)),
        *((NOTE, SOON), (TASK, dt.timedelta(hours=1)), (NOTE, None)),
    ):
        add(truth, payload, expires=expires)
    order = [7, 6, 4, 3, 5, 2, 8, 1]
    assert [kept.id for kept in truth.waiting.needs(case.NOW)] == order
    assert [kept.id for kept in truth.waiting.needs(case.NOW, limit=3, skip=2)] == order[2:5]
    assert [kept.id for kept in truth.waiting.needs(case.NOW, kind="task.create")] == [7, 5, 2]
    assert [kept.id for kept in truth.waiting.needs(case.NOW, account="home")] == [4, 3]


def test_what_is_held_is_counted_by_kind_account_and_workflow(truth: Truth) -> None:
    add(truth, DRAFT, "draft_reply")
    add(truth, DRAFT, "draft_reply")
    add(truth, DRAFT)
    number = add(truth, NOTE, "documents")
    assert truth.waiting.tallies() == [
        *(Tally("file.write", "notes", "documents", 1), Tally("mail.draft", "home", "", 1)),
        Tally("mail.draft", "home", "draft_reply", 2),
    ]
    assert [kept.id for kept in truth.waiting.needs(case.NOW, workflow="draft_reply")] == [2, 1]
    gate = Gate(truth.outbox, Policy(), lambda: case.NOW)
    gate.reject(number, truth.outbox.get(number).hash, "anna", "cli")
    assert len(truth.waiting.tallies()) == 2


def test_what_was_decided_last_comes_first_and_what_is_held_still_not_at_all(truth: Truth) -> None:
    gate = Gate(truth.outbox, Policy(), lambda: case.NOW)
    for _ in range(4):
        add(truth, DRAFT)
    for number in (3, 1):
        gate.approve(number, truth.outbox.get(number).hash, "anna", "cli")
    gate.respond(2, truth.outbox.get(2).hash, "shorter", "anna", "cli")
    assert [kept.id for kept in truth.waiting.decided()] == [1, 3]
    assert [kept.id for kept in truth.waiting.decided(1)] == [1]
    gate.reject(3, truth.outbox.get(3).hash, "anna", "cli")
    assert [kept.id for kept in truth.waiting.decided()] == [3, 1]


def test_an_action_that_cannot_be_read_is_left_out(truth: Truth, tmp_path: Path) -> None:
    add(truth, DRAFT, "draft_reply")
    add(truth, replace_body("two"), "draft_reply")
    with sqlite3.connect(tmp_path / "butler.db") as other:
        other.execute("UPDATE action SET about = 'broken' WHERE id = 1")
    assert [kept.id for kept in truth.waiting.needs(case.NOW)] == [2]
    assert truth.waiting.tallies() == [Tally("mail.draft", "home", "", 1), Tally("mail.draft", "home", "draft_reply", 1)]


def replace_body(body: str) -> p.MailDraft:
    return p.MailDraft(letter=case.LETTER.model_copy(update={"body": body}))


def test_pages_of_a_moved_clock_stay_in_order(truth: Truth) -> None:
    add(truth, NOTE, expires=SOON * 2)
    add(truth, DRAFT)
    assert [kept.id for kept in truth.waiting.needs(case.NOW)] == [2, 1]
    assert [kept.id for kept in truth.waiting.needs(case.NOW + SOON)] == [1, 2]
