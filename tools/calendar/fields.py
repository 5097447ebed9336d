"""What an event or task says in its own words: texts, people and states, read from one component."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Literal, cast, get_args
from zoneinfo import ZoneInfo

import icalendar

from butler.core.calendar import Answer, Attendee, Occurrence
from tools.calendar.components import Moment, duration, listed, moment, start_of

_TITLE_LIMIT = 2_000
_MOST_ATTENDEES = 500

Status = Literal["confirmed", "tentative", "cancelled"]


def text(component: icalendar.Component, name: str, limit: int = _TITLE_LIMIT) -> str:
    """Read a text property, cut at `limit` characters."""
    return str(component.get(name, ""))[:limit].strip()


def number(component: icalendar.Component, name: str, least: int, most: int) -> int:
    """Read a number between bounds, `least` where there is none or another."""
    value = component.get(name)
    return int(value) if isinstance(value, int) and least <= value <= most else least


def span(component: icalendar.Component) -> tuple[Moment, Moment]:
    """Read an event's start and exclusive end: a day where whole days have none, its start where a time has none."""
    start, end, length = start_of(component), moment(component, "DTEND"), duration(component)
    if end is not None:
        return start, end
    if length:
        return start, start + length
    return start, start if isinstance(start, datetime) else start + timedelta(days=1)


def past_the_gap(start: Moment, end: Moment) -> tuple[Moment, Moment]:
    """Let what begins in the hour that the clocks skip keep its length, as every day of a series does."""
    if not (isinstance(start, datetime) and isinstance(end, datetime) and start.tzinfo and start.tzinfo is end.tzinfo):
        return start, end
    begins = start.astimezone(UTC)
    real = begins.astimezone(start.tzinfo)
    if real.replace(tzinfo=None) == start.replace(tzinfo=None):
        return start, end
    length = end.replace(tzinfo=None) - start.replace(tzinfo=None)
    return real, (begins + length).astimezone(start.tzinfo)


def recurrence_id(original: Moment, *, local: bool) -> str:
    """Name an original start: `20261124`, `20261124T080000Z`, or `20261124T090000` where its series has no known zone."""
    if not isinstance(original, datetime):
        return f"{original:%Y%m%d}"
    return f"{original:%Y%m%dT%H%M%S}" if local else f"{original.astimezone(UTC):%Y%m%dT%H%M%S}Z"


def in_zone(placed: Moment, zone: ZoneInfo) -> Moment:
    """Give a time in the owner's zone; a day stays one."""
    return placed.astimezone(zone) if isinstance(placed, datetime) else placed


def template(component: icalendar.Component, uid: str, text_limit: int) -> Occurrence:
    """Read what all occurrences of an event share; the span is that of the event itself."""
    start, end = span(component)
    state = text(component, "STATUS").lower()
    status = cast("Status", state if state in get_args(Status) else "confirmed")
    transparent = text(component, "TRANSP").upper() == "TRANSPARENT"
    return Occurrence(
        uid=uid,
        recurrence_id="",
        summary=text(component, "SUMMARY"),
        start=start,
        end=end,
        location=text(component, "LOCATION"),
        description=text(component, "DESCRIPTION", text_limit),
        status=status,
        busy=not transparent and status != "cancelled",
        organizer=_organizer(component),
        attendees=_attendees(component),
        url=text(component, "URL") or text(component, "CONFERENCE"),
    )


def _organizer(component: icalendar.Component) -> Attendee | None:
    value = component.get("ORGANIZER")
    return _person(value) if isinstance(value, icalendar.vCalAddress) and value.strip() else None


def _attendees(component: icalendar.Component) -> tuple[Attendee, ...]:
    people = listed(component, "ATTENDEE")[:_MOST_ATTENDEES]
    return tuple(_person(value) for value in people if isinstance(value, icalendar.vCalAddress))


def _person(value: icalendar.vCalAddress) -> Attendee:
    address = str(value).strip().lower().removeprefix("mailto:")
    answer = str(value.params.get("PARTSTAT", "")).lower()
    name = str(value.params.get("CN", "")).strip()[:200]
    return Attendee(name, address[:320], cast("Answer", answer if answer in get_args(Answer) else "needs-action"))
