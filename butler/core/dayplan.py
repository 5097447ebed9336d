"""Reasons over the occurrences of a day: what comes first, what collides, where the way is too long, what is free.

What counts is busy time: a timed occurrence that takes time (not TRANSP:TRANSPARENT), is not cancelled, and that the
owner has not declined. Whole days never count, whether they are birthdays or holidays: they are shown, no more. All
lengths are worked out in UTC, so an hour is an hour on the days when clocks change, too.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from butler.core.calendar import Occurrence, Placed

_NOWHERE = re.compile(
    r"https?://|\bwww\.|^\W*$|^[\s+()/.\d-]{6,}$|^(?:tel|phone|fon|telefon|mobil|handy)\W*[+\d]"
    r"|\b(?:online|remote|virtu[ae]l\w*|video\w*|visio\w*|vid[eé]o\w*|zoom|teams|webex"
    r"|jitsi|skype|facetime|hangouts?|google meet|signal"
    r"|whatsapp|discord|bigbluebutton|bbb|gotomeeting|telefon\w*|teleph\w*|t[eé]l[eé]phon\w*|tel[eé]fono|phone|anruf|call"
    r"|dial[- ]in|wählt\w*|konferenzschaltung|besprechungslink|tbd|tba|n\.?\s?n\.?|offen|à définir|por definir)\b"
    r"|^meet$|^ort folgt$",
    re.IGNORECASE,
)
"""A location that nobody has to go to: a link, a telephone number, a call, or none yet."""

_POSTCODE = re.compile(r"\b(?:[a-z]{1,2}-)?\d{4,6}\b")
"""Stands in some spellings of an address and not in others."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time, `end` exclusive; both aware."""

    start: datetime
    end: datetime

    @property
    def minutes(self) -> int:
        """Whole minutes that really pass in it."""
        return int((self.end.astimezone(UTC) - self.start.astimezone(UTC)) / timedelta(minutes=1))


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two occurrences that want the same time, `shared`."""

    first: Placed
    second: Placed
    shared: Span


@dataclass(frozen=True, slots=True)
class TightMove:
    """Two occurrences at different places with only `minutes` between them."""

    first: Placed
    second: Placed
    minutes: int


def in_order(events: Sequence[Placed]) -> list[Placed]:
    """Sort for an agenda: whole days first, then by start, end and summary."""
    return sorted(events, key=_agenda_key)


def _agenda_key(event: Placed) -> tuple[bool, datetime, datetime, str, str]:
    occurrence = event.occurrence
    start, end = _utc(occurrence.start), _utc(occurrence.end)
    return not occurrence.all_day, start, end, occurrence.summary.casefold(), event.ref


def _utc(moment: datetime | date) -> datetime:
    if isinstance(moment, datetime):
        return moment.astimezone(UTC)
    return datetime.combine(moment, time(), UTC)


def declined(occurrence: Occurrence, owner: Collection[str]) -> bool:
    """Whether one of the owner's addresses (lower case) is among the attendees and has declined."""
    return any(each.answer == "declined" and each.address in owner for each in occurrence.attendees)


def takes_time(occurrence: Occurrence, owner: Collection[str] = ()) -> bool:
    """Whether an occurrence counts as busy time, by the rule at the head of this module."""
    timed = not occurrence.all_day and _utc(occurrence.end) > _utc(occurrence.start)
    return timed and occurrence.busy and occurrence.status != "cancelled" and not declined(occurrence, owner)


def overlaps(events: Sequence[Placed], owner: Collection[str] = ()) -> list[Overlap]:
    """Find every two that share time, by start; touching ends do not, nor does one event that lies in two calendars."""
    timed = _timed(events, owner)
    found = []
    for place, first in enumerate(timed):
        end = _utc(first.occurrence.end)
        for second in timed[place + 1 :]:
            if _utc(second.occurrence.start) >= end:
                break
            shared = None if _same_event(first, second) else _shared(first.occurrence, second.occurrence)
            if shared:
                found.append(Overlap(first, second, shared))
    return found


