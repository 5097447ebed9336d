"""A source in memory that keeps the contract of butler.core.sources, and a tool whose formats are plain JSON.

The source can be told to fail, to lie and to change while it is read; what it holds is what the mirror must come to.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count
from typing import Any

from butler.core.accounts import Account
from butler.core.calendar import CalendarObject, Occurrence, RawObject, Task
from butler.core.dialing import Dial
from butler.core.errors import SourceError
from butler.core.mail import Address, Message, RawMail
from butler.core.notes import Note, RawNote
from butler.core.plain import from_plain, to_plain
from butler.core.sources import Batch, Collection, Frame, Known, Parsed, Raw, Source, SourceKind

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def raw_mail(key: str, message_id: str, subject: str = "", text: str = "", **more: Any) -> RawMail:
    """A mail whose `whole` is the JSON that MemoryTool reads; sender, to, references, at (datetime), received, flags."""
    at: datetime | None = more.get("at", NOON)
    received = more.get("received", int((at or NOON).timestamp()))
    written = {
        "id": message_id,
        "subject": subject,
        "text": text,
        "from": more.get("sender", "tom@nordwind.example"),
        "to": list(more.get("to", ("anna@berger.example",))),
        "references": list(more.get("references", ())),
        "date": at.isoformat() if at else None,
        **({"boom": more["boom"]} if "boom" in more else {}),
    }
    whole = json.dumps(written).encode()
    return RawMail(key, frozenset(more.get("flags", ())), received, len(whole), whole=whole)


def raw_object(
    key: str, occurrences: Sequence[Occurrence] = (), tasks: Sequence[Task] = (), version: str = "1", recurs: bool = False
) -> RawObject:
    """A calendar object whose content is the JSON that MemoryTool reads."""
    parsed = CalendarObject(key, version, tuple(occurrences), tuple(tasks), recurs)
    return RawObject(key, version, json.dumps(to_plain(CalendarObject)(parsed)).encode())


def raw_note(key: str, text: str, version: str = "1", modified: datetime = NOON) -> RawNote:
    """A note."""
    return RawNote(key, version, int(modified.timestamp()), text.encode())


@dataclass
class MemoryTool:
    """Parses the JSON of the functions above; `parse` of anything that says `boom` raises."""

    kind: SourceKind = "mail"

    def open(self, account: Account, *, dial: Dial | None = None) -> Source[Raw]:
        raise NotImplementedError

    def parse(self, raws: Sequence[Raw], frame: Frame) -> Sequence[Parsed]:
        return [self._one(raw) for raw in raws]

    def _one(self, raw: Raw) -> Parsed:
        if isinstance(raw, RawObject):
            parsed: CalendarObject = from_plain(CalendarObject)(json.loads(raw.content))
            return replace(parsed, key=raw.key, version=raw.version)
        if isinstance(raw, RawNote):
            return Note(raw.key, raw.version, raw.modified, raw.content.decode())
        assert isinstance(raw, RawMail)
        return message_of(raw)


MAIL = MemoryTool()
CALENDAR = MemoryTool("calendar")


def message_of(raw: RawMail) -> Message:
    """What MemoryTool makes of a mail."""
    written = json.loads(raw.whole or b"{}")
    if written.get("boom"):
        raise ValueError(written["boom"])
    return Message(
        *(raw.key, raw.flags, raw.received, raw.size, written["id"]),
        datetime.fromisoformat(written["date"]) if written["date"] else None,
        written["subject"],
        Address("", written["from"]),
        to=tuple(Address("", to) for to in written["to"]),
        references=tuple(written["references"]),
        text=written["text"],
    )


@dataclass
class Shelf:
    """One collection: what it holds, when each thing last changed, and a number that is another one once it was made void."""

    role: str = ""
    held: dict[str, Raw] = field(default_factory=dict)
    changed: dict[str, int] = field(default_factory=dict)
    epoch: int = 0
    clock: int = 0


class MemorySource:
    """A source over `shelves`; `hook` is called before each batch and may raise SourceError or change the shelves."""

    def __init__(self, kind: SourceKind = "mail", name: str = "home", batch: int = 3) -> None:
        self.kind: SourceKind = kind
        self.name = name
        self.shelves: dict[str, Shelf] = {}
        self.batch = batch
        self.down = ""
        self.tokens = True
        self.hook: Callable[[], None] = lambda: None
        self.reads: list[str] = []
        self.closed = False
        # One that is dropped and made anew under its old name has a number of its own, as a folder has a new UIDVALIDITY.
        self._epochs = count()

    def put(self, collection: str, *raws: Raw, role: str = "") -> None:
        """Add or change things."""
        shelf = self.shelves.get(collection)
        if shelf is None:
            shelf = self.shelves[collection] = Shelf(role, epoch=next(self._epochs))
        for raw in raws:
            shelf.clock += 1
            shelf.held[raw.key] = raw
            shelf.changed[raw.key] = shelf.clock

    def remove(self, collection: str, *keys: str) -> None:
        """Take things away."""
        for key in keys:
            self.shelves[collection].clock += 1
            del self.shelves[collection].held[key], self.shelves[collection].changed[key]

    def flag(self, collection: str, key: str, *flags: str) -> None:
        """Set the flags of a mail."""
        shelf = self.shelves[collection]
        mail = shelf.held[key]
        assert isinstance(mail, RawMail)
        shelf.clock += 1
        shelf.held[key] = replace(mail, flags=frozenset(flags))

    def void(self, collection: str) -> None:
        """Make all that is known of a collection void, as a new UIDVALIDITY does."""
        self.shelves[collection].epoch = next(self._epochs)

    def collections(self) -> Sequence[Collection]:
        if self.down:
            raise SourceError(self.down)
        return [
            Collection(name, f"{shelf.epoch}:{shelf.clock}" if self.tokens else "", shelf.role)
            for name, shelf in self.shelves.items()
        ]

    def changes(self, collection: Collection, cursor: str | None, known: Known) -> Iterator[Batch[Raw]]:
        self.reads.append(collection.name)
        shelf = self.shelves[collection.name]
        epoch, _, since = (cursor or f"{shelf.epoch}:0").partition(":")
        reset = int(epoch) != shelf.epoch
        epoch = str(shelf.epoch)
        had = {} if reset or cursor is None else dict(known())
        new = sorted(shelf.held, key=lambda key: shelf.changed[key])
        new = [key for key in new if reset or shelf.changed[key] > int(since) or key not in had]
        self.hook()
        removed = [key for key in had if key not in shelf.held]
        flags = {
            key: mail.flags
            for key, mail in shelf.held.items()
            if isinstance(mail, RawMail) and key in had and had[key] != " ".join(sorted(mail.flags))
        }
        start = 0 if reset else int(since)
        yield Batch(collection.name, f"{epoch}:{start}", (), flags, removed, reset, len(new))
        for at in range(0, len(new), self.batch):
            self.hook()
            some = [key for key in new[at : at + self.batch] if key in shelf.held]
            mark = max((shelf.changed[key] for key in some), default=0)
            yield Batch(collection.name, f"{epoch}:{mark}", [shelf.held[key] for key in some], total=len(new))

    def close(self) -> None:
        self.closed = True
