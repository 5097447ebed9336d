"""In-memory twins of what a briefing touches: the reads, the memory, the book of runs, the shelf, and a scripted model."""

from __future__ import annotations

import datetime as dt
import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from butler.core.briefing import Usage
from butler.core.calendar import CalendarPlace, Placed, PlacedTask, StoredObject
from butler.core.contacts import PlacedContact
from butler.core.context import Context, Reads, RunMemory
from butler.core.errors import UnknownRefError
from butler.core.globs import is_like
from butler.core.mail import Address, Mail, MailPlace, Message
from butler.core.notes import PlacedNote
from butler.core.owner import BriefingOptions, Owner
from butler.core.queries import Found
from butler.core.refs import mail_ref
from butler.core.sources import SourceState
from butler.core.steps import Asked, Model, Step

A = TypeVar("A", bound=BaseModel)


@dataclass
class Twin:
    """Reads over plain lists."""

    mails: Sequence[Mail] = ()
    events: Sequence[Placed] = ()
    open_tasks: Sequence[PlacedTask] = ()
    placed_notes: Sequence[PlacedNote] = ()
    placed_contacts: Sequence[PlacedContact] = ()
    objects: Mapping[str, StoredObject] = field(default_factory=dict)

    def received(self, since: dt.datetime, until: dt.datetime) -> Sequence[Mail]:
        return [mail for mail in self._newest() if not mail.sent and since <= mail.when <= until]

    def sent(self, since: dt.datetime, until: dt.datetime) -> Sequence[Mail]:
        return [mail for mail in self._newest() if mail.sent and since <= mail.when <= until]

    def mail(self, ref: str) -> Mail:
        for mail in self.mails:
            if mail.ref == ref:
                return mail
        raise UnknownRefError(f"{ref} is not known.")

    def threads(self, threads: Sequence[int]) -> Mapping[int, Sequence[Mail]]:
        return {thread: [mail for mail in reversed(self._newest()) if mail.thread == thread] for thread in threads}

    def exchanged(self, addresses: Sequence[str]) -> Mapping[str, tuple[int, int]]:
        return {address: (self._had_from(address), self._sent_to(address)) for address in addresses}

    def occurrences(self, start: dt.datetime, end: dt.datetime) -> Sequence[Placed]:
        return list(self.events)

    def tasks(self) -> Sequence[PlacedTask]:
        return list(self.open_tasks)

    def notes(self, modified_since: dt.datetime) -> Sequence[PlacedNote]:
        return [note for note in self.placed_notes if note.modified >= modified_since]

    def contacts(self) -> Sequence[PlacedContact]:
        return list(self.placed_contacts)

    def people(self, asked: Sequence[str], limit: int) -> Sequence[PlacedContact]:
        wanted = [each.casefold() for each in asked]
        return [
            placed
            for placed in self.placed_contacts
            if any(each in placed.contact.addresses or each in placed.contact.name.casefold().split() for each in wanted)
        ][:limit]

    def celebrations(self, first: dt.date, last: dt.date) -> Sequence[PlacedContact]:
        days = [first + dt.timedelta(days) for days in range((last - first).days + 1)]
        return [
            placed
            for placed in self.placed_contacts
            for own in [[day for day in (placed.contact.birthday, placed.contact.anniversary) if day]]
            if any(each.within(day.year) == day for each in own for day in days)
        ]

    def letters_to(self, addresses: Sequence[str], limit: int) -> Sequence[Mail]:
        asked = {address.lower() for address in addresses}
        found = [mail for mail in self._newest() if mail.sent and asked & {to.address.lower() for to in mail.message.to}]
        return found[:limit]

    def letters_from(self, address: str, limit: int) -> Sequence[Mail]:
        return [mail for mail in self._newest() if mail.message.sender and mail.message.sender.address == address][:limit]

    def notes_about(self, words: Sequence[str], limit: int) -> Sequence[PlacedNote]:
        return [note for note in self.placed_notes if any(word in note.text.casefold() for word in words)][:limit]

    def files(self, root: str, pattern: str, limit: int) -> Sequence[PlacedNote]:
        return [note for note in self.placed_notes if is_like(note.root, root) and is_like(note.path, pattern)][:limit]

    def search(self, query: str, limit: int) -> Sequence[Found]:
        return self.search_any(query.split(), limit)

    def search_any(self, words: Sequence[str], limit: int) -> Sequence[Found]:
        return [
            Found(mail.ref, "mail", mail.message.subject, mail.when, mail.message.text[:200], mail.folder)
            for mail in self._newest()
            if any(word.casefold() in f"{mail.message.subject} {mail.message.text}".casefold() for word in words)
        ][:limit]

    def show(self, ref: str) -> Mail | Placed | PlacedTask | PlacedNote | PlacedContact:
        known: list[Mail | Placed | PlacedTask | PlacedNote | PlacedContact] = [*self.mails, *self.events, *self.open_tasks]
        for one in (*known, *self.placed_notes, *self.placed_contacts):
            if one.ref == ref:
                return one
        raise UnknownRefError(f"{ref} is not known.")

    def places(self, ref: str) -> Sequence[MailPlace]:
        return [MailPlace(mail.folder, "", mail.message.key) for mail in self.mails if mail.ref == ref]

    def object_of(self, ref: str) -> StoredObject | None:
        return self.objects.get(ref)

    def object_by_uid(self, uid: str) -> StoredObject | None:
        return next((found for found in self.objects.values() if f"UID:{uid}" in found.text), None)

    def calendars(self) -> Sequence[tuple[CalendarPlace, bool]]:
        return [(CalendarPlace(found.account, found.calendar), found.schedules) for found in self.objects.values()]

    def _newest(self) -> list[Mail]:
        return sorted(self.mails, key=lambda mail: (mail.when, mail.ref), reverse=True)

    def _had_from(self, address: str) -> int:
        return sum(1 for mail in self.mails if mail.message.sender and mail.message.sender.address == address)

    def _sent_to(self, address: str) -> int:
        return sum(1 for mail in self.mails if mail.sent and address in {to.address for to in mail.message.to})


