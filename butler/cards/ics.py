"""What differs between two versions of a calendar object, in words, pure: read line by line, never trusted to be sound."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import unified_diff
from zoneinfo import ZoneInfo

_FOLD = re.compile(r"\r?\n[ \t]")
_PROPERTY = re.compile(r'([A-Za-z0-9-]+)((?:;(?:[^":;]|"[^"]*")*)*):(.*)', re.DOTALL)
_STAMP = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)\d\d(Z?))?")
_ESCAPE = re.compile(r"\\([nN,;\\])")
_LABELS = {
    "SUMMARY": "Title",
    "DTSTART": "Starts",
    "DTEND": "Ends",
    "DURATION": "Lasts",
    "DUE": "Due",
    "LOCATION": "Where",
    "RRULE": "Repeats",
    "RDATE": "Also on",
    "EXDATE": "Not on",
    "STATUS": "Status",
    "COMPLETED": "Done",
    "PERCENT-COMPLETE": "Percent",
    "ORGANIZER": "Organizer",
    "URL": "Address",
    "DESCRIPTION": "Text",
}
_ORDER = tuple(_LABELS.values())
_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+/-]{1,60}")
_TIMES = frozenset({"DTSTART", "DTEND", "DUE", "RDATE", "EXDATE", "COMPLETED"})
_LONGEST_DIFFERENCE = 20_000
_KINDS = ("VEVENT", "VTODO")


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that becomes another: `field` in words, `before` and `after` as the owner reads them, empty where not there."""

    field: str
    before: str
    after: str


def changes(before: str, after: str, zone: ZoneInfo | None) -> Sequence[Change]:
    """List what differs, of each event, task or occurrence."""
    old, new = _components(before, zone), _components(after, zone)
    return [change for key in dict.fromkeys((*old, *new)) for change in _between(key, old.get(key, {}), new.get(key, {}))]


def first(text: str, zone: ZoneInfo | None) -> Mapping[str, str]:
    """The fields of the first event or task, in words."""
    return next(iter(_components(text, zone).values()), {})


def title(text: str) -> str:
    """The title of the first event or task; empty where there is none."""
    return next((fields["Title"] for fields in _components(text, None).values() if fields.get("Title")), "")


def starts(text: str) -> str:
    """When the first event starts, or the first task is due, as it is written; empty where that is not said."""
    found = first(text, None)
    return found.get("Starts") or found.get("Due") or ""


def method(text: str) -> str:
    """The METHOD of an iTIP message, in upper case; empty where there is none."""
    return next((line.partition(":")[2].strip().upper() for line in unfolded(text) if line.upper().startswith("METHOD:")), "")


def unfolded(text: str) -> list[str]:
    """The logical lines."""
    return _FOLD.sub("", text).replace("\r\n", "\n").rstrip("\n").split("\n") if text else []


def zones_apart(lines: Sequence[str]) -> tuple[list[str], list[str]]:
    """Part logical lines: those of the calendar object itself, and those that tell what its time zones are."""
    own: list[str] = []
    zones: list[str] = []
    is_zone = False
    for line in lines:
        edge = line.strip().upper()
        is_zone = is_zone or edge == "BEGIN:VTIMEZONE"
        (zones if is_zone else own).append(line)
        is_zone = is_zone and edge != "END:VTIMEZONE"
    return own, zones


def difference(before: Sequence[str], after: Sequence[str]) -> list[str]:
    """A unified difference of lines, without its head; of very long ones all that goes and all that comes."""
    if len(before) + len(after) > _LONGEST_DIFFERENCE:
        return [*(f"-{line}" for line in before), *(f"+{line}" for line in after)]
    return list(unified_diff(before, after, lineterm="", n=3))[2:]


def _between(key: str, old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Change]:
    where = f" ({key})" if key else ""
    for field in sorted(dict.fromkeys((*old, *new)), key=_place):
        if old.get(field, "") != new.get(field, ""):
            yield Change(field + where, old.get(field, ""), new.get(field, ""))


def _place(field: str) -> int:
    """Where a field stands in a list: the named ones in their order, answers below."""
    return _ORDER.index(field) if field in _ORDER else len(_ORDER)


def _components(text: str, zone: ZoneInfo | None) -> dict[str, dict[str, str]]:
    """The fields of each event and task by its RECURRENCE-ID, in words; what lies inside them, as alarms do, is left out."""
    found: dict[str, dict[str, str]] = {}
    open_parts: list[str] = []
    fields: dict[str, str] = {}
    key = ""
    for line in unfolded(text):
        name, _, value = line.partition(":")
        match name.upper(), value.strip().upper():
            case "BEGIN", part:
                open_parts.append(part)
                if part in _KINDS:
                    fields, key = {}, ""
            case "END", part:
                if part in _KINDS and open_parts and open_parts[-1] == part:
                    found.setdefault(key if key not in found else f"{key} no. {len(found) + 1}".strip(), fields)
                open_parts = open_parts[:-1]
            case _ if open_parts and open_parts[-1] in _KINDS:
                key = _read(line, zone, fields) or key
    return found


def _read(line: str, zone: ZoneInfo | None, fields: dict[str, str]) -> str:
    """Put a property into the fields; a RECURRENCE-ID is returned."""
    read = _PROPERTY.fullmatch(line)
    if read is None:
        return ""
    name, parameters, value = read[1].upper(), read[2], read[3]
    if name == "RECURRENCE-ID":
        return f"of {_time(value, parameters, zone)}"
    if name == "ATTENDEE":
        answer = re.search(r"(?i);PARTSTAT=([A-Za-z-]+)", parameters)
        fields[f"Answer of {_mailbox(value)}"] = (answer[1] if answer else "NEEDS-ACTION").lower().replace("-", " ")
    elif name in _LABELS:
        shown = _time(value, parameters, zone) if name in _TIMES else _words(name, value)
        before = fields.get(_LABELS[name])
        fields[_LABELS[name]] = f"{before}, {shown}" if before and name in _TIMES else shown
    return ""


def _words(name: str, value: str) -> str:
    if name == "ORGANIZER":
        return _mailbox(value)
    return value if name == "RRULE" else _ESCAPE.sub(lambda found: "\n" if found[1] in "nN" else found[1], value)


def _mailbox(value: str) -> str:
    return value[7:] if value.lower().startswith("mailto:") else value


def _time(value: str, parameters: str, zone: ZoneInfo | None) -> str:
    return ", ".join(_moment(each.strip(), parameters, zone) for each in value.split(","))


def _moment(value: str, parameters: str, zone: ZoneInfo | None) -> str:
    """A day, or a time in the owner's zone; without one, or where its own zone is unknown, as it is written there."""
    read = _STAMP.fullmatch(value)
    if read is None:
        return value
    named = re.search(r'(?i);TZID="?([^";]+)', parameters)
    try:
        moment = datetime(*(int(each) for each in read.groups("0")[:5]), tzinfo=UTC)  # type: ignore[misc,arg-type]
        if read[4] is None:
            return f"{moment:%a %Y-%m-%d}"
        own = UTC if read[6] else _zone(named[1]) if named else None
        if own is not None and zone is not None:
            shown = moment.replace(tzinfo=own).astimezone(zone)
            return f"{shown:%a %Y-%m-%d %H:%M}" + (f" {shown:%Z}" if own is UTC or own != zone else "")
    except (ValueError, OverflowError):
        return value
    place = "UTC" if read[6] else named[1] if named else ""
    return f"{moment:%a %Y-%m-%d %H:%M}" + (f" ({place})" if place else "")


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if _ZONE.fullmatch(name) else None
    except (ValueError, KeyError, OSError):
        return None
