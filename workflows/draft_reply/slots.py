"""Free times to be offered: found by code in the calendar, chosen by number, and looked at again before they are proposed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from butler.core.calendar import Placed
from butler.core.dayplan import Span, declined, takes_time
from butler.core.owner import BriefingOptions, Owner
from workflows.briefing.dates import find_dates
from workflows.remembered import MeetingHours

AHEAD_DAYS = 10
"""How many days from tomorrow are looked at for free times."""

OFFERED = 6
"""How many free times the model may choose from."""

_A_DAY = 2
_HOURS = (10, 14, 16, 9, 11, 15, 13, 12, 17, 8, 18, 19, 7, 20)
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Asked:
    """A time that somebody proposed, and whether the owner is free then."""

    span: Span
    free: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """The owner's calendar as far as free times go: what is in it, whose it is, and within which hours they meet people."""

    events: Sequence[Placed]
    owner: Owner
    options: BriefingOptions
    hours: MeetingHours = field(default_factory=MeetingHours)

    def is_free(self, span: Span) -> bool:
        """Whether the owner meets people then, and nothing that takes time, and no stay of several days, touches a span."""
        if self.hours.against(span.start.astimezone(self.owner.zone), span.end.astimezone(self.owner.zone)):
            return False
        return not any(self._touches(placed, span) for placed in self.events)

    def is_appointment(self, start: dt.datetime) -> bool:
        """Whether something in the calendar begins right then, so that who names the time may mean that."""
        starts = (placed.occurrence.start for placed in self.events)
        return any(isinstance(one, dt.datetime) and one == start for one in starts)

    def windows(self, day: dt.date) -> list[Span]:
        """The free times of a day, each as long as a meeting: two at most, the likeliest hours first."""
        options = self.options
        length = dt.timedelta(minutes=options.free_minutes)
        closes = dt.datetime.combine(day, dt.time(), self.owner.zone) + dt.timedelta(hours=options.day_end)
        starts = (dt.datetime.combine(day, dt.time(hour), self.owner.zone) for hour in _HOURS if hour >= options.day_start)
        spans = (Span(start, start + length) for start in starts if start + length <= closes)
        return sorted(islice((span for span in spans if self.is_free(span)), _A_DAY), key=lambda span: span.start)

    def _touches(self, placed: Placed, span: Span) -> bool:
        occurrence, owner = placed.occurrence, self.owner
        start, end = occurrence.start, occurrence.end
        if isinstance(start, dt.datetime) and isinstance(end, dt.datetime):
            return takes_time(occurrence, owner.addresses) and start < span.end and span.start < end
        # A birthday takes no time; a journey of several days does.
        away = occurrence.busy and occurrence.status != "cancelled" and not declined(occurrence, owner.addresses)
        first, last = _day(start, owner), _day(end, owner)
        return away and (last - first).days > 1 and first <= span.start.astimezone(owner.zone).date() < last


def proposed(text: str, written: dt.date, plan: Plan, now: dt.datetime) -> list[Asked]:
    """The times that a text proposes by day and hour, as far as they are still to come."""
    zone, length = plan.owner.zone, dt.timedelta(minutes=plan.options.free_minutes)
    spans: dict[dt.datetime, Span] = {}
    for found in find_dates(text, written, zone):
        if found.due.time is not None:
            start = dt.datetime.combine(found.due.day, found.due.time, zone)
            spans[start] = Span(start, start + length)
    return [Asked(span, plan.is_free(span)) for span in spans.values() if span.start > now]


def offers(plan: Plan, today: dt.date, asked: Sequence[Asked], days: Collection[dt.date] = ()) -> list[Span]:
    """The free times to choose from: those that were proposed first, then the next working days', or only those of `days`."""
    wanted = sorted(days) if days else list(_working_days(today))
    free = [one.span for one in asked if one.free and not days]
    spans = [*free, *(span for day in wanted for span in plan.windows(day))]
    chosen: list[Span] = []
    for span in spans:
        if all(span.end <= other.start or other.end <= span.start for other in chosen):
            chosen.append(span)
    return chosen[:OFFERED]


def days_of(text: str, today: dt.date, owner: Owner) -> list[dt.date]:
    """The days that a wish names, from tomorrow on."""
    found = find_dates(text, today, owner.zone)
    return list(dict.fromkeys(one.due.day for one in found if one.due.day > today))


def _working_days(today: dt.date) -> Iterator[dt.date]:
    days = (today + dt.timedelta(ahead) for ahead in range(1, AHEAD_DAYS + 1))
    return (day for day in days if day.weekday() < _SATURDAY)


def _day(when: dt.datetime | dt.date, owner: Owner) -> dt.date:
    return when.astimezone(owner.zone).date() if isinstance(when, dt.datetime) else when
