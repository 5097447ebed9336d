"""Deadlines in notes: lines with a cue, and open Markdown tasks with a date."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from butler.core.notes import PlacedNote
from workflows.briefing.dates import find_dates
from workflows.briefing.values import Due, NoteDue

LINES = 5_000
LINE = 1_000
NOTED = 50
_TASK = re.compile(r"[ \t]*(?:>[ \t]*)*(?:[-*+]|\d{1,3}[.)])[ \t]+\[(?P<mark>.)\]")
_CALENDAR = re.compile(r"(?:📅|due::?|deadline::?)\ufe0f?[ \t]{0,3}(?P<day>\d{4}-\d{2}-\d{2})", re.IGNORECASE)
_FENCE = re.compile(r"[ \t]{0,3}(?:```|~~~)")
_DATED = re.compile(r"\d{4}-\d{2}-\d{2}")


def note_dues(note: PlacedNote, day: dt.date, zone: ZoneInfo | None = None) -> tuple[NoteDue, ...]:
    """Find the deadlines of a note, one a line at most; bare dates count from the note's last change or today, the earlier.

    `zone` is the owner's: it tells 3/4 of March from that of April.
    """
    written = min(_dated(note) or note.modified.date(), day)
    found: list[NoteDue] = []
    for number, line in _open_lines(note.text):
        due = _due(line, written, zone)
        if due:
            found.append(NoteDue(ref=note.ref, line=number, due=due))
        if len(found) == NOTED:
            break
    return tuple(found)


def _dated(note: PlacedNote) -> dt.date | None:
    """The day in a note's file name, as journals and meeting notes have it."""
    found = _DATED.search(note.path.rpartition("/")[2])
    return _day(found.group()) if found else None


def _open_lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines that may hold something to be done, with their numbers: no done tasks, no code, no struck-out text."""
    code = False
    for number, line in enumerate(text.split("\n")[:LINES], start=1):
        if _FENCE.match(line):
            code = not code
            continue
        task = _TASK.match(line)
        struck = line.strip().startswith("~~") or "✅" in line
        if not code and not struck and not (task and task["mark"] in "xX-✓"):
            yield number, line[:LINE]


def _due(line: str, written: dt.date, zone: ZoneInfo | None) -> Due | None:
    marked = _CALENDAR.search(line)
    if marked and (day := _day(marked["day"])):
        return Due(day=day, quote=line.strip(), words=marked["day"])
    task = _TASK.match(line) is not None
    for found in find_dates(line, written, zone):
        if found.cued or (task and _is_calendar_date(found.due.words)):
            return found.due.model_copy(update={"quote": line.strip()})
    return None


def _is_calendar_date(words: str) -> bool:
    return any(c.isdigit() for c in words)


def _day(words: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(words)
    except ValueError:
        return None
