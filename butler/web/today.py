"""Today and earlier days: the briefing laid out for reading, the day drawn, and other pages that were written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, get_args

from starlette.routing import Route

from butler import wording
from butler.core.actions import Kept
from butler.core.briefing import Briefing, SectionName
from butler.core.calendar import Placed
from butler.core.errors import StateError, UnknownRefError
from butler.core.requests import Priority, Request
from butler.publish import NOTICE
from butler.store.briefings import KeptBriefing
from butler.web import daylines, evidence, papers, timeline
from butler.web.books import Books
from butler.web.daemon_port import DaemonPort
from butler.web.daylines import DaySection
from butler.web.layout import Page, Visit
from butler.web.routes import Deed, Fields, Pages

BRIEFING = "briefing"
_EARLIER = 7
_PAPERS = 6
_LONGEST = dt.timedelta(hours=1)
_DRAWN = 200
_UNREAD = "No calendar was read yet since the mirror was made anew."
_WHOLE_DAYS = 8
_WITH_ACTIONS: frozenset[SectionName] = frozenset({"reply", "promised", "waiting"})


def routes(pages: Pages) -> list[Route]:
    """The routes of all days."""
    return [
        pages.view("/", today),
        pages.view("/day", chosen),
        pages.view("/day/{day}", day),
        pages.view("/day/{day}/section/{section}", section),
        pages.view("/pages/{name}", paper),
        pages.deed("/briefing", write),
        *evidence.routes(pages),
    ]


def today(books: Books, visit: Visit) -> Page:
    """Today's briefing; where it is not there yet, the latest one, and a way to have it written."""
    now = books.now.date()
    kept = books.truth.briefings.get(now)
    if kept is None and (latest := books.truth.briefings.latest()):
        kept = books.truth.briefings.get(latest)
    if kept is None:
        return Page("today_empty.html", "Today", _around(books, visit, now), nav="today")
    title = "Today" if kept.briefing.date == now else "The latest briefing"
    return Page("today.html", title, _day(books, visit, kept), nav="today")


def chosen(books: Books, visit: Visit) -> Page:
    """The day that was picked in a form."""
    return _of_day(books, visit, evidence.day_of(visit.query.get("on", "")))


def day(books: Books, visit: Visit) -> Page:
    """The briefing of a day."""
    return _of_day(books, visit, evidence.day_of(visit.args["day"]))


def section(books: Books, visit: Visit) -> Page:
    """All lines of a section of a day, however many, by the hundred."""
    kept = books.truth.briefings.get(evidence.day_of(visit.args["day"]))
    name: SectionName | None = next((one for one in get_args(SectionName) if one == visit.args["section"]), None)
    total = len(daylines.found_lines(kept, name)) if kept and name else 0
    if kept is None or name is None or not total:
        raise UnknownRefError("There is no such section in a briefing.", advice="It may have been written anew since.")
    start = evidence.number_of(visit.query.get("from", ""), total)
    lines = tuple(daylines.lines(kept, name, start, daylines.PAGE))
    found = DaySection(name, wording.HEADINGS[name], lines, total)
    values = {
        **_frame(kept),
        **evidence.SAYS,
        "section": found,
        "actions": _actions(books, [found]),
        "start": start,
        "step": daylines.PAGE,
    }
    return Page("section.html", wording.HEADINGS[name], values, nav="today")


def paper(books: Books, visit: Visit) -> Page:
    """A page that a workflow made, to be read."""
    pieces = papers.read(books.house.state / "pages", visit.args["name"])
    title = next((one.text for one in pieces if one.style == "title"), visit.args["name"])
    return Page("paper.html", title, {"pieces": pieces, "title": title}, nav="today")


def write(books: Books, _visit: Visit, _form: Fields) -> Deed:
    """Have today's briefing written now."""
    asks_model = bool(books.house.model)

    def ask(daemon: DaemonPort) -> None:
        daemon.add(Request(BRIEFING, "person", Priority.PERSON, model=asks_model))

    return Deed("/?asked=1", ask)


