"""Mails, events, tasks and notes as other programs get them: JSON values, pure."""

from __future__ import annotations

from datetime import date
from typing import Any

from butler.core.calendar import Placed, PlacedTask
from butler.core.contacts import PlacedContact
from butler.core.mail import Address, Mail
from butler.core.notes import PlacedNote

_MOST_PEOPLE = 100


def told(found: Mail | Placed | PlacedTask | PlacedNote | PlacedContact) -> dict[str, Any]:
    """One thing, its long text under `text`."""
    match found:
        case Mail():
            return _mail(found)
        case Placed():
            return _event(found)
        case PlacedTask():
            return _task(found)
        case PlacedContact():
            return _contact(found)
    return {"ref": found.ref, "path": found.path, "modified": found.modified.isoformat(), "text": found.text}


def _mail(mail: Mail) -> dict[str, Any]:
    message = mail.message
    return {
        "ref": mail.ref,
        "when": mail.when.isoformat(),
        "from": _person(message.sender) if message.sender else None,
        "to": [_person(each) for each in message.to[:_MOST_PEOPLE]],
        "cc": [_person(each) for each in message.cc[:_MOST_PEOPLE]],
        "subject": message.subject,
        "by_owner": mail.sent,
        "attachments": [each.name for each in message.attachments],
        "text": message.text,
    }


def _event(placed: Placed) -> dict[str, Any]:
    found = placed.occurrence
    invited = found.attendees[:_MOST_PEOPLE]
    return {
        "ref": placed.ref,
        "calendar": placed.calendar,
        "title": found.summary,
        "start": found.start.isoformat(),
        "end": found.end.isoformat(),
        "whole_days": found.all_day,
        "location": found.location,
        "status": found.status,
        "busy": found.busy,
        "invited": [{"name": each.name, "address": each.address, "answer": each.answer} for each in invited],
        "text": found.description,
    }


def _task(placed: PlacedTask) -> dict[str, Any]:
    task = placed.task
    return {
        "ref": placed.ref,
        "list": placed.calendar,
        "title": task.summary,
        "due": _moment(task.due),
        "done": task.completed or task.cancelled,
        "priority": task.priority,
        "text": task.description,
    }


def _contact(placed: PlacedContact) -> dict[str, Any]:
    card = placed.contact
    addresses = list(card.addresses[:_MOST_PEOPLE])
    return {"ref": placed.ref, "book": placed.book, "name": card.name, "addresses": addresses, "text": card.text}


def _person(person: Address) -> str:
    return f"{person.name} <{person.address}>" if person.name else person.address


def _moment(moment: date | None) -> str | None:
    return moment.isoformat() if moment else None
