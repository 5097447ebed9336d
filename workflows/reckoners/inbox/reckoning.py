"""The document inbox: what came in, by when it wants something and how much, and where it might be filed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace

from butler.core.actions import Action, Taint
from butler.core.definitions import Definition, Material, Paper, Reckoned, ReckonedLine, Reckoner
from butler.core.documents import Document
from butler.core.payloads import CalendarChange, TaskCreate
from butler.core.text import one_line
from tools.calendar.tasks import new_task
from workflows.briefing.values import Due
from workflows.briefing.words import day_and_distance, day_name
from workflows.documents.filing import filed, place_for
from workflows.documents.reading import Read, deadline
from workflows.reckoners.inbox.dues import Sum, amount_due, kind_of
from workflows.reckoners.reading import sentences
from workflows.reckoners.showing import amount, counted, fitting, line, quoted, section, sections_of, whole
from workflows.reckoners.statements.texts import lines_of

MOST = 40
OPTIONS = {"documents": f"how many documents are shown, the newest ones ({MOST})"}


@dataclass(frozen=True, slots=True)
class Found:
    """What code found in a document; `folder` is where it might belong, empty where no folder is named like it."""

    paper: Paper
    kind: str
    begins: str
    begins_at: int
    due: Due | None
    sum: Sum | None
    folder: str


def reckon(material: Material, definition: Definition, day: dt.date) -> Reckoned:
    """Look at what came since the last time, as the definition's window says it."""
    most = whole(definition.options("inbox").get("documents"), "documents", MOST, 500)
    papers = sorted(material.documents, key=lambda one: (one.modified, one.ref), reverse=True)
    found = [_found(paper, material, day) for paper in papers[:most]]
    due = sorted((one for one in found if one.due), key=lambda one: (one.due.day if one.due else day, one.paper.ref))
    rest = [one for one in found if not one.due]
    sections = sections_of(
        section("Wants something by a day", (_line(one, material, day) for one in due)),
        section("Other documents", (_line(one, material, day) for one in rest)),
    )
    actions = [action for one in found for action in _actions(one, definition, material, day)]
    left_out = [f"{counted(len(papers) - most, 'older document')} that came in the same time."] if papers[most:] else []
    return Reckoned(sections, tuple(actions), tuple(left_out))


INBOX = Reckoner(reckon, OPTIONS, ("documents",))


def _found(paper: Paper, material: Material, day: dt.date) -> Found:
    name = _name(paper)
    written = paper.modified.astimezone(material.owner.zone).date()
    due = deadline(paper.text, min(written, day), day, material.owner)
    kind = kind_of(name, paper.text)
    first = next(sentences(paper.text[:4000]), None)
    begins = first.text if first else ""
    document = _document(paper)
    folder = place_for(document, Read(summary=begins, quotes=(), kind=kind, due=due)) if document.sha256 else ""
    return Found(paper, kind, begins, first.line if first else 0, due, amount_due(paper.text), folder)


def _document(paper: Paper) -> Document:
    return Document(
        paper.ref, paper.root, paper.path, paper.modified, paper.sha256, paper.text, paper.problem, folders=paper.folders
    )


def _line(one: Found, material: Material, day: dt.date) -> ReckonedLine:
    """A document in a line: its name, what it says first, until when, how much, where to."""
    came = day_name(one.paper.modified.astimezone(material.owner.zone).date(), day)
    kind = f"{one.kind}, " if one.kind else ""
    parts = [f"{_name(one.paper)} ({kind}{came})"]
    refs = [one.paper.ref]
    if one.due:
        at = _line_with(one.paper.text, one.due.quote)
        said = f": {quoted(one.due.quote, 90)}" if one.due.quote else ""
        parts.append(f"by {day_and_distance(one.due.day, day, one.due.time)}{said}")
        refs.append(f"{one.paper.ref}#L{at}" if at else one.paper.ref)
    elif one.begins:
        parts.append(quoted(one.begins, 100))
        refs.append(f"{one.paper.ref}#L{one.begins_at}")
    else:
        parts.append(one.paper.problem or "nothing in it can be read")
    if one.sum:
        parts.append(f"{amount(one.sum.value)} {one.sum.currency}")
        refs.append(f"{one.paper.ref}#L{one.sum.line}")
    if one.folder:
        parts.append(f"might belong into {one.folder}")
    return line(fitting(parts, "; "), refs)


def _line_with(text: str, quote: str) -> int:
    """The line at which a quote begins, 0 where that cannot be told."""
    begin = quote.split("\n", maxsplit=1)[0].strip()
    return next((at for at, each in enumerate(lines_of(text), 1) if begin and begin in each), 0)


def _actions(one: Found, definition: Definition, material: Material, day: dt.date) -> Iterator[Action]:
    """A move, and a task until the day: keys are those of the document's content, so neither is proposed twice."""
    paper = one.paper
    if not paper.sha256:
        return
    key = f"document|{paper.ref.partition(':')[2]}|{paper.sha256[:16]}"
    if one.folder and "file.move" in definition.gate:
        action = filed(_document(paper), Read(summary=one.begins, quotes=(), kind=one.kind), one.folder, key)
        yield replace(action, workflow=definition.name)
    if one.due and "task.create" in definition.gate and material.task_place.calendar:
        yield _task(one, one.due, definition, material, key, day)


def _task(one: Found, due: Due, definition: Definition, material: Material, key: str, day: dt.date) -> Action:
    """The action that makes a task of a deadline, in the document's own words."""
    place = material.task_place
    uid = f"butler-document-{one.paper.sha256[:32]}"
    until = due.day if due.time is None else dt.datetime.combine(due.day, due.time, material.owner.zone)
    name = _name(one.paper)
    title = one_line(f"{name}: {due.quote}", 200)
    after = new_task(uid, title, until, f"From {one_line(one.paper.path, 200)}.\n{one.paper.ref}", material.now)
    return Action(
        TaskCreate(change=CalendarChange(account=place.account, calendar=place.calendar, uid=uid, after=after)),
        f"{one_line(name, 80)} wants something by {day_and_distance(due.day, day, due.time)}.",
        f"{key}|task",
        sources=(one.paper.ref,),
        taint=(Taint(one.paper.ref),),
        rule="deadline in a document",
        workflow=definition.name,
    )


def _name(paper: Paper) -> str:
    return one_line(paper.path.rpartition("/")[2], 60)
