"""Composes the look-ahead: tomorrow as the briefing's sections see it, and what is left of today."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from butler.core.briefing import Evidence, Line
from butler.core.context import Context
from workflows.briefing.sections import birthdays, conflicts
from workflows.briefing.sections.agenda import title
from workflows.briefing.view import View
from workflows.pages.look import agenda_of, day_view, entry, held_lines, lines_of, look, starting, when
from workflows.pages.nodes import Made, unread
from workflows.pages.page import Block, Page

DEADLINE_DAYS = 2


def compose(context: Context) -> Made:
    """Look at tomorrow from tonight."""
    today = look(context, DEADLINE_DAYS)
    tomorrow = day_view(context, context.day + dt.timedelta(1))
    held = context.held()
    blocks = (
        Block("First thing", _first(tomorrow)),
        Block("Agenda", agenda_of(tomorrow)),
        Block("Birthdays and anniversaries", _celebrated(tomorrow)),
        Block("Conflicts and free time", lines_of(conflicts.entries(tomorrow))),
        Block("Due in the next two days", today.section("deadlines")),
        Block("Left over from today", today.section("tasks")),
        Block("Waiting for your answer", today.section("reply")),
        Block(f"Waiting for your decision ({len(held)})", held_lines(held)),
    )
    page = Page(
        name=f"lookahead-{context.day.isoformat()}",
        title=f"Tomorrow, {tomorrow.day:%A} {tomorrow.day.day} {tomorrow.day:%B %Y}",
        day=context.day,
        made=context.now.astimezone(context.owner.zone),
        blocks=blocks,
        composed_by=today.composed_by,
        unread=unread(context),
        empty="Nothing is fixed for tomorrow, and nothing waits.",
    )
    counts = {
        "agenda": len(blocks[1].lines),
        "deadlines": len(blocks[4].lines),
        "waiting": len(blocks[6].lines),
        "held": len(held),
    }
    return Made(page, counts)


def _first(view: View) -> Sequence[Line]:
    """The first occurrence with a time that the owner is to attend."""
    timed = [placed for placed in starting(view, view.day) if not placed.occurrence.all_day]
    return lines_of(
        entry(
            f"{when(one, view, with_day=False)} {title(one.occurrence)}{_place(one.occurrence.location)}", _of(one.ref), "first"
        )
        for one in timed[:1]
    )


def _celebrated(view: View) -> Sequence[Line]:
    """The birthdays and anniversaries of tomorrow that its agenda does not show."""
    found = (one for one in view.celebrations if not birthdays.is_an_event(one, view))
    return lines_of(birthdays.entry_of(one, view, "") for one in found)


def _place(location: str) -> str:
    return f", {location}" if location.strip() else ""


def _of(ref: str) -> Sequence[Evidence]:
    return (Evidence(ref=ref),)
