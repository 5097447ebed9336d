"""Who works for one house: the confined processes that read, parse, act and think, each opened when it is first needed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from butler.core.accounts import Account, NotesFolder
from butler.core.jailing import Jailing
from butler.core.refs import file_ref
from butler.core.remembering import NOTE, ROOT, Remembered, read_memory
from butler.core.sources import Raw, Source, SourceKind

# What is not needed is not loaded: a sync comes every few minutes.
if TYPE_CHECKING:
    from butler.core.foreign import ForeignServer
    from butler.dialing import Ledger
    from butler.guests.guests import Guests
    from butler.hands import AllHands
    from butler.remote.workers import Workers
    from butler.sandbox.parser import Parser
    from butler.sandbox.worker import Forkserver
    from butler.store.foreign import Foreign
    from butler.thinker import Thinker


class Staff:
    """All of them, ended together. `state` is the state folder, where their connections are written down.

    `found` says where the tools are; empty: they are looked for. `orders` is the descriptor of a forkserver that runs already,
    `servers` are those of the owner's choice.
    """

    def __init__(
        self,
        state: Path,
        found: Mapping[SourceKind, str],
        clock: Callable[[], datetime],
        sandbox: Jailing,
        orders: int | None,
        servers: Sequence[ForeignServer] = (),
    ) -> None:
        self._servers = servers
        self._state = state
        self._found = found
        self._clock = clock
        self._orders = orders
        self._opened = ExitStack()
        self.is_degraded = sandbox == "degraded"

    def close(self) -> None:
        """End all of them, last first."""
        self._opened.close()

    @cached_property
    def forkserver(self) -> Forkserver:
        """Where all of them come from."""
        from butler.sandbox.worker import Forkserver

        return self._opened.enter_context(Forkserver(self._orders))

    @cached_property
    def workers(self) -> Workers:
        """Who reads and acts for the accounts."""
        from butler.remote.workers import Workers

        return Workers(lambda: self.forkserver, self._ledger, self._found, degraded=self.is_degraded)

    @cached_property
    def thinker(self) -> Thinker:
        """Who runs workflows and asks the model."""
        from butler.thinker import Thinker

        thinker = Thinker(lambda: self.forkserver, self._ledger, self._state, degraded=self.is_degraded)
        self._opened.callback(thinker.close)
        return thinker

    @cached_property
    def answerer(self) -> Thinker:
        """Who answers questions, beside the thinker: with checkpoints of its own."""
        from butler.thinker import ASKING, Thinker

        answerer = Thinker(lambda: self.forkserver, self._ledger, self._state, ASKING, degraded=self.is_degraded)
        self._opened.callback(answerer.close)
        return answerer

    @cached_property
    def looker(self) -> Thinker:
        """Who looks at models and has them copied: a process that never read anything of the world."""
        from butler.thinker import Thinker

        looker = Thinker(lambda: self.forkserver, self._ledger, None, degraded=self.is_degraded)
        self._opened.callback(looker.close)
        return looker

    def sources(self, accounts: Sequence[Account]) -> list[Source[Raw]]:
        """The sources of accounts, whose workers start when they are first asked; to be closed."""
        from butler.remote.sources import RemoteSource

        return [RemoteSource(self.workers, account) for account in accounts]

    @cached_property
    def guests(self) -> Guests:
        """The servers of the owner's choice, which start when they are first asked."""
        from butler.guests.guests import Guests

        # What they need is opened before them, and so closed after them.
        forkserver, ledger = self.forkserver, self._ledger
        found = Guests(self._servers, lambda: forkserver, ledger, lambda: self._pins, self._clock, self._state)
        self._opened.callback(found.close)
        return found

    @cached_property
    def _pins(self) -> Foreign:
        """What the servers told at first."""
        from butler.store.truth import Truth

        truth = Truth.open(self._state / "butler.db")
        self._opened.callback(truth.close)
        return truth.foreign

    def hands(self, accounts: Sequence[Account]) -> AllHands:
        """Who acts for accounts and calls tools of servers; to be closed."""
        from butler.hands import AllHands

        return AllHands(self.workers, accounts, lambda: self.guests)

    def parser(self) -> Parser:
        """Who parses what sources hand over; to be closed."""
        from butler.sandbox.parser import Parser

        return Parser(self.forkserver, self._found, degraded=self.is_degraded)

    def foreign(self) -> dict[str, Any]:
        """What a context has of servers of the owner's choice."""
        if not self._servers:
            return {}
        return {"foreign_reads": self.guests.reads, "foreign": self.guests.read, "foreign_tools": self.guests.readers}

    def remembered(self, memory: NotesFolder | None) -> Sequence[Remembered]:
        """What the owner told or approved to be remembered, as their note has it now."""
        if memory is None or not (memory.path / NOTE).is_file():
            return ()
        from butler.papers import Papers

        found = Papers({}, [memory], self.forkserver, degraded=self.is_degraded)(file_ref(ROOT, NOTE))
        return read_memory(found.text) if found else ()

    @cached_property
    def _ledger(self) -> Ledger:
        """Where all connections are written down."""
        from butler.dialing import StateLedger

        ledger = StateLedger(self._state / "butler.db", self._clock)
        self._opened.callback(ledger.close)
        return ledger
