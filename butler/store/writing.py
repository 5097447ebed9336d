"""Writes what a sync found, batch by batch, in large transactions."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol, cast

from butler.core.calendar import CalendarObject, RawObject
from butler.core.contacts import Cards
from butler.core.notes import Note
from butler.core.prepared import Prepared, PreparedMail
from butler.core.sources import Batch, SourceKind
from butler.store.addressbook import Addressbook
from butler.store.calendars import Calendars
from butler.store.database import Database
from butler.store.mailbox import Folder, Mailbox
from butler.store.notebook import Notebook
from butler.store.sql import statements

_GROUP = 4000
_GROUP_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where things go: the kind and number of a source, and the number and role of its collection."""

    kind: SourceKind
    source: int
    collection: int
    role: str = ""

    @property
    def folder(self) -> Folder:
        """The same as the mailbox names it."""
        return Folder(self.source, self.collection, self.role.lower() == "\\sent")


class _Shelf(Protocol):
    def remove(self, collection: int, keys: Sequence[str]) -> None: ...

    def forget(self, collection: int) -> None: ...


class Writing:
    """One stretch of writing; each batch is kept whole and together with its cursor, or not at all."""

    def __init__(self, database: Database, mailbox: Mailbox, calendars: Calendars) -> None:
        self._database = database
        self._sql = statements("mirror")
        self._mailbox = mailbox
        self._calendars = calendars
        self._notebook = Notebook(database)
        self._addressbook = Addressbook(database)
        self._pending = 0
        self._began = 0.0

    def apply(self, place: Place, batch: Batch[Any], prepared: Sequence[Prepared], until: date) -> None:
        """Store a batch whose `added` was prepared one for one; calendar objects are expanded until a day."""
        self._begin()
        if batch.reset:
            self._forget(place)
        if batch.removed:
            self._remove(place, batch.removed)
        if batch.flags and place.kind == "mail":
            self._mailbox.set_flags(place.folder, batch.flags)
        if prepared:
            self._add(place, batch, prepared, until)
        self._database.run(self._sql["keep_cursor"], (batch.cursor, place.collection))
        self._pending += len(prepared) + len(batch.removed)
        if self._pending >= _GROUP or time.monotonic() - self._began > _GROUP_SECONDS:
            self.commit()

    def finish(self, place: Place, token: str) -> None:
        """Note that a collection was read to its end in the state `token`."""
        self._begin()
        self._database.run(self._sql["keep_token"], (token, place.collection))

    def expand(self, place: Place, objects: Sequence[tuple[CalendarObject, bytes]], until: date) -> None:
        """Store objects again that were expanded anew."""
        self._begin()
        self._calendars.add(place.collection, objects, until)
        self.commit()

    def to_expand(self, place: Place, today: date, until: date) -> list[RawObject]:
        """Find some of the objects that are to be expanded anew until a day."""
        return self._calendars.to_expand(place.collection, today, until)

    def set_aside(self, place: Place, key: str, sha256: str, at: datetime) -> None:
        """Remember something that twice killed the process that parses."""
        self._begin()
        self._database.run(self._sql["add_quarantine"], (place.collection, key, sha256, int(at.timestamp())))

    def take_back(self, place: Place, keys: Sequence[str]) -> None:
        """Forget that things were set aside: they are gone, or can be parsed as they are now."""
        self._begin()
        self._database.run(self._sql["delete_quarantined"], (place.collection, json.dumps(list(keys))))

    def drop(self, place: Place) -> None:
        """Forget a collection."""
        self._begin()
        self._forget(place)
        self._database.run(self._sql["delete_collection"], (place.collection,))

    def sweep(self) -> None:
        """Delete the mails that lie nowhere any more."""
        if self._mailbox.has_orphans():
            self._begin()
            self._mailbox.sweep()

    def commit(self) -> None:
        """Keep all that was applied so far."""
        if self._began:
            self._began, self._pending = 0.0, 0
            self._database.commit()

    def _begin(self) -> None:
        if not self._began:
            self._database.begin()
            self._began = time.monotonic()

    def _forget(self, place: Place) -> None:
        if place.kind == "mail":
            self._mailbox.forget(place.folder)
        else:
            self._shelf(place.kind).forget(place.collection)
        self._database.run(self._sql["delete_all_problems"], (place.collection,))
        self._database.run(self._sql["delete_quarantine"], (place.collection,))

    def _remove(self, place: Place, keys: Sequence[str]) -> None:
        if place.kind == "mail":
            self._mailbox.remove(place.folder, keys)
        else:
            self._shelf(place.kind).remove(place.collection, keys)
        self._database.run(self._sql["delete_problems"], (place.collection, json.dumps(list(keys))))
        self.take_back(place, keys)

    def _add(self, place: Place, batch: Batch[Any], prepared: Sequence[Prepared], until: date) -> None:
        if place.kind == "mail":
            self._mailbox.add(place.folder, cast("Sequence[PreparedMail]", prepared))
        elif place.kind == "calendar":
            objects = cast("Sequence[CalendarObject]", prepared)
            contents = [(parsed, raw.content) for parsed, raw in zip(objects, batch.added, strict=True)]
            self._calendars.add(place.collection, contents, until)
        elif place.kind == "contacts":
            self._addressbook.add(place.collection, cast("Sequence[Cards]", prepared))
        else:
            self._notebook.add(place.collection, cast("Sequence[Note]", prepared))
        keys = json.dumps([each.key for each in prepared])
        self._database.run(self._sql["delete_problems"], (place.collection, keys))
        rows = [(place.collection, each.key, at, told) for each in prepared for at, told in enumerate(each.problems)]
        self._database.many(self._sql["add_problem"], rows)

    def _shelf(self, kind: SourceKind) -> _Shelf:
        shelves: Mapping[SourceKind, _Shelf] = {"calendar": self._calendars, "contacts": self._addressbook}
        return shelves.get(kind, self._notebook)
