"""The journal: one line for everything that happened, only ever added to, each bound to the one before by its hash.

Whoever can write the file can write all of it anew; what is found is a change to some of it. Whoever keeps the hash of the
last line elsewhere can tell also that.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from butler.core.errors import StateError
from butler.core.plain import canonical
from butler.store.database import Database, Row, read_only
from butler.store.sql import statements

_PAGE = 1000
_ENDLESS = 2**62
_STEP = 250
_MOST_STEPS = 40
"""How many lines are read at a time and how often for one question, so that none takes long."""
_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Line:
    """What happened at a time to a subject (`action:41`, `run:…`, or the reference of a source), with some facts.

    `hash` covers all other fields, `previous` is that of the line before.
    """

    seq: int
    at: datetime
    what: str
    subject: str
    facts: Mapping[str, Any]
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines somebody looks for: of one thing that happened, about one subject, from a time to before another, with words.

    What is left out is not asked for. The words stand anywhere in a line, in whatever case.
    """

    what: str = ""
    subject: str = ""
    since: datetime | None = None
    until: datetime | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """Lines that were looked for, newest first; `further` is the number before which to look on, 0 where that is the end."""

    lines: list[Line]
    further: int = 0


@dataclass(frozen=True, slots=True)
class Examined:
    """What came of looking through all lines: how many there were, the hash of the last, a sentence for each problem."""

    lines: int
    head: str
    problems: list[str]


def when_text(moment: datetime | None) -> str:
    """Write a time as UTC in one width, so that it compares as text; none is empty."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds") if moment else ""


def clean(text: str) -> str:
    """A text without halves of characters, which no database takes and which names from the world may hold."""
    return text.encode("utf-8", "replace").decode()


class Journal:
    """Adds lines inside the caller's transaction, reads them, and finds what somebody did to them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._sql = statements("journal")

    def append(self, at: datetime, what: str, subject: str, **facts: Any) -> None:
        """Add a line, to be kept or lost together with what it tells of; raises StateError where it cannot be written."""
        if not self._database.in_transaction:
            raise AssertionError("a line is written in the transaction of what it tells of")
        found = self._database.row(self._sql["head"])
        if found is None:
            raise StateError("The journal has lost its head.", advice="Restore the state folder from a backup.")
        seq, previous = found
        told = (seq + 1, when_text(at), what, clean(subject), clean(canonical(facts)), previous)
        line_hash = _hash(told)
        self._database.run(self._sql["add_line"], (*told, line_hash))
        self._database.run(self._sql["move_head"], (seq, line_hash))

    def lines(self, before: int | None = None, limit: int = 50) -> list[Line]:
        """List the latest lines, newest first; `before` is the number of the last one already seen."""
        return [_line(row) for row in self._database.rows(self._sql["latest_lines"], (before or _ENDLESS, limit))]

    def about(self, subject: str) -> list[Line]:
        """List all lines about one subject, oldest first."""
        return [_line(row) for row in self._database.rows(self._sql["lines_about"], (subject,))]

    def find(self, wanted: Wanted, before: int = 0, limit: int = 50) -> Found:
        """Look for lines, newest first, before a number; however rare they are, only so many lines are looked at at a time."""
        first, end = self._window(wanted, before or _ENDLESS)
        name = "some_about" if wanted.subject else "some_of_what" if wanted.what else "some"
        more = [wanted.subject or wanted.what] if wanted.subject or wanted.what else []
        found: list[Row] = []
        for _ in range(_MOST_STEPS):
            rows = self._database.rows(self._sql[name], (end, first, _STEP, *more))
            found += [row for row in rows if _is_wanted(row, wanted)]
            if len(found) > limit:
                return Found(list(map(_line, found[:limit])), found[limit - 1][0])
            if len(rows) < _STEP:
                return Found(list(map(_line, found)))
            end = rows[-1][0]
        return Found(list(map(_line, found)), end)

    def kinds(self) -> list[str]:
        """Name all things that ever happened."""
        return [row[0] for row in self._database.rows(self._sql["kinds"])]

    def head(self) -> tuple[int, str]:
        """The number of the last line and its hash, to be kept elsewhere by whoever does not trust this file."""
        seq, line_hash = self._database.row(self._sql["head"]) or (0, "")
        return seq, line_hash

    def verify(self) -> list[str]:
        """Look through all lines as they are on disk; a sentence for each that was changed, removed, added or moved."""
        return self.examined().problems

    def examined(self) -> Examined:
        """Look through them as `verify` does, and say also how many there were; may be called from any thread."""
        found: Examined = read_only(self._database.path, self._examined)
        return found

    def _window(self, wanted: Wanted, before: int) -> tuple[int, int]:
        """The numbers between which all wanted lines are, by their times: the first, and the one after the last."""
        if wanted.since is None or wanted.until is None:
            return (-_ENDLESS, before)
        first, last = self._database.rows(self._sql["span"], (when_text(wanted.since), when_text(wanted.until)))[0]
        return (1, 0) if first is None else (first, min(before, last + 1))

    def _examined(self, own: Database) -> Examined:
        # One snapshot, whatever is written meanwhile.
        own.run("BEGIN")
        problems = []
        seq, line_hash = 0, ""
        for row in self._all(own):
            problems += _between(seq, line_hash, row)
            seq, line_hash = row[0], row[6]
        return Examined(seq, line_hash, problems + _at_end(seq, line_hash, own.row(self._sql["head"])))

    def _all(self, own: Database) -> Iterator[Row]:
        after = -_ENDLESS
        while rows := own.rows(self._sql["lines"], (after, _PAGE)):
            yield from rows
            after = rows[-1][0]


