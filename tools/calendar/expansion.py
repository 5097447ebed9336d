"""Works out the occurrences of a repeating event or task with recurring-ical-events, within a bound on time and number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import icalendar
from recurring_ical_events import CalendarQuery

from butler.core.text import one_line
from tools.calendar.components import Moment, date_lists, moment, original_of, rules, start_of
from tools.calendar.fields import span
from tools.calendar.mending import Part, Problems
from tools.calendar.rules import LIBRARY_ERRORS, Shape, cost, forwarded, shape, until_in, utc

MOST_OCCURRENCES = 2_000
"""Occurrences of one series that are kept, or two a day where the window is that long."""

TOO_OFTEN = "repeats very often; only some of its occurrences are shown."
_BUDGET = 600_000.0
_MOST_RULES = 3
_MOST_DATES = 500
_SLACK = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Window:
    """The days asked for: from midnight to midnight in the owner's zone."""

    start: date
    end: date
    zone: ZoneInfo

    @property
    def first(self) -> datetime:
        """The moment at which it begins."""
        return datetime.combine(self.start, time(), self.zone)

    @property
    def last(self) -> datetime:
        """The moment at which it ends."""
        return datetime.combine(self.end, time(), self.zone)

    def holds(self, start: Moment, end: Moment) -> bool:
        """Whether any of a span is in it; a span without length is where it starts."""
        if isinstance(start, datetime) and isinstance(end, datetime):
            return utc(start) < utc(self.last) and (utc(self.first) < utc(end) or utc(self.first) <= utc(start))
        return start < self.end and self.start < end


@dataclass(frozen=True, slots=True)
class Expanded:
    """One occurrence as a component, with the start that the series gave it before anything moved it."""

    component: icalendar.Component
    original: Moment


@dataclass
class Budget:
    """The estimated microseconds that an object's rules may still take."""

    left: float = _BUDGET

    def take(self, wanted: float) -> bool:
        """Spend some of it, if it is still there."""
        if wanted > self.left:
            return False
        self.left -= wanted
        return True


def expanded(parts: Sequence[Part], window: Window, budget: Budget, problems: Problems) -> list[Expanded]:
    """Work out the occurrences of one series, `parts` being its master and overrides, that may lie in the window.

    The parts are changed on the way. A rule that is refused is dropped, which leaves its first occurrence.
    """
    overrides = [part.component for part in parts if "RECURRENCE-ID" in part.component]
    reach = max((_reach(part.component) for part in parts), default=timedelta(0)) + _SLACK
    last = window.last
    for part in parts:
        if "RECURRENCE-ID" not in part.component:
            _prune(part.component, overrides, window.first - reach, window.last + reach)
            last = min(last, _bounded(part, window, reach, budget, problems))
    calendar = icalendar.Calendar()
    for part in parts:
        calendar.add_component(part.component)
    try:
        query = CalendarQuery(calendar, components=[parts[0].kind])
        found = query.between(window.first - timedelta(days=1), max(last, window.first) + timedelta(days=1))
        moved = _moved(overrides)
        occurrences = [Expanded(component, _original(component, moved)) for component in found]
    except LIBRARY_ERRORS:
        problems.add(f"How {name_of(parts[0])} repeats could not be worked out.")
        return []
    return occurrences


def most_occurrences(window: Window) -> int:
    """How many occurrences of a series are kept in a window."""
    return max(MOST_OCCURRENCES, 2 * (window.end - window.start).days)


def name_of(part: Part) -> str:
    """What a sentence calls an event or task."""
    return f"“{one_line(str(part.component.get('SUMMARY', '')), 60)}”"


def _reach(component: icalendar.Component) -> timedelta:
    """How far from an original start a component's occurrences may reach: their length, and how far they were moved."""
    start, end = _bounds(component)
    original = original_of(component)
    if original is None:
        return utc(end) - utc(start)
    return max(abs(utc(start) - utc(original)), abs(utc(end) - utc(original)))


def _bounds(component: icalendar.Component) -> tuple[Moment, Moment]:
    if component.name == "VEVENT":
        return span(component)
    due = moment(component, "DUE")
    start = moment(component, "DTSTART") or due or date.min
    return start, due or start


