"""A day as a drawing, pure: hours down the side, events beside each other where they share time, what is free, what is tight.

Lengths are in minutes that really pass, counted from the first hour that is drawn, so that a day on which clocks change is as
long as it is. What is short is drawn taller than it lasts, and what would cover something stands beside it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from butler.core.calendar import Occurrence, Placed
from butler.core.dayplan import Span, declined, free_windows, in_order, overlaps, takes_time, tight_moves
from butler.core.owner import BriefingOptions

LEAST = 22
"""Minutes that an event takes in the drawing at least, so that its title can be read."""

COLUMNS = 4
"""Events beside each other at most; the rest of them is counted in one."""

_LOOKED_AT = 60
_STEP = timedelta(minutes=15)
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Box:
    """An event, or `more` of them that found no room; `top` and `height` in minutes, `left` and `width` in percent."""

    ref: str
    top: float
    height: float
    left: float
    width: float
    starts_before: bool = False
    goes_on: bool = False
    more: int = 0


@dataclass(frozen=True, slots=True)
class Band:
    """A stretch of the day from one side to the other."""

    top: float
    height: float
    span: Span


@dataclass(frozen=True, slots=True)
class Drawing:
    """What is drawn: `hours` are places and times of day, `now` the place of the present, None on other days.

    `clashing` are the references of events that want the same time as another, `tight` the stretches in which somebody would
    have to be at two places.
    """

    height: float
    hours: tuple[tuple[float, str], ...]
    boxes: tuple[Box, ...]
    free: tuple[Band, ...]
    tight: tuple[Band, ...]
    clashing: frozenset[str]
    now: float | None


@dataclass(frozen=True, slots=True)
class Day:
    """The day to draw, and whose: `owner` are their addresses."""

    date: date
    zone: ZoneInfo
    options: BriefingOptions = field(default_factory=BriefingOptions)
    owner: Collection[str] = ()

    @property
    def edges(self) -> tuple[datetime, datetime]:
        """Its first moment and the next day's, in UTC."""
        begins = _midnight(self.date, self.zone)
        return begins, max(_midnight(self.date + timedelta(days=1), self.zone), begins + _STEP)


@dataclass(frozen=True, slots=True)
class _Piece:
    """An event cut to the day: its minutes in it, and those it takes in the drawing."""

    ref: str
    begins: float
    ends: float
    shown: float
    starts_before: bool
    goes_on: bool


def draw(events: Sequence[Placed], day: Day, now: datetime | None = None) -> Drawing | None:
    """Draw what of some events with a time is on a day; None where there is nothing to draw."""
    timed = [one for one in in_order(events) if not one.occurrence.all_day and _touches(one.occurrence, day)]
    if not timed:
        return None
    pieces = [_piece(one, day) for one in timed]
    hours = list(_hours(day))
    first, last = _window(pieces, hours, day)
    begins = day.edges[0]
    busy = [one for one in timed if takes_time(one.occurrence, day.owner)][:_LOOKED_AT]
    free = free_windows(busy, day.date, day.zone, day.options.day_start, day.options.day_end, day.options.free_minutes)
    tight = [_between(one.first, one.second, day.zone) for one in tight_moves(busy, day.options.travel_minutes)]
    place = None if now is None else (now.astimezone(UTC) - begins) / _MINUTE
    return Drawing(
        height=last - first,
        hours=tuple((at - first, label) for at, label in hours if first <= at <= last),
        boxes=tuple(_boxes(pieces, first)),
        free=tuple(_band(span, begins, first) for span in free if busy),
        tight=tuple(_band(span, begins, first) for span in tight),
        clashing=frozenset(each.ref for found in overlaps(busy) for each in (found.first, found.second)),
        now=None if place is None or not first <= place <= last else place - first,
    )


def whole_days(events: Sequence[Placed], day: date) -> list[Placed]:
    """Those events that last the whole of a day, by name."""
    return in_order([one for one in events if one.occurrence.all_day and _covers(one.occurrence, day)])


def is_on(occurrence: Occurrence, owner: Collection[str]) -> bool:
    """Whether an event takes place and the owner means to be there, though it may take no time of theirs."""
    return occurrence.status != "cancelled" and not declined(occurrence, owner)


def _covers(occurrence: Occurrence, day: date) -> bool:
    start, end = occurrence.start, occurrence.end
    last = end.date() if isinstance(end, datetime) else end
    return start <= day < max(last, start + timedelta(days=1))


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _utc(moment: datetime | date) -> datetime:
    return moment.astimezone(UTC) if isinstance(moment, datetime) else datetime.combine(moment, time(), UTC)


