"""Dates by which the owner must do something: from mails, notes and tasks, by day, with the words that say so."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from butler.core.briefing import Evidence
from butler.core.calendar import PlacedTask
from butler.core.refs import parse_ref
from butler.core.text import one_line
from workflows.briefing.sections.tasks import due_day, due_time
from workflows.briefing.values import Due, Judgement, NoteDue
from workflows.briefing.view import Entry, View, mail_evidence, shortened
from workflows.briefing.words import day_and_distance, day_name, person, quoted, say

PAST_DAYS = 3
OPEN_DAYS = 14
"""How long a passed date is shown: in words, and where an open box shows that it is still to be done."""

SHOWN = 20
_OPEN_BOX = re.compile(r"[>\s]*(?:[-*+]|\d{1,3}[.)])\s+\[.\]")


@dataclass(frozen=True, slots=True)
class _Deadline:
    """One found deadline; deadlines of one `key` are one line."""

    key: tuple[str, ...]
    day: dt.date
    time: dt.time | None
    entry: Entry


def entries(view: View) -> list[Entry]:
    """The lines of the section, by day; the same day said again by the same author in the same thread is one line."""
    merged: dict[tuple[str, ...], _Deadline] = {}
    for found in (*_of_mails(view), *_of_notes(view), *_of_tasks(view)):
        first = merged.setdefault(found.key, found)
        if first is not found:
            merged[found.key] = _joined(first, found)
    ordered = sorted(
        merged.values(), key=lambda one: (one.day, one.time or dt.time.max, one.entry.evidence[0].ref, one.entry.text)
    )
    return shortened([one.entry for one in ordered], SHOWN, view.is_of_stranger)


def _joined(first: _Deadline, other: _Deadline) -> _Deadline:
    entry = first.entry
    evidence = tuple(dict.fromkeys((*entry.evidence, *other.entry.evidence)))
    joined = Entry(entry.text, evidence, entry.rule, entry.reason, entry.by, entry.step, entry.digest)
    return _Deadline(first.key, first.day, first.time, joined)


def _is_near(day: dt.date, view: View, past: int = PAST_DAYS) -> bool:
    return -past <= (day - view.day).days <= view.options.deadline_days


def _when(day: dt.date, time: dt.time | None, view: View) -> str:
    if day < view.day:
        return say("overdue", when=day_name(day, view.day))
    return day_and_distance(day, view.day, time)


def _of_mails(view: View) -> Iterator[_Deadline]:
    known = (judgement for judgement in view.judged.received if judgement.ref in view.mails)
    ordered: Iterable[Judgement] = sorted(known, key=lambda one: (view.mails[one.ref].when, one.ref))
    for judgement in ordered:
        for due in (judgement.due, *judgement.also):
            if due is not None and _is_near(due.day, view):
                yield from _of_mail(judgement, due, view)


def _of_mail(judgement: Judgement, due: Due, view: View) -> Iterator[_Deadline]:
    mail = view.mails[judgement.ref]
    sender, answered = person(mail.message.sender), view.is_answered(mail)
    if answered and due.day < view.day:
        return
    who = f"{sender}, {say('answered_since')}" if answered else sender
    entry = Entry(
        text=say("deadline", when=_when(due.day, due.time, view), what=quoted(due.quote), who=who),
        evidence=(mail_evidence(judgement.ref, due.quote),),
        rule="deadline in a mail",
        reason=f"The mail says “{one_line(due.words, 60)}”.",
        by="rules",
    )
    address = mail.message.sender.address.casefold() if mail.message.sender else judgement.ref
    yield _Deadline((str(mail.thread), address, due.day.isoformat()), due.day, due.time, entry)


def _of_notes(view: View) -> Iterator[_Deadline]:
    for noted in sorted(view.judged.notes, key=lambda one: (one.ref, one.line)):
        if not _is_near(noted.due.day, view, OPEN_DAYS if _OPEN_BOX.match(noted.due.quote) else PAST_DAYS):
            continue
        yield _of_note(noted, noted.due, view)


def _of_note(noted: NoteDue, due: Due, view: View) -> _Deadline:
    ref = f"{noted.ref}#L{noted.line}"
    where = say("note", where=one_line(parse_ref(noted.ref).key, 40))
    entry = Entry(
        text=say("deadline", when=_when(due.day, due.time, view), what=quoted(due.quote), who=where),
        evidence=(Evidence(ref=ref, quote=due.quote),),
        rule="deadline in a note",
        reason=f"The note says “{one_line(due.words, 60)}”.",
        by="rules",
    )
    return _Deadline((ref,), due.day, due.time, entry)


def _of_tasks(view: View) -> Iterator[_Deadline]:
    for placed in view.gathered.tasks:
        day = due_day(placed, view)
        if day is not None and view.day < day <= view.day + dt.timedelta(view.options.deadline_days):
            yield _of_task(placed, day, view)


def _of_task(placed: PlacedTask, day: dt.date, view: View) -> _Deadline:
    what = one_line(placed.task.summary, 120) or say("no_title")
    time = due_time(placed, view)
    entry = Entry(
        text=say("deadline", when=_when(day, time, view), what=what, who=say("task")),
        evidence=(Evidence(ref=placed.ref),),
        rule="deadline of a task",
        reason=f"The task list {placed.calendar} says when it is due.",
    )
    return _Deadline((placed.ref,), day, time, entry)
