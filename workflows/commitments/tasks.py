"""From promises to tasks: which promise becomes one, what it says, and which task is done; pure over one day's view."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterator, Sequence

from pydantic import BaseModel, ConfigDict

from butler.core.actions import Action, Taint
from butler.core.calendar import CalendarPlace, PlacedTask, StoredObject
from butler.core.mail import Mail
from butler.core.payloads import CalendarChange, TaskComplete, TaskCreate
from butler.core.text import one_line
from tools.calendar.tasks import completed, new_task
from workflows.briefing.sections.commitments import fulfilled_by, open_promises
from workflows.briefing.values import Promise
from workflows.briefing.view import View
from workflows.briefing.words import day_name, listed, person

MOST = 10
"""How many tasks of one run are proposed at most: those due first."""

STALE_DAYS = 14
"""Days after which a promise without a date, or one past its date, is no task any more."""

_UID = "butler-"
_REF = re.compile(r"mail:\S+")
_WORD = re.compile(r"[^\W_]{4,}")


class Found(BaseModel):
    """A promise that is to become a task, as the run's memory keeps it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    promise: Promise
    to: str
    written: dt.datetime

    @property
    def key(self) -> str:
        """The idempotency key of its task: the mail and the words."""
        digest = hashlib.sha256(self.promise.quote.encode("utf-8", "replace")).hexdigest()[:16]
        return f"task|{self.promise.ref.partition('/')[2]}|{digest}"

    @property
    def uid(self) -> str:
        """The UID of its task, the same whenever it is proposed."""
        return f"{_UID}{hashlib.sha256(self.key.encode('utf-8', 'replace')).hexdigest()[:32]}"


def promises(view: View) -> list[Found]:
    """The promises that are still to be kept and have no task yet, those due first."""
    tasks = [placed for placed in view.gathered.tasks if not (placed.task.completed or placed.task.cancelled)]
    found = [
        Found(promise=promise, to=_to(mail, view), written=mail.when)
        for promise, mail in open_promises(view)
        if not _is_stale(promise, mail, view) and not any(_holds(placed, promise) for placed in tasks)
    ]
    return sorted(found, key=lambda one: (_day(one.promise) or dt.date.max, one.written, one.key))[:MOST]


def kept(view: View, tasks: Sequence[PlacedTask]) -> Iterator[tuple[PlacedTask, Mail, Mail]]:
    """The open tasks that the butler made of a promise which is kept by now, with its mail and the one that keeps it."""
    for placed in tasks:
        task, ref = placed.task, _REF.search(placed.task.description)
        if task.completed or task.cancelled or not task.uid.startswith(_UID) or ref is None or ref[0] not in view.mails:
            continue
        mail = view.mails[ref[0]]
        later = fulfilled_by(task.summary, mail, view)
        if later is not None:
            yield placed, mail, later


def creation(found: Found, place: CalendarPlace, now: dt.datetime, zone: dt.tzinfo) -> Action:
    """The action that makes a task of a promise: the owner's own words, when it is due, and where they stand."""
    promise = found.promise
    due = promise.due
    until = None if due is None else due.day if due.time is None else dt.datetime.combine(due.day, due.time, zone)
    day = found.written.astimezone(zone).date()
    description = f"Promised to {found.to} on {day.isoformat()}.\n{promise.ref}"
    after = new_task(found.uid, one_line(promise.quote, 200), until, description, now)
    when = f", due {day_name(due.day, now.astimezone(zone).date())}" if due else ""
    return Action(
        TaskCreate(change=CalendarChange(account=place.account, calendar=place.calendar, uid=found.uid, after=after)),
        f"You promised {found.to}: “{one_line(promise.quote, 160)}”{when}.",
        found.key,
        sources=(promise.ref,),
        taint=(Taint(promise.ref, foreign=False),),
        rule=promise.rule or "first-person commitment",
        step=promise.step,
        digest=promise.digest,
        workflow="commitments",
    )


def completion(placed: PlacedTask, mail: Mail, later: Mail, stored: StoredObject, now: dt.datetime) -> Action:
    """The action that marks the task of a kept promise as done; raises EditError when the task cannot be written."""
    uid = placed.task.uid
    change = CalendarChange(
        account=stored.account,
        calendar=stored.calendar,
        uid=uid,
        key=stored.key,
        etag=stored.etag,
        before=stored.text,
        after=completed(stored.text, uid, now),
    )
    subject = one_line(later.message.subject, 80)
    return Action(
        TaskComplete(change=change, at=now),
        f"You have written since (“{subject}”), so “{one_line(placed.task.summary, 120)}” seems done.",
        f"task-done|{mail.ref.partition('/')[2]}|{uid.removeprefix(_UID)}",
        sources=(later.ref, mail.ref, placed.ref),
        taint=(Taint(later.ref, foreign=False),),
        rule="promise kept",
        workflow="commitments",
    )


def _to(mail: Mail, view: View) -> str:
    people = [one for one in (*mail.message.to, *mail.message.cc) if not view.is_owner(one.address)]
    return listed([person(one) for one in people], 2) or "somebody"


def _day(promise: Promise) -> dt.date | None:
    return promise.due.day if promise.due else None


def _is_stale(promise: Promise, mail: Mail, view: View) -> bool:
    last = _day(promise) or view.local_day(mail.when)
    return (view.day - last).days > STALE_DAYS


def _holds(placed: PlacedTask, promise: Promise) -> bool:
    """Whether an open task is about a promise: it names its mail, or all of its words are the promise's."""
    said = {word.casefold() for word in _WORD.findall(promise.quote)}
    words = {word.casefold() for word in _WORD.findall(placed.task.summary)}
    named = _REF.search(placed.task.description)
    if named is not None and named[0] == promise.ref:
        return 2 * len(words & said) >= min(len(words), len(said))
    return len(words) >= 2 and words <= said