def _touches(occurrence: Occurrence, day: Day) -> bool:
    begins, ends = day.edges
    start, end = _utc(occurrence.start), _utc(occurrence.end)
    return begins <= start < ends or (start < begins < end)


def _piece(placed: Placed, day: Day) -> _Piece:
    begins, ends = day.edges
    start, end = _utc(placed.occurrence.start), _utc(placed.occurrence.end)
    length = (ends - begins) / _MINUTE
    top = max(0.0, (start - begins) / _MINUTE)
    bottom = min(length, (end - begins) / _MINUTE)
    shown = max(bottom, top + LEAST)
    # What begins in the last minutes of a day is drawn upwards from its end.
    lifted = max(0.0, shown - length)
    return _Piece(placed.ref, top - lifted, bottom, shown - lifted, start < begins, end > ends)


def _hours(day: Day) -> Iterator[tuple[float, str]]:
    """The full hours that clocks show, with the zone's name where one comes twice; the day's end is 24:00."""
    begins, ends = day.edges
    found = [local for local in _quarters(begins, ends, day.zone) if local.minute == 0]
    names = [f"{local:%H:%M}" for local in found]
    for local, name in zip(found, names, strict=True):
        at = (local.astimezone(UTC) - begins) / _MINUTE
        yield at, f"{name} {local:%Z}" if names.count(name) > 1 else name
    yield (ends - begins) / _MINUTE, "24:00"


def _quarters(begins: datetime, ends: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    moment = begins
    while moment < ends:
        yield moment.astimezone(zone)
        moment += _STEP


def _window(pieces: Sequence[_Piece], hours: Sequence[tuple[float, str]], day: Day) -> tuple[float, float]:
    """The hours between which all lies, those of the owner's day among them."""
    begins = day.edges[0]
    opens = (_wall(day, day.options.day_start) - begins) / _MINUTE
    closes = (_wall(day, day.options.day_end) - begins) / _MINUTE
    first = min(opens, *(piece.begins for piece in pieces))
    last = max(closes, *(piece.shown for piece in pieces))
    places = [at for at, _ in hours]
    return max((at for at in places if at <= first), default=0.0), min((at for at in places if at >= last), default=places[-1])


def _wall(day: Day, hour: int) -> datetime:
    if hour >= 24:
        return day.edges[1]
    return datetime.combine(day.date, time(hour), day.zone).astimezone(UTC)


def _between(first: Placed, second: Placed, zone: ZoneInfo) -> Span:
    return Span(_utc(first.occurrence.end).astimezone(zone), _utc(second.occurrence.start).astimezone(zone))


def _band(span: Span, begins: datetime, first: float) -> Band:
    return Band((span.start.astimezone(UTC) - begins) / _MINUTE - first, float(span.minutes), span)


def _boxes(pieces: Sequence[_Piece], first: float) -> Iterator[Box]:
    for group in _groups(sorted(pieces, key=lambda one: (one.begins, -one.shown, one.ref))):
        yield from _side_by_side(group, first)


def _groups(pieces: Sequence[_Piece]) -> Iterator[list[_Piece]]:
    """Pieces that hang together, each covering a part of another's height."""
    group: list[_Piece] = []
    bottom = 0.0
    for piece in pieces:
        if group and piece.begins >= bottom:
            yield group
            group = []
        group.append(piece)
        bottom = max(bottom, piece.shown)
    if group:
        yield group


def _side_by_side(group: Sequence[_Piece], first: float) -> Iterator[Box]:
    columns: list[list[_Piece]] = []
    for piece in group:
        free = next((column for column in columns if column[-1].shown <= piece.begins), None)
        if free is None:
            columns.append([piece])
        else:
            free.append(piece)
    shown = columns if len(columns) <= COLUMNS else columns[: COLUMNS - 1]
    width = 100 / min(len(columns), COLUMNS)
    for place, column in enumerate(shown):
        for piece in column:
            wide = 1 if len(columns) > COLUMNS else _reach(piece, columns[place + 1 :])
            height = piece.shown - piece.begins
            edges = (piece.starts_before, piece.goes_on)
            yield Box(piece.ref, piece.begins - first, height, place * width, wide * width, *edges)
    if left := [piece for column in columns[len(shown) :] for piece in column]:
        top, bottom = min(piece.begins for piece in left), max(piece.shown for piece in left)
        yield Box("", top - first, bottom - top, len(shown) * width, width, more=len(left))


def _reach(piece: _Piece, right: Sequence[Sequence[_Piece]]) -> int:
    """Over how many columns a piece may reach: its own and those to the right that are empty beside it."""
    reach = 1
    for column in right:
        if any(other.begins < piece.shown and piece.begins < other.shown for other in column):
            break
        reach += 1
    return reach