@dataclass
class Memory:
    """A run's memory; values go through JSON as in the real one."""

    stages: dict[str, str] = field(default_factory=dict)
    before: Mapping[str, Any] | None = None
    spent: Usage = field(default_factory=Usage)

    def snapshot_before(self, day: dt.date) -> Mapping[str, Any] | None:
        return self.before

    def keep(self, stage: str, value: Any) -> None:
        self.stages[stage] = json.dumps(value)

    def kept(self, stage: str) -> Any | None:
        return json.loads(self.stages[stage]) if stage in self.stages else None

    def usage(self) -> Usage:
        return self.spent


Script = Callable[[str, str, str, str], Mapping[str, Any] | str]
"""From step, subject, facts and text to an answer, or to the reason why there is none."""


@dataclass
class ScriptedModel:
    """A model that answers by a script and counts what it was asked; the same question twice comes from its cache."""

    script: Script
    name: str = "scripted:1b"
    digest: str = "0" * 64
    asked: list[tuple[str, str]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    def ask(self, step: Step[A], *, subject: str, facts: str, text: str) -> Asked[A]:
        self.asked.append((step.name, subject))
        self.texts.append(f"{facts}\n{text}")
        said = self.script(step.name, subject, facts, text)
        if isinstance(said, str):
            return Asked(None, reason=said, digest=self.digest)
        return Asked(step.answer.model_validate(said), digest=self.digest)


NOW = dt.datetime(2026, 11, 24, 6, 0, tzinfo=dt.UTC)
ANNA = Address("Anna Berger", "anna@berger.example")
TOM = Address("Tom Krüger", "tom@nordwind.example")
OWNER = Owner("Anna Berger", frozenset({ANNA.address}), ZoneInfo("Europe/Berlin"))


def letter(name: str, text: str, *, subject: str = "Offer", days: float = 1, thread: int = 0, sent: bool = False) -> Mail:
    """A mail from Tom to Anna, or the other way round, written some days ago."""
    author, reader = (ANNA, TOM) if sent else (TOM, ANNA)
    when = NOW - dt.timedelta(days=days)
    message = Message(name, frozenset(), int(when.timestamp()), len(text), name, when, subject, author, to=(reader,), text=text)
    ref = mail_ref("home", name)
    return Mail(ref, "home", "Sent" if sent else "INBOX", thread or zlib.crc32(name.encode()), when, sent, name, message)


def fresh() -> Sequence[SourceState]:
    """A sync that found one fresh source."""
    return [SourceState("home", "mail", "fresh", NOW)]


def context(reads: Reads, memory: RunMemory, model: Model | None = None, run: str = "run-1") -> Context:
    """A context over twins that publishes nowhere."""
    return Context(
        run=run,
        now=NOW,
        day=NOW.date(),
        owner=OWNER,
        options=BriefingOptions(),
        reads=reads,
        memory=memory,
        model=model,
        sync=fresh,
        publish=lambda _briefing, _origins, _snapshot: None,
    )
