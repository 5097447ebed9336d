"""Composes the weekly review: what was done since Monday, what is open, and what is fixed for next week."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from butler.core.actions import Decision, Kept
from butler.core.briefing import Evidence, Line
from butler.core.calendar import Placed
from butler.core.context import Context
from butler.core.mail import Mail
from butler.core.text import one_line
from workflows.briefing.cases import answer_to
from workflows.briefing.sections import birthdays
from workflows.briefing.sections.agenda import title
from workflows.briefing.values import Gathered, Judged
from workflows.briefing.view import Entry, View, shortened
from workflows.briefing.words import day_name, listed, person
from workflows.pages.look import celebrating, entry, held_lines, is_attended, lines_of, look, when
from workflows.pages.nodes import Made, unread
from workflows.pages.page import Block, Page

SHOWN = 20
OFTEN = 4
_WEEK = 7
_SAID = {"approve": "you approved", "edit": "you changed", "respond": "you asked for a change", "reject": "you refused"}


def compose(context: Context) -> Made:
    """Look back at the week and ahead to the next."""
    monday = context.day - dt.timedelta(context.day.weekday())
    since = dt.datetime.combine(monday, dt.time(), context.owner.zone)
    following = monday + dt.timedelta(_WEEK)
    now = look(context, (following - context.day).days + _WEEK - 1)
    decided = context.decided(since)
    held = context.held()
    answered = list(_answered(now.view, since))
    meetings = list(_meetings(context, since))
    blocks = (
        Block("Meetings", lines_of(shortened(meetings, SHOWN))),
        Block("Answered", lines_of(shortened(answered, SHOWN))),
        Block("Tasks completed", lines_of(shortened(list(_completed(decided)), SHOWN))),
        Block("Decided", lines_of(shortened(list(_decided(decided)), SHOWN))),
        Block("Waiting for your answer", now.section("reply")),
        Block("Tasks that are due", now.section("tasks")),
        Block("Waiting for others", now.section("waiting")),
        Block("You promised", now.section("promised")),
        Block(f"Waiting for your decision ({len(held)})", held_lines(held)),
        Block("Next week", _next_week(context, following)),
        Block("Birthdays and anniversaries of next week", _celebrated(context, following)),
        Block("Due until the end of next week", now.section("deadlines")),
    )
    page = Page(
        name=f"weekly-{monday.isoformat()}",
        title=f"Week {monday.isocalendar().week}, {day_name(monday, context.day)} to {day_name(context.day, context.day)}",
        day=context.day,
        made=context.now.astimezone(context.owner.zone),
        blocks=blocks,
        composed_by=now.composed_by,
        unread=unread(context),
        empty="A week without anything to tell.",
    )
    counts = {"meetings": len(meetings), "answered": len(answered), "decided": len(decided), "held": len(held)}
    return Made(page, counts)


def _calendar(context: Context, start: dt.datetime, end: dt.datetime) -> View:
    """What is in the calendar between two moments, and begins there."""
    events = context.reads.occurrences(start, end)
    view = View(Gathered(context.now, context.day, (), events=events), Judged(), context.owner, context.options)
    inside = [one for one in events if is_attended(one, view) and start <= _begin(one, view) < end]
    return View(Gathered(context.now, context.day, (), events=inside), Judged(), context.owner, context.options)


def _begin(placed: Placed, view: View) -> dt.datetime:
    start = placed.occurrence.start
    return start if isinstance(start, dt.datetime) else dt.datetime.combine(start, dt.time(), view.zone)


def _meetings(context: Context, since: dt.datetime) -> Iterator[Entry]:
    """The timed occurrences with others that are over."""
    view = _calendar(context, since, context.now)
    for placed in view.gathered.events:
        occurrence = placed.occurrence
        others = view.others(occurrence.attendees)
        end = occurrence.end
        if others and isinstance(end, dt.datetime) and end <= context.now:
            who = listed([one_line(one.name, 40) or one_line(one.address, 60) for one in others])
            yield entry(f"{when(placed, view)} {title(occurrence)}, with {who}", _of(placed.ref), "meeting held")


def _answered(view: View, since: dt.datetime) -> Iterator[Entry]:
    """The mails that the owner answered since a moment, newest answer first."""
    pairs: list[tuple[Mail, Mail]] = []
    for mail in view.gathered.candidates:
        answer = answer_to(mail, view.gathered.threads.get(mail.thread, ()))
        if answer is not None and answer.when >= since and not mail.message.bulk:
            pairs.append((mail, answer))
    seen: set[str] = set()
    for mail, answer in sorted(pairs, key=lambda pair: (pair[1].when, pair[0].when), reverse=True):
        # One answer may be to several mails of a thread: it counts once.
        if answer.ref not in seen:
            seen.add(answer.ref)
            subject = one_line(mail.message.subject, 100) or "(no subject)"
            text = f"{person(mail.message.sender)}: “{subject}”, {day_name(view.local_day(answer.when), view.day)}"
            yield entry(text, (*_of(mail.ref), *_of(answer.ref)), "mail answered")


def _completed(decided: Sequence[tuple[Kept, Decision]]) -> Iterator[Entry]:
    done = {kept.id: kept for kept, _ in decided if kept.action.kind == "task.complete" and kept.status == "done"}
    for kept in done.values():
        yield entry(kept.action.reason, [Evidence(ref=ref) for ref in kept.action.sources], "task completed")


def _decided(decided: Sequence[tuple[Kept, Decision]]) -> Iterator[Entry]:
    """What was decided, newest first; an action without a source has nothing to be shown by."""
    for kept, decision in sorted(decided, key=lambda pair: pair[1].at, reverse=True):
        if kept.action.sources:
            said = "your rule decided" if decision.by == "rule" else _SAID[decision.verb]
            text = f"{said} ({kept.status}): {kept.action.reason}"
            yield entry(text, _of(kept.action.sources[0]), "decision")


def _next_week(context: Context, monday: dt.date) -> list[Line]:
    start = dt.datetime.combine(monday, dt.time(), context.owner.zone)
    view = _calendar(context, start, dt.datetime.combine(monday + dt.timedelta(_WEEK), dt.time(), context.owner.zone))
    ordered = sorted(view.gathered.events, key=lambda one: (_begin(one, view), not one.occurrence.all_day, one.ref))
    series: dict[str, list[Placed]] = {}
    for one in ordered:
        series.setdefault(one.occurrence.uid, []).append(one)
    # What comes nearly every day is one line, or it would hide the rest.
    groups = [[one] for one in ordered if len(series[one.occurrence.uid]) < OFTEN]
    groups += [group for group in series.values() if len(group) >= OFTEN]
    found = [_fixed(group, view) for group in groups]
    return lines_of(shortened(found, 2 * SHOWN))


def _celebrated(context: Context, monday: dt.date) -> list[Line]:
    """The birthdays and anniversaries of a week that its calendar does not show."""
    start = dt.datetime.combine(monday, dt.time(), context.owner.zone)
    events = context.reads.occurrences(start, start + dt.timedelta(_WEEK))
    view = celebrating(context, monday, _WEEK - 1, events)
    found = (one for one in view.celebrations if not birthdays.is_an_event(one, view))
    entries = [birthdays.entry_of(one, view, day_name(one.day, context.day)) for one in found]
    return lines_of(shortened(entries, SHOWN))


def _fixed(group: Sequence[Placed], view: View) -> Entry:
    occurrence = group[0].occurrence
    often = f", and {len(group) - 1} times more in the week" if len(group) > 1 else ""
    text = f"{when(group[0], view)} {title(occurrence)}{_place(occurrence.location)}{often}"
    return entry(text, [Evidence(ref=one.ref) for one in group], "next week")


def _place(location: str) -> str:
    return f", {one_line(location, 50)}" if location.strip() else ""


def _of(ref: str) -> tuple[Evidence, ...]:
    return (Evidence(ref=ref),)
