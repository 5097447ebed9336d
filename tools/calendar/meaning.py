"""Whether two texts of a calendar object mean the same, and in what they differ: servers rewrite what they are given."""

from __future__ import annotations

from collections.abc import Mapping

import icalendar

from tools.calendar.editing import address_of
from tools.calendar.lines import Block, EditError, Line, edits, read_block
from tools.calendar.moments import Moments, comparable, later, length

_TEXTS = ("SUMMARY", "LOCATION", "DESCRIPTION", "COMMENT", "STATUS", "COMPLETED", "PRIORITY", "PERCENT-COMPLETE")
_DATES = ("EXDATE", "RDATE")
_OWN_AFFAIR = frozenset({"PRODID", "DTSTAMP", "CREATED", "LAST-MODIFIED", "VERSION", "CALSCALE"})

Name = tuple[str, str, str]


def same(text: str, other: str) -> bool:
    """Whether two objects hold the same events and tasks: times, rules, words, states and answers."""
    if flat(text) == flat(other):
        return True
    try:
        return _sense(text) == _sense(other)
    except EditError:
        return False


def flat(text: str) -> list[str]:
    """An object's lines, whatever their ends."""
    return [line for line in text.replace("\r\n", "\n").split("\n") if line.strip()]


def differences(wanted: str, found: str) -> list[str]:
    """Name the properties that another text of an object has otherwise, more or not at all."""
    try:
        before, after = _lines(wanted), _lines(found)
    except EditError:
        return ["all of it"]
    changed = {name for key in before.keys() | after.keys() for name in _unequal(before.get(key, {}), after.get(key, {}))}
    return sorted(changed - _OWN_AFFAIR)


def _unequal(one: Mapping[str, list[str]], other: Mapping[str, list[str]]) -> set[str]:
    return {name for name in one.keys() | other.keys() if one.get(name) != other.get(name)}


@edits
def _lines(text: str) -> dict[Name, dict[str, list[str]]]:
    calendar = read_block(text)
    moments = Moments(calendar)
    found: dict[Name, dict[str, list[str]]] = {}
    for block in calendar.blocks("VEVENT", "VTODO"):
        values = found.setdefault(_name(block, moments), {})
        for line in block.lines:
            values.setdefault(line.name, []).append(_form(line))
        for inner in block.body:
            if isinstance(inner, Block):
                values.setdefault(inner.name, []).extend(sorted(_form(line) for line in inner.lines))
    return {key: {name: sorted(each) for name, each in values.items()} for key, values in found.items()}


def _form(line: Line) -> str:
    params = ";".join(sorted(f"{name.upper()}={value}" for name, value in line.params.items()))
    return f"{params}:{line.value.strip()}"


@edits
def _sense(text: str) -> dict[Name, dict[str, object]]:
    calendar = read_block(text)
    moments = Moments(calendar)
    return {_name(block, moments): _sense_of(block, moments) for block in calendar.blocks("VEVENT", "VTODO")}


def _name(block: Block, moments: Moments) -> Name:
    original = block.first("RECURRENCE-ID")
    name = f"{moments.name(original)} {original.param('RANGE').upper()}" if original is not None else ""
    return block.name, block.text("UID"), name


def _sense_of(block: Block, moments: Moments) -> dict[str, object]:
    found: dict[str, object] = {name: _words(block.first(name)) for name in _TEXTS}
    start, due = block.first("DTSTART"), block.first("DUE")
    if start is not None:
        begin = moments.read(start)
        found["start"] = (type(begin), comparable(begin))
        found["end"] = comparable(later(begin, length(moments, block)))
    elif due is not None:
        found["end"] = comparable(moments.read(due))
    found["rules"] = sorted(sorted(line.value.strip().upper().split(";")) for line in block.all("RRULE"))
    for name in _DATES:
        values = [(line, value) for line in block.all(name) for value in line.value.split(",") if "/" not in value]
        found[name] = {comparable(moments.read(line, value)) for line, value in values}
    found["free"] = block.text("TRANSP").upper() == "TRANSPARENT"
    found["people"] = {address_of(line): line.param("PARTSTAT").upper() or "NEEDS-ACTION" for line in block.all("ATTENDEE")}
    return found


def _words(line: Line | None) -> str:
    if line is None:
        return ""
    text = str(icalendar.vText.from_ical(line.value))
    return " ".join(text.split()).removesuffix(" ") if line.name != "PRIORITY" or text.strip() != "0" else ""
