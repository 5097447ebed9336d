"""Gathers what the sources of a definition name, bounded, from the mirror alone; says what was left out."""

from __future__ import annotations

import datetime as dt
import glob
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from butler.core.calendar import Placed, PlacedTask
from butler.core.context import Context
from butler.core.definitions import Definition, Gathering, Material, Paper
from butler.core.errors import SourceError, UsageError
from butler.core.foreign import read_call
from butler.core.globs import is_like
from butler.core.localtime import day_start
from butler.core.mail import Mail
from butler.core.notes import PlacedNote
from butler.core.queries import FoundKind
from butler.core.refs import parse_ref
from butler.core.text import one_line
from butler.core.windows import days_of, moments_of

_TABLES = (".csv", ".tsv")
_MOST_TABLES = 150
_ACTING = frozenset({"file.move", "task.create"})
"""Kinds of actions about a file: they name it by the hash of its bytes."""

_DAY = dt.timedelta(days=1)
_FAR = dt.timedelta(days=366)
_FIRST = dt.datetime(1970, 1, 2, tzinfo=dt.UTC)
_KINDS: dict[str, FoundKind] = {"mail": "mail", "notes": "note", "documents": "document", "events": "event", "tasks": "task"}
T = TypeVar("T", Mail, PlacedNote, Paper, Placed, PlacedTask)

Window = tuple[dt.datetime, dt.datetime] | None


@dataclass(frozen=True, slots=True)
class Gathered:
    """What was gathered, and sentences on what was not."""

    material: Material
    left_out: tuple[str, ...]


def gather(context: Context, definition: Definition) -> Gathered:
    """Gather all sources."""
    return _Gathering(context, definition).all()