def _of_day(books: Books, visit: Visit, day: dt.date) -> Page:
    kept = books.truth.briefings.get(day)
    if kept is None:
        return Page("today_empty.html", "No briefing of that day", _around(books, visit, day), nav="today", status=404)
    return Page("today.html", wording.long_day(day), _day(books, visit, kept), nav="today")


def _frame(kept: KeptBriefing) -> dict[str, Any]:
    """What tells one version of a briefing from another, and whose day it is."""
    return {"day": kept.briefing.date, "version": kept.run[:8]}


def _day(books: Books, visit: Visit, kept: KeptBriefing) -> Mapping[str, Any]:
    briefing = kept.briefing
    found = daylines.sections(kept)
    return {
        **_around(books, visit, briefing.date),
        **_frame(kept),
        **evidence.SAYS,
        "briefing": briefing,
        "notice": str(kept.snapshot.get(NOTICE, "")),
        "stillness": wording.stillness(briefing),
        "sources": [(one, wording.source_state(one, briefing)) for one in briefing.sources],
        "unread": wording.source_errors(briefing),
        "left_out": wording.left_out(briefing),
        "cost": wording.cost(briefing),
        "sections": found,
        "by_name": {one.name: one for one in found},
        "actions": _actions(books, found),
        **_calendar(books, kept, found),
    }


def _around(books: Books, visit: Visit, day: dt.date) -> dict[str, Any]:
    """What is beside a day: the days around it, the pages of that time, and whether it is being written."""
    briefings = books.truth.briefings
    running = [run for run in books.truth.runs.running() if run.workflow == BRIEFING and run.parent is None]
    return {
        "day": day,
        "today": books.now.date(),
        "asked": visit.query.get("asked") == "1",
        # A run whose process died is open until it is taken up again, which may be tomorrow.
        "writing": any(books.now - run.started < _LONGEST for run in running),
        "earlier": briefings.days_before(day, _EARLIER),
        "later": briefings.day_after(day),
        "papers": papers.kept(books.house.state / "pages", _PAPERS),
    }


def _calendar(books: Books, kept: KeptBriefing, found: Sequence[DaySection]) -> dict[str, Any]:
    """The day's drawing from the calendar as it is known now, and what of it is other than the briefing says."""
    day, now = kept.briefing.date, books.now
    owner = books.owner
    drawn = timeline.Day(day, owner.zone, books.house.options, owner.addresses)
    events, trouble, is_whole = _events(books, kept.briefing, drawn)
    shown = [one for one in events if timeline.is_on(one.occurrence, owner.addresses)]
    since = daylines.since(kept, events) if day >= now.date() and is_whole else daylines.Since()
    return {
        "drawing": timeline.draw(shown[:_DRAWN], drawn, now if day == now.date() else None),
        "whole_days": timeline.whole_days(shown, day)[:_WHOLE_DAYS],
        "placed": {one.ref: one for one in events},
        "anchors": {ref: line.anchor for one in found if one.name == "agenda" for line in one.lines for ref in line.refs},
        "elsewhere": "since" if since.new else "main",
        "names": {ref: str(one.get("summary", "")) for ref, one in (kept.snapshot.get("events") or {}).items()},
        "since": since,
        "trouble": trouble,
    }


def _events(books: Books, briefing: Briefing, drawn: timeline.Day) -> tuple[Sequence[Placed], str, bool]:
    """What is on; a mirror that cannot be read costs the drawing and no more, and what is wrong with it is said.

    The last says whether all calendars of the briefing are known: a mirror that was made anew calls nothing off.
    """
    try:
        events, states = books.mirror.reads.occurrences(*drawn.edges), books.mirror.sources()
    except StateError as error:
        return (), str(error), False
    read = {f"{one.kind}.{one.name}" for one in states if one.as_of}
    known = {one.name for one in briefing.sources if one.kind == "calendar" and one.as_of}
    return events, _UNREAD if known and not known & read else "", known <= read


def _actions(books: Books, found: Sequence[DaySection]) -> dict[str, list[tuple[Kept, int]]]:
    """What was proposed for the sources of each line that asks something of the owner, by the line's anchor."""
    lines = [line for one in found if one.name in _WITH_ACTIONS for line in one.lines]
    return {line.anchor: evidence.actions_about(books, line.refs[:3]) for line in lines}
