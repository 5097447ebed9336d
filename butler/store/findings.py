"""Tells what was found: of each row of the search table what it is, when, where, of whom, and its text around the match."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from butler.core.calendar import Occurrence, Task
from butler.core.contacts import Contact
from butler.core.documents import DOCUMENTS
from butler.core.excerpts import Excerpts
from butler.core.plain import from_plain
from butler.core.queries import Found, FoundKind, Query
from butler.core.querydays import midnight
from butler.core.refs import contact_ref, event_ref, file_ref, mail_ref, task_ref
from butler.store.database import Database, Row
from butler.store.sql import statements

_LAST = 2**62

_read_occurrence = from_plain(Occurrence)
_read_task = from_plain(Task)
_read_contact = from_plain(Contact)


def span_of(query: Query) -> tuple[int | None, int]:
    """Between which seconds things are to lie: None where that is not asked for."""
    after, before = query.after, query.before
    if not (after or before):
        return None, _LAST
    return int(after.timestamp()) if after else -_LAST, int(before.timestamp()) if before else _LAST


class Findings:
    """Reads things of a mirror by their rows; of events that recur the occurrence that is nearest to a moment."""

    def __init__(self, database: Database, now: datetime, zone: ZoneInfo) -> None:
        self._database = database
        self._sql = statements("search")
        self._now = int(now.timestamp())
        self._zone = zone

    def of(self, rows: Sequence[int], query: Query) -> list[Found]:
        """Tell of rows, in their order; those that are gone are left out."""
        excerpts = Excerpts(query)
        by_kind: dict[int, list[int]] = {0: [], 1: [], 2: [], 3: []}
        for row in rows:
            by_kind[row & 3].append(row >> 2)
        found = {
            **{number << 2: one for number, one in self._mails(by_kind[0], excerpts)},
            **{number << 2 | 1: one for number, one in self._notes(by_kind[1], excerpts)},
            **{number << 2 | 2: one for number, one in self._tasks(by_kind[2], excerpts)},
            **{number << 2 | 2: one for number, one in self._events(by_kind[2], span_of(query), excerpts)},
            **{number << 2 | 3: one for number, one in self._contacts(by_kind[3], excerpts)},
        }
        return [found[row] for row in rows if row in found]

    def _mails(self, ids: Sequence[int], excerpts: Excerpts) -> Iterator[tuple[int, Found]]:
        for number, account, identity, moment, sent, envelope, text, folder in self._read("found_mails", ids):
            kept = json.loads(envelope)
            title, ref = kept.get("subject", ""), mail_ref(account, identity)
            who = ", ".join(map(_name, kept.get("to", ())[:3])) if sent else _name(kept.get("from"))
            when, place = datetime.fromtimestamp(moment, UTC), f"{account}/{folder}"
            files = ", ".join(attachment[0] for attachment in kept.get("attachments", ()))
            excerpt = excerpts.of(text, files)
            yield number, Found(ref, "mail", title, when, excerpt, place, f"to {who}" if sent and who else who)

    def _notes(self, ids: Sequence[int], excerpts: Excerpts) -> Iterator[tuple[int, Found]]:
        for number, root, path, modified, role, text in self._read("found_notes", ids):
            kind: FoundKind = "document" if role == DOCUMENTS else "note"
            when = datetime.fromtimestamp(modified, UTC)
            yield number, Found(file_ref(root, path), kind, path, when, excerpts.of(text), root)

    def _events(self, ids: Sequence[int], span: tuple[int | None, int], excerpts: Excerpts) -> Iterator[tuple[int, Found]]:
        for number, calendar, value in self._read("found_events", ids, self._now, *span):
            found: Occurrence = _read_occurrence(json.loads(value))
            ref = event_ref(calendar, found.uid, found.recurrence_id)
            excerpt = excerpts.of(found.description, found.location)
            yield number, Found(ref, "event", found.summary, self._moment(found.start), excerpt, calendar, found.location)

    def _tasks(self, ids: Sequence[int], excerpts: Excerpts) -> Iterator[tuple[int, Found]]:
        for number, calendar, value in self._read("found_tasks", ids):
            found: Task = _read_task(json.loads(value))
            when = self._moment(found.due) if found.due else None
            ref, excerpt = task_ref(calendar, found.uid), excerpts.of(found.description)
            yield number, Found(ref, "task", found.summary, when, excerpt, calendar)

    def _contacts(self, ids: Sequence[int], excerpts: Excerpts) -> Iterator[tuple[int, Found]]:
        for number, book, value in self._read("found_contacts", ids):
            found: Contact = _read_contact(json.loads(value))
            excerpt, who = excerpts.of(found.text), ", ".join(found.addresses[:3])
            yield number, Found(contact_ref(book, found.uid), "contact", found.name, None, excerpt, book, who)

    def _moment(self, when: datetime | date) -> datetime:
        return when if isinstance(when, datetime) else midnight(when, self._zone)

    def _read(self, statement: str, ids: Sequence[int], *values: int | None) -> list[Row]:
        return self._database.rows(self._sql[statement], (json.dumps(ids), *values)) if ids else []


def _name(person: Any) -> str:
    """A person of an envelope by name, or else by address."""
    return (person[0] or person[1]) if person else ""
