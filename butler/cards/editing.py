"""An action as a file for its owner's editor and back, pure: headers above, the text below, and what is wrong in sentences."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from email.utils import quote
from zoneinfo import ZoneInfo

from butler.cards import ics
from butler.cards.edited import EditProblems, Read, read_file
from butler.core import payloads as p
from butler.core.errors import ButlerError
from butler.core.remembering import LONGEST
from butler.core.text import typed, visible

_PERSON = re.compile(r'(?:"((?:[^"\\]|\\.)*)"|([^"<>,;]*?))\s*<([^<>\s]+)>|([^\s<>,;"]+)')
_ADDRESS = re.compile(r"[^\s<>@,;:\"()\[\]\\]+@[^\s<>@,;:\"()\[\]\\]+")
_PLAIN_NAME = re.compile(r"[\w .'-]*")
_PEOPLE = ("To", "Cc", "Bcc")
_MOMENT = re.compile(r"(?:[A-Za-z]{2,3}\.? )?(\d{4}-\d\d-\d\d)(?: (\d\d?:\d\d))?(?: \(([^()]+)\)| [A-Z]{2,5})?")

Rewrite = Callable[[p.CalendarCreate | p.CalendarUpdate | p.TaskCreate, p.EventFields], str]
"""Writes fields into the new text of an event or a task (its `end` is when it is due)."""


def as_file(payload: p.Payload, number: int, zone: ZoneInfo) -> str:
    """Write what may be edited of an action; raises ButlerError where nothing may."""
    head, text = contents_of(payload, number, zone)
    comment = (
        f"#: Action {number}, {payload.kind}. Lines like this one are left out. Save and leave the editor to take it over;\n"
    )
    comment += "#: it stays held until you approve it. Leave it unchanged to change nothing.\n"
    lines = "".join(f"{name}: {value}\n" if value else f"{name}:\n" for name, value in head)
    return f"{comment}{lines}\n{text}" if text is not None else comment + lines


def from_file(payload: p.Payload, text: str, zone: ZoneInfo, rewrite: Rewrite) -> p.Payload:
    """Read an edited file; raises EditProblems that names all that is wrong."""
    head, body = contents_of(payload, 0, zone)
    read = read_file(text, [name for name, _ in head], has_text=body is not None)
    edited = _payload(payload, read, dict(head), zone, rewrite)
    if edited is None or read.problems:
        raise EditProblems(read.problems)
    return edited


def contents_of(payload: p.Payload, number: int, zone: ZoneInfo) -> tuple[list[tuple[str, str]], str | None]:
    """The headers and the text of a file; no text where there can be none. Raises ButlerError where nothing may be edited."""
    match payload:
        case p.MailDraft(letter=letter) | p.MailSend(letter=letter):
            people = zip(_PEOPLE, (letter.to, letter.cc, letter.bcc), strict=True)
            head = [(name, ",\n    ".join(map(_person, found))) for name, found in people]
            return [*head, ("Subject", letter.subject)], letter.body
        case p.FileWrite():
            return [], payload.content
        case p.FileAppend() | p.MemoryAdd():
            return [], payload.text
        case p.FileMove() | p.MailMove():
            return [("Target", payload.target)], None
        case p.MailKeyword():
            return [("Set", " ".join(payload.add)), ("Take", " ".join(payload.remove))], None
        case p.CalendarCreate() | p.CalendarUpdate() | p.TaskCreate():
            fields = ics.first(payload.change.after, zone)
            names = ("Title", "Due") if isinstance(payload, p.TaskCreate) else ("Title", "Starts", "Ends", "Where")
            return [(name, " ".join(fields.get(name, "").split("\n"))) for name in names], fields.get("Text", "")
    raise ButlerError(
        f"An action of the kind {payload.kind} cannot be edited.", advice=f"Reject it, or `butler respond {number}`."
    )


def _payload(payload: p.Payload, read: Read, before: Mapping[str, str], zone: ZoneInfo, rewrite: Rewrite) -> p.Payload | None:
    match payload:
        case p.MailDraft() | p.MailSend():
            return payload.model_copy(update={"letter": _letter(payload.letter, read)})
        case p.FileWrite():
            return payload.model_copy(update={"content": read.text})
        case p.FileAppend():
            return payload.model_copy(update={"text": read.text})
        case p.MemoryAdd():
            return payload.model_copy(update={"text": _remembered(read)})
        case p.FileMove() | p.MailMove():
            return payload.model_copy(update={"target": _needed(read, "Target")})
        case p.MailKeyword():
            marks = {"add": tuple(read.value("Set").split()), "remove": tuple(read.value("Take").split())}
            if not any(marks.values()):
                read.problems.append("Nothing is set and nothing taken.")
            return payload.model_copy(update=marks)
        case p.CalendarCreate() | p.CalendarUpdate() | p.TaskCreate():
            return _calendar(payload, read, before, zone, rewrite)
    return None


def _remembered(read: Read) -> str:
    """What is to be remembered, as one line."""
    text = " ".join(typed(read.text).split())
    if not text:
        read.problems.append("The text is empty.")
    if len(text) > LONGEST:
        read.problems.append(f"The text is over {LONGEST} characters.")
    return text


def _letter(letter: p.Letter, read: Read) -> p.Letter:
    people = {name: tuple(_people(read, name)) for name in _PEOPLE}
    if not any(people.values()):
        read.problems.append("There is no recipient left in To, Cc or Bcc.")
    if not read.text.strip():
        read.problems.append("The text is empty.")
    subject = _harmless(read, "Subject")
    # A last line break that was there stays, so that an unchanged file is an unchanged letter.
    body = read.text.rstrip("\n") + letter.body[len(letter.body.rstrip("\n")) :]
    to, cc, bcc = people.values()
    return letter.model_copy(update={"to": to, "cc": cc, "bcc": bcc, "subject": subject, "body": body})


def _people(read: Read, name: str) -> Iterator[p.Person]:
    number, value = read.headers.get(name, (0, ""))
    rest = value.strip().strip(",").strip()
    while rest:
        found = _PERSON.match(rest)
        address = (found[3] or found[4]) if found else ""
        if found is None or not _ADDRESS.fullmatch(address):
            read.problems.append(
                f"Line {number}: “{rest[:60]}” does not begin with an address, such as Anna <anna@example.org>."
            )
            return
        quoted = re.sub(r"\\(.)", r"\1", found[1]) if found[1] is not None else (found[2] or "")
        yield p.Person(name=visible(quoted).strip(), address=address)
        rest = rest[found.end() :].lstrip()
        if rest and rest[0] not in ",;":
            read.problems.append(f"Line {number}: there is no comma before “{rest[:60]}”.")
            return
        rest = rest.lstrip(",; \t")


def _calendar(
    payload: p.CalendarCreate | p.CalendarUpdate | p.TaskCreate,
    read: Read,
    before: Mapping[str, str],
    zone: ZoneInfo,
    rewrite: Rewrite,
) -> p.Payload | None:
    changed = {name: read.value(name) for name in before if read.value(name) != before[name]}
    update: dict[str, object] = {}
    for name, field_name in (("Title", "summary"), ("Where", "location")):
        if name in changed:
            update[field_name] = _harmless(read, name)
    for name, field_name in (("Starts", "start"), ("Ends", "end"), ("Due", "end")):
        if name in changed:
            update[field_name] = _moment(read, name, zone)
    text = ics.first(payload.change.after, zone).get("Text", "")
    if read.text.rstrip() != text.rstrip():
        update["description"] = read.text.rstrip()
    if "summary" in update and not update["summary"]:
        read.problems.append("The title is empty.")
    if read.problems or not update:
        return None if read.problems else payload
    fields = p.EventFields.model_validate(update)
    change = payload.change.model_copy(update={"after": rewrite(payload, fields)})
    more = {"fields": payload.fields.model_copy(update=update)} if isinstance(payload, p.CalendarUpdate) else {}
    return payload.model_copy(update={"change": change, **more})


def _moment(read: Read, name: str, zone: ZoneInfo) -> datetime | date | None:
    number, value = read.headers[name]
    found = _MOMENT.fullmatch(value)
    try:
        if found is None:
            raise ValueError(value)
        if found[2] is None:
            return date.fromisoformat(found[1])
        placed = datetime.fromisoformat(f"{found[1]}T{found[2]:0>5}")
        return placed.replace(tzinfo=ZoneInfo(found[3]) if found[3] else zone)
    except (ValueError, KeyError, OSError):
        read.problems.append(
            f"Line {number}: “{value[:60]}” is no time. Write it like 2026-11-24 14:30, or a day like 2026-11-24."
        )
        return None


def _needed(read: Read, name: str) -> str:
    value = _harmless(read, name)
    if not value:
        read.problems.append(f"The line “{name}:” is empty.")
    return value


def _harmless(read: Read, name: str) -> str:
    number, value = read.headers.get(name, (0, ""))
    if typed(value) != value:
        read.problems.append(f"Line {number}: there are hidden characters in “{name}:”.")
    return value


def _person(person: p.Person) -> str:
    name = visible(person.name).replace("\n", " ")
    if not name:
        return person.address
    return f"{name} <{person.address}>" if _PLAIN_NAME.fullmatch(name) else f'"{quote(name)}" <{person.address}>'
