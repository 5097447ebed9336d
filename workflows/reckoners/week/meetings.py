"""Meetings of a stretch of days: which were attended with others, and how long they took, each minute counted once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from butler.core.calendar import Attendee, Placed
from butler.core.dayplan import declined
from butler.core.localtime import day_start, local_date
from butler.core.owner import Owner
from workflows.briefing.addressed import is_owner


@dataclass(frozen=True, slots=True)
class Meeting:
    """A meeting that is over, and who else was invited and did not decline."""

    placed: Placed
    start: dt.datetime
    end: dt.datetime
    others: tuple[Attendee, ...]


def meetings(events: Iterable[Placed], owner: Owner, since: dt.datetime, until: dt.datetime) -> list[Meeting]:
    """The timed occurrences with others that ended in a stretch of time, and that the owner did not decline."""
    found = []
    for placed in events:
        one = placed.occurrence
        if not isinstance(one.start, dt.datetime) or not isinstance(one.end, dt.datetime):
            continue
        others = _others(placed, owner)
        if one.status == "cancelled" or declined(one, owner.addresses) or not others:
            continue
        if since < one.end <= until:
            found.append(Meeting(placed, one.start, one.end, others))
    return sorted(found, key=lambda meeting: (meeting.start, meeting.placed.ref))


def _others(placed: Placed, owner: Owner) -> tuple[Attendee, ...]:
    one = placed.occurrence
    invited = (*one.attendees, *([one.organizer] if one.organizer else []))
    people: dict[str, Attendee] = {}
    for each in invited:
        people.setdefault(each.address, each)
    coming = (each for each in people.values() if each.answer != "declined")
    return tuple(each for each in coming if not is_owner(each.address, owner))


def minutes_by_day(found: Sequence[Meeting], zone: ZoneInfo) -> dict[dt.date, int]:
    """How many minutes of each day were meetings; where two overlap, the time counts once."""
    taken: dict[dt.date, int] = {}
    end = None
    for meeting in found:
        start = meeting.start if end is None else max(meeting.start, end)
        for day, minutes in _days(start, meeting.end, zone):
            taken[day] = taken.get(day, 0) + minutes
        end = meeting.end if end is None else max(end, meeting.end)
    return taken


def _days(start: dt.datetime, end: dt.datetime, zone: ZoneInfo) -> Iterable[tuple[dt.date, int]]:
    """The minutes from a moment to another, by day."""
    while start < end:
        day = local_date(start, zone)
        until = min(end, day_start(day + dt.timedelta(1), zone))
        yield day, round((until.astimezone(dt.UTC) - start.astimezone(dt.UTC)) / dt.timedelta(minutes=1))
        start = until
