"""The schedule: each job with when, next and last, what waits and why, what was missed, and the switch for all effects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.routing import Route

from butler.core.actions import Status
from butler.core.errors import UsageError
from butler.core.jobs import Job, Streak
from butler.core.night import STATES, of_tonight, workflow_at_night
from butler.core.record import stop_sentence
from butler.core.requests import TAKES_REFERENCE, Priority, Request
from butler.core.timetable import Entry, missed_lately, notes, time_of, timetable, when_words
from butler.web.books import Books
from butler.web.daemon_port import DaemonPort
from butler.web.layout import Page, Visit
from butler.web.routes import Deed, Fields, Pages
from butler.web.standing import Standing, cancel, sent, standing

_APPROVED: tuple[Status] = ("approved",)
_MOST_MISSED = 50
_HOOK = "hook:"


@dataclass(frozen=True, slots=True)
class Row:
    """A job in the list: when it runs, how often it failed, what there is to say of it, and when it last ran."""

    entry: Entry
    streak: Streak
    when: str
    notes: Sequence[str]
    last: datetime | None

    @property
    def can_run(self) -> bool:
        """Whether it can be run at will: not what is about one thing, which nobody names."""
        return self.entry.job.workflow not in TAKES_REFERENCE


def routes(pages: Pages) -> list[Route]:
    """The routes."""
    return [
        pages.view_with("/schedule", standing, schedule),
        pages.deed("/schedule/run", run_now),
        pages.deed("/schedule/stop", stop),
        pages.deed("/schedule/resume", resume),
        pages.deed("/schedule/cancel", cancel),
    ]


def schedule(books: Books, _visit: Visit, now: Standing) -> Page:
    """What runs when."""
    history = books.truth.jobs.history(books.now)
    entries = timetable(books.house.jobs, history, books.now, books.owner.zone)
    outbox = books.truth.outbox
    missed = missed_lately(history, books.now)
    values = {
        "rows": [_row(books, entry) for entry in entries],
        "zone": books.owner.zone.key,
        "running": now.status["running"],
        "run": now.run,
        "waiting": [each for each in now.status["waiting"] if not each.get("night")],
        "night": [(slot, workflow_at_night(slot.job), STATES[slot.state]) for slot in of_tonight(history)],
        "missed": missed[:_MOST_MISSED],
        "missed_more": max(0, len(missed) - _MOST_MISSED),
        "stopped": outbox.stopped,
        "approved": outbox.count(statuses=_APPROVED),
        "next": now.status["next"],
        "titles": books.house.titles,
    }
    return Page("schedule.html", "Schedule", values, nav="schedule")


def run_now(books: Books, _visit: Visit, form: Fields) -> Deed:
    """Run what a job runs, because its owner wants it now; one that waits for that already is enough."""
    name = sent(form, "job")
    job = next((each for each in books.house.jobs if each.name == name), None)
    if job is None or job.workflow in TAKES_REFERENCE:
        raise UsageError("There is no such job to be run.", advice="Load the page again: it lists those there are.")
    wish = Request(job.workflow, "person", Priority.PERSON, model=job.model)
    return Deed("/schedule#now", lambda daemon: _ask_for(daemon, wish))


def stop(books: Books, visit: Visit, form: Fields) -> Deed:
    """Stop all effects."""
    sentence = stop_sentence(sent(form, "because"), books.now)
    books.truth.outbox.stop(sentence, visit.by, books.now, visit.via)
    return Deed("/schedule", lambda daemon: daemon.look())


def resume(books: Books, visit: Visit, _form: Fields) -> Deed:
    """Let effects go on; what was approved meanwhile is carried out."""
    if books.truth.outbox.stopped:
        books.truth.outbox.stop("", visit.by, books.now, visit.via)
    return Deed("/schedule", lambda daemon: daemon.look())


def _ask_for(daemon: DaemonPort, wish: Request) -> None:
    waiting: Sequence[Mapping[str, Any]] = daemon.status()["waiting"]
    asked = ("person", wish.workflow, None)
    if not any((each["priority"], each["workflow"], each["subject"]) == asked for each in waiting):
        daemon.add(wish)


def _row(books: Books, entry: Entry) -> Row:
    job, last = entry.job, entry.last
    streak = books.truth.jobs.streak(job.name)
    told = list(notes(entry, streak, books.owner.zone))
    return Row(entry, streak, _when(job), told, time_of(last) if last else None)


def _when(job: Job) -> str:
    return "when its hook is called" if job.name.startswith(_HOOK) else when_words(job.when)
