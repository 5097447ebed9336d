"""Writes new events and tasks, and marks tasks as done; pure, the clock is an argument."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar

from tools.calendar.components import Moment, moment
from tools.calendar.editing import stamp
from tools.calendar.expansion import Budget, Window, by_uid, expanded
from tools.calendar.lines import Block, EditError, edits, plain, read_block, write_block
from tools.calendar.mending import Problems
from tools.calendar.moments import Moments, later, length
from tools.calendar.reading import read
from tools.calendar.rules import utc

PRODUCT = "-//butler//butler//EN"
_AHEAD = timedelta(days=400)


def new_event(
    uid: str, summary: str, start: Moment, end: Moment, *, now: datetime, location: str = "", description: str = ""
) -> str:
    """Write a new event, with the definition of its time zone."""
    event = icalendar.Event()
    event.add("uid", uid)
    event.add("dtstamp", now.astimezone(UTC))
    event.add("summary", summary)
    event.add("dtstart", start)
    event.add("dtend", end)
    if location:
        event.add("location", location)
    if description:
        event.add("description", description)
    return _whole(event)


def new_task(uid: str, summary: str, due: Moment | None, description: str, now: datetime) -> str:
    """Write a new task."""
    todo = icalendar.Todo()
    todo.add("uid", uid)
    todo.add("dtstamp", now.astimezone(UTC))
    todo.add("summary", summary)
    todo.add("status", "NEEDS-ACTION")
    if due is not None:
        todo.add("due", due)
    if description:
        todo.add("description", description)
    return _whole(todo)


def _whole(component: icalendar.Component) -> str:
    calendar = icalendar.Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add_component(component)
    calendar.add_missing_timezones()
    written: bytes = calendar.to_ical()
    return written.decode()


@edits
def completed(text: str, uid: str, at: datetime) -> str:
    """Mark a task as done; of one that repeats the occurrence that is open next, by an override."""
    calendar = read_block(text)
    mine = [each for each in calendar.blocks("VTODO") if each.text("UID") == uid]
    master = next((each for each in mine if each.first("RECURRENCE-ID") is None), None)
    if not mine:
        raise EditError("The calendar object holds no such task.")
    target = master or mine[0]
    if master is not None and master.first("DTSTART") is not None and (master.first("RRULE") or master.first("RDATE")):
        target = _next_open(calendar, master, mine, text, at)
    for line in (plain("STATUS", "COMPLETED"), stamp("COMPLETED", at), plain("PERCENT-COMPLETE", "100")):
        target.put(line)
    for name in ("DTSTAMP", "LAST-MODIFIED"):
        target.put(stamp(name, at))
    return write_block(calendar)


def _next_open(calendar: Block, master: Block, mine: list[Block], text: str, at: datetime) -> Block:
    """The override of the occurrence that the mirror shows as open: the first that is neither done nor cancelled."""
    moments = Moments(calendar)
    start = master.first("DTSTART")
    assert start is not None  # noqa: S101 - only such a task is asked about
    original = _first_open(text, master.text("UID"), at)
    for each in mine:
        line = each.first("RECURRENCE-ID")
        if line is not None and utc(moments.read(line)) == utc(original):
            return each
    placed = moments.original(start, original.strftime("%Y%m%d")) if not isinstance(original, datetime) else original
    override = master.copy()
    override.drop("RRULE", "RDATE", "EXDATE", "EXRULE")
    override.body.insert(override.body.index(start), moments.written("RECURRENCE-ID", placed, start))
    override.put(moments.written("DTSTART", placed, start))
    if override.first("DUE") is not None:
        override.put(moments.written("DUE", later(placed, length(moments, master)), override.first("DUE")))
    place = max(at for at, each in enumerate(calendar.body) if any(each is one for one in mine))
    calendar.body.insert(place + 1, override)
    return override


def _first_open(text: str, uid: str, at: datetime) -> Moment:
    problems = Problems()
    parts = next(parts for name, parts in by_uid(read(text.encode(), ZoneInfo("UTC")).parts) if name == uid)
    begin = min((utc(start) for part in parts if (start := moment(part.component, "DTSTART"))), default=utc(at))
    window = Window(begin.date(), (max(begin, utc(at)) + _AHEAD).date(), ZoneInfo("UTC"))
    found = expanded(parts, window, Budget(), problems)
    still_open = [each for each in found if str(each.component.get("STATUS", "")).upper() not in {"COMPLETED", "CANCELLED"}]
    if not still_open:
        raise EditError("No occurrence of the task is open.")
    return min((each.original for each in still_open), key=utc)
