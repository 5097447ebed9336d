"""Writes calendar objects for tests, and parses them in November 2026 in Berlin unless told otherwise."""

from __future__ import annotations

from datetime import date

from butler.core.calendar import CalendarObject, RawObject
from butler.core.sources import Frame
from tools.calendar.ical import parse

FRAME = Frame("Europe/Berlin", date(2026, 11, 1), date(2026, 12, 1))

CUSTOM_ZONE = """BEGIN:VTIMEZONE
TZID:Office
BEGIN:DAYLIGHT
DTSTART:19700308T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU
TZOFFSETFROM:-0500
TZOFFSETTO:-0400
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:19701101T020000
RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU
TZOFFSETFROM:-0400
TZOFFSETTO:-0500
END:STANDARD
END:VTIMEZONE
"""


def wrapped(*components: str) -> bytes:
    """Make a calendar of components."""
    lines = "\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", *(each.strip("\n") for each in components), "END:VCALENDAR", ""])
    return lines.replace("\n", "\r\n").encode()


def component(kind: str, body: str, uid: str = "u") -> str:
    """Make one component of its lines."""
    given = "" if "UID:" in body else f"UID:{uid}\n"
    return f"BEGIN:{kind}\n{given}{body.strip(chr(10))}\nEND:{kind}\n"


def event(body: str, uid: str = "u") -> str:
    """Make a VEVENT."""
    return component("VEVENT", body, uid)


def todo(body: str, uid: str = "t") -> str:
    """Make a VTODO."""
    return component("VTODO", body, uid)


def parsed(content: bytes | str, frame: Frame = FRAME) -> CalendarObject:
    """Parse bytes, or components in a calendar."""
    raw = content if isinstance(content, bytes) else wrapped(content)
    return parse(RawObject("a.ics", "1", raw), frame)


def starts(found: CalendarObject) -> list[str]:
    """The starts of all occurrences, as text."""
    return [each.start.isoformat() for each in found.occurrences]
