"""Writes what the owner edited of an event or a task into its text; loads the calendar's library only then."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime

from butler.cards.edited import EditProblems
from butler.core.payloads import CalendarCreate, CalendarUpdate, EventFields, TaskCreate


def rewritten(
    payload: CalendarCreate | CalendarUpdate | TaskCreate, fields: EventFields, now: datetime, owner: Collection[str]
) -> str:
    """The new text; raises EditProblems where it cannot be written."""
    from tools.calendar.editing import updated
    from tools.calendar.lines import EditError

    after = payload.change.after
    try:
        if isinstance(payload, TaskCreate):
            return _task(after, fields)
        if isinstance(payload, CalendarUpdate):
            return updated(after, fields, payload.scope, payload.recurrence_id, now=now, owner=owner)
        return updated(after, fields, now=now, owner=owner)
    except EditError as error:
        raise EditProblems((str(error),)) from error


def _task(text: str, fields: EventFields) -> str:
    import icalendar

    from tools.calendar.lines import EditError, made, read_block, write_block

    calendar = read_block(text)
    tasks = calendar.blocks("VTODO")
    if not tasks:
        raise EditError("There is no task in it.")
    for name, value in (("SUMMARY", fields.summary), ("DESCRIPTION", fields.description)):
        if value is not None:
            tasks[0].put(made(name, icalendar.vText(value)))
    due = fields.end
    if isinstance(due, datetime):
        tasks[0].put(made("DUE", icalendar.vDatetime(due.astimezone(UTC))))
    elif due is not None:
        tasks[0].put(made("DUE", icalendar.vDate(due)))
    return write_block(calendar)
