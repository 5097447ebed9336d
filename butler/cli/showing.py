"""A mail, occurrence, task, note or contact as text and as JSON, pure; text from the world is made harmless line by line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from butler.core.calendar import Attendee, Placed, PlacedTask
from butler.core.contacts import PlacedContact, YearDay
from butler.core.mail import Address, Mail
from butler.core.notes import PlacedNote
from butler.core.text import one_line, visible

Shown = Mail | Placed | PlacedTask | PlacedNote | PlacedContact


def as_text(found: Shown, zone: ZoneInfo, line: int | None = None) -> str:
    """Lay it out for reading, with times in a zone; `line` of a note is marked."""
    match found:
        case Mail():
            return _page(_mail_head(found, zone), found.message.text)
        case Placed():
            return _page(_event_head(found, zone), found.occurrence.description)
        case PlacedTask():
            return _page(_task_head(found, zone), found.task.description)
        case PlacedNote():
            return _page([("File", found.path), ("Changed", _moment(found.modified, zone))], found.text, line)
        case PlacedContact():
            return _page(_contact_head(found), found.contact.note)


def as_json(found: Shown) -> dict[str, Any]:
    """The same as one JSON object; `kind` says which."""
    match found:
        case Mail():
            return _mail_json(found)
        case Placed():
            return _event_json(found)
        case PlacedTask():
            return _task_json(found)
        case PlacedNote():
            return {
                "ref": found.ref,
                "kind": "file",
                "root": found.root,
                "path": found.path,
                "modified": found.modified.isoformat(),
                "text": found.text,
            }
        case PlacedContact():
            return _contact_json(found)


def _page(head: Iterable[tuple[str, str]], body: str, marked: int | None = None) -> str:
    lines = [f"{name + ':':<12} {one_line(value, 1000)}" for name, value in head if value]
    text = visible(body).expandtabs(4).strip("\n")
    if not text:
        return "\n".join(lines) + "\n"
    if marked is None:
        return "\n".join((*lines, "", text)) + "\n"
    numbered = enumerate(visible(body).expandtabs(4).split("\n"), 1)
    return "\n".join((*lines, "", *(f"{'>' if number == marked else ' '} {each}" for number, each in numbered))) + "\n"


def _mail_head(mail: Mail, zone: ZoneInfo) -> Iterator[tuple[str, str]]:
    message = mail.message
    yield "From", _person(message.sender) if message.sender else ""
    yield "To", ", ".join(map(_person, message.to))
    yield "Cc", ", ".join(map(_person, message.cc))
    yield "Date", _moment(mail.when, zone)
    yield "Subject", message.subject
    yield "Folder", f"{mail.account}/{mail.folder}"
    for attachment in message.attachments:
        yield "Attached", f"{attachment.name} ({attachment.media_type}, {attachment.size:,} bytes)"
    for problem in message.problems:
        yield "Note", problem


def _event_head(placed: Placed, zone: ZoneInfo) -> Iterator[tuple[str, str]]:
    found = placed.occurrence
    yield "Event", found.summary
    yield "Calendar", placed.calendar
    yield "From", _moment(found.start, zone)
    yield "Until", _moment(found.end, zone) + (" (not included)" if found.all_day else "")
    yield "Moved from", _moment(found.moved_from, zone)
    yield "Where", found.location
    yield "Status", found.status
    yield "Organizer", _invited(found.organizer) if found.organizer else ""
    for attendee in found.attendees:
        yield "Invited", f"{_invited(attendee)}: {attendee.answer}"
    yield "Address", found.url


def _task_head(placed: PlacedTask, zone: ZoneInfo) -> Iterator[tuple[str, str]]:
    task = placed.task
    yield "Task", task.summary
    yield "List", placed.calendar
    yield "Due", _moment(task.due, zone)
    yield "Start", _moment(task.start, zone)
    yield "State", "done" if task.completed else "cancelled" if task.cancelled else "open"
    yield "Priority", str(task.priority) if task.priority else ""
    yield "Done", f"{task.percent} %" if task.percent else ""


def _contact_head(placed: PlacedContact) -> Iterator[tuple[str, str]]:
    yield "Group" if placed.contact.is_group else "Contact", placed.contact.name
    yield "Address book", placed.book
    yield from ((one_line(name, 60), value) for name, value in placed.contact.lines())


def _mail_json(mail: Mail) -> dict[str, Any]:
    message = mail.message
    return {
        "ref": mail.ref,
        "kind": "mail",
        "account": mail.account,
        "folder": mail.folder,
        "when": mail.when.isoformat(),
        "from": _address_json(message.sender) if message.sender else None,
        "to": [_address_json(each) for each in message.to],
        "cc": [_address_json(each) for each in message.cc],
        "subject": message.subject,
        "sent": mail.sent,
        "flags": sorted(message.flags),
        "attachments": [{"name": each.name, "media_type": each.media_type, "size": each.size} for each in message.attachments],
        "problems": list(message.problems),
        "text": message.text,
    }


def _event_json(placed: Placed) -> dict[str, Any]:
    found = placed.occurrence
    return {
        "ref": placed.ref,
        "kind": "event",
        "calendar": placed.calendar,
        "summary": found.summary,
        "start": found.start.isoformat(),
        "end": found.end.isoformat(),
        "all_day": found.all_day,
        "moved_from": found.moved_from.isoformat() if found.moved_from else None,
        "location": found.location,
        "status": found.status,
        "busy": found.busy,
        "organizer": _attendee_json(found.organizer) if found.organizer else None,
        "attendees": [_attendee_json(each) for each in found.attendees],
        "url": found.url,
        "description": found.description,
    }


def _task_json(placed: PlacedTask) -> dict[str, Any]:
    task = placed.task
    return {
        "ref": placed.ref,
        "kind": "task",
        "calendar": placed.calendar,
        "summary": task.summary,
        "due": task.due.isoformat() if task.due else None,
        "start": task.start.isoformat() if task.start else None,
        "completed": task.completed,
        "cancelled": task.cancelled,
        "priority": task.priority,
        "percent": task.percent,
        "description": task.description,
    }


def _contact_json(placed: PlacedContact) -> dict[str, Any]:
    found = placed.contact
    return {
        "ref": placed.ref,
        "kind": "contact",
        "book": placed.book,
        "name": found.name,
        "nicknames": list(found.nicknames),
        "addresses": list(found.addresses),
        "phones": [{"number": each.number, "label": each.label} for each in found.phones],
        "organisation": found.organisation,
        "title": found.title,
        "birthday": _day_json(found.birthday),
        "birthday_text": found.birthday_text,
        "anniversary": _day_json(found.anniversary),
        "relations": [{"kind": each.kind, "who": each.who} for each in found.relations],
        "categories": list(found.categories),
        "is_group": found.is_group,
        "note": found.note,
    }


def _day_json(day: YearDay | None) -> str | None:
    """As ISO 8601, without a year as vCards write it: `--04-12`."""
    return None if day is None else f"{day.year:04}-{day.month:02}-{day.day:02}".replace("0000-", "--", 1)


def _address_json(address: Address) -> dict[str, str]:
    return {"name": address.name, "address": address.address}


def _attendee_json(attendee: Attendee) -> dict[str, str]:
    return {"name": attendee.name, "address": attendee.address, "answer": attendee.answer}


def _person(address: Address) -> str:
    return f"{address.name} <{address.address}>" if address.name else address.address


def _invited(attendee: Attendee) -> str:
    return f"{attendee.name} <{attendee.address}>" if attendee.name else attendee.address


def _moment(moment: datetime | date | None, zone: ZoneInfo) -> str:
    if moment is None:
        return ""
    if isinstance(moment, datetime):
        return f"{moment.astimezone(zone):%Y-%m-%d %H:%M %Z}"
    return moment.isoformat()
