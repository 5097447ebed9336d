"""Whether the owner is free at the times of an invitation, and when else they would be; pure but for the reads."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from butler.core.actions import Finding
from butler.core.calendar import Occurrence, Placed
from butler.core.context import Context
from butler.core.dayplan import Span, free_windows, takes_time
from workflows.invitation.words import of

DAYS_TRIED = 14
_QUARTER = dt.timedelta(minutes=15)
_MOST_LOOKED_AT = 30
_MOST_NAMED = 3
_SATURDAY = 5


def conflicts(context: Context, uid: str, occurrence: Occurrence) -> list[Placed]:
    """What takes the owner's time during an occurrence; their own copy of the same event does not, nor do whole days."""
    start, end = occurrence.start, occurrence.end
    if not isinstance(start, dt.datetime) or not isinstance(end, dt.datetime):
        return []
    return [each for each in _others(context, uid, start, end) if _overlaps(each.occurrence, start, end)]


def _others(context: Context, uid: str, start: dt.datetime, end: dt.datetime) -> list[Placed]:
    owner = context.owner.addresses
    found = context.reads.occurrences(start, end)
    return [each for each in found if each.occurrence.uid != uid and takes_time(each.occurrence, owner)]


def _overlaps(occurrence: Occurrence, start: dt.datetime, end: dt.datetime) -> bool:
    begins, ends = occurrence.start, occurrence.end
    return isinstance(begins, dt.datetime) and isinstance(ends, dt.datetime) and begins < end and start < ends


def findings(context: Context, uid: str, coming: Sequence[Occurrence]) -> list[Finding]:
    """What stands against an invitation in the owner's calendar, or that nothing does."""
    looked_at = coming[:_MOST_LOOKED_AT]
    against = [(each, found) for each in looked_at if (found := conflicts(context, uid, each))]
    if all(each.all_day for each in looked_at):
        return [Finding("free", "It is for whole days, so nothing was compared.", warning=False)]
    if not against:
        many = f" at its next {len(looked_at)} times" if len(looked_at) > 1 else ""
        return [Finding("free", f"You are free{many}.", warning=False)]
    named = dict.fromkeys(f"You are not free: {of(placed.occurrence)}." for _, found in against for placed in found)
    sentences = list(named)[:_MOST_NAMED]
    if len(looked_at) > 1:
        sentences.insert(0, f"You are not free at {len(against)} of its next {len(looked_at)} times.")
    return [Finding("conflict", sentence) for sentence in sentences]


def next_free(context: Context, uid: str, occurrence: Occurrence) -> Span | None:
    """The next free time of the same length inside the owner's day, from the occurrence on; weekends only for such ones."""
    start, end = occurrence.start, occurrence.end
    if not isinstance(start, dt.datetime) or not isinstance(end, dt.datetime):
        return None
    length = end - start
    earliest = max(start, context.now).astimezone(context.owner.zone)
    for ahead in range(DAYS_TRIED + 1):
        day = earliest.date() + dt.timedelta(days=ahead)
        if day.weekday() >= _SATURDAY and start.weekday() < _SATURDAY:
            continue
        for window in _windows(context, uid, day, int(length / dt.timedelta(minutes=1))):
            begin = _quarter(max(window.start, earliest))
            if begin + length <= window.end:
                return Span(begin, begin + length)
    return None


def _windows(context: Context, uid: str, day: dt.date, minutes: int) -> list[Span]:
    zone, options = context.owner.zone, context.options
    midnight = dt.datetime.combine(day, dt.time(), zone)
    events = _others(context, uid, midnight, midnight + dt.timedelta(days=1))
    return free_windows(events, day, zone, options.day_start, options.day_end, minutes, context.owner.addresses)


def _quarter(moment: dt.datetime) -> dt.datetime:
    """The next full quarter of an hour."""
    over = dt.timedelta(minutes=moment.minute % 15, seconds=moment.second, microseconds=moment.microsecond)
    return moment - over + (_QUARTER if over else dt.timedelta(0))
