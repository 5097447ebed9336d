"""The context of a run as a thinker has it: each read, value and proposal is asked of the other side of the seam."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from types import TracebackType
from typing import Any, Protocol, TypeVar

from butler.core.actions import Action, Decision, Kept
from butler.core.briefing import Briefing, Origin, Usage
from butler.core.calendar import CalendarPlace, Placed, PlacedTask, StoredObject
from butler.core.contacts import PlacedContact
from butler.core.context import Edit
from butler.core.documents import Document
from butler.core.errors import ButlerError, ModelError
from butler.core.foreign import ForeignTool
from butler.core.mail import Mail, MailPlace
from butler.core.models import ModelIdentity, ModelPin
from butler.core.notes import PlacedNote
from butler.core.queries import Found
from butler.core.sources import SourceState
from butler.core.steps import ModelCall
from butler.sandbox.batches import read_batch

T = TypeVar("T")

_AT_ONCE = 500


class Asks(Protocol):
    """Asks the other side for what it offers under a name, with values; what comes back is of the kind that is said."""

    def ask(self, name: str, *values: Any, gives: Any = Any) -> Any:
        """Wait for the answer; raises what the other side raised."""
        ...

    def stream(self, name: str, *values: Any, gives: Any = Any) -> Iterator[Any]:
        """Get what comes in parts."""
        ...


class _Asking:
    """Asks and says what kind of value comes back."""

    def __init__(self, asks: Asks) -> None:
        self._asks = asks

    def _one(self, kind: type[T], name: str, *values: Any) -> T:
        found: T = self._asks.ask(name, *values, gives=kind)
        return found

    def _maybe(self, kind: type[T], name: str, *values: Any) -> T | None:
        found: T | None = self._asks.ask(name, *values, gives=kind | None)
        return found

    def _many(self, kind: type[T], name: str, *values: Any) -> list[T]:
        return [each for batch in self._asks.stream(name, *values, gives=bytes) for each in read_batch(kind, batch)]


class AskedReads(_Asking):
    """Reads of the mirror; see butler.core.context.Reads."""

    def received(self, since: datetime, until: datetime) -> Sequence[Mail]:
        """Mails by others in a window, newest first."""
        return self._many(Mail, "received", since, until)

    def sent(self, since: datetime, until: datetime) -> Sequence[Mail]:
        """Mails by the owner, newest first."""
        return self._many(Mail, "sent", since, until)

    def mail(self, ref: str) -> Mail:
        """One mail; raises UnknownRefError."""
        return self._one(Mail, "mail", ref)

    def threads(self, threads: Sequence[int]) -> Mapping[int, Sequence[Mail]]:
        """The mails of each thread, oldest first."""
        found: dict[int, list[Mail]] = {thread: [] for thread in threads}
        for mail in self._many(Mail, "threads", list(threads)):
            found[mail.thread].append(mail)
        return found

    def exchanged(self, addresses: Sequence[str]) -> Mapping[str, tuple[int, int]]:
        """For each address how many mails the owner had from it and sent to it."""
        return self._one(dict[str, tuple[int, int]], "exchanged", list(addresses))

    def occurrences(self, start: datetime, end: datetime) -> Sequence[Placed]:
        """Occurrences that overlap the window, by start."""
        return self._many(Placed, "occurrences", start, end)

    def tasks(self) -> Sequence[PlacedTask]:
        """Open tasks, by due date."""
        return self._many(PlacedTask, "tasks")

    def files(self, root: str, pattern: str, limit: int) -> Sequence[PlacedNote]:
        """Notes and documents of a root whose path matches a glob, newest first."""
        return self._many(PlacedNote, "files", root, pattern, limit)

    def notes(self, modified_since: datetime) -> Sequence[PlacedNote]:
        """Notes changed since, newest first."""
        return self._many(PlacedNote, "notes", modified_since)

    def contacts(self) -> Sequence[PlacedContact]:
        """All contacts of the address books, by name."""
        return self._many(PlacedContact, "contacts")

    def people(self, asked: Sequence[str], limit: int) -> Sequence[PlacedContact]:
        """Contacts that have one of some addresses, or all words of one of some names."""
        return self._many(PlacedContact, "people", list(asked), limit)

    def celebrations(self, first: date, last: date) -> Sequence[PlacedContact]:
        """Contacts with a birthday or an anniversary from a day to another one."""
        return self._many(PlacedContact, "celebrations", first, last)

    def letters_to(self, addresses: Sequence[str], limit: int) -> Sequence[Mail]:
        """The owner's latest mails to any of some addresses, newest first."""
        return self._many(Mail, "letters_to", list(addresses), limit)

    def letters_from(self, address: str, limit: int) -> Sequence[Mail]:
        """The latest mails from an address, newest first."""
        return self._many(Mail, "letters_from", address, limit)

    def notes_about(self, words: Sequence[str], limit: int) -> Sequence[PlacedNote]:
        """Notes that hold any of some words, best first."""
        return self._many(PlacedNote, "notes_about", list(words), limit)

    def search(self, query: str, limit: int) -> Sequence[Found]:
        """What a query finds, best first; what holds only some of its words follows."""
        return self._many(Found, "search", query, limit)

    def search_any(self, words: Sequence[str], limit: int) -> Sequence[Found]:
        """What holds all, or else some, of some words, best first."""
        return self._many(Found, "search_any", list(words), limit)

    def show(self, ref: str) -> Mail | Placed | PlacedTask | PlacedNote | PlacedContact:
        """What a reference points at; raises UnknownRefError."""
        found: Mail | Placed | PlacedTask | PlacedNote | PlacedContact = self._asks.ask(
            "show", ref, gives=Mail | Placed | PlacedTask | PlacedNote | PlacedContact
        )
        return found

    def places(self, ref: str) -> Sequence[MailPlace]:
        """Where a mail lies now, the best place first."""
        return self._one(list[MailPlace], "places", ref)

    def object_of(self, ref: str) -> StoredObject | None:
        """The calendar object that holds what an event or task reference names."""
        return self._maybe(StoredObject, "object_of", ref)

    def object_by_uid(self, uid: str) -> StoredObject | None:
        """The calendar object of an event or task with a UID."""
        return self._maybe(StoredObject, "object_by_uid", uid)

    def calendars(self) -> Sequence[tuple[CalendarPlace, bool]]:
        """Every calendar collection, and whether its server schedules by itself."""
        return self._one(list[tuple[CalendarPlace, bool]], "calendars")


