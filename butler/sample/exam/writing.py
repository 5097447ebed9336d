"""The exam's mails and calendars as bytes, so that the parsers read them as they would any other."""

from __future__ import annotations

import datetime as dt
import hashlib
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from typing import Final

from butler.core.exam import ExamMail, World, WorldEvent

_POLICY: Final = EmailPolicy(utf8=False, cte_type="8bit", linesep="\n", max_line_length=78)


def build(mail: ExamMail) -> bytes:
    """The bytes of a mail (RFC 5322); always the same."""
    message = EmailMessage(policy=_POLICY)
    message["From"] = mail.sender
    message["To"] = ", ".join(mail.to) or "undisclosed-recipients:;"
    if mail.cc:
        message["Cc"] = ", ".join(mail.cc)
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(mail.date)
    message["Message-ID"] = f"<{mail.message_id}>"
    if mail.thread:
        ids = [f"<{one}@exam.example.org>" for one in mail.thread]
        message["In-Reply-To"] = ids[-1]
        message["References"] = " ".join(ids)
    for name, value in mail.headers.items():
        message[name] = value
    _fill(message, mail)
    _bound(message, mail.id)
    return message.as_bytes()


def _fill(message: EmailMessage, mail: ExamMail) -> None:
    if mail.body or not mail.html:
        message.set_content(mail.body, charset="utf-8", cte=_encoding(mail.body))
        if mail.html:
            message.add_alternative(mail.html, subtype="html", charset="utf-8", cte="quoted-printable")
    else:
        message.set_content(mail.html, subtype="html", charset="utf-8", cte="quoted-printable")
    if mail.calendar:
        method = mail.calendar.partition("METHOD:")[2].partition("\n")[0].strip()
        message.add_alternative(mail.calendar, subtype="calendar", params={"method": method or "PUBLISH"})
    for one in mail.enclosed:
        kind, _, subtype = one.type.partition("/")
        content = hashlib.sha256(f"{mail.id}/{one.name}".encode()).digest() * 64
        message.add_attachment(content, maintype=kind, subtype=subtype, filename=one.name)


def _encoding(text: str) -> str:
    """Seven bits where they do: lines over 998 characters are not allowed in a mail."""
    return "7bit" if text.isascii() and max(map(len, text.split("\n"))) < 900 else "quoted-printable"


def _bound(message: EmailMessage, name: str) -> None:
    for number, part in enumerate(message.walk()):
        if part.is_multipart():
            part.set_boundary(f"=_{hashlib.sha256(f'{name}/{number}'.encode()).hexdigest()[:18]}")


def ics(world: World) -> dict[str, bytes]:
    """The events of a small calendar as files (RFC 5545), by `calendar/uid.ics`."""
    return {f"{event.calendar}/{event.uid}.ics": _file(event, world) for event in world.events}


def _file(event: WorldEvent, world: World) -> bytes:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//exam//EN", "BEGIN:VEVENT", f"UID:{event.uid}@exam.example.org"]
    lines += [f"DTSTAMP:{_utc(world.now)}", _moment("DTSTART", event.start), _moment("DTEND", event.end)]
    texts = {"SUMMARY": event.summary, "LOCATION": event.location, "DESCRIPTION": event.description}
    lines += [f"{name}:{_escaped(text)}" for name, text in texts.items() if text]
    lines += ["STATUS:CANCELLED"] if event.cancelled else []
    lines += ["TRANSP:TRANSPARENT"] if event.free else []
    lines += _people(event)
    lines += ["END:VEVENT", "END:VCALENDAR", ""]
    return "\r\n".join(folded for line in lines for folded in _folded(line)).encode()


def _people(event: WorldEvent) -> list[str]:
    """The owner's answer first, then the others; who is first among them asked for it."""
    if not event.people and not event.declined:
        return []
    own = "DECLINED" if event.declined else "ACCEPTED"
    lines = [f"ATTENDEE;CN=Anna Berger;PARTSTAT={own}:mailto:anna@berger.example"]
    for number, person in enumerate(event.people):
        name, _, address = person.removesuffix(">").partition(" <")
        lines += [f"ORGANIZER;CN={name}:mailto:{address}"] if number == 0 else []
        lines += [f"ATTENDEE;CN={name};PARTSTAT=ACCEPTED:mailto:{address}"]
    return lines


def _moment(name: str, moment: dt.datetime | dt.date) -> str:
    return f"{name}:{_utc(moment)}" if isinstance(moment, dt.datetime) else f"{name};VALUE=DATE:{moment:%Y%m%d}"


def _utc(moment: dt.datetime) -> str:
    return f"{moment.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _folded(line: str) -> list[str]:
    """A line in pieces that no program finds too long."""
    return [f"{' ' if at else ''}{line[at : at + 60]}" for at in range(0, max(1, len(line)), 60)]
