"""Reads tasks: of one that repeats, the next that is open."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

import icalendar

from butler.core.calendar import Task
from butler.core.sources import Frame
from tools.calendar.components import duration, moment, repeats, sequence
from tools.calendar.expansion import Budget, Window, expanded
from tools.calendar.fields import in_zone, number, text
from tools.calendar.mending import Part, Problems
from tools.calendar.rules import utc


def task(uid: str, parts: Sequence[Part], frame: Frame, window: Window, budget: Budget, problems: Problems) -> Task:
    """Read a task; one that repeats is open as long as any occurrence up to the window's end is, and due with the first."""
    master = max(parts, key=lambda part: ("RECURRENCE-ID" not in part.component, sequence(part.component)))
    whole = _read(master.component, uid, frame, window.zone)
    if not repeats(master.component) or whole.completed or whole.cancelled or (whole.due is None and whole.start is None):
        return whole
    begin = min(utc(whole.start or whole.due or window.start), utc(window.start)).date()
    found = expanded(parts, Window(begin, window.end, window.zone), budget, problems)
    read = [_read(_without_made_up(each.component, whole), uid, frame, window.zone) for each in found]
    still_open = [each for each in read if not (each.completed or each.cancelled)]
    if not still_open:
        return max(read, key=_when, default=whole)
    return min(still_open, key=_when)


def _when(found: Task) -> datetime:
    moment = found.due or found.start
    return utc(moment if moment is not None else date.max)


def _without_made_up(component: icalendar.Component, whole: Task) -> icalendar.Component:
    """Take away the start or due date that the expansion gave an occurrence whose task has none."""
    if whole.start is None:
        component.pop("DTSTART", None)
    if whole.due is None:
        component.pop("DUE", None)
    return component


def _read(component: icalendar.Component, uid: str, frame: Frame, zone: ZoneInfo) -> Task:
    status = text(component, "STATUS").upper()
    start, due, length = moment(component, "DTSTART"), moment(component, "DUE"), duration(component)
    if due is None and start is not None and length:
        due = start + length
    percent = number(component, "PERCENT-COMPLETE", 0, 100)
    return Task(
        uid=uid,
        summary=text(component, "SUMMARY"),
        due=None if due is None else in_zone(due, zone),
        start=None if start is None else in_zone(start, zone),
        completed=status == "COMPLETED" or (not status and (percent == 100 or "COMPLETED" in component)),
        cancelled=status == "CANCELLED",
        priority=number(component, "PRIORITY", 0, 9),
        percent=percent,
        description=text(component, "DESCRIPTION", frame.text_limit),
    )