def _prune(component: icalendar.Component, overrides: Sequence[icalendar.Component], first: datetime, last: datetime) -> None:
    """Forget dates that cannot matter in the window, where there are very many."""
    moved = {utc(original_of(override) or first) for override in overrides}
    for name in ("EXDATE", "RDATE"):
        lists = date_lists(component, name)
        if sum(len(dates.dts) for dates in lists) <= _MOST_DATES:
            continue
        for dates in lists:
            begins = {_begin(each.dt): each for each in dates.dts}
            dates.dts = [each for begin, each in begins.items() if first < begin < last or begin in moved]


def _begin(value: object) -> datetime:
    begin = value[0] if isinstance(value, tuple) else value
    return utc(begin) if isinstance(begin, date) else datetime.min.replace(tzinfo=UTC)


def _bounded(part: Part, window: Window, reach: timedelta, budget: Budget, problems: Problems) -> datetime:
    """Check a master's rules, move it close to the window, and say until when it can be worked out."""
    component = part.component
    given = rules(component)
    if not given:
        return window.last
    start, end = _bounds(component)
    shapes = [shape(rule, start) for rule in given]
    measured = [found for found in shapes if found is not None]
    if len(given) > _MOST_RULES or len(measured) < len(given):
        return _refused(part, window, problems, "repeats by a rule that is not valid")
    for rule in given:
        _mend_until(rule, start)
    begin = min(forwarded(found, start, window.first - reach - _period(found)) for found in measured)
    last = _dense_end(measured, begin, window)
    if not budget.take(sum(cost(found, begin, last + reach) for found in measured)):
        return _refused(part, window, problems, "repeats by a rule that takes too long to work out")
    if last < window.last:
        problems.add(f"{name_of(part)} {TOO_OFTEN}")
    if begin != start and len(given) == 1:
        _move(component, begin, _length(start, end))
    return last


def _refused(part: Part, window: Window, problems: Problems, why: str) -> datetime:
    problems.add(f"{name_of(part)} {why}; only its first occurrence is shown.")
    del part.component["RRULE"]
    return window.last


def _mend_until(rule: icalendar.vRecur, start: Moment) -> None:
    until = until_in(rule, start.tzinfo if isinstance(start, datetime) else None)
    if until is not None:
        rule["UNTIL"] = [until]


def _period(found: Shape) -> timedelta:
    return timedelta(days=min(found.period, 3660))


def _dense_end(shapes: Sequence[Shape], start: Moment, window: Window) -> datetime:
    per_day = sum(found.per_day for found in shapes)
    begin = max(window.first, utc(start))
    enough = timedelta(days=min(most_occurrences(window) / per_day, 36_500)) if per_day else window.last - begin
    return min(window.last, begin.astimezone(window.zone) + enough)


def _length(start: Moment, end: Moment) -> timedelta:
    if isinstance(start, datetime) and isinstance(end, datetime):
        return end - start
    return utc(end) - utc(start)


def _move(component: icalendar.Component, start: Moment, length: timedelta) -> None:
    name = "DTEND" if component.name == "VEVENT" else "DUE"
    component.pop("DURATION", None)
    component["DTSTART"] = icalendar.vDDDTypes(start)
    component[name] = icalendar.vDDDTypes(start + length)


def _moved(overrides: Sequence[icalendar.Component]) -> Mapping[Moment | None, Sequence[Moment]]:
    """The different starts that overrides gave to what was to start at a moment, in their order."""
    found: dict[Moment | None, dict[Moment, None]] = {}
    for override in overrides:
        found.setdefault(original_of(override), {})[start_of(override)] = None
    return {original: list(starts) for original, starts in found.items()}


def _original(component: icalendar.Component, moved: Mapping[Moment | None, Sequence[Moment]]) -> Moment:
    """The RECURRENCE-ID of an occurrence, worked out again where an override of this and all later ones gave it another."""
    start, given = start_of(component), original_of(component) or start_of(component)
    if getattr(component["RECURRENCE-ID"], "params", {}).get("RANGE") != "THISANDFUTURE":
        return given
    # Of different starts at most one is this one, so that no more than two are looked at.
    begin = next((begin for begin in moved.get(given, ()) if begin != start), None)
    if begin is None:
        return given
    moved_by: timedelta = begin - given
    return start - moved_by


def by_uid(parts: Sequence[Part]) -> Iterator[tuple[str, list[Part]]]:
    """Group the parts of an object by kind and UID, in the order in which they stand there."""
    groups: dict[tuple[str, str], list[Part]] = {}
    for part in parts:
        groups.setdefault((part.kind, str(part.component.get("UID", "")).strip()), []).append(part)
    for (_, uid), members in groups.items():
        yield uid, members
