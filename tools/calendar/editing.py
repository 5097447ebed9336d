"""Edits an event as its owner asks: an answer, other fields, occurrences taken out; pure, the clock is an argument.

Only the lines concerned are written; all others stay to the letter. An occurrence is named as the mirror names it. Times
of revision follow RFC 5545 (3.8.7) and RFC 5546 (2.1.4): an answer leaves SEQUENCE and DTSTAMP to the organizer, and
SEQUENCE is raised for other times only by who organizes the event, or where nobody does.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

import icalendar
from icalendar.parser import Parameters

from butler.core.payloads import EventFields, Reply, Scope
from tools.calendar.components import Moment
from tools.calendar.lines import Block, EditError, Line, edits, made, plain, read_block, write_block
from tools.calendar.moments import Moments, comparable, later, length
from tools.calendar.series import (
    check_occurs,
    end_before,
    events_of,
    from_here_on,
    is_for,
    is_from,
    master_of,
    moved_by,
    occurrence,
    override_of,
    repeats,
    shift,
    start_line,
)

_WORDS = ("summary", "location", "description")
_TIMES = ("DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "RECURRENCE-ID")


@edits
def answered(
    text: str, address: str, answer: Reply, recurrence_id: str = "", comment: str = "", *, now: datetime, name: str = ""
) -> str:
    """Set an attendee's answer for all of an event or one occurrence; who is not among the attendees is added."""
    calendar = read_block(text)
    moments = Moments(calendar)
    targets = [occurrence(calendar, moments, recurrence_id)] if recurrence_id else events_of(calendar)
    for event in targets:
        _answer(event, address, answer, name)
        if comment:
            event.put(made("COMMENT", icalendar.vText(comment)))
        event.put(stamp("LAST-MODIFIED", now))
    calendar.drop("METHOD")
    return write_block(calendar)


def answer_in(text: str, addresses: Collection[str], recurrence_id: str = "") -> str:
    """Read the answer (lower case) that stands in an event for one of some addresses; empty where none does."""
    try:
        event = _event_in(text, recurrence_id)
    except EditError:
        return ""
    if event is None:
        return ""
    found = [line.param("PARTSTAT").lower() for line in event.all("ATTENDEE") if address_of(line) in addresses]
    return next((each for each in found if each), "needs-action" if found else "")


@edits
def _event_in(text: str, recurrence_id: str) -> Block | None:
    calendar = read_block(text)
    events = events_of(calendar)
    return override_of(events, Moments(calendar), recurrence_id) or master_of(events)


@edits
def updated(
    text: str,
    fields: EventFields,
    scope: Scope = "all",
    recurrence_id: str = "",
    *,
    now: datetime,
    owner: Collection[str] = (),
) -> str:
    """Change fields of an event; a new start without a new end keeps the length.

    For `following`, an override is written that holds from that occurrence on (RANGE=THISANDFUTURE). For `all` with a
    `recurrence_id`, new times are those of this occurrence, and the whole series is moved by as much.
    """
    calendar = read_block(text)
    moments = Moments(calendar)
    events = events_of(calendar)
    master = master_of(events)
    if scope == "all" and master is not None and repeats(master):
        _set_series(events, master, moments, fields, recurrence_id)
        changed = events
    else:
        event = occurrence(calendar, moments, recurrence_id) if recurrence_id else master or events[0]
        original = event.first("RECURRENCE-ID")
        if scope == "following" and original is not None:
            event.put(from_here_on(original))
        _set_words(event, fields)
        _set_times(event, moments, fields)
        changed = [event]
    _revise(changed, now, owner, times=fields.start is not None or fields.end is not None)
    return write_block(calendar)


@edits
def cancelled(text: str, scope: Scope = "all", recurrence_id: str = "", *, now: datetime, owner: Collection[str] = ()) -> str:
    """Take occurrences out of an event; empty where nothing of it would be left, so that it is to be deleted."""
    if scope == "all" or not recurrence_id:
        return ""
    calendar = read_block(text)
    events = events_of(calendar)
    master = master_of(events)
    moments = Moments(calendar)
    gone = is_from if scope == "following" else is_for
    overrides = [each for each in events if each is not master and gone(each, moments, recurrence_id)]
    if scope == "this" and not overrides and master is not None and repeats(master):
        check_occurs(calendar, recurrence_id)
    calendar.body = [each for each in calendar.body if not any(each is one for one in overrides)]
    if master is None:
        return write_block(calendar) if len(overrides) < len(events) else ""
    start = start_line(master)
    original = moments.original(start, recurrence_id)
    nothing_left = scope == "following" and comparable(original) <= comparable(moments.read(start))
    if not repeats(master) or nothing_left:
        return ""
    if scope == "following":
        end_before(master, moments, original)
    else:
        master.add(moments.written("EXDATE", original, start))
    _revise([master], now, owner, times=True)
    return write_block(calendar)


