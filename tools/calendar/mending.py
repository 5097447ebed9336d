"""Mends what icalendar read: times placed in their zones, impossible ends and values of no meaning left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TypeAlias, cast

import icalendar
from icalendar.prop import vBroken

from tools.calendar.components import Moment, date_lists, duration, moment
from tools.calendar.zones import UNRESOLVED, Zones

Period: TypeAlias = tuple[datetime, datetime] | tuple[datetime, timedelta]
_LONGEST_EVENT = timedelta(days=3660)
_MOMENTS = ("DTSTART", "DTEND", "DUE", "RECURRENCE-ID")
_ONCE = {*_MOMENTS, "UID", "DURATION", "SEQUENCE", "STATUS", "SUMMARY", "LOCATION", "DESCRIPTION", "URL", "TRANSP"}
_ONCE |= {"ORGANIZER", "PRIORITY", "PERCENT-COMPLETE", "COMPLETED"}


@dataclass(frozen=True, slots=True)
class Part:
    """A VEVENT or VTODO; `local` says that its series is named by local time, having no zone or none that is known."""

    component: icalendar.Component
    local: bool

    @property
    def kind(self) -> str:
        """VEVENT or VTODO."""
        return str(self.component.name)


@dataclass
class Problems:
    """Collects sentences, each once, and not without end."""

    sentences: list[str] = field(default_factory=list)

    def add(self, sentence: str) -> None:
        """Keep a sentence unless it is known or there are many already."""
        if sentence not in self.sentences and len(self.sentences) < 20:
            self.sentences.append(sentence)


def mended(component: icalendar.Component, zones: Zones, problems: Problems) -> Part | None:
    """Make a component of icalendar's fit to reason over; None where it is an event without a start."""
    _single(component)
    local: dict[str, bool] = {}
    for name in _MOMENTS:
        local[name] = _place(component, name, zones, problems)
    for name in ("EXDATE", "RDATE"):
        _place_list(component, name, zones, problems)
    if component.name == "VEVENT" and "DTSTART" not in component:
        problems.add("An event in it has no start.")
        return None
    if "EXRULE" in component:
        problems.add("A rule of exceptions (EXRULE) was ignored.")
    _mend_length(component, problems)
    return Part(component, local["RECURRENCE-ID"] or local["DTSTART"] or (local["DUE"] and "DTSTART" not in component))


def _single(component: icalendar.Component) -> None:
    """Drop values that icalendar could not read, and all but the first of what may be there once."""
    for name, value in list(component.items()):
        values = [each for each in (value if isinstance(value, list) else [value]) if not isinstance(each, vBroken)]
        if not values:
            del component[name]
        elif name.upper() in _ONCE:
            component[name] = values[0]
        elif isinstance(value, list):
            component[name] = values


def _place(component: icalendar.Component, name: str, zones: Zones, problems: Problems) -> bool:
    value = component.get(name)
    found = moment(component, name)
    if found is not None and isinstance(value, icalendar.vDDDTypes):
        value.dt, local = zones.place(found, _zone_name(value.params))
        return local
    if value is not None:
        problems.add(f"{name} could not be read.")
        del component[name]
    return False


def _zone_name(params: Mapping[str, object]) -> str:
    return str(params.get(UNRESOLVED, ""))


def _place_list(component: icalendar.Component, name: str, zones: Zones, problems: Problems) -> None:
    for dates in date_lists(component, name):
        zone = _zone_name(dates.params)
        kept = []
        for each in dates.dts:
            if isinstance(each.dt, tuple):
                each.dt = _period(each.dt, zone, zones)
            elif isinstance(each.dt, date):
                each.dt = zones.place(each.dt, zone)[0]
            else:
                problems.add(f"{name} could not be read.")
                continue
            kept.append(each)
        dates.dts = kept


def _period(value: Period, zone: str, zones: Zones) -> Period:
    begin = zones.place(value[0], zone)[0]
    end = value[1] if isinstance(value[1], timedelta) else zones.place(value[1], zone)[0]
    return cast("Period", (begin, end))


def _mend_length(component: icalendar.Component, problems: Problems) -> None:
    """Drop an end that cannot be: of another type than the start, before it, or years after it."""
    end_name = "DTEND" if component.name == "VEVENT" else "DUE"
    start, end, length = moment(component, "DTSTART"), moment(component, end_name), duration(component)
    whole_days = not isinstance(start, datetime)
    odd = length is not None and whole_days and length % timedelta(days=1)
    if length is not None and (odd or not timedelta(0) <= length <= _LONGEST_EVENT):
        del component["DURATION"]
        problems.add("Its duration cannot be and was ignored.")
    if end_name == "DUE" or start is None or end is None:
        return
    if whole_days != (not isinstance(end, datetime)):
        end = _as_type_of(start, end)
        component["DTEND"] = icalendar.vDDDTypes(end)
    impossible = end < start or end - start > _LONGEST_EVENT
    if impossible or (whole_days and end == start):
        del component["DTEND"]
    elif "DURATION" in component:
        del component["DURATION"]
    if impossible:
        problems.add("Its end cannot be and was ignored.")


def _as_type_of(start: Moment, end: Moment) -> Moment:
    if isinstance(start, datetime):
        return datetime(end.year, end.month, end.day, tzinfo=start.tzinfo)
    return date(end.year, end.month, end.day)
