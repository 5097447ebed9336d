"""Parses a calendar object into occurrences and tasks; pure, never raises, and takes no more than a second over any input.

Times are given in the owner's zone; floating times, and those of unknown zones, are taken to be there already. An
occurrence of a series is named by its original start, as in RFC 5545, in one form: `20261124` for whole days,
`20261124T080000Z` for a start in a known zone, `20261124T090000` where there is none. A calendar's X-WR-TIMEZONE
is not looked at; VJOURNAL and VFREEBUSY are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from zoneinfo import ZoneInfo

from butler.core.calendar import CalendarObject, Occurrence, RawObject
from butler.core.sources import Frame
from tools.calendar.components import Moment, original_of, repeats, sequence, start_of
from tools.calendar.expansion import TOO_OFTEN, Budget, Window, by_uid, expanded, most_occurrences, name_of
from tools.calendar.fields import in_zone, past_the_gap, recurrence_id, span, template
from tools.calendar.mending import Part, Problems
from tools.calendar.reading import read
from tools.calendar.rules import LIBRARY_ERRORS, utc
from tools.calendar.todos import task


def parse(raw: RawObject, frame: Frame) -> CalendarObject:
    """Parse an object: series as far as they lie in the frame's days, single events and tasks wherever they lie."""
    window = Window(frame.start, frame.end, ZoneInfo(frame.zone))
    reading = read(raw.content, window.zone)
    problems = Problems(list(reading.problems))
    budget = Budget()
    occurrences: list[Occurrence] = []
    tasks = []
    recurs = False
    for uid, parts in by_uid(reading.parts):
        uid = uid or _missing_uid(raw, problems)
        a_series = any(repeats(part.component) for part in parts)
        recurs = recurs or a_series
        try:
            if parts[0].kind == "VTODO":
                tasks.append(task(uid, parts, frame, window, budget, problems))
            elif a_series:
                occurrences += _series(uid, parts, frame, window, budget, problems)
            else:
                occurrences += _singles(uid, parts, frame, window)
        except LIBRARY_ERRORS:
            problems.add("An event or task in it lies outside of the calendar or could not be read.")
    occurrences.sort(key=lambda each: (utc(each.start), each.uid))
    return CalendarObject(raw.key, raw.version, tuple(occurrences), tuple(tasks), recurs, tuple(problems.sentences))


def _missing_uid(raw: RawObject, problems: Problems) -> str:
    problems.add("It has no UID; one was made from its content.")
    return f"no-uid-{sha256(raw.content).hexdigest()[:24]}"


def _singles(uid: str, parts: Sequence[Part], frame: Frame, window: Window) -> Iterator[Occurrence]:
    """Events without rules: of those for one original start the one of the highest sequence, an override before its master."""
    chosen: dict[str, Part] = {}
    for part in sorted(parts, key=_sequence):
        original = original_of(part.component)
        chosen[recurrence_id(original, local=part.local) if original is not None else ""] = part
    alone = chosen.get("")
    if alone is not None and recurrence_id(start_of(alone.component), local=alone.local) in chosen:
        del chosen[""]
    for name, part in chosen.items():
        found = template(part.component, uid, frame.text_limit)
        start, end = found.start, found.end
        if utc(end) <= utc(start):
            start, end = past_the_gap(start, end)
        yield _placed(found, start, end, name, original_of(part.component) or start, window.zone)


def _sequence(part: Part) -> int:
    return sequence(part.component)


def _series(
    uid: str, parts: Sequence[Part], frame: Frame, window: Window, budget: Budget, problems: Problems
) -> Iterable[Occurrence]:
    local = any(part.local for part in parts)
    templates = _templates(uid, parts, frame, local=local)
    found = []
    for each in expanded(parts, window, budget, problems):
        start, end = past_the_gap(*span(each.component))
        given = recurrence_id(original_of(each.component) or start, local=local)
        name = recurrence_id(each.original, local=local)
        pattern = templates.get(given) or templates[""]
        placed = _placed(pattern, start, end, name, each.original, window.zone)
        if window.holds(placed.start, placed.end):
            found.append(placed)
    found.sort(key=lambda each: utc(each.start))
    most = most_occurrences(window)
    if len(found) > most:
        problems.add(f"{name_of(parts[0])} {TOO_OFTEN}")
    return found[:most]


def _templates(uid: str, parts: Sequence[Part], frame: Frame, *, local: bool) -> dict[str, Occurrence]:
    """What each part says, by the recurrence ids of overrides; the master, or else any of them, under the empty one."""
    found: dict[str, Occurrence] = {}
    for part in sorted(parts, key=_sequence):
        original = original_of(part.component)
        name = recurrence_id(original, local=local) if original is not None else ""
        found[name] = template(part.component, uid, frame.text_limit)
    found.setdefault("", next(iter(found.values())))
    return found


def _placed(pattern: Occurrence, start: Moment, end: Moment, name: str, original: Moment, zone: ZoneInfo) -> Occurrence:
    moved = utc(start) != utc(original) or isinstance(start, datetime) != isinstance(original, datetime)
    return replace(
        pattern,
        recurrence_id=name,
        start=in_zone(start, zone),
        end=in_zone(end, zone),
        moved_from=in_zone(original, zone) if moved and name else None,
    )
