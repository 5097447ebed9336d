"""Times in the lines of a calendar object: read into their zones, named, and written in the form that others there have."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
from icalendar.parser import Parameters

from tools.calendar.components import Moment
from tools.calendar.fields import recurrence_id
from tools.calendar.lines import Block, EditError, Line, plain, write_block
from tools.calendar.rules import LIBRARY_ERRORS
from tools.calendar.zones import Zones, known_zone

_NOON = datetime(2026, 1, 1, 12, tzinfo=UTC).replace(tzinfo=None)


class Moments:
    """The times of one calendar object, whose own definitions of zones count where a zone is not known."""

    def __init__(self, calendar: Block) -> None:
        definitions = {zone.text("TZID"): write_block(zone) for zone in calendar.blocks("VTIMEZONE")}
        self._zones = Zones(ZoneInfo("UTC"), definitions, lambda _: None)

    def zone(self, line: Line) -> tzinfo | None:
        """The zone of a time; None for floating times, whole days and those of unknown zones."""
        if line.value.strip().upper().endswith("Z"):
            return UTC
        name = line.param("TZID")
        if not name:
            return None
        known = known_zone(name)
        if known:
            return ZoneInfo(known)
        placed, unknown = self._zones.place(_NOON, name)
        return placed.tzinfo if isinstance(placed, datetime) and not unknown else None

    def read(self, line: Line, value: str | None = None) -> Moment:
        """Read a line's time, or another one in its form: a day, aware, or naive where it has no known zone."""
        try:
            read: Any = icalendar.vDDDTypes
            found = read.from_ical((line.value if value is None else value).strip())
        except LIBRARY_ERRORS as error:
            raise EditError(f"{line.name} of the calendar object could not be read.") from error
        if not isinstance(found, date):
            raise EditError(f"{line.name} of the calendar object is no time.")
        if not isinstance(found, datetime):
            return found
        return found.replace(tzinfo=self.zone(line))

    def name(self, line: Line, value: str | None = None) -> str:
        """Name an original start as the mirror does."""
        found = self.read(line, value)
        return recurrence_id(found, local=not isinstance(found, datetime) or found.tzinfo is None)

    def original(self, start: Line, name: str) -> Moment:
        """The original start behind a name, in the zone of the series' own start."""
        given = self.read(Line(f"RECURRENCE-ID:{name}"))
        zone = self.zone(start)
        if not isinstance(given, datetime):
            return given
        if given.tzinfo is not None and zone is not None:
            return given.astimezone(zone)
        return given.replace(tzinfo=zone)

    def written(self, name: str, moment: Moment, like: Line | None) -> Line:
        """Write a time in the zone of another, in UTC where that has none or is a day."""
        if not isinstance(moment, datetime):
            return plain(f"{name};VALUE=DATE", f"{moment:%Y%m%d}")
        zone = self.zone(like) if like is not None else None
        is_day = like is None or not isinstance(self.read(like), datetime)
        if is_day or (zone is None and moment.tzinfo is not None and like is not None and like.param("TZID")) or zone is UTC:
            return plain(name, f"{moment.astimezone(UTC):%Y%m%dT%H%M%S}Z")
        local = moment.astimezone(zone) if zone is not None and moment.tzinfo is not None else moment
        params = Parameters({"TZID": like.param("TZID")}) if like is not None and like.param("TZID") else Parameters()
        head = f"{name};{params.to_ical().decode()}" if params else name
        return plain(head, f"{local:%Y%m%dT%H%M%S}")


def length(moments: Moments, block: Block) -> timedelta:
    """How long an event or task is, as RFC 5545 says where it does not say so itself."""
    start, end = block.first("DTSTART"), block.first("DTEND") or block.first("DUE")
    if start is not None and end is not None:
        first, last = moments.read(start), moments.read(end)
        if isinstance(first, datetime) and isinstance(last, datetime):
            return _aware(last) - _aware(first)
        return _day(last) - _day(first)
    given = block.first("DURATION")
    if given is not None:
        return _duration(given)
    whole_day = start is not None and not isinstance(moments.read(start), datetime)
    return timedelta(days=1) if whole_day and block.name == "VEVENT" else timedelta(0)


def _duration(line: Line) -> timedelta:
    try:
        read: Any = icalendar.vDuration
        found: timedelta = read.from_ical(line.value.strip())
    except LIBRARY_ERRORS as error:
        raise EditError("DURATION of the calendar object could not be read.") from error
    return found


def _aware(moment: datetime) -> datetime:
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _day(moment: Moment) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def later(moment: Moment, by: timedelta) -> Moment:
    """A moment later by time that really passes."""
    if isinstance(moment, datetime) and moment.tzinfo is not None:
        return (moment.astimezone(UTC) + by).astimezone(moment.tzinfo)
    return moment + by


def comparable(moment: Moment) -> datetime:
    """A moment in UTC, days at midnight and floating times as they are, to put it in order."""
    if not isinstance(moment, datetime):
        return datetime(moment.year, moment.month, moment.day, tzinfo=UTC)
    return _aware(moment)
