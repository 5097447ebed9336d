"""Typed looks into an icalendar component, whose values may be of thirty types: what is of another counts as missing."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TypeAlias

from icalendar import Component, vRecur
from icalendar.prop import vDDDLists

Moment: TypeAlias = datetime | date


def moment(component: Component, name: str) -> Moment | None:
    """Read a time or day."""
    found = getattr(component.get(name), "dt", None)
    return found if isinstance(found, date) else None


def start_of(component: Component) -> Moment:
    """Read DTSTART; raises KeyError where there is none."""
    found = moment(component, "DTSTART")
    if found is None:
        raise KeyError("DTSTART")
    return found


def original_of(component: Component) -> Moment | None:
    """Read RECURRENCE-ID: the start that an override is for, None for a master."""
    return moment(component, "RECURRENCE-ID")


def duration(component: Component) -> timedelta | None:
    """Read DURATION."""
    found = getattr(component.get("DURATION"), "dt", None)
    return found if isinstance(found, timedelta) else None


def listed(component: Component, name: str) -> list[object]:
    """Read the values of a property that may be there more than once."""
    value: object = component.get(name, [])
    return list(value) if isinstance(value, list) else [value]


def rules(component: Component) -> list[vRecur]:
    """Read every RRULE."""
    return [rule for rule in listed(component, "RRULE") if isinstance(rule, vRecur)]


def date_lists(component: Component, name: str) -> list[vDDDLists]:
    """Read every EXDATE or RDATE."""
    return [dates for dates in listed(component, name) if isinstance(dates, vDDDLists)]


def sequence(component: Component) -> int:
    """Read SEQUENCE, -1 where there is none."""
    value = component.get("SEQUENCE", -1)
    return int(value) if isinstance(value, int) else -1


def repeats(component: Component) -> bool:
    """Whether a rule or list of dates makes it a series."""
    return "RRULE" in component or "RDATE" in component