@dataclass
class _Gathering:
    context: Context
    definition: Definition
    left_out: list[str] = field(default_factory=list)
    tables: int = 0

    def all(self) -> Gathered:
        owner, day = self.context.owner, self.context.day
        found = self._begun(Material(owner, self.context.now))
        windows: list[Window] = []
        for source in self.definition.sources:
            window = moments_of(source.window, day, owner.zone, self.context.last_time)
            windows.append(window)
            try:
                found = self._with(found, source, window)
            except (UsageError, SourceError) as error:
                self.left_out.append(f"Nothing was read of {_named(source)}: {error}")
        begin = min((window[0] for window in windows if window), default=day_start(day - dt.timedelta(7), owner.zone))
        decided = tuple(self.context.decided(begin)) if self.definition.tools else ()
        return Gathered(
            replace(found, windows=tuple(windows), decided=decided, task_place=self.context.tasks), tuple(self.left_out)
        )

    def _begun(self, found: Material) -> Material:
        """What the run is about, where that is one file or event, before all else."""
        subject, now = self.context.subject, self.context.now
        if subject.startswith("file:") and (document := self.context.document(subject)):
            named = (document.ref, document.root or parse_ref(subject).place, document.path, document.modified)
            return replace(found, documents=(Paper(*named, document.text, document.content, document.problem),))
        if subject.startswith("event:"):
            near = self.context.reads.occurrences(now - _DAY, now + 2 * _DAY)
            return replace(found, events=tuple(each for each in near if each.ref == subject))
        return found

    def _with(self, found: Material, source: Gathering, window: Window) -> Material:
        match source.kind:
            case "mail":
                mails = self._new(found, source, found.mails, self._mails(source, window))
                return replace(found, mails=_newest(mails, lambda each: each.when))
            case "notes":
                notes = self._new(found, source, found.notes, self._notes(source, window))
                return replace(found, notes=_newest(notes, lambda each: each.modified))
            case "documents":
                known = {each.ref for each in found.documents}
                placed = [each for each in self._documents(source, window) if each.ref not in known]
                # Only of those that there is room for are the bytes read.
                papers = [*found.documents, *map(self._paper, self._new(found, source, (), placed))]
                return replace(found, documents=_newest(papers, lambda each: each.modified))
            case "events":
                return replace(found, events=tuple(self._new(found, source, found.events, self._events(source, window))))
            case "mcp":
                papers = self._new(found, source, found.documents, self._foreign(found, source))
                return replace(found, documents=tuple(papers))
            case "tasks":
                return replace(found, tasks=tuple(self._new(found, source, found.tasks, self._tasks(source, window))))

    def _new(self, found: Material, source: Gathering, before: Sequence[T], things: Sequence[T]) -> list[T]:
        """What was there, and what is new of what was found, as far as there is room for it."""
        taken = len(found.mails) + len(found.notes) + len(found.documents) + len(found.events) + len(found.tasks)
        room = max(0, self.definition.limits.things - taken)
        known = {each.ref for each in before}
        new: list[T] = [each for each in {each.ref: each for each in things}.values() if each.ref not in known]
        if len(new) > room:
            is_cut = bool(source.query or source.files) and len(new) > self.definition.limits.things
            more = "at least " if is_cut else ""
            self.left_out.append(f"Of {more}{len(new)} found by {_named(source)} only {room} were read (limits.things).")
        kept: list[T] = list(before)
        return kept + new[:room]

    def _mails(self, source: Gathering, window: Window) -> Sequence[Mail]:
        reads = self.context.reads
        if source.query:
            return [reads.mail(ref) for ref in self._searched(source, window)]
        start, end = window or (_FIRST, self.context.now + _FAR)
        found = [*reads.received(start, end), *reads.sent(start, end)]
        return sorted(found, key=lambda mail: mail.when, reverse=True)

    def _notes(self, source: Gathering, window: Window) -> Sequence[PlacedNote]:
        start, end = window or (_FIRST, self.context.now + _FAR)
        found: Iterable[PlacedNote] = (each for each in self.context.reads.notes(start) if each.modified < end)
        if source.files:
            found = (each for each in found if _is_named(each, source.files))
        return self._wanted(source, window, found)

    def _documents(self, source: Gathering, window: Window) -> Sequence[PlacedNote]:
        start, end = window or (_FIRST, self.context.now + _FAR)
        reads = self.context.reads
        if source.files:
            root, _, pattern = source.files.partition("/")
            found = self._wanted(source, window, reads.files(root, pattern, self.definition.limits.things + 1))
        else:
            refs = map(parse_ref, self._searched(source, window))
            found = [each for ref in refs for each in reads.files(ref.place, glob.escape(ref.key), 1)]
        return [each for each in found if start <= each.modified < end]

    def _wanted(self, source: Gathering, window: Window, found: Iterable[PlacedNote]) -> list[PlacedNote]:
        """Those that the query finds, too, where there is one."""
        if not source.query:
            return list(found)
        wanted = frozenset(self._searched(source, window))
        return [each for each in found if each.ref in wanted]

    def _paper(self, placed: PlacedNote) -> Paper:
        """A document, with what the mirror does not have: its bytes where it is a table, its hash where it may be acted on."""
        paper = Paper(placed.ref, placed.root, placed.path, placed.modified, placed.text)
        is_table = placed.path.lower().endswith(_TABLES)
        if not is_table and _ACTING.isdisjoint(self.definition.gate):
            return paper
        self.tables += 1
        if self.tables > _MOST_TABLES:
            return replace(paper, problem=f"Only {_MOST_TABLES} files are read anew in one run.")
        document = self.context.document(placed.ref)
        if document is None:
            return replace(paper, problem="It is not there any more.")
        folders = document.folders if document.root else ()
        return replace(paper, content=document.content, problem=document.problem, sha256=document.sha256, folders=folders)

    def _events(self, source: Gathering, window: Window) -> Sequence[Placed]:
        now = self.context.now
        found = self.context.reads.occurrences(*(window or (now - _FAR, now + _FAR)))
        if not source.query:
            return found
        wanted = {(ref.place, ref.key) for ref in map(parse_ref, self._searched(source, None))}
        return [each for each in found if _place_of(each.ref) in wanted]

    def _tasks(self, source: Gathering, window: Window) -> Sequence[PlacedTask]:
        found: Iterable[PlacedTask] = self.context.reads.tasks()
        if source.query:
            wanted = frozenset(self._searched(source, None))
            found = (each for each in found if each.ref in wanted)
        if window is not None and (days := days_of(source.window, self.context.day)):
            found = (each for each in found if _is_due(each, days, self.context))
        return list(found)

    def _foreign(self, found: Material, source: Gathering) -> list[Paper]:
        """What a tool of a server of the owner's choice gives, which only reads: a text that others wrote."""
        what, arguments = read_call(source.query)
        server, _, tool = what.partition(".")
        if what not in self.context.foreign_reads:
            raise UsageError(f"mcp.{server}.reads in the settings does not name {tool}.")
        before = sum((each.root, each.path) == (server, tool) for each in found.documents)
        ref = f"mcp:{server}/{tool}" + (f"#{before + 1}" if before else "")
        return [Paper(ref, server, tool, self.context.now, self.context.foreign(what, arguments))]

    def _searched(self, source: Gathering, window: Window) -> list[str]:
        """The references of what holds all that a query asks for, newest first."""
        kind = _KINDS[source.kind]
        days = days_of(source.window, self.context.day) if window else None
        dates = f" after:{days[0].isoformat()} before:{days[1].isoformat()}" if days else ""
        found = self.context.reads.search(f"{source.query} kind:{kind}{dates}", self.definition.limits.things + 1)
        fitting = [each for each in found if each.whole and each.kind == kind and _is_within(each.when, window)]
        return [each.ref for each in sorted(fitting, key=lambda each: each.when or _FIRST, reverse=True)]


def _is_within(when: dt.datetime | None, window: Window) -> bool:
    return window is None or (when is not None and window[0] <= when < window[1])


def _named(source: Gathering) -> str:
    said = " ".join(filter(None, (source.query, source.files)))
    return f"“{source.kind}{': ' + one_line(said, 80) if said else ''}”"


def _newest(things: Iterable[T], when: Callable[[T], dt.datetime]) -> tuple[T, ...]:
    return tuple(sorted(things, key=when, reverse=True))


def _is_named(note: PlacedNote, files: str) -> bool:
    root, _, pattern = files.partition("/")
    return note.root == root and is_like(note.path, pattern)


def _place_of(ref: str) -> tuple[str, str]:
    found = parse_ref(ref)
    return found.place, found.key


def _is_due(placed: PlacedTask, days: tuple[dt.date, dt.date], context: Context) -> bool:
    due = placed.task.due
    if isinstance(due, dt.datetime):
        due = due.astimezone(context.owner.zone).date()
    return due is not None and days[0] <= due < days[1]
