"""Overlaps, moves between places with too little time, and free windows of the day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from butler.core.briefing import Evidence
from butler.core.calendar import Placed
from butler.core.dayplan import Span, free_windows, in_order, overlaps, takes_time, tight_moves
from workflows.briefing.sections.agenda import is_on, title
from workflows.briefing.view import Entry, View, shortened
from workflows.briefing.words import quoted, say, span

FREE = "conflicts: free"
SHOWN = 12
_LOOKED_AT = 60


def entries(view: View) -> list[Entry]:
    """The lines of the section: overlaps, tight moves, then free windows; a day without any appointment has none."""
    busy = _busy(view)
    return [*shortened([*_overlaps(busy), *_tight_moves(busy, view)], SHOWN), *_free(busy, view)]


def _busy(view: View) -> list[Placed]:
    """What takes the owner's time today; far more than anyone has is cut, so that a bombed calendar costs nothing."""
    owner = view.owner.addresses
    today = [one for one in view.gathered.events if takes_time(one.occurrence, owner) and is_on(one.occurrence, view.day, view)]
    return in_order(today)[:_LOOKED_AT]


def _entry(text: str, placed: Sequence[Placed], rule: str, reason: str) -> Entry:
    return Entry(text=text, evidence=tuple(Evidence(ref=one.ref) for one in placed), rule=rule, reason=reason)


def _name(placed: Placed) -> str:
    return quoted(title(placed.occurrence), 60)


def _overlaps(busy: Sequence[Placed]) -> Iterator[Entry]:
    for found in overlaps(busy):
        text = say("overlap", first=_name(found.first), second=_name(found.second), span=span(found.shared.minutes))
        yield _entry(text, (found.first, found.second), "conflicts: overlap", "Both are at the same time.")


def _tight_moves(busy: Sequence[Placed], view: View) -> Iterator[Entry]:
    least = view.options.travel_minutes
    for found in tight_moves(busy, least):
        key = "tight" if found.minutes else "tight_none"
        text = say(key, minutes=found.minutes, first=_at(found.first), second=_at(found.second))
        reason = f"They are at different places, with less than {least} minutes between."
        yield _entry(text, (found.first, found.second), "conflicts: travel", reason)


def _at(placed: Placed) -> str:
    return f"{_name(placed)} ({quoted(placed.occurrence.location, 30)})"


def _free(busy: Sequence[Placed], view: View) -> Iterator[Entry]:
    """The gaps between the hours the owner named; each rests on the appointments that bound it."""
    options = view.options
    for window in free_windows(busy, view.day, view.zone, options.day_start, options.day_end, options.free_minutes):
        bounds = _bounds(busy, window)
        if bounds:
            text = say("free", start=f"{window.start:%H:%M}", end=_clock(window), span=span(window.minutes))
            reason = f"Nothing is between, and it is at least {span(options.free_minutes)}."
            yield _entry(text, bounds, FREE, reason)


def _bounds(busy: Sequence[Placed], window: Span) -> list[Placed]:
    """What ends where the window begins and what begins where it ends, one of each at most."""
    start, end = window.start.astimezone(dt.UTC), window.end.astimezone(dt.UTC)
    before = [one for one in busy if _is_at(one.occurrence.end, start)][-1:]
    after = [one for one in busy if _is_at(one.occurrence.start, end)][:1]
    return before + after


def _is_at(edge: dt.datetime | dt.date, moment: dt.datetime) -> bool:
    return isinstance(edge, dt.datetime) and edge.astimezone(dt.UTC) == moment


def _clock(window: Span) -> str:
    """The end of a window; midnight as 24:00."""
    return "24:00" if window.end.date() > window.start.date() else f"{window.end:%H:%M}"
