"""Whether the owner is free at the times of an invitation, and when else they would be; pure but for the reads."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from butler.core.actions import Finding
from butler.core.calendar import Occurrence, Placed
from butler.core.context import Context
from butler.core.dayplan import Span, free_windows, takes_time
from butler.core.text import one_line
from workflows.invitation.words import of
from workflows.remembered import MeetingHours, meeting_hours

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
    if unwanted := _unwanted(context, looked_at):
        return [unwanted, *_against(looked_at, against)] if against else [unwanted]
    return _against(looked_at, against)


def _unwanted(context: Context, looked_at: Sequence[Occurrence]) -> Finding | None:
    """That it is at a time at which the owner takes no meetings, in their own words."""
    hours, zone = meeting_hours(context.remembered), context.owner.zone
    for each in looked_at:
        start, end = each.start, each.end
        if isinstance(start, dt.datetime) and isinstance(end, dt.datetime) and hours.against(*_local(start, end, zone)):
            words = "; ".join(one_line(line.text, 120) for line in hours.because[:_MOST_NAMED])
            return Finding("remembered", f"It is at a time that you told me of: “{words}”")
    return None


def _local(start: dt.datetime, end: dt.datetime, zone: dt.tzinfo) -> tuple[dt.datetime, dt.datetime]:
    return start.astimezone(zone), end.astimezone(zone)


def _against(looked_at: Sequence[Occurrence], against: Sequence[tuple[Occurrence, list[Placed]]]) -> list[Finding]:
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
    free = free_windows(events, day, zone, options.day_start, options.day_end, minutes, context.owner.addresses)
    hours = meeting_hours(context.remembered)
    return [span for each in free for span in _within(each, hours)]


def _within(span: Span, hours: MeetingHours) -> Iterator[Span]:
    """The part of a free stretch of one day in which the owner meets people."""
    midnight = span.start.replace(hour=0, minute=0, second=0, microsecond=0)
    start = max(span.start, midnight + dt.timedelta(hours=hours.earliest))
    end = min(span.end, midnight + dt.timedelta(hours=hours.latest))
    if start < end and not hours.against(start, start):
        yield Span(start, end)


def _quarter(moment: dt.datetime) -> dt.datetime:
    """The next full quarter of an hour."""
    over = dt.timedelta(minutes=moment.minute % 15, seconds=moment.second, microseconds=moment.microsecond)
    return moment - over + (_QUARTER if over else dt.timedelta(0))
