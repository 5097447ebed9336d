"""An action as a form with fields, pure: the same that the editor gets, and the same checks when it comes back."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from butler.cards.edited import COMMENT, EditProblems
from butler.cards.editing import contents_of, from_file
from butler.core import payloads as p

CALENDAR = (p.CalendarCreate, p.CalendarUpdate, p.TaskCreate)
"""The kinds whose text is written by what writes calendars."""
_NUMBERED = re.compile(r"Line (\d+): (.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What may be edited of an action: short fields by name, and its text; None where there can be none."""

    fields: Mapping[str, str]
    text: str | None


@dataclass(frozen=True, slots=True)
class Problems:
    """What is wrong with what was typed: sentences by field, "Text" being the text and "" the whole."""

    by_field: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return any(self.by_field.values())


def sheet_of(payload: p.Payload, zone: ZoneInfo) -> Sheet:
    """What may be edited; raises ButlerError where nothing may."""
    head, text = contents_of(payload, 0, zone)
    return Sheet({name: re.sub(r",\n\s*", ",\n", value) for name, value in head}, text)


def file_of(sheet: Sheet) -> str:
    """The file that the editor would leave with this."""
    # The comment keeps a text that begins with an empty line, or with what looks like a comment, as it is.
    lines = [COMMENT, *(line for name, value in sheet.fields.items() for line in _header(name, value))]
    return "\n".join((*lines, "", sheet.text)) if sheet.text is not None else "\n".join((*lines, ""))


def read_sheet(payload: p.Payload, sheet: Sheet, zone: ZoneInfo) -> p.Payload | Problems:
    """What an action becomes with what was typed, or what is wrong with that; of the kinds of a calendar the problems alone."""
    try:
        return from_file(payload, file_of(sheet), zone, lambda event, _fields: event.change.after)
    except EditProblems as problems:
        return placed(problems.problems, sheet)


def placed(problems: Sequence[str], sheet: Sheet) -> Problems:
    """Put problems that name lines of the file beside the fields that these lines are from."""
    starts, names, line = [], [], 2
    for name, value in sheet.fields.items():
        starts.append(line)
        names.append(name)
        line += len(_header(name, value))
    found: dict[str, list[str]] = {}
    for problem in problems:
        numbered = _NUMBERED.fullmatch(problem)
        place = bisect_right(starts, int(numbered[1])) - 1 if numbered else -1
        name = names[place] if place >= 0 and numbered and int(numbered[1]) < line else _named(problem, sheet)
        words = numbered[2] if numbered else problem
        found.setdefault(name, []).append(words[:1].upper() + words[1:])
    return Problems(found)


def _header(name: str, value: str) -> list[str]:
    """A field in lines of the head; whatever line breaks it has, it stays one header."""
    first, *rest = [line.strip() for line in value.splitlines() if line.strip()] or [""]
    return [f"{name}: {first}" if first else f"{name}:", *(f"    {line}" for line in rest)]


def _named(problem: str, sheet: Sheet) -> str:
    """The field that a sentence without a line speaks of."""
    return next(_mentions(problem, sheet), "")


def _mentions(problem: str, sheet: Sheet) -> Iterator[str]:
    yield from (name for name in sheet.fields if f"“{name}:”" in problem)
    words = {"The text ": "Text", "The title ": "Title", "There is no recipient ": "To", "Nothing is set ": "Set"}
    for begin, name in words.items():
        if problem.startswith(begin) and (name in sheet.fields or name == "Text"):
            yield name
