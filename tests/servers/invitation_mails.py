"""Invitations as they come by mail, and reads over plain lists that hold calendar objects, too."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from briefing_twins import ANNA, TOM, Twin, letter

from butler.core.calendar import CalendarPlace, Occurrence, Placed, StoredObject
from butler.core.mail import Address, Mail
from butler.core.refs import event_ref

PLACE = CalendarPlace("family", "family.work")
REVIEW = (dt.datetime(2026, 11, 26, 10, 0, tzinfo=dt.UTC), dt.datetime(2026, 11, 26, 11, 0, tzinfo=dt.UTC))


def ics(
    method: str = "REQUEST",
    *,
    uid: str = "review-1",
    sequence: int = 0,
    start: str = "20261126T100000Z",
    end: str = "20261126T110000Z",
    organizer: str = "ORGANIZER;CN=Tom Krüger:mailto:tom@nordwind.example",
    attendee: str = "ATTENDEE;CN=Anna;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:anna@berger.example",
    more: str = "",
) -> str:
    """A text/calendar part; empty values leave their line out."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Nordwind//EN",
        f"METHOD:{method}" if method else "",
        "BEGIN:VEVENT",
        f"UID:{uid}" if uid else "",
        f"SEQUENCE:{sequence}",
        "DTSTAMP:20261120T080000Z",
        f"DTSTART:{start}",
        f"DTEND:{end}",
        "SUMMARY:Review",
        "LOCATION:Room 4",
        organizer,
        attendee,
        *more.splitlines(),
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]
    return "\r\n".join([*(line for line in lines[:-1] if line), ""])


def invitation(name: str, text: str, *, days: float = 1, sent: bool = False, sender: Address | None = None) -> Mail:
    """A mail that carries an invitation or, sent by Anna, an answer to one."""
    mail = letter(name, "See the invitation.", subject="Review", days=days, sent=sent)
    author = sender or (ANNA if sent else TOM)
    return dataclasses.replace(mail, message=dataclasses.replace(mail.message, calendar=text, sender=author))


@dataclass
class Shelf(Twin):
    """Reads over plain lists and calendar objects by UID."""

    objects: Mapping[str, StoredObject] = field(default_factory=dict)
    schedules: bool = False

    def occurrences(self, start: dt.datetime, end: dt.datetime) -> Sequence[Placed]:
        return [each for each in self.events if each.occurrence.start < end and start < each.occurrence.end]

    def object_by_uid(self, uid: str) -> StoredObject | None:
        return self.objects.get(uid)

    def calendars(self) -> Sequence[tuple[CalendarPlace, bool]]:
        return [(PLACE, self.schedules)]


def kept(text: str, *, uid: str = "review-1", schedules: bool = False) -> dict[str, StoredObject]:
    """What the calendar holds of one event."""
    return {uid: StoredObject(PLACE.account, PLACE.calendar, f"{uid}.ics", '"1"', text, schedules)}


def busy(summary: str, start: dt.datetime, end: dt.datetime, uid: str = "") -> Placed:
    """Something that takes Anna's time."""
    occurrence = Occurrence(uid or summary, "", summary, start, end)
    return Placed(event_ref("family.work", occurrence.uid), "family.work", occurrence)
