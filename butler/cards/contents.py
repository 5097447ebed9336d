"""What a payload holds, pure: short fields, what becomes of an event, and whole texts, each made harmless on its way."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Literal
from zoneinfo import ZoneInfo

from butler.cards import ics
from butler.cards.revealing import Reveal
from butler.core import payloads as p
from butler.core.effects import read_effect
from butler.core.mail import Mail
from butler.core.remembering import TOLD

Style = Literal["text", "quoted", "difference", "list"]


@dataclass(frozen=True, slots=True)
class Beside:
    """What a card may hold an action against: the mails of its thread, mails by reference, the text of the file it changes."""

    thread: Sequence[Mail] = ()
    mails: Mapping[str, Mail] = field(default_factory=dict)
    old: str | None = None
    owner: frozenset[str] = frozenset()
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))


@dataclass(frozen=True, slots=True)
class Part:
    """A block of a card: all its lines, harmless, and how they are to be laid out."""

    title: str
    lines: tuple[str, ...]
    style: Style


def letter_of(payload: p.Payload) -> p.Letter | None:
    """The letter that an action would write, if it would."""
    match payload:
        case p.MailDraft() | p.MailSend():
            return payload.letter
        case p.CalendarRespond():
            return payload.letter
    return None


def change_of(payload: p.Payload) -> p.CalendarChange | None:
    """The change of a calendar object that an action would make, if it would."""
    return getattr(payload, "change", None)


def laid_out(text: str) -> str:
    """JSON with a line for each value; what is none stays as it is."""
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text


class Contents:
    """What a payload holds, field by field, each made harmless on its way."""

    def __init__(self, reveal: Reveal, beside: Beside) -> None:
        self._reveal = reveal
        self._beside = beside

    def fields(self, payload: p.Payload) -> Iterator[tuple[str, str]]:
        """The short ones."""
        letter = letter_of(payload)
        match payload:
            case p.MailMove():
                yield from (("Account", self._line(payload.account, "account")), ("From", self._line(payload.source, "folder")))
                yield "To", self._line(payload.target, "folder")
            case p.MailKeyword():
                yield from (
                    ("Account", self._line(payload.account, "account")),
                    ("Folder", self._line(payload.folder, "folder")),
                )
                yield from (("Set", self._line(each, "keyword")) for each in payload.add)
                yield from (("Take", self._line(each, "keyword")) for each in payload.remove)
            case p.FileWrite() | p.FileAppend() | p.FileMove():
                yield from (("Folder", self._line(payload.root, "folder")), ("File", self._line(payload.path, "path")))
                yield from [("New place", self._line(payload.target, "path"))] if isinstance(payload, p.FileMove) else []
            case p.McpCall():
                yield from (("Server", self._line(payload.server, "server")), ("Tool", self._line(payload.tool, "tool")))
            case p.MemoryAdd():
                source = "your own words" if payload.source == TOLD else self._line(payload.source, "source")
                yield from (("From", source), ("Day", payload.on.isoformat()))
            case p.CalendarRespond():
                yield "Answer", payload.answer + (f" (only {payload.recurrence_id})" if payload.recurrence_id else "")
                yield "As", self._reveal.address(payload.attendee, "attendee")
                yield from [("Comment", self._line(payload.comment, "comment"))] if payload.comment else []
            case p.CalendarUpdate() | p.CalendarCancel():
                scopes = {"all": "the whole event", "this": "this occurrence", "following": "this and those after it"}
                yield "Which", f"{scopes[payload.scope]} {self._line(payload.recurrence_id, 'occurrence')}".strip()
        change = change_of(payload)
        if change:
            yield "Calendar", f"{self._line(change.account, 'calendar')}/{self._line(change.calendar, 'calendar')}"
        if letter:
            yield from self._letter(letter, payload)

    def changes(self, payload: p.Payload) -> Iterator[ics.Change]:
        """What becomes of an event or a task."""
        change = change_of(payload)
        for each in ics.changes(change.before, change.after, self._beside.zone) if change else ():
            before = " / ".join(self._lines(each.before, "old event"))
            yield ics.Change(self._line(each.field, "event"), before, " / ".join(self._lines(each.after, "event")))

    def parts(self, payload: p.Payload) -> Iterator[Part]:
        """The long ones."""
        letter, change = letter_of(payload), change_of(payload)
        if letter:
            yield Part("Text", self._lines(letter.body, "text"), "text")
            if letter.quoted:
                yield Part("Quoted below it", self._lines(letter.quoted, "quoted text"), "quoted")
            if letter.itip:
                yield Part("For the other calendar", self._lines("\n".join(ics.unfolded(letter.itip)), "answer"), "text")
        if change:
            yield from self._changed_lines(change)
        yield from self._own(payload)
        if letter:
            yield from self._answered(letter)

    def _changed_lines(self, change: p.CalendarChange) -> Iterator[Part]:
        """Every line, those that tell the time zones below the others: they are many, and say little."""
        before, after = (ics.zones_apart(ics.unfolded(text)) for text in (change.before, change.after))
        title = "Every changed line" if change.after else "Every line that goes"
        own, zones = (ics.difference(old, new) for old, new in zip(before, after, strict=True))
        yield Part(title, self._lines("\n".join(own), "event"), "difference")
        if zones:
            yield Part("And of its time zones", self._lines("\n".join(zones), "event"), "difference")

    def _own(self, payload: p.Payload) -> Iterator[Part]:
        """What is neither of a letter nor of a calendar."""
        match payload:
            case p.MailMove() | p.MailKeyword():
                yield Part("Mails", tuple(self._mail(each) for each in payload.messages), "list")
            case p.FileWrite() | p.FileAppend():
                yield self._file(payload)
            case p.McpCall():
                yield from self._call(payload)
            case p.MemoryAdd():
                yield Part("To be remembered", self._lines(payload.text, "text"), "text")
            case p.Undo():
                yield Part("Takes back", tuple(self._effect(each) for each in payload.effects), "list")

    def _letter(self, letter: p.Letter, payload: p.Payload) -> Iterator[tuple[str, str]]:
        yield "From", self._person(letter.sender)
        for name, people in (("To", letter.to), ("Cc", letter.cc), ("Bcc", letter.bcc)):
            label = name if len(people) < 2 else f"{name} ({len(people)})"
            yield from ((label if not place else "", self._person(person)) for place, person in enumerate(people))
        yield "Subject", self._line(letter.subject, "subject")
        is_sent = isinstance(payload, p.MailSend) or (isinstance(payload, p.CalendarRespond) and payload.send)
        account = self._line(letter.account, "account")
        yield "Goes", f"out by SMTP from {account}, with a copy in Sent" if is_sent else f"into Drafts of {account}"
        if letter.in_reply_to:
            yield "Reply to", self._line(letter.in_reply_to, "reference")
        if letter.references not in ((), (letter.in_reply_to,)):
            yield "Thread", " ".join(self._line(each, "reference") for each in letter.references)
        yield "Message-ID", self._line(letter.message_id, "Message-ID")

    def _answered(self, letter: p.Letter) -> Iterator[Part]:
        """The mail that is answered, where the letter does not quote it itself."""
        found = [mail for mail in self._beside.thread if letter.in_reply_to and mail.message.message_id == letter.in_reply_to]
        if found and not letter.quoted:
            sender = found[0].message.sender
            title = f"Answers {self._line(found[0].ref, 'reference')}"
            title += f", {self._reveal.address(sender.address, 'sender')}" if sender else ""
            yield Part(title, self._lines(found[0].message.text, "answered mail"), "quoted")

    def _person(self, person: p.Person) -> str:
        address = self._reveal.address(person.address, "addresses")
        name = self._line(person.name, "names")
        if "@" in name and name.casefold() != person.address.casefold():
            self._reveal.note(f"The name “{name}” looks like an address, but the mail would go to {address}.")
        return f"{name} <{address}>" if name else address

    def _mail(self, at: p.MailAt) -> str:
        mail = self._beside.mails.get(at.ref)
        ref = self._line(at.ref, "reference")
        if mail is None:
            return f"{ref} (not in the mirror)"
        sender = self._reveal.address(mail.message.sender.address, "sender") if mail.message.sender else "unknown sender"
        return f"{self._line(mail.message.subject, 'subject') or '(no subject)'}, from {sender}  {ref}"

    def _file(self, payload: p.FileWrite | p.FileAppend) -> Part:
        if isinstance(payload, p.FileAppend):
            return Part("Added at its end", tuple(f"+{line}" for line in self._lines(payload.text, "text")), "difference")
        old = self._beside.old
        if payload.before and (old is None or sha256(old.encode()).hexdigest() != payload.before):
            self._reveal.note("The file's old content is not at hand in the mirror, so the whole new content is shown.")
            return Part("New content", self._lines(payload.content, "text"), "text")
        lines = ics.difference((old or "").splitlines() if payload.before else (), payload.content.splitlines())
        return Part("Changes" if payload.before else "New file", self._lines("\n".join(lines), "text"), "difference")

    def _call(self, payload: p.McpCall) -> Iterator[Part]:
        """Every argument to the letter, and what the server says of the tool, which is only its own word."""
        yield Part("Arguments", self._lines(laid_out(payload.arguments), "arguments"), "text")
        yield Part("What the server says of it", self._lines(payload.told or "Nothing.", "description"), "quoted")
        yield Part("What it says that it takes", self._lines(laid_out(payload.takes), "schema"), "quoted")

    def _effect(self, value: Mapping[str, object]) -> str:
        try:
            effect = read_effect(value)
        except ValueError:
            return "A step that this butler does not know"
        about = {**effect.model_dump(), "letter": ""}
        names = ("folder", "source", "target", "calendar", "key", "path", "message_id", "line")
        places = [self._line(str(about[name]), "place") for name in names if about.get(name)]
        return f"{effect.verb} in {self._line(effect.account, 'account')}: {', '.join(places)}"

    def _line(self, text: str, place: str) -> str:
        return self._reveal.line(text, place)

    def _lines(self, text: str, place: str) -> tuple[str, ...]:
        return self._reveal.lines(text.rstrip("\r\n"), place)