class AskedMemory(_Asking):
    """What a run keeps, as JSON texts; see butler.core.context.RunMemory."""

    def snapshot_before(self, day: date) -> Mapping[str, Any] | None:
        """The snapshot kept with the last briefing of an earlier day."""
        return _read(self._maybe(str, "snapshot_before", day))

    def keep(self, stage: str, value: Any) -> None:
        """Keep an intermediate JSON value of this run."""
        self._asks.ask("keep", stage, json.dumps(value))

    def kept(self, stage: str) -> Any | None:
        """What `keep` stored for this run, or None."""
        return _read(self._maybe(str, "kept", stage))

    def usage(self) -> Usage:
        """What this run's model calls cost so far."""
        return self._one(Usage, "usage")


class AskedBook(_Asking):
    """Where model calls are recorded; see butler.core.steps.CallBook."""

    def answer(self, key: str) -> str | None:
        """The recorded JSON answer under a cache key."""
        return self._maybe(str, "answer", key)

    def record(self, call: ModelCall) -> None:
        """Keep a call, and its answer under its key."""
        self._asks.ask("record", call)

    def tokens_per_byte(self, digest: str) -> float | None:
        """The highest ratio of prompt tokens to prompt bytes seen lately with a digest."""
        return self._maybe(float, "tokens_per_byte", digest)

    def learn(self, digest: str, tokens: int, size: int) -> None:
        """Note how many tokens a prompt of `size` bytes came to."""
        self._asks.ask("learn", digest, tokens, size)

    def met(self, url: str, name: str, seen: ModelIdentity, at: datetime) -> ModelPin | None:  # noqa: ARG002 (the other side's clock counts)
        """Note what a server has under a name; gives what is pinned there."""
        return self._maybe(ModelPin, "met", url, name, seen)


