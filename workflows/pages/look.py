"""The day as the briefing judges it, for pages that show parts of it: grounded lines by section, and the view below them."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from butler.core.actions import Kept
from butler.core.briefing import Evidence, Line
from butler.core.calendar import Placed
from butler.core.context import Context
from butler.core.dayplan import declined, in_order
from butler.core.text import one_line
from workflows.briefing.compose import compose
from workflows.briefing.gather import gather
from workflows.briefing.judge import Judging, judge
from workflows.briefing.sections import agenda
from workflows.briefing.values import Gathered, Judged
from workflows.briefing.view import Entry, View, shortened
from workflows.briefing.words import day_name

_FIRST_TOMORROW = "agenda: tomorrow's first"


@dataclass(frozen=True)
class Look:
    """What was gathered and judged today."""

    view: View
    judging: Judging

    @cached_property
    def lines(self) -> Mapping[str, Sequence[Line]]:
        """The lines of the briefing's sections by name; a section without lines is not there."""
        made = compose(self.view.gathered, self.judging.judged, self.view.owner, self.view.options)
        return {section.name: section.lines for section in made.sections}

    def section(self, name: str) -> Sequence[Line]:
        """The lines of one section."""
        return self.lines.get(name, ())

    @property
    def composed_by(self) -> Literal["model", "rules"]:
        """Whether a model had a say."""
        return "model" if self.judging.model else "rules"


def look(context: Context, deadline_days: int | None = None) -> Look:
    """Gather and judge, as the briefing does and with the answers that the model gave to it."""
    gathered = gather(context, ())
    judging = judge(context, gathered)
    options = context.options
    if deadline_days is not None:
        options = dataclasses.replace(options, deadline_days=deadline_days)
    return Look(View(gathered, judging.judged, context.owner, options), judging)


def day_view(context: Context, day: dt.date) -> View:
    """A day's calendar as the briefing's sections look at it."""
    start = dt.datetime.combine(day, dt.time(), context.owner.zone)
    events = context.reads.occurrences(start, start + dt.timedelta(2))
    return celebrating(context, day, 0, events)


def celebrating(context: Context, day: dt.date, days: int, events: Sequence[Placed]) -> View:
    """Some events, and what is celebrated from a day on."""
    found = context.reads.celebrations(day, day + dt.timedelta(days))
    options = dataclasses.replace(context.options, birthday_days=days)
    return View(Gathered(context.now, day, (), events=events, celebrations=found), Judged(), context.owner, options)


def agenda_of(view: View) -> list[Line]:
    """The agenda of a day, without a look at the next one."""
    return lines_of(entry for entry in agenda.entries(view) if entry.rule != _FIRST_TOMORROW)


def is_attended(placed: Placed, view: View) -> bool:
    """Whether the owner is to be there: it is neither called off nor declined."""
    return placed.occurrence.status != "cancelled" and not declined(placed.occurrence, view.owner.addresses)


def starting(view: View, day: dt.date) -> list[Placed]:
    """What the owner is to attend and begins on a day, in its order."""
    events = [one for one in view.gathered.events if is_attended(one, view)]
    return in_order([one for one in events if agenda.edges(one.occurrence, view)[0].date() == day])


def when(placed: Placed, view: View, *, with_day: bool = True) -> str:
    """When an occurrence is, in the owner's zone: "Mon 30 Nov 09:00–10:00", "Mon 30 Nov, all day"."""
    start, end = agenda.edges(placed.occurrence, view)
    day = day_name(start.date(), view.day) if with_day else ""
    if placed.occurrence.all_day:
        return f"{day}, all day" if day else "all day"
    last = f"{day_name(end.date(), view.day)} " if end.date() != start.date() else ""
    clock = f"{start:%H:%M}–{last}{end:%H:%M}" if end > start else f"{start:%H:%M}"
    return f"{day} {clock}".strip()


def lines_of(entries: Iterable[Entry]) -> list[Line]:
    """Entries as lines."""
    return [entry.line() for entry in entries]


def entry(text: str, evidence: Sequence[Evidence], rule: str) -> Entry:
    """A line that code computed."""
    return Entry(one_line(text, 240), tuple(evidence), rule, "")


def held_lines(held: Sequence[Kept], most: int = 10) -> list[Line]:
    """What waits for the owner's decision, newest first, each with its reason and what it rests on."""
    newest = sorted((one for one in held if one.action.sources), key=lambda one: -one.id)
    found = [entry(f"{one.id}: {one.action.reason}", [Evidence(ref=one.action.sources[0])], "held") for one in newest]
    return lines_of(shortened(found, most))