def _hash(told: tuple[Any, ...]) -> str:
    return hashlib.sha256(canonical(list(told)).encode()).hexdigest()


def _line(row: Row) -> Line:
    """Read a line; one that somebody changed so that it says nothing any more is shown all the same."""
    seq, at, what, subject, facts, previous, line_hash = row
    try:
        moment, told = datetime.fromisoformat(at), json.loads(facts)
    except ValueError:
        moment, told = _NO_TIME, None
    if not isinstance(told, dict):
        told = {"unreadable": f"{at} {facts}"}
    return Line(seq, moment, what, subject, told, previous, line_hash)


def _is_wanted(row: Row, wanted: Wanted) -> bool:
    _, at, what, subject, facts, *_ = row
    return (
        wanted.what in ("", what)
        and (wanted.since is None or when_text(wanted.since) <= at)
        and (wanted.until is None or at < when_text(wanted.until))
        and wanted.words.casefold() in f"{what} {subject} {facts}".casefold()
    )


def _between(before: int, before_hash: str, row: Row) -> list[str]:
    """What is wrong with a line and with its place after the one before."""
    seq, previous = row[0], row[5]
    if _hash(row[:6]) != row[6]:
        problem = [f"Line {seq} was changed or moved."]
    elif seq == before + 1 and previous != before_hash:
        problem = [f"Line {seq} does not follow from line {before}: one of them is not the one that was written."]
    else:
        problem = []
    return _missing(before, seq) + problem


def _missing(before: int, seq: int) -> list[str]:
    if seq <= before + 1:
        return [] if seq == before + 1 else [f"Line {seq} was added."]
    first, last = before + 1, seq - 1
    return [f"Line {first} is missing." if first == last else f"Lines {first} to {last} are missing."]


def _at_end(seq: int, line_hash: str, head: Row | None) -> list[str]:
    if head is None:
        return ["The note of the last line is missing, so that nobody can tell whether lines at the end are."]
    if head[0] > seq:
        return _missing(seq, head[0] + 1)
    if head[0] < seq:
        return [f"Line {number} was added." for number in range(head[0] + 1, seq + 1)]
    return [] if head[1] == line_hash else [f"Line {seq}, the last one, is not the one that was written."]