class Judging:
    """A run of its own around the judging of one thing: what fails inside ends there."""

    def __init__(self, asks: Asks, ref: str) -> None:
        self._asks = asks
        self._ref = ref

    def __enter__(self) -> None:
        self._asks.ask("judge", self._ref)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> bool:
        if isinstance(error, ModelError) or (error is not None and not isinstance(error, Exception)):
            return False
        self._asks.ask("judged", "" if error is None else sentence_of(error))
        return True


class Asked(_Asking):
    """All that a context has besides its reads, its memory and plain values; see butler.core.context.Context."""

    def sync(self) -> Sequence[SourceState]:
        """Bring the mirror up to date."""
        return self._one(list[SourceState], "sync")

    def publish(self, briefing: Briefing, origins: Sequence[Origin], snapshot: Mapping[str, Any]) -> None:
        """Hand a briefing out, as JSON texts."""
        self._asks.ask("publish", briefing.model_dump_json(), [one.model_dump_json() for one in origins], json.dumps(snapshot))

    def judging(self, ref: str) -> AbstractContextManager[None]:
        """Open a run of its own around the judging of one thing."""
        return Judging(self._asks, ref)

    def propose(self, action: Action) -> Kept:
        """Hand an action to the gate."""
        return self._one(Kept, "propose", action)

    def known(self, key: str) -> bool:
        """Whether an action with this key was ever proposed."""
        return self._one(bool, "known", key)

    def edits(self, address: str, limit: int) -> Sequence[Edit]:
        """What the owner made of earlier drafts to an address, newest first."""
        return self._one(list[Edit], "edits", address, limit)

    def save(self, name: str, markdown: str) -> str:
        """Keep a page, and say where it lies."""
        return self._one(str, "save", name, markdown.encode("utf-8", "replace").decode())

    def held(self) -> Sequence[Kept]:
        """The actions that wait for the owner."""
        return [each for part in self._asks.stream("held", gives=list[Kept]) for each in part]

    def decided(self, since: datetime) -> Sequence[tuple[Kept, Decision]]:
        """What was decided since a moment."""
        parts = self._asks.stream("decided", since, gives=list[tuple[Kept, Decision]])
        return [each for part in parts for each in part]

    def foreign(self, what: str, arguments: Mapping[str, Any]) -> str:
        """Call a tool that only reads of a server of the owner's choice."""
        return self._one(bytes, "foreign", what, json.dumps(dict(arguments))).decode()

    def foreign_tools(self) -> Sequence[ForeignTool]:
        """The tools of such servers that only read and are there now."""
        return [each for part in self._asks.stream("foreign_tools", gives=list[ForeignTool]) for each in part]

    def document(self, ref: str) -> Document | None:
        """Read a file by its reference."""
        found = self._maybe(tuple[Document, bytes], "document", ref)
        return None if found is None else replace(found[0], text=found[1].decode())

    def found(self, keys: Sequence[str]) -> Mapping[str, str]:
        """What code found before, by key."""
        parts = (list(keys[start : start + _AT_ONCE]) for start in range(0, len(keys), _AT_ONCE))
        return {key: value for part in parts for key, value in self._one(dict[str, str], "found", part).items()}

    def keep_found(self, found: Mapping[str, str]) -> None:
        """Keep what code found, by key."""
        keys = list(found)
        for start in range(0, len(keys), _AT_ONCE):
            part = keys[start : start + _AT_ONCE]
            self._asks.ask("keep_found", part, [found[key] for key in part])

    def tell(self, line: str) -> None:
        """Tell what goes on, as a line of JSON."""
        self._asks.ask("tell", line)

    @property
    def passed(self) -> Callable[[str], None]:
        """Tell the name of a node that ended well."""
        return partial(self._asks.ask, "passed")


def sentence_of(error: BaseException) -> str:
    """What is written into a run's row."""
    return str(error) if isinstance(error, ButlerError) else f"{type(error).__name__}: {error}"


def _read(text: str | None) -> Any | None:
    return None if text is None else json.loads(text)