def _shared(first: Occurrence, second: Occurrence) -> Span | None:
    later = max(first.start, second.start, key=_utc)
    earlier = min(first.end, second.end, key=_utc)
    return Span(later, earlier) if isinstance(later, datetime) and isinstance(earlier, datetime) else None


def _timed(events: Sequence[Placed], owner: Collection[str]) -> list[Placed]:
    return in_order([event for event in events if takes_time(event.occurrence, owner)])


def _same_event(first: Placed, second: Placed) -> bool:
    one, other = first.occurrence, second.occurrence
    return one.uid == other.uid and _utc(one.start) == _utc(other.start) and _utc(one.end) == _utc(other.end)


def tight_moves(events: Sequence[Placed], travel_minutes: int, owner: Collection[str] = ()) -> list[TightMove]:
    """Find those that follow at another place in less than `travel_minutes`; overlapping ones are not repeated here.

    A place is a location that is neither a link nor a word for a call. Where one with a place lies between two others,
    only its own ways are looked at.
    """
    timed = [event for event in _timed(events, owner) if place_of(event.occurrence)]
    found = []
    for position, first in enumerate(timed):
        left = _utc(first.occurrence.end)
        following = [each for each in timed[position + 1 :] if _utc(each.occurrence.start) >= left]
        earliest_end = min((_utc(each.occurrence.end) for each in following), default=left)
        for second in following:
            start = _utc(second.occurrence.start)
            minutes = Span(left, start).minutes
            if minutes >= travel_minutes or start >= earliest_end:
                break
            if place_of(first.occurrence) != place_of(second.occurrence):
                found.append(TightMove(first, second, minutes))
    return found


def place_of(occurrence: Occurrence) -> str:
    """The place of an occurrence, folded for comparing; empty where nobody has to go anywhere."""
    place = " ".join(occurrence.location.casefold().split())
    return "" if _NOWHERE.search(place) else " ".join(_POSTCODE.sub(" ", place).replace(",", " ").split())


def busy_spans(
    events: Sequence[Placed],
    day: date,
    zone: ZoneInfo,
    start_hour: int = 0,
    end_hour: int = 24,
    owner: Collection[str] = (),
) -> list[Span]:
    """Merge the busy time of a day between two hours of its wall clock into spans that neither touch nor overlap."""
    opens, closes = _at(day, start_hour, zone), _at(day, end_hour, zone)
    merged: list[tuple[datetime, datetime]] = []
    for event in _timed(events, owner):
        start, end = max(_utc(event.occurrence.start), opens), min(_utc(event.occurrence.end), closes)
        if start >= end:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return [Span(start.astimezone(zone), end.astimezone(zone)) for start, end in merged]


def free_windows(
    events: Sequence[Placed],
    day: date,
    zone: ZoneInfo,
    start_hour: int,
    end_hour: int,
    minimum: int,
    owner: Collection[str] = (),
) -> list[Span]:
    """Find the free stretches of at least `minimum` minutes between two hours of a day's wall clock (24: midnight)."""
    busy = busy_spans(events, day, zone, start_hour, end_hour, owner)
    return [span for span in _gaps(busy, _at(day, start_hour, zone), _at(day, end_hour, zone), zone) if span.minutes >= minimum]


def _at(day: date, hour: int, zone: ZoneInfo) -> datetime:
    days, hour = divmod(hour, 24)
    return datetime.combine(day + timedelta(days=days), time(hour), zone).astimezone(UTC)


def _gaps(busy: Sequence[Span], opens: datetime, closes: datetime, zone: ZoneInfo) -> Iterator[Span]:
    begin = opens
    for span in busy:
        if span.start.astimezone(UTC) > begin:
            yield Span(begin.astimezone(zone), span.start)
        begin = span.end.astimezone(UTC)
    if begin < closes:
        yield Span(begin.astimezone(zone), closes.astimezone(zone))
