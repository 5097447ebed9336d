"""A small world over twins for the workflows that make pages: a meeting with Tom, its mails, notes, tasks and decisions."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from briefing_twins import ANNA, NOW, OWNER, TOM, Memory, Twin, context, letter
from draft_case import IDENTITY, Shelf

from butler.core.actions import Action, Decision, Kept, payload_hash
from butler.core.calendar import Attendee, Occurrence, Placed, PlacedTask, Task
from butler.core.context import Context
from butler.core.mail import Mail
from butler.core.notes import PlacedNote
from butler.core.payloads import FileWrite
from butler.core.refs import event_ref, file_ref, task_ref
from butler.core.steps import Model

FRIDAY = dt.datetime(2026, 11, 27, 15, 0, tzinfo=dt.UTC)
TOM_COMES = Attendee(TOM.name, TOM.address, "accepted")
ANNA_COMES = Attendee(ANNA.name, ANNA.address, "accepted")

ASKED = letter("asked@berger.example", "Hi Tom,\n\nwhich hedge did you choose?\n\nAnna", sent=True, thread=7, days=6)
OFFERS = letter("offer@nordwind.example", "Hi Anna,\n\nI'll send you the offer by Thursday.\n\nTom", thread=8, days=5)
WANTS = letter(
    "wants@nordwind.example", "Hi Anna,\n\ncould you bring the drawings?\n\nTom", subject="Hedge planting", thread=9, days=2
)
ANSWERED = letter("q@nordwind.example", "Hi Anna,\n\nis noon fine?\n\nTom", subject="Lunch", thread=10, days=1)
ANSWER = letter("a@berger.example", "Hi Tom,\n\nyes.\n\nAnna", subject="Re: Lunch", sent=True, thread=10, days=0.9)
MAILS = (ASKED, OFFERS, WANTS, ANSWERED, ANSWER)


def event(name: str, start: dt.datetime, *, hours: float = 1, summary: str = "Hedge planting", **more: Any) -> Placed:
    """An event in the calendar "work", with Tom unless somebody else is named."""
    guests = {"attendees": (ANNA_COMES, TOM_COMES), "location": "Canal 9", **more}
    occurrence = Occurrence(name, "", summary, start, start + dt.timedelta(hours=hours), **guests)
    return Placed(event_ref("work", name), "work", occurrence)


def berlin(day: int, hour: int, minute: int = 0, month: int = 11) -> dt.datetime:
    """A moment in November 2026, in Berlin."""
    return dt.datetime(2026, month, day, hour, minute, tzinfo=OWNER.zone)


def task(name: str, due: dt.date) -> PlacedTask:
    """An open task."""
    return PlacedTask(task_ref("tasks", name), "tasks", Task(name, name, due))


def note(path: str, text: str, day: int = 20) -> PlacedNote:
    """A note of November 2026."""
    return PlacedNote(file_ref("notes", path), "notes", path, dt.datetime(2026, 11, day, tzinfo=dt.UTC), path, text)


LAST = event("last", berlin(10, 10), description="")
COMING = event(
    "coming",
    berlin(25, 10),
    description="Please be on time.\nhttps://call.example/room?x=[1](y)\n<b>Bring</b> boots.",
)
CLASH = event("clash", berlin(25, 10, 30), summary="Bank", attendees=(), location="Market 1")
NEXT_WEEK = event("next", berlin(2, 9, month=12), summary="Delivery", attendees=())
EVENTS = (LAST, COMING, CLASH, NEXT_WEEK)
BOXES = "- [x] soil\n- [ ] order 40 hornbeams\n- [ ] ask about water\n"
NOTES = (
    note(
        "Meetings/2026-11-10 hedge.md", "# Hedge planting\n\n- [x] soil\n- [ ] order 40 hornbeams\n- [ ] ask about water\n", 10
    ),
    note("Ideas.md", "Planting a hedge needs string.\nAnd time.\n"),
)
TASKS = (task("Call the bank", dt.date(2026, 11, 25)), task("Old thing", dt.date(2026, 11, 23)))


def kept(number: int, reason: str, status: str = "held", source: str = WANTS.ref) -> Kept:
    """An action as the outbox has it."""
    payload = FileWrite(root="notes", path="x.md", content="x")
    action = Action(payload, reason, f"key-{number}", sources=(source,) if source else ())
    return Kept(number, action, status, payload_hash(payload), 1, NOW, NOW)  # type: ignore[arg-type]


@dataclass
class Saved:
    """Where pages go."""

    pages: dict[str, str] = field(default_factory=dict)

    def __call__(self, name: str, markdown: str) -> str:
        self.pages[name] = markdown
        return f"/pages/{name}.md"


def world(
    mails: Sequence[Mail] = MAILS,
    events: Sequence[Placed] = EVENTS,
    notes: Sequence[PlacedNote] = NOTES,
    tasks: Sequence[PlacedTask] = TASKS,
    now: dt.datetime = NOW,
    saved: Saved | None = None,
    shelf: Shelf | None = None,
    memory: Memory | None = None,
    model: Model | None = None,
    **more: Any,
) -> Context:
    """A context over the world."""
    shelf = shelf or Shelf()
    given = context(Twin(mails, events, tasks, notes), memory or Memory(), model)
    made: dict[str, Any] = {
        "propose": shelf.propose,
        "known": shelf.known,
        "identities": {"home": IDENTITY},
        "save": saved or Saved(),
    }
    return dataclasses.replace(given, now=now, day=now.astimezone(OWNER.zone).date(), **(made | more))


def decisions(*pairs: tuple[Kept, str, str]) -> Callable[[dt.datetime], Sequence[tuple[Kept, Decision]]]:
    """What was decided: actions, verbs and who, each just now."""
    found = [(one, Decision(one.id, verb, one.hash, by, "cli", NOW)) for one, verb, by in pairs]  # type: ignore[arg-type]
    return lambda since: [pair for pair in found if pair[1].at >= since]


def run(order: Mapping[str, Callable[[Any], Any]], given: Context) -> Mapping[str, Any]:
    """Run nodes one after the other; what the run has to say."""
    state: dict[str, Any] = {}
    for node in order.values():
        state |= node(state)
    result: Mapping[str, Any] = given.memory.kept("result") or {}
    return result
