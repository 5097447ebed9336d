"""Tasks that are due today or overdue."""

from __future__ import annotations

import datetime as dt

from butler.core.briefing import Evidence
from butler.core.calendar import PlacedTask
from butler.core.text import one_line
from workflows.briefing.view import Entry, View, shortened
from workflows.briefing.words import day_name, say

SHOWN = 20
STALE_DAYS = 30
_HIGH = 4


def entries(view: View) -> list[Entry]:
    """The lines of the section: by day, then by priority, unset ones last; what is long overdue comes after all others."""
    due = [(day, placed) for placed in view.gathered.tasks if (day := due_day(placed, view)) is not None and day <= view.day]
    stale = view.day - dt.timedelta(STALE_DAYS)
    ordered = sorted(due, key=lambda pair: (pair[0] < stale, pair[0], *_rank(pair[1])))
    return shortened([_entry(day, placed, view) for day, placed in ordered], SHOWN)


def _rank(placed: PlacedTask) -> tuple[int, str, str]:
    return placed.task.priority or 10, placed.task.summary, placed.ref


def due_day(placed: PlacedTask, view: View) -> dt.date | None:
    """The day an open task is due in the owner's zone; None for done, cancelled and undated ones."""
    task = placed.task
    if task.due is None or task.completed or task.cancelled:
        return None
    return task.due.astimezone(view.zone).date() if isinstance(task.due, dt.datetime) else task.due


def due_time(placed: PlacedTask, view: View) -> dt.time | None:
    """The time of day a task is due, where it has one."""
    due = placed.task.due
    return due.astimezone(view.zone).time() if isinstance(due, dt.datetime) else None


def _entry(day: dt.date, placed: PlacedTask, view: View) -> Entry:
    time = due_time(placed, view)
    if day < view.day:
        when = say("overdue", when=day_name(day, view.day))
    else:
        when = say("due_on", when=f"{say('today')} {time:%H:%M}" if time else say("today"))
    high = f" ({say('high')})" if 0 < placed.task.priority <= _HIGH else ""
    what = (one_line(placed.task.summary, 140) or say("no_title")) + high
    return Entry(
        text=say("task_due", when=when, what=what),
        evidence=(Evidence(ref=placed.ref),),
        rule="task overdue" if day < view.day else "task due today",
        reason=f"The task list {placed.calendar} says when it is due.",
    )
