"""Reads invitations that came by mail and writes the answers to them (iTIP: RFC 5546; by mail: RFC 6047); pure.

An answer takes over the organizer's own lines where RFC 5546 asks for the same values, and nothing that a line break, a
parameter or another component in them could smuggle in: it is one component of known properties.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

import icalendar
from icalendar.parser import Parameters

from butler.core.calendar import Attendee, Occurrence
from butler.core.payloads import Reply
from tools.calendar.components import Moment, original_of, repeats, rules, sequence
from tools.calendar.editing import address_of, stamp
from tools.calendar.fields import in_zone, recurrence_id, template
from tools.calendar.lines import Block, EditError, Line, edits, made, plain, read_block, write_block
from tools.calendar.mending import Part
from tools.calendar.moments import Moments
from tools.calendar.reading import read
from tools.calendar.rules import LIBRARY_ERRORS, shape
from tools.calendar.tasks import PRODUCT

METHODS = frozenset({"PUBLISH", "REQUEST", "REPLY", "ADD", "CANCEL", "REFRESH", "COUNTER", "DECLINECOUNTER"})
_ECHOED = ("UID", "ORGANIZER", "RECURRENCE-ID", "SEQUENCE", "DTSTART", "DTEND", "DURATION", "SUMMARY", "LOCATION")
_TEXT_LIMIT = 20_000
_LONGEST_LINE = 2_000
_MOST_PER_DAY = 4


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a text/calendar part of a mail says: `occurrence` is its event, times in the owner's zone, None where unreadable.

    `method` is in capitals and empty where there is none, `sequence` 0 where there is none. `recurrence_id` names the one
    occurrence that it is about, as the mirror does; `repeats` says that it is about a series. `problems` are sentences.
    """

    method: str
    uid: str
    sequence: int
    recurrence_id: str
    occurrence: Occurrence | None
    repeats: bool
    stamp: datetime | None
    problems: tuple[str, ...]
    text: str

    @property
    def organizer(self) -> Attendee | None:
        """Who invites."""
        return self.occurrence.organizer if self.occurrence else None

    @property
    def attendees(self) -> Sequence[Attendee]:
        """Who is invited."""
        return self.occurrence.attendees if self.occurrence else ()

    @property
    def summary(self) -> str:
        """What it calls itself."""
        return self.occurrence.summary if self.occurrence else ""

    @property
    def start(self) -> Moment | None:
        """When it, or its first occurrence, begins."""
        return self.occurrence.start if self.occurrence else None

    @property
    def end(self) -> Moment | None:
        """When that ends."""
        return self.occurrence.end if self.occurrence else None

    @property
    def location(self) -> str:
        """Where it is."""
        return self.occurrence.location if self.occurrence else ""


def read_invitation(text: str, zone: ZoneInfo) -> Invitation:
    """Read an invitation; never raises, what is wrong with it becomes a sentence."""
    reading = read(text.encode("utf-8", "replace"), zone)
    problems = list(reading.problems)
    method = _method(text)
    if method not in METHODS:
        problems.append("It does not say what it is for (METHOD).")
    events = [part for part in reading.parts if part.kind == "VEVENT"]
    if not events:
        problems.append("It holds no event.")
        return Invitation(method, "", 0, "", None, repeats=False, stamp=None, problems=tuple(problems), text=text)
    uids = {str(part.component.get("UID", "")).strip() for part in events}
    if len(uids) > 1:
        problems.append("It holds several events, which cannot be answered as one.")
    uid = next(iter(uids)) if len(uids) == 1 else ""
    if uids == {""}:
        problems.append("It has no UID, so that no answer to it could be told apart.")
    part = next((each for each in events if original_of(each.component) is None), events[0])
    return _read(text, method, uid, part, zone, problems)


def _read(text: str, method: str, uid: str, part: Part, zone: ZoneInfo, problems: list[str]) -> Invitation:
    component = part.component
    original = original_of(component)
    try:
        found = template(component, uid, _TEXT_LIMIT)
        found = replace(found, start=in_zone(found.start, zone), end=in_zone(found.end, zone))
        shapes = [shape(rule, found.start) for rule in rules(component)]
        name = recurrence_id(original, local=part.local) if original is not None else ""
    except LIBRARY_ERRORS:
        problems.append("Its times lie outside of the calendar.")
        return Invitation(method, uid, 0, "", None, repeats=False, stamp=None, problems=tuple(problems), text=text)
    if found.organizer is None:
        problems.append("It names no organizer, so that nobody could be answered.")
    if any(each is None for each in shapes) or len(shapes) > 1:
        problems.append("It repeats by a rule that is not valid.")
    elif any(each is not None and each.per_day > _MOST_PER_DAY for each in shapes):
        problems.append("It repeats very often, which no meeting does.")
    when = getattr(component.get("DTSTAMP"), "dt", None)
    return Invitation(
        method=method,
        uid=uid,
        sequence=max(sequence(component), 0),
        recurrence_id=name,
        occurrence=found,
        repeats=repeats(component),
        stamp=when if isinstance(when, datetime) and when.tzinfo else None,
        problems=tuple(dict.fromkeys(problems)),
        text=text,
    )


