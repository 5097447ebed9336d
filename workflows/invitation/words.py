"""How invitations are spoken of: events, times, and the mails that answer them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from types import MappingProxyType

from butler.core.calendar import Attendee, Occurrence
from butler.core.context import Identity
from butler.core.mail import Mail
from butler.core.payloads import Letter, Person
from butler.core.text import one_line
from tools.mail.reply_to import draft_message_id, in_reply_to_of, references_of

ANSWERS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "accepted": ("Accepted", "has accepted"),
        "declined": ("Declined", "has declined"),
        "tentative": ("Tentative", "has tentatively accepted"),
        "counter": ("New time proposed", "proposes another time for"),
    }
)


def titled(summary: str) -> str:
    """An event's title in quotes."""
    return f"“{one_line(summary, 80) or 'an event without a title'}”"


def person(attendee: Attendee) -> str:
    """Who somebody is, by name and address."""
    name = one_line(attendee.name, 60)
    address = one_line(attendee.address, 80)
    return f"{name} <{address}>" if name and name.lower() != address else address


def span(start: dt.datetime | dt.date, end: dt.datetime | dt.date) -> str:
    """When something is, in full."""
    if not isinstance(start, dt.datetime) or not isinstance(end, dt.datetime):
        last = end - dt.timedelta(days=1)
        return f"{start:%a %d %b %Y}" + (f" to {last:%a %d %b %Y}" if last > start else "")
    same_day = start.date() == end.date()
    return f"{start:%a %d %b %Y %H:%M} to {end:%H:%M}" if same_day else f"{start:%a %d %b %Y %H:%M} to {end:%a %d %b %Y %H:%M}"


def of(occurrence: Occurrence) -> str:
    """An occurrence by title and time."""
    return f"{titled(occurrence.summary)}, {span(occurrence.start, occurrence.end)}"


def letter(
    mail: Mail, identity: Identity, organizer: Attendee, what: str, when: Occurrence, itip: str, key: str, now: dt.datetime
) -> Letter:
    """The mail that carries an answer to the organizer, and says the same in words."""
    subject, verb = ANSWERS[what]
    summary = one_line(when.summary, 200)
    name = identity.name or identity.address
    return Letter(
        account=identity.account,
        sender=Person(name=identity.name, address=identity.address),
        to=(Person(name=one_line(organizer.name, 100), address=organizer.address),),
        subject=f"{subject}: {summary}".removesuffix(": "),
        body=f"{name} {verb} {of(when)}.",
        in_reply_to=in_reply_to_of(mail),
        references=references_of(mail),
        thread=one_line(mail.message.subject, 200),
        message_id=draft_message_id(key, identity.address),
        date=now,
        itip=itip,
    )
