"""What is due, by the owner's task lists."""

from __future__ import annotations

import datetime as dt

from butler.core.asking import Answer
from butler.core.calendar import PlacedTask
from butler.core.context import Context
from butler.core.localtime import day_start
from workflows.ask import says
from workflows.ask.intents import Intent
from workflows.ask.windows import Window
from workflows.ask.wording import MOST_LINES, Wording


def due(context: Context, window: Window | None, wording: Wording) -> bool:
    """Tell the open tasks, or those that are due in a window; what is overdue counts in one that begins today or before."""
    tasks = [placed for placed in context.reads.tasks() if window is None or _is_within(placed, window, context)]
    tasks.sort(key=lambda placed: (_moment(placed, context) or dt.datetime.max.replace(tzinfo=dt.UTC), placed.ref))
    for placed in tasks[:MOST_LINES]:
        _tell(placed, context, wording)
    if len(tasks) > MOST_LINES:
        wording.say("more", [wording.task(placed) for placed in tasks[MOST_LINES:]], n=len(tasks) - MOST_LINES)
    return bool(tasks)


def overdue(context: Context, _intent: Intent, wording: Wording) -> Answer | None:
    """The tasks whose day has passed."""
    late = [placed for placed in context.reads.tasks() if _is_overdue(placed, context)]
    for placed in late[:MOST_LINES]:
        _tell(placed, context, wording)
    if not late:
        wording.say("none_due")
    return wording.answer()


def _tell(placed: PlacedTask, context: Context, wording: Wording) -> None:
    task, what = placed.task, says.title(placed.task.summary)
    if task.due is None:
        wording.say("undated", [wording.task(placed)], what=what)
        return
    key = "overdue" if _is_overdue(placed, context) else "due"
    wording.say(key, [wording.task(placed)], what=what, when=wording.when(task.due))


def _is_overdue(placed: PlacedTask, context: Context) -> bool:
    due = placed.task.due
    if isinstance(due, dt.datetime):
        return due < context.now
    return due is not None and due < context.now.astimezone(context.owner.zone).date()


def _is_within(placed: PlacedTask, window: Window, context: Context) -> bool:
    moment = _moment(placed, context)
    if moment is None:
        return False
    today = day_start(context.now.astimezone(context.owner.zone).date(), context.owner.zone)
    from_now = window.start <= max(context.now, today) and window.stop > context.now
    # What is due on a day is due until it ends.
    last = moment if isinstance(placed.task.due, dt.datetime) else moment + dt.timedelta(days=1, seconds=-1)
    return moment < window.stop and (last >= window.start or (from_now and _is_overdue(placed, context)))


def _moment(placed: PlacedTask, context: Context) -> dt.datetime | None:
    due = placed.task.due
    if due is None or isinstance(due, dt.datetime):
        return due
    return day_start(due, context.owner.zone)
