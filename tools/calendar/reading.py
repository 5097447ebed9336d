"""From the bytes of a calendar object to its events and tasks, mended, with every time placed; whatever the bytes are.

Lines are unfolded and time zone definitions taken out here, so that icalendar parses only what is needed and carries
nothing over from one object to the next.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from zoneinfo import ZoneInfo

import icalendar

from butler.core.text import one_line
from tools.calendar.mending import Part, Problems, mended
from tools.calendar.rules import LIBRARY_ERRORS
from tools.calendar.zones import Zones, with_known_zones

LARGEST = 1_000_000
"""Bytes of an object that are read at most, attachments inside it not counted."""

LARGEST_WITH_ATTACHMENTS = 10_000_000
MOST_LINES = 20_000
_LINES_TRIED = 500
_LONGEST_RULE = 1_000
_LONGEST_DATES = 100_000
_ATTACHMENT = re.compile(rb"^(?:ATTACH|IMAGE|X-ALT-DESC)[;:][^\n]*\n", re.IGNORECASE | re.MULTILINE)
_FOLDS = (b"\r\n ", b"\r\n\t", b"\n ", b"\n\t")
_LINE_ENDS = re.compile(r"\r\n?")
_CONTROLS = dict.fromkeys([*range(9), *range(11, 13), *range(14, 32), 127])


@dataclass(frozen=True, slots=True)
class Reading:
    """What could be read, and sentences on what could not."""

    parts: tuple[Part, ...] = ()
    problems: tuple[str, ...] = ()


def read(content: bytes, owner: ZoneInfo) -> Reading:
    """Read the events and tasks of an object; never raises."""
    text = _text(content)
    if isinstance(text, Reading):
        return text
    problems = Problems()
    lines, definitions = _without_zones(text.split("\n"), problems)
    components = list(_components("\n".join(lines), problems))
    if not components:
        problems.add("It is broken off or not a calendar.")
    zones = Zones(owner, definitions, problems.add)
    parts = []
    for component in components:
        try:
            part = mended(component, zones, problems)
        except LIBRARY_ERRORS:
            problems.add("An event or task in it could not be read.")
            continue
        if part is not None:
            parts.append(part)
    return Reading(tuple(parts), tuple(problems.sentences))


def _text(content: bytes) -> str | Reading:
    if len(content) <= LARGEST_WITH_ATTACHMENTS:
        for fold in _FOLDS:
            content = content.replace(fold, b"")
        content = _ATTACHMENT.sub(b"", content) if len(content) > LARGEST else content
    if len(content) > LARGEST:
        return Reading(problems=("It is larger than 1 MB and was not read.",))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
    text = _LINE_ENDS.sub("\n", text).translate(_CONTROLS)
    if "BEGIN:VCALENDAR" not in text and "begin:vcalendar" not in text[:2000].lower():
        return Reading(problems=("It is not a calendar.",))
    if text.count("\n") > MOST_LINES:
        return Reading(problems=("It has more than 20,000 lines and was not read.",))
    return with_known_zones(text)


def _without_zones(lines: Sequence[str], problems: Problems) -> tuple[list[str], dict[str, str]]:
    """Part an object's lines into what is parsed at once and its zones' definitions, which mostly nobody needs."""
    kept: list[str] = []
    definitions: dict[str, str] = {}
    zone: list[str] | None = None
    for line in lines:
        mark = line[:15].rstrip().upper()
        if mark == "BEGIN:VTIMEZONE":
            zone = []
        if len(line) > _LONGEST_RULE and _too_long(line):
            problems.add("A rule or list of dates by which something repeats is too long and was ignored.")
        elif zone is None:
            kept.append(line)
        else:
            zone.append(line)
        if mark == "END:VTIMEZONE" and zone is not None:
            name = next((each[5:].strip() for each in zone if each[:5].upper() == "TZID:"), "")
            definitions.setdefault(name, "\r\n".join([*zone, ""]))
            zone = None
    return kept, definitions


def _too_long(line: str) -> bool:
    name = line[:7].upper()
    return name.startswith(("RRULE", "EXRULE")) or (name.startswith(("EXDATE", "RDATE")) and len(line) > _LONGEST_DATES)


def _components(text: str, problems: Problems) -> Iterator[icalendar.Component]:
    try:
        calendars: Sequence[icalendar.Component] = icalendar.Calendar.from_ical(text, multiple=True)
    except LIBRARY_ERRORS:
        problems.add("Some lines of it could not be read.")
        calendars = _salvaged(text)
    for component in chain.from_iterable(calendar.subcomponents for calendar in calendars):
        if component.name in {"VEVENT", "VTODO"}:
            for name, _ in component.errors[:5]:
                problems.add(f"{one_line(name, 20)} could not be read." if name else "Some lines of it could not be read.")
            component.subcomponents.clear()
            yield component


def _salvaged(text: str) -> list[icalendar.Component]:
    """Read each event and task for itself, where a line breaks the whole; without alarms and what else lies in them."""
    calendars: list[icalendar.Component] = []
    block: list[str] = []
    nested = ""
    for line in text.split("\n"):
        mark = line.rstrip().upper()
        if mark in {"BEGIN:VEVENT", "BEGIN:VTODO"}:
            block, nested = [mark], ""
        elif mark.startswith("BEGIN:"):
            nested = nested or mark.removeprefix("BEGIN:")
        elif nested:
            nested = "" if mark == f"END:{nested}" else nested
        elif block and mark in {"END:VEVENT", "END:VTODO"}:
            calendars += _alone(block[0], block[1:])
            block = []
        elif block:
            block.append(line)
    return calendars


def _alone(begin: str, lines: Sequence[str]) -> list[icalendar.Component]:
    """Read one component, leaving out lines that cannot be read; icalendar does so itself for events, but not for tasks."""

    def calendars(these: Sequence[str]) -> list[icalendar.Component]:
        text = "\n".join(["BEGIN:VCALENDAR", begin, *these, begin.replace("BEGIN", "END"), "END:VCALENDAR", ""])
        return list(icalendar.Calendar.from_ical(text, multiple=True))

    def fine(line: str) -> bool:
        try:
            calendars([line])
        except LIBRARY_ERRORS:
            return False
        return True

    try:
        return calendars(lines)
    except LIBRARY_ERRORS:
        return calendars([line for line in lines[:_LINES_TRIED] if fine(line)])
