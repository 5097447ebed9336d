"""Questions that were asked on the page: each is answered by a child beside the lane, few at a time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from butler.children import Child, Ended
from butler.core.errors import EXIT_LATER, ButlerError, UsageError
from butler.core.text import one_line
from butler.daemon.commands import Commands
from butler.daemon.ledger import Desk
from butler.store.floor import Floor
from butler.store.truth import Truth

_AT_ONCE = 3
"""Those that code can answer need not wait for the one that asks the model."""
_MOST = 50
_LATELY = timedelta(hours=1)
_LONGEST = 500
_KILLED = "The process that was to answer it was killed."
_log = logging.getLogger(__name__)


@dataclass(eq=False, slots=True)
class _Errand:
    turn: int
    over: asyncio.Event
    child: Child | None = None
    last_words: str = ""

    def heard(self, line: str) -> None:
        # It may hold words of a question, which the log is not to keep.
        self.last_words = line


class Questions:
    """All that are being answered for one daemon. To be used inside its loop; `child` starts a command line."""

    def __init__(
        self,
        commands: Commands,
        child: Callable[[Sequence[str], Callable[[str], None], bytes], Child],
        desk: Desk,
        clock: Callable[[], datetime],
    ) -> None:
        self._commands = commands
        self._child = child
        self._desk = desk
        self._clock = clock
        self._errands: dict[int, _Errand] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._free = asyncio.Semaphore(_AT_ONCE)
        self._is_closing = False

    @property
    def turns(self) -> frozenset[int]:
        """The questions that are being answered, or wait for that."""
        return frozenset(self._errands)

    async def answer(self, turn: int, patience: float = 0.0) -> None:
        """Have a question be answered, and wait for that at most so many seconds; raises UsageError where too many wait."""
        errand = self._errands.get(turn) or self._begin(turn)
        try:
            async with asyncio.timeout(patience):
                await errand.over.wait()
        except TimeoutError:
            return

    def give_up(self, turns: Sequence[int]) -> None:
        """End the answering of questions that wait no more."""
        for errand in [self._errands[turn] for turn in turns if turn in self._errands]:
            if errand.child:
                errand.child.stop()

    async def take_up(self, floor: Floor) -> None:
        """Answer what waits since a daemon or a command ended that was to answer it, where that is not long ago."""
        try:
            waiting = await self._desk.ask(lambda truth: truth.conversations.waiting())
        except ButlerError as error:
            _log.error("which questions wait cannot be told: %s", error)
            return
        for turn in waiting[-_MOST:]:
            if self._clock() - turn.asked < _LATELY and not floor.is_answered(turn.id) and turn.id not in self._errands:
                _log.info("question %d waits for its answer since before", turn.id)
                self._begin(turn.id)

    def close(self) -> None:
        """Answer nothing more; what is not answered yet can be later."""
        self._is_closing = True
        for errand in self._errands.values():
            if errand.child:
                errand.child.kill()

    def _begin(self, turn: int) -> _Errand:
        if len(self._errands) >= _MOST or self._is_closing:
            raise UsageError("Too many questions wait to be answered.", advice="Ask again when some are.")
        errand = self._errands[turn] = _Errand(turn, asyncio.Event())
        task = asyncio.get_running_loop().create_task(self._see_to(errand))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return errand

    async def _see_to(self, errand: _Errand) -> None:
        try:
            async with self._free:
                if not self._is_closing and await self._desk.ask(partial(_waits, errand.turn)):
                    await self._answered(errand)
        except ButlerError as error:
            _log.error("question %d could not be answered: %s", errand.turn, error)
        finally:
            del self._errands[errand.turn]
            errand.over.set()

    async def _answered(self, errand: _Errand) -> None:
        line = [*self._commands.program, *self._commands.options, "ask", f"--turn={errand.turn}", "--json"]
        errand.child = child = self._child(line, errand.heard, b"")
        try:
            ended = await child.ended()
        except asyncio.CancelledError:
            child.kill()
            raise
        if ended is not None and not self._is_closing and ended.code not in (0, EXIT_LATER):
            await self._desk.ask(partial(_settle, errand.turn, _why(ended, errand.last_words), self._clock()))


def _waits(turn: int, truth: Truth) -> bool:
    found = truth.conversations.turn(turn)
    return found is not None and found.state == "asked"


def _settle(turn: int, why: str, now: datetime, truth: Truth) -> None:
    """Note that a question was not answered, where its process could not do so itself."""
    found = truth.conversations.turn(turn)
    if found is not None and found.state == "asked":
        truth.conversations.end(found, "failed", now, note=why)


def _why(ended: Ended, last_words: str) -> str:
    said = one_line(last_words.removeprefix("butler: "), _LONGEST)
    return said or (_KILLED if ended.code < 0 else f"What was to answer it ended with exit code {ended.code}.")