@edits
def starts_as(text: str, other: str) -> bool:
    """Whether the events of two objects lie at the same times by the same rules."""

    def times(each: str) -> list[list[str]]:
        return sorted([event.text(name) for name in _TIMES] for event in events_of(read_block(each)))

    return times(text) == times(other)


@edits
def last_revised(text: str) -> datetime | None:
    """When an object was last revised, by the latest LAST-MODIFIED, COMPLETED or DTSTAMP in it."""
    calendar = read_block(text)
    moments = Moments(calendar)
    blocks = calendar.blocks("VEVENT", "VTODO")
    names = ("LAST-MODIFIED", "DTSTAMP")
    stamps = [comparable(moments.read(line)) for block in blocks for line in block.lines if line.name in names]
    return max(stamps, default=None)


def address_of(line: Line) -> str:
    """The address of an ATTENDEE or ORGANIZER in lower case."""
    return line.value.strip().lower().removeprefix("mailto:")


def stamp(name: str, now: datetime) -> Line:
    """Write a time of revision in UTC."""
    return plain(name, f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}")


def _answer(event: Block, address: str, answer: Reply, name: str) -> None:
    def is_mine(line: Line) -> bool:
        return line.name == "ATTENDEE" and address_of(line) == address.lower()

    def with_answer(line: Line) -> Line:
        params = line.params
        params["PARTSTAT"] = answer.upper()
        params.pop("RSVP", None)
        return made("ATTENDEE", icalendar.vCalAddress(line.value.strip()), params)

    if any(is_mine(line) for line in event.lines):
        event.rewrite(lambda line: with_answer(line) if is_mine(line) else line)
    else:
        params = Parameters({"CN": name} if name else {})
        params["PARTSTAT"] = answer.upper()
        event.add(made("ATTENDEE", icalendar.vCalAddress(f"mailto:{address}"), params))


def _set_words(event: Block, fields: EventFields) -> None:
    for name in _WORDS:
        value = getattr(fields, name)
        if value is not None:
            event.put(made(name.upper(), icalendar.vText(value)))


def _set_series(events: list[Block], master: Block, moments: Moments, fields: EventFields, recurrence_id: str) -> None:
    """Change a whole series; overrides keep what they say differently."""
    before = {name: master.text(name.upper()) for name in _WORDS}
    for event in events:
        same = {name for name in _WORDS if event.text(name.upper()) == before[name]}
        _set_words(event, EventFields(**{name: getattr(fields, name) for name in same}))
    line = start_line(master)
    meant = moments.original(line, recurrence_id) if recurrence_id else moments.read(line)
    if fields.start is not None:
        shift(events, moments, moved_by(master, moments, fields.start, recurrence_id))
        meant = fields.start
    if fields.end is not None:
        begin = moments.read(start_line(master))
        _set_end(master, moments, begin, later(begin, comparable(fields.end) - comparable(meant)))


def _set_times(event: Block, moments: Moments, fields: EventFields) -> None:
    if fields.start is None and fields.end is None:
        return
    line = start_line(event)
    begin: Moment = fields.start if fields.start is not None else moments.read(line)
    whole_day = not isinstance(begin, datetime)
    kept = max(length(moments, event), timedelta(days=1)) if whole_day else length(moments, event)
    if fields.start is not None:
        event.put(moments.written("DTSTART", begin, line))
    _set_end(event, moments, begin, fields.end if fields.end is not None else later(begin, kept))


def _set_end(event: Block, moments: Moments, begin: Moment, end: Moment) -> None:
    if isinstance(end, datetime) != isinstance(begin, datetime) or comparable(end) < comparable(begin):
        raise EditError("The event would end before it begins.")
    event.drop("DURATION")
    event.put(moments.written("DTEND", end, event.first("DTSTART")))


def _revise(events: Collection[Block], now: datetime, owner: Collection[str], *, times: bool) -> None:
    for event in events:
        event.put(stamp("DTSTAMP", now))
        event.put(stamp("LAST-MODIFIED", now))
        organizer = event.first("ORGANIZER")
        if times and (organizer is None or address_of(organizer) in owner):
            number = event.text("SEQUENCE")
            event.put(plain("SEQUENCE", str(int(number) + 1 if number.isdigit() and len(number) < 10 else 1)))
