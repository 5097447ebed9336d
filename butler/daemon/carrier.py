"""Has approved actions carried out: `butler execute` as a child, when something is due and effects are not stopped."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from butler.children import Child
from butler.core.errors import ButlerError
from butler.core.text import one_line
from butler.daemon.ledger import Desk
from butler.store.truth import Truth

_EVERY = 60.0
_PULSE = 5.0
_LONGEST_LINE = 500
_PATIENCE = 1.5
_log = logging.getLogger(__name__)


class Carrier:
    """Looks every minute, and at once when told to; `start` makes the child."""

    def __init__(self, desk: Desk, clock: Callable[[], datetime], start: Callable[[Callable[[str], None]], Child]) -> None:
        self._desk = desk
        self._clock = clock
        self._start = start
        self._told = asyncio.Event()
        self._told.set()
        self._is_closing = False
        self.child: Child | None = None
        self.beat = time.monotonic()

    def look(self) -> None:
        """Look at once."""
        self._told.set()

    async def work(self) -> None:
        """Have carried out what is due, until closed."""
        while not self._is_closing:
            self.beat = time.monotonic()
            with suppress(TimeoutError):
                async with asyncio.timeout(_EVERY):
                    await self._told.wait()
            self._told.clear()
            try:
                if not self._is_closing and await self._desk.ask(self._is_wanted):
                    await self._carry_out()
            except ButlerError as error:
                _log.error("what is approved cannot be carried out: %s", error)

    def close(self) -> None:
        """Begin nothing more; what is being carried out may end within a moment, else it is asked to."""
        self._is_closing = True
        self._told.set()
        if self.child:
            asyncio.get_running_loop().call_later(_PATIENCE, self.child.stop, _PATIENCE)

    async def _carry_out(self) -> None:
        self.child = self._start(lambda line: _log.info("execute: %s", one_line(line, _LONGEST_LINE)))
        try:
            while (ended := await self.child.ended(_PULSE)) is None:
                self.beat = time.monotonic()
        finally:
            self.child = None
        if ended.code != 0:
            _log.warning("carrying out what is approved ended with exit code %d; `butler actions --all` tells more", ended.code)

    def _is_wanted(self, truth: Truth) -> bool:
        now = self._clock()
        outbox = truth.outbox
        if outbox.overdue(now):
            return True
        return not outbox.stopped and bool(outbox.due(now) or outbox.executing())
