"""What runs in the workers that read: a source or an ear of one account, as the other side asks for it."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from butler.core.accounts import Account, CalendarAccount, ContactsAccount, MailAccount, NotesFolder, SmtpServer
from butler.core.arrivals import Changed, Ear, Heard, Hears, Stop
from butler.core.calendar import RawObject
from butler.core.contacts import RawCards
from butler.core.dialing import Dial
from butler.core.errors import SourceError
from butler.core.mail import RawMail, RawPart
from butler.core.notes import RawNote
from butler.core.sources import Batch, Collection, Raw, Source, Tool
from butler.sandbox.carried import with_secrets
from butler.sandbox.hints import prepare
from butler.sandbox.seam import SeamDial, Side
from butler.sandbox.wire import LARGEST_FRAME
from butler.toolbox import tool_at

Opened = MailAccount | CalendarAccount | NotesFolder | ContactsAccount
PATIENCE = 3600.0
"""Most seconds that the other side takes to answer: it runs programs of the owner's for passwords, and looks into stores."""
_LARGEST = LARGEST_FRAME * 3 // 4


def reader(connection: socket.socket) -> None:
    """Serve a source of an account."""
    Reader().serve(connection)


def ear(connection: socket.socket) -> None:
    """Serve the ear for a place of an account."""
    Hearer().serve(connection)


class Station:
    """One thing that a tool makes for an account; its connections and its secrets come from the other side."""

    side: Side

    def offers(self) -> Mapping[str, Callable[..., Any]]:
        """What the other side may ask for."""
        raise NotImplementedError

    def serve(self, connection: socket.socket) -> None:
        """Answer until the other side hangs up."""
        self.side = Side(connection, self.offers())
        self.side.serve()

    def told(self, target: str, account: Account) -> tuple[Tool, Account, Dial]:
        """The tool at a place, the account with what asks for its secrets, and what asks for its connections."""
        return tool_at(target), with_secrets(account, self._secret), SeamDial(self.side)

    def _secret(self, part: str) -> Callable[[], str]:
        return partial(self.side.ask, "secret", part, gives=str, seconds=PATIENCE)


class Reader(Station):
    """A source."""

    _source: Source[Raw] | None = None

    def offers(self) -> Mapping[str, Callable[..., Any]]:
        """What sources do."""
        return {"open": self.open, "collections": self.collections, "changes": self.changes, "close": self.close}

    def open(self, target: str, account: Opened) -> None:
        """Make the source; connects to nothing."""
        tool, account, dial = self.told(target, account)
        self._source = tool.open(account, dial=dial)

    def collections(self) -> list[Collection]:
        """List what is to be mirrored."""
        return list(self._opened.collections())

    def changes(self, collection: Collection, cursor: str | None) -> Iterator[Batch[Raw]]:
        """Yield what changed."""
        known = partial(self.side.ask, "known", gives=dict[str, str], seconds=PATIENCE)
        for batch in self._opened.changes(collection, cursor, known):
            yield replace(batch, added=[_fitting(raw) for raw in batch.added])

    def close(self) -> None:
        """Hang up."""
        self._opened.close()

    @property
    def _opened(self) -> Source[Raw]:
        if self._source is None:
            raise SourceError("It was not opened.")
        return self._source


def _fitting(raw: Raw) -> Raw:
    """What fits into a frame. One of that size is none: it counts as one that cannot be read, and hides no other."""
    return replace(raw, content=b"") if isinstance(raw, RawObject | RawCards) and len(raw.content) > _LARGEST else raw


class Hearer(Station):
    """An ear; it is not told when to stop, but ended."""

    _ear: Ear | None = None

    def offers(self) -> Mapping[str, Callable[..., Any]]:
        """What ears do."""
        return {"open": self.open, "hears": self.hears, "listen": self.listen}

    def open(self, target: str, account: Opened, place: str, poll: float) -> None:
        """Make the ear, where the tool has one; connects to nothing."""
        tool, account, dial = self.told(target, account)
        if isinstance(tool, Hears):
            self._ear = tool.ear(account, place, poll, self._changes, dial=dial)

    def hears(self) -> bool:
        """Whether the tool has ears."""
        return self._ear is not None

    def listen(self) -> Iterator[Heard]:
        """Yield whenever the place was looked at."""
        if self._ear is not None:
            yield from self._ear.listen(_Never())

    def _changes(self, folders: Sequence[Path], stop: Stop) -> Iterator[Sequence[Changed]]:
        """What changes below folders, as the other side sees it: here nothing can be watched."""
        self.side.ask("watch", tuple(folders), gives=None, seconds=PATIENCE)
        while not stop.is_set():
            yield self.side.ask("changed", gives=list[Changed], seconds=PATIENCE)


class _Never:
    """A signal that never comes: whoever would wait for it is ended instead."""

    def __init__(self) -> None:
        self._silent, self._kept = socket.socketpair()

    def is_set(self) -> bool:
        return False

    def wait(self, seconds: float) -> bool:
        time.sleep(seconds)
        return False

    def fileno(self) -> int:
        return self._silent.fileno()

    def then(self, call: Callable[[], None]) -> None:
        pass


prepare(
    (Reader.open, Reader.collections, Reader.changes, Reader.close, Hearer.open, Hearer.hears, Hearer.listen),
    (
        *(MailAccount, SmtpServer, CalendarAccount, NotesFolder, ContactsAccount, Collection, Batch),
        *(RawMail, RawPart, RawObject, RawNote, RawCards),
    ),
)
