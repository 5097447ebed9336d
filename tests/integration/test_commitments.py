"""Commitments: a promise in the owner's sent mail becomes a held task, once, and a kept one is proposed as done."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import icalendar
import pytest
from briefing_twins import NOW, OWNER, TOM, Memory, ScriptedModel, Twin, context, letter
from draft_case import Shelf

from butler.core.actions import Kept
from butler.core.calendar import CalendarPlace, PlacedTask, StoredObject, Task
from butler.core.context import Context
from butler.core.mail import Mail
from butler.core.payloads import TaskComplete, TaskCreate
from butler.core.refs import task_ref
from butler.house import Deeds, House
from butler.runner import Runner
from butler.sample.household import write_household
from butler.store.runs import Run
from butler.store.truth import Truth
from butler.thinking.graphs import Graphs
from workflows.commitments import WORKFLOW
from workflows.commitments.nodes import Nodes

PROMISES = letter("p@berger.example", "Hi Tom,\n\nI'll send you the drawings by Friday.\n\nAnna", sent=True, thread=5, days=3)
KEEPS = letter("k@berger.example", "Hi Tom,\n\nhere they are.\n\nAnna", sent=True, thread=5, subject="Re: Offer", days=1)
HOME = CalendarPlace("family", "tasks")


def committing(reads: Twin, shelf: Shelf, memory: Memory | None = None, place: CalendarPlace = HOME) -> Context:
    given = context(reads, memory or Memory())
    return dataclasses.replace(given, propose=shelf.propose, known=shelf.known, tasks=place)


def run(given: Context) -> Mapping[str, Any]:
    nodes = Nodes(given)
    for node in (nodes.sync, nodes.find, nodes.propose):
        node({})
    result: Mapping[str, Any] = given.memory.kept("result") or {}
    return result


def made(*mails: Mail, shelf: Shelf | None = None, **more: Any) -> list[Kept]:
    shelf = shelf or Shelf()
    run(committing(Twin(mails, **more), shelf))
    return shelf.kept


def todo(kept: Kept) -> Any:
    payload = kept.action.payload
    assert isinstance(payload, TaskCreate | TaskComplete)
    return icalendar.Calendar.from_ical(payload.change.after).walk("VTODO")[0]


def stored(kept: Kept) -> tuple[PlacedTask, StoredObject]:
    """The task as the mirror has it once the action is done."""
    payload = kept.action.payload
    assert isinstance(payload, TaskCreate)
    change = payload.change
    task = Task(change.uid, str(todo(kept)["SUMMARY"]), description=str(todo(kept)["DESCRIPTION"]))
    placed = PlacedTask(task_ref(change.calendar, change.uid), change.calendar, task)
    return placed, StoredObject(change.account, change.calendar, f"{change.uid}.ics", '"1"', change.after)


def test_a_promise_becomes_a_task_in_the_owners_words_with_its_day_and_its_mail() -> None:
    (kept,) = made(PROMISES)
    assert isinstance(kept.action.payload, TaskCreate)
    change = kept.action.payload.change
    assert (change.account, change.calendar, change.key, change.etag, change.before) == ("family", "tasks", "", "", "")
    assert todo(kept)["SUMMARY"] == "I'll send you the drawings by Friday."
    assert todo(kept).decoded("DUE") == dt.date(2026, 11, 27)
    assert todo(kept)["UID"] == change.uid
    assert PROMISES.ref in todo(kept)["DESCRIPTION"]
    assert kept.action.sources == (PROMISES.ref,)
    assert kept.action.key.startswith("task|p@berger.example|")
    assert kept.action.reason == f"You promised {TOM.name}: “I'll send you the drawings by Friday.”, due Fri 27 Nov."


def test_a_promise_with_an_hour_is_due_then() -> None:
    sent = letter("h@berger.example", "Hi Tom,\n\nI'll call you by Thursday at 14:00.\n\nAnna", sent=True)
    (kept,) = made(sent)
    assert todo(kept).decoded("DUE") == dt.datetime(2026, 11, 26, 14, tzinfo=OWNER.zone)


def test_a_promise_is_proposed_once_whatever_becomes_of_it() -> None:
    shelf = Shelf()
    made(PROMISES, shelf=shelf)
    made(PROMISES, shelf=shelf)
    assert len(shelf.kept) == 1


def test_an_open_task_that_says_the_same_is_enough() -> None:
    own = PlacedTask("task:tasks/own", "tasks", Task("own", "send drawings"))
    assert made(PROMISES, open_tasks=[own]) == []
    (kept,) = made(PROMISES)
    assert made(PROMISES, open_tasks=[stored(kept)[0]]) == []


@pytest.mark.parametrize(
    "text", ["Hi Tom,\n\nthank you for the drawings.\n\nAnna", "Hi Tom,\n\nwill you send the drawings by Friday?\n\nAnna"]
)
def test_who_promises_nothing_gets_no_task(text: str) -> None:
    assert made(letter("n@berger.example", text, sent=True)) == []


def test_a_promise_of_somebody_else_is_no_task() -> None:
    assert made(letter("t@nordwind.example", "Hi Anna,\n\nI'll send you the drawings by Friday.\n\nTom")) == []


def test_a_promise_that_is_kept_or_long_past_is_no_task() -> None:
    assert made(PROMISES, KEEPS) == []
    assert made(letter("o@berger.example", "Hi Tom,\n\nI'll send you the list.\n\nAnna", sent=True, days=20)) == []


def test_without_a_task_list_that_may_be_written_to_that_is_said() -> None:
    shelf = Shelf()
    result = run(committing(Twin((PROMISES,)), shelf, place=CalendarPlace()))
    assert shelf.kept == []
    assert result["left"] == [{"ref": PROMISES.ref, "reason": "There is no task list that may be written to."}]


def test_the_task_of_a_kept_promise_is_proposed_as_done() -> None:
    (created,) = made(PROMISES)
    placed, text = stored(created)
    (kept,) = made(PROMISES, KEEPS, open_tasks=[placed], objects={placed.ref: text})
    assert isinstance(kept.action.payload, TaskComplete)
    change = kept.action.payload.change
    assert (change.before, change.etag, change.key) == (text.text, '"1"', text.key)
    assert (todo(kept)["STATUS"], todo(kept)["SUMMARY"]) == ("COMPLETED", "I'll send you the drawings by Friday.")
    assert kept.action.sources == (KEEPS.ref, PROMISES.ref, placed.ref)
    assert kept.action.payload.at == NOW


def test_a_task_is_not_done_as_long_as_the_promise_is_not_kept() -> None:
    (created,) = made(PROMISES)
    placed, text = stored(created)
    assert made(PROMISES, open_tasks=[placed], objects={placed.ref: text}) == []


def test_a_later_mail_about_it_in_another_thread_keeps_the_promise_too() -> None:
    (created,) = made(PROMISES)
    placed, text = stored(created)
    other = letter("d@berger.example", "Hi Tom,\n\nas promised.\n\nAnna", sent=True, thread=8, subject="The drawings", days=1)
    (kept,) = made(PROMISES, other, open_tasks=[placed], objects={placed.ref: text})
    assert kept.action.sources[0] == other.ref


def test_a_task_that_is_not_the_butlers_own_is_never_proposed_as_done() -> None:
    (created,) = made(PROMISES)
    placed, text = stored(created)
    foreign = dataclasses.replace(placed, task=dataclasses.replace(placed.task, uid="somebody-else"))
    assert made(PROMISES, KEEPS, open_tasks=[foreign], objects={placed.ref: text}) == []


@pytest.mark.parametrize("text", ["", "no calendar", "BEGIN:VCALENDAR\nEND:VCALENDAR\n"])
def test_a_task_that_cannot_be_read_is_left_alone(text: str) -> None:
    (created,) = made(PROMISES)
    placed, there = stored(created)
    assert made(PROMISES, KEEPS, open_tasks=[placed], objects={placed.ref: dataclasses.replace(there, text=text)}) == []


def test_every_node_may_run_again_over_what_was_kept() -> None:
    shelf, memory = Shelf(), Memory()
    first, second = (run(committing(Twin((PROMISES,)), shelf, memory)) for _ in range(2))
    assert first == second
    assert len(shelf.kept) == 1


def test_a_promise_that_the_model_found_names_its_step(tmp_path: Path) -> None:
    sent = letter("m@berger.example", "Hi Tom,\n\nGood. You get the drawings by Thursday, as always.\n\nAnna", sent=True)
    quote = "You get the drawings by Thursday, as always."
    model = ScriptedModel(lambda *_: {"evidence": [quote], "reason": "r", "label": "promise", "due": 1})
    truth, shelf = Truth.open(tmp_path / "butler.db"), Shelf()

    def equipped(run: Run) -> Context:
        given = committing(Twin((sent,)), shelf)
        return dataclasses.replace(given, run=run.id, memory=truth.memory(run.id), model=model)

    outcome = Runner(truth.runs, Graphs(tmp_path / "checkpoints.db"), lambda: NOW).run(
        WORKFLOW, NOW.date().isoformat(), equipped
    )
    truth.close()
    assert [one["ref"] for one in outcome.result["proposed"]] == [sent.ref]
    (kept,) = shelf.kept
    assert (kept.action.step, kept.action.rule, todo(kept)["SUMMARY"]) == ("promise", "model", quote)


def test_the_promises_of_the_sample_household_become_tasks_once(tmp_path: Path) -> None:
    household = write_household(tmp_path / "household", dt.date(2026, 11, 24))
    deeds = Deeds(household.owner, household.accounts, household.options, tmp_path / "state")
    with House(deeds, lambda: household.now) as house:
        house.sync()
        first = house.do("commitments", household.now, sync=False)
        again = house.do("commitments", household.now, sync=False)
    assert refs(first.proposed) == ["mail:home/harbour-5@berger.example", "mail:home/survey-2@berger.example"]
    assert {one.status for one in first.proposed} == {"held"}
    assert refs(again.proposed) == []


def refs(kept: Sequence[Kept]) -> list[str]:
    return sorted(one.action.sources[0] for one in kept)