def _method(text: str) -> str:
    """The METHOD of the calendar itself, not one that stands in a component of it."""
    depth = 0
    for line in text.splitlines():
        name, _, value = line.partition(":")
        word = name.strip().upper().split(";")[0]
        depth += {"BEGIN": 1, "END": -1}.get(word, 0)
        if word == "METHOD" and depth == 1:
            return value.strip().upper()[:20]
    return ""


@edits
def stored(invitation: Invitation) -> str:
    """Write an invitation as an object of a calendar: without its METHOD, which RFC 4791 (4.1) forbids there, and
    without the alarms of whoever wrote it.
    """
    calendar = read_block(invitation.text)
    calendar.drop("METHOD")
    if any(isinstance(each, Block) and each.name not in {"VEVENT", "VTIMEZONE"} for each in calendar.body):
        raise EditError("The invitation holds more than an event.")
    for event in calendar.blocks("VEVENT"):
        event.body = [each for each in event.body if isinstance(each, Line)]
    return write_block(calendar)


@edits
def reply(invitation: Invitation, owner: str, answer: Reply, comment: str, now: datetime, *, name: str = "") -> str:
    """Write the REPLY of one attendee; raises EditError where the invitation cannot be answered."""
    calendar, event = _source(invitation)
    lines = list(_echoed(event))
    lines.append(_attendee(event, owner, answer, name))
    return _written(calendar, "REPLY", lines, comment, now)


@edits
def counter(
    invitation: Invitation, owner: str, start: datetime, end: datetime, comment: str, now: datetime, *, name: str = ""
) -> str:
    """Write the COUNTER by which an attendee proposes other times; raises EditError where it cannot be."""
    calendar, event = _source(invitation)
    moments = Moments(calendar)
    given = event.first("DTSTART")
    lines = [line for line in _echoed(event) if line.name not in {"DTSTART", "DTEND", "DURATION"}]
    lines += [moments.written("DTSTART", start, given), moments.written("DTEND", end, given)]
    lines.append(_attendee(event, owner, "tentative", name))
    return _written(calendar, "COUNTER", lines, comment, now)


def _source(invitation: Invitation) -> tuple[Block, Block]:
    if not invitation.uid or invitation.organizer is None:
        raise EditError("The invitation has no UID or no organizer, and cannot be answered.")
    calendar = read_block(invitation.text)
    events = calendar.blocks("VEVENT")
    return calendar, next((each for each in events if each.first("RECURRENCE-ID") is None), events[0])


def _echoed(event: Block) -> Iterator[Line]:
    for name in _ECHOED:
        line = event.first(name)
        if line is not None and len(line.raw) <= _LONGEST_LINE:
            yield line
        elif name in {"UID", "ORGANIZER"}:
            raise EditError(f"The {name} of the invitation cannot be answered with.")


def _attendee(event: Block, owner: str, answer: Reply, name: str) -> Line:
    """The owner's own line and no other; named as the organizer named them."""
    mine = next((line for line in event.all("ATTENDEE") if address_of(line) == owner.lower()), None)
    shown = name or (mine.param("CN") if mine is not None else "")
    params = Parameters({"CN": shown[:200]} if shown else {})
    params["PARTSTAT"] = answer.upper()
    return made("ATTENDEE", icalendar.vCalAddress(f"mailto:{owner}"), params)


def _written(calendar: Block, method: str, lines: Sequence[Line], comment: str, now: datetime) -> str:
    event = Block("VEVENT", [*lines, stamp("DTSTAMP", now)])
    if comment:
        event.add(made("COMMENT", icalendar.vText(comment)))
    zones = {line.param("TZID") for line in lines} - {""}
    definitions = [each for each in calendar.blocks("VTIMEZONE") if each.text("TZID") in zones]
    head = [plain("PRODID", PRODUCT), plain("VERSION", "2.0"), plain("METHOD", method)]
    return write_block(Block("VCALENDAR", [*head, *definitions, event]))


def answer_of(text: str) -> tuple[str, str, str]:
    """Read UID, RECURRENCE-ID and the one attendee's PARTSTAT (lower case) of a REPLY; empty where it is none."""
    try:
        return _answer_of(text)
    except EditError:
        return "", "", ""


@edits
def _answer_of(text: str) -> tuple[str, str, str]:
    calendar = read_block(text)
    events = calendar.blocks("VEVENT")
    people = events[0].all("ATTENDEE") if events else []
    if calendar.text("METHOD").upper() != "REPLY" or len(people) != 1:
        return "", "", ""
    original = events[0].first("RECURRENCE-ID")
    name = Moments(calendar).name(original) if original is not None else ""
    return events[0].text("UID"), name, people[0].param("PARTSTAT").lower()
