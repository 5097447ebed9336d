"""What is done to an event as a series: found, moved as a whole, ended before an occurrence, one occurrence made its own."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial

import icalendar

from butler.core.calendar import RawObject
from butler.core.sources import Frame
from tools.calendar.components import Moment
from tools.calendar.ical import parse
from tools.calendar.lines import Block, EditError, Line, edits, made, plain, read_block, write_block
from tools.calendar.moments import Moments, comparable, later, length
from tools.calendar.rules import LIBRARY_ERRORS

_ONLY_OF_A_SERIES = ("RRULE", "RDATE", "EXDATE", "EXRULE")
_MOMENTS = ("RECURRENCE-ID", "EXDATE", "RDATE", "DTSTART", "DTEND")
NO_SUCH = "The event has no such occurrence."


def events_of(calendar: Block) -> list[Block]:
    """The one event of an object and its overrides; raises EditError where there is none or there are several."""
    events = calendar.blocks("VEVENT")
    if not events:
        raise EditError("The calendar object holds no event.")
    if len({event.text("UID") for event in events}) > 1:
        raise EditError("The calendar object holds several events.")
    return events


def master_of(events: Collection[Block]) -> Block | None:
    """The event that is no override."""
    return next((each for each in events if each.first("RECURRENCE-ID") is None), None)


def override_of(events: Collection[Block], moments: Moments, recurrence_id: str) -> Block | None:
    """The override for an occurrence."""
    return next((each for each in events if recurrence_id and is_for(each, moments, recurrence_id)), None)


def repeats(event: Block) -> bool:
    """Whether a rule or dates make it a series."""
    return any(event.first(name) for name in ("RRULE", "RDATE"))


def start_line(event: Block) -> Line:
    """Its DTSTART; raises EditError where there is none."""
    start = event.first("DTSTART")
    if start is None:
        raise EditError("The event has no start.")
    return start


def is_for(event: Block, moments: Moments, recurrence_id: str) -> bool:
    """Whether an event is the override for an occurrence."""
    line = event.first("RECURRENCE-ID")
    return line is not None and moments.name(line) == recurrence_id


def is_from(event: Block, moments: Moments, recurrence_id: str) -> bool:
    """Whether an event is an override for an occurrence or one after it."""
    line = event.first("RECURRENCE-ID")
    return line is not None and comparable(moments.read(line)) >= comparable(moments.original(line, recurrence_id))


def occurrence(calendar: Block, moments: Moments, recurrence_id: str) -> Block:
    """The override of an occurrence, made from the series where there is none yet; an event that does not repeat itself."""
    events = events_of(calendar)
    master = master_of(events)
    found = override_of(events, moments, recurrence_id)
    if found is not None:
        return found
    if master is None:
        raise EditError(NO_SUCH)
    if not repeats(master):
        return master
    check_occurs(calendar, recurrence_id)
    start = start_line(master)
    original = moments.original(start, recurrence_id)
    event = master.copy()
    event.drop(*_ONLY_OF_A_SERIES)
    event.body.insert(event.body.index(start), moments.written("RECURRENCE-ID", original, start))
    event.put(moments.written("DTSTART", original, start))
    if event.first("DTEND") is not None:
        event.put(moments.written("DTEND", later(original, length(moments, master)), start))
    place = max(at for at, each in enumerate(calendar.body) if any(each is one for one in events))
    calendar.body.insert(place + 1, event)
    return event


def check_occurs(calendar: Block, recurrence_id: str) -> None:
    """Raise EditError where a series has no occurrence of that name."""
    try:
        day = datetime.strptime(recurrence_id[:8], "%Y%m%d").replace(tzinfo=UTC).date()
        frame = Frame("UTC", day - timedelta(days=2), day + timedelta(days=3), 0)
    except (ValueError, OverflowError) as error:
        raise EditError(NO_SUCH) from error
    found = parse(RawObject("", "", write_block(calendar).encode()), frame)
    if not any(each.recurrence_id == recurrence_id for each in found.occurrences):
        raise EditError(NO_SUCH)


def sequence_for(text: str, recurrence_id: str) -> int | None:
    """Read the SEQUENCE of the override for an occurrence; None where the object has none for it."""
    try:
        event = _override_in(text, recurrence_id)
    except EditError:
        return None
    number = event.text("SEQUENCE") if event is not None else ""
    return int(number) if number.isdigit() and len(number) < 10 else 0 if event is not None else None


@edits
def _override_in(text: str, recurrence_id: str) -> Block | None:
    calendar = read_block(text)
    return override_of(events_of(calendar), Moments(calendar), recurrence_id)


def moved_by(master: Block, moments: Moments, start: Moment, recurrence_id: str) -> timedelta:
    """By how much the wall clock times of a series are moved; not to other days where its rule names days."""
    line = start_line(master)
    before = moments.original(line, recurrence_id) if recurrence_id else moments.read(line)
    if isinstance(before, datetime) != isinstance(start, datetime):
        raise EditError("A series of whole days cannot become one of times, nor the other way round.")
    by = _wall(start, before) - _wall(before, before)
    if "BY" in master.text("RRULE").upper() and _wall(start, before).date() != _wall(before, before).date():
        raise EditError("The series repeats on certain days; to move it to others its rule has to be changed by hand.")
    return by


def _wall(moment: Moment, like: Moment) -> datetime:
    """A moment on the wall clock where another one is."""
    if not isinstance(moment, datetime):
        return comparable(moment).replace(tzinfo=None)
    zone = like.tzinfo if isinstance(like, datetime) else None
    return (moment.astimezone(zone) if zone is not None else moment).replace(tzinfo=None)


def shift(events: Sequence[Block], moments: Moments, by: timedelta) -> None:
    """Move a series: its times and dates, what its overrides are for, and those overrides that were not moved themselves."""
    for event in events:
        original = event.first("RECURRENCE-ID")
        moved = original is not None and moments.name(original) != moments.name(start_line(event))
        names = _MOMENTS[:3] if moved else _MOMENTS
        event.rewrite(partial(_shifted, moments=moments, by=by, names=names))


def _shifted(line: Line, moments: Moments, by: timedelta, names: Collection[str]) -> Line:
    if line.name == "RRULE" and "UNTIL" in line.value.upper():
        rule = rule_of(line)
        rule["UNTIL"] = [each + by for each in rule.get("UNTIL", [])]
        return made("RRULE", rule)
    if line.name not in names:
        return line
    if "/" in line.value:
        raise EditError("The series is given by periods, which cannot be moved.")
    ends = "Z" if line.value.strip().upper().endswith("Z") else ""
    values = [moments.read(line, value) + by for value in line.value.split(",")]
    form = [f"{each:%Y%m%dT%H%M%S}{ends}" if isinstance(each, datetime) else f"{each:%Y%m%d}" for each in values]
    return plain(line.head, ",".join(form))


def rule_of(line: Line) -> icalendar.vRecur:
    """Read an RRULE; raises EditError."""
    try:
        found: icalendar.vRecur = icalendar.vRecur.from_ical(line.value.strip())
    except LIBRARY_ERRORS as error:
        raise EditError("The rule by which the event repeats could not be read.") from error
    return found


def end_before(master: Block, moments: Moments, original: Moment) -> None:
    """End a series before an occurrence: by UNTIL, in the place of COUNT, and without the dates from there on."""
    until: Moment = original - (timedelta(seconds=1) if isinstance(original, datetime) else timedelta(days=1))
    if isinstance(until, datetime) and until.tzinfo is not None:
        until = until.astimezone(UTC)

    def ended(line: Line) -> Line | None:
        if line.name == "RRULE":
            return _rule_until(line, until)
        if line.name not in {"RDATE", "EXDATE"}:
            return line
        begins = {value: moments.read(line, value.partition("/")[0]) for value in line.value.split(",")}
        kept = [value for value, begin in begins.items() if comparable(begin) < comparable(original)]
        return plain(line.head, ",".join(kept)) if kept else None

    master.rewrite(ended)


def _rule_until(line: Line, until: Moment) -> Line:
    rule = rule_of(line)
    given = [each for each in rule.get("UNTIL", []) if isinstance(each, date)]
    if not given or comparable(given[0]) > comparable(until):
        rule["UNTIL"] = [until]
    rule.pop("COUNT", None)
    return made("RRULE", rule)


def from_here_on(line: Line) -> Line:
    """Let the override with this RECURRENCE-ID hold for all later occurrences, too."""
    return line if line.param("RANGE") else plain(f"{line.head};RANGE=THISANDFUTURE", line.value)
