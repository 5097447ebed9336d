"""The contract every source keeps, whatever it speaks: IMAP, Maildir, CalDAV, CardDAV, vdir or a folder of notes.

A source names its collections (folders, calendars, roots) with a token of their state and yields what changed since a
cursor. It never changes anything on its side, parses nothing, and keeps nothing: the sync decides, the mirror stores.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Generic, Literal, Protocol, TypeVar, runtime_checkable

from butler.core.accounts import Account, NotesFolder
from butler.core.calendar import CalendarObject, RawObject
from butler.core.contacts import Cards, RawCards
from butler.core.mail import Message, RawMail
from butler.core.notes import Note, RawNote
from butler.core.remembering import ROOT as MEMORY

# What only reads has no use for what acts, and is not to wait for the library that checks it.
if TYPE_CHECKING:
    from butler.core.dialing import Dial
    from butler.core.effects import Effect, Hands, Seen
    from butler.core.payloads import Payload

SourceKind = Literal["mail", "calendar", "notes", "contacts"]
Raw = RawMail | RawObject | RawNote | RawCards
Parsed = Message | CalendarObject | Note | Cards
Known = Callable[[], Mapping[str, str]]
"""Asks the mirror, only when needed, for all keys of the collection and their versions (mail: sorted flags, by space)."""

R_co = TypeVar("R_co", bound=Raw, covariant=True)


@dataclass(frozen=True, slots=True)
class Collection:
    """A folder, calendar or root: `token` changes whenever anything in it does, and is empty where that is unknown."""

    name: str
    token: str = ""
    role: str = ""


@dataclass(frozen=True, slots=True)
class Batch(Generic[R_co]):
    """Part of what changed in a collection, to be stored in one transaction together with its `cursor`.

    `reset` says that everything known of the collection is void and forgotten first (UIDVALIDITY changed, token
    refused). `added` holds new and changed content, `flags` new flags of known mails, `removed` keys that are gone.
    The cursor is opaque; after an interruption the source goes on from the last one that was stored.
    """

    collection: str
    cursor: str
    added: Sequence[R_co] = ()
    flags: Mapping[str, frozenset[str]] | None = None
    removed: Sequence[str] = ()
    reset: bool = False
    total: int | None = None


def kind_of(account: Account) -> SourceKind:
    """Tell which tool reads an account."""
    kinds: Mapping[str, SourceKind] = {
        "MailAccount": "mail",
        "CalendarAccount": "calendar",
        "NotesFolder": "notes",
        "ContactsAccount": "contacts",
    }
    return kinds[type(account).__name__]


def are_documents(account: Account) -> bool:
    """Whether an account is a folder of documents: that of the memory is none."""
    return isinstance(account, NotesFolder) and account.documents and account.name != MEMORY


class Source(Protocol[R_co]):
    """One account, calendar or notes root; every method may raise SourceError and nothing else."""

    @property
    def name(self) -> str:
        """The source's name as in the settings, such as `home`."""
        ...

    @property
    def kind(self) -> SourceKind:
        """What the source holds."""
        ...

    def collections(self) -> Sequence[Collection]:
        """List what is to be mirrored, with state tokens, in as few round trips as the protocol allows."""
        ...

    def changes(self, collection: Collection, cursor: str | None, known: Known) -> Iterator[Batch[R_co]]:
        """Yield what changed since `cursor` (None: everything), in batches of bounded memory, reading only."""
        ...

    def close(self) -> None:
        """End connections; never raises."""
        ...


@dataclass(frozen=True, slots=True)
class SourceState:
    """How a source fared at its last sync: `as_of` is when it was last read whole.

    `aside` are the things, as collection/key, that were too much for the parser in that sync and were set aside. Folders of
    notes and of documents are of one kind; `documents` says which one it is.
    """

    name: str
    kind: SourceKind
    state: Literal["fresh", "stale", "failed"]
    as_of: datetime | None
    error: str | None = None
    aside: tuple[str, ...] = ()
    documents: bool = False

    @property
    def setting(self) -> str:
        """How the settings call it, such as `mail.home` or `documents.papers`."""
        return f"{'documents' if self.documents else self.kind}.{self.name}"


def called_so(states: Sequence[SourceState], accounts: Sequence[Account]) -> list[SourceState]:
    """The same states, those of folders of documents marked as such."""
    roots = {account.name for account in accounts if are_documents(account)}
    return [replace(each, documents=True) if each.kind == "notes" and each.name in roots else each for each in states]


@dataclass(frozen=True, slots=True)
class Frame:
    """What parsing depends on beside the bytes: the owner's zone, the days to expand recurrences over, the text limit."""

    zone: str = "UTC"
    start: date = date(2000, 1, 1)
    end: date = date(2000, 1, 2)
    text_limit: int = 1_000_000


class Tool(Protocol):
    """What an entry point in `butler.tools` names: it opens sources of one kind and parses what they hand over."""

    @property
    def kind(self) -> SourceKind:
        """What its sources hold."""
        ...

    def open(self, account: Account, *, dial: Dial | None = None) -> Source[Raw]:
        """Make the source of an account, which connects by `dial` (None: directly); connects to nothing yet."""
        ...

    def parse(self, raws: Sequence[Raw], frame: Frame) -> Sequence[Parsed]:
        """Parse, one for one and in order, purely; what cannot be read becomes a value with `problems`, never an exception."""
        ...


@runtime_checkable
class ActingTool(Protocol):
    """What a tool is besides when it can also change things; one that only reads has neither method."""

    def hands(self, account: Account, *, dial: Dial | None = None) -> Hands:
        """Make what carries out effects on an account, and connects by `dial` (None: directly); connects to nothing yet.

        Only the executor asks for it.
        """
        ...

    def renewed(self, payload: Payload, effect: Effect, seen: Seen) -> Payload | None:
        """Say, purely, what the owner asked for over what `seen` found changed; None where that cannot be done."""
        ...
