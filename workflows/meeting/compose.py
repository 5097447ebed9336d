"""Composes the preparation note of one event, which the run's subject names."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterator

from butler.core.briefing import Evidence, Line
from butler.core.calendar import Placed
from butler.core.context import Context
from butler.core.errors import UsageError
from butler.core.refs import parse_ref
from butler.core.text import one_line
from workflows.briefing.sections.agenda import edges, title
from workflows.briefing.view import View
from workflows.meeting.papers import last_meeting, notes_about, thread_of
from workflows.meeting.people import last_mails, open_matters, who
from workflows.pages.look import entry, lines_of, look, when
from workflows.pages.nodes import Made, unread
from workflows.pages.page import Block, Page

AHEAD_DAYS = 14
GONE = "It is not in the calendar of the next two weeks any more."
CANCELLED = "It is called off."
OVER = "It is over."
_LINK = re.compile(r"(?i)\bhttps?://[^\s<>\"]{1,500}")
_NO_LETTERS = re.compile(r"[^a-z0-9]+")
_LINKS = 5
_LINES = 6


def compose(context: Context) -> Made:
    """Prepare the event, or say why not."""
    placed = _find(context)
    if placed is None:
        return _left(context, GONE)
    if placed.occurrence.status == "cancelled":
        return _left(context, CANCELLED)
    if _ends(placed, context) <= context.now:
        return _left(context, OVER)
    now = look(context)
    view = now.view
    blocks = (
        Block("What", _what(placed, view)),
        Block("Who", who(context, placed, view)),
        Block("Open between you", open_matters(placed, view)),
        Block("The thread", thread_of(context, placed, view)),
        Block("Last mails", last_mails(context, placed, view)),
        Block("Last time", last_meeting(context, placed, view)),
        Block("Notes", notes_about(context, placed, view)),
        Block("Links", _links(placed)),
    )
    page = Page(
        name=_name(placed, view),
        title=title(placed.occurrence),
        day=context.day,
        made=context.now.astimezone(context.owner.zone),
        blocks=blocks,
        composed_by=now.composed_by,
        unread=unread(context),
    )
    return Made(page, {"event": placed.ref, "open": len(blocks[2].lines), "left": []})


def _left(context: Context, reason: str) -> Made:
    return Made(None, {"event": context.subject, "open": 0, "left": [{"ref": context.subject, "reason": reason}]})


def _find(context: Context) -> Placed | None:
    """The occurrence that the subject names; of a series without one, the next; raises UsageError when it is no event."""
    ref = parse_ref(context.subject)
    if ref.kind != "event":
        raise UsageError(f"{context.subject} is no event.", advice="Name an event, such as event:family/<UID>.")
    found = context.reads.occurrences(context.now - dt.timedelta(1), context.now + dt.timedelta(AHEAD_DAYS))
    exact = [one for one in found if one.ref == context.subject]
    same = [one for one in found if one.occurrence.uid == ref.key and one.calendar == ref.place and not ref.part]
    coming = [one for one in same if _ends(one, context) > context.now]
    return next(iter((*exact, *coming)), None)


def _ends(placed: Placed, context: Context) -> dt.datetime:
    end = placed.occurrence.end
    return end if isinstance(end, dt.datetime) else dt.datetime.combine(end, dt.time(), context.owner.zone)


def _what(placed: Placed, view: View) -> list[Line]:
    occurrence = placed.occurrence
    texts = [when(placed, view)]
    texts += [f"at {one_line(occurrence.location, 120)}"] if occurrence.location.strip() else []
    texts += ["it is not certain yet"] if occurrence.status == "tentative" else []
    texts += [f"“{one_line(line, 200)}”" for line in _told(occurrence.description)]
    return lines_of(entry(text, [Evidence(ref=placed.ref)], "event") for text in texts)


def _told(description: str) -> Iterator[str]:
    """The first lines of a description that say more than a link does."""
    lines = [line.strip() for line in description[:5_000].split("\n")]
    yield from [line for line in lines if sum(c.isalpha() for c in _LINK.sub("", line)) >= 3][:_LINES]


def _links(placed: Placed) -> list[Line]:
    """Links as text: nothing in the page can be followed by a click."""
    occurrence = placed.occurrence
    told = "\n".join((occurrence.location, occurrence.url, occurrence.description[:5_000]))
    links = list(dict.fromkeys(link.rstrip(".,;)]") for link in _LINK.findall(told)))[:_LINKS]
    return lines_of(entry(link, [Evidence(ref=placed.ref)], "link") for link in links)


def _name(placed: Placed, view: View) -> str:
    """The name of the page: day, time and what is safe of the title; the same event has the same name."""
    start = edges(placed.occurrence, view)[0]
    slug = _NO_LETTERS.sub("-", title(placed.occurrence).casefold()).strip("-")[:40].strip("-")
    mark = hashlib.sha256(placed.ref.encode("utf-8", "replace")).hexdigest()[:6]
    return "-".join(part for part in ("meeting", f"{start:%Y-%m-%d-%H%M}", slug, mark) if part)
