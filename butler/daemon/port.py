"""The daemon as its pages know it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from butler.children import Child
from butler.core.asks import AskCancel
from butler.core.errors import ButlerError, StateError
from butler.core.requests import Request
from butler.core.text import one_line
from butler.daemon.answers import Answers
from butler.daemon.carrier import Carrier
from butler.daemon.commands import Commands
from butler.daemon.questions import Questions
from butler.lane import Lane

_LONGEST = 500


class Port:
    """Implements `butler.web.daemon_port.DaemonPort`; `child` starts a command line, as the daemon starts its own."""

    def __init__(
        self,
        status: Callable[[], Mapping[str, Any]],
        answers: Answers,
        carrier: Carrier,
        lane: Lane,
        commands: Commands,
        questions: Questions,
        child: Callable[[Sequence[str], Callable[[str], None], bytes], Child],
    ) -> None:
        self.status = status
        self.run_id = answers.run_id
        self.look = carrier.look
        self._answers = answers
        self._lane = lane
        self._commands = commands
        self._child = child
        self._questions = questions
        self.answer = questions.answer
        self.give_up = questions.give_up

    def add(self, request: Request) -> None:
        """Put a request into the queue."""
        self._lane.add(request, self._commands.of_request(request))

    async def answering(self) -> frozenset[int]:
        """The questions that are being answered, or wait for that."""
        return self._questions.turns

    async def cancel(self, run: str) -> None:
        """Give up a run; raises UsageError when there is none."""
        async for _ in self._answers.answer(AskCancel(ask="cancel", run=run)):
            pass

    async def ask(self, command: Sequence[str], patience: float = 60.0, given: str = "") -> Mapping[str, Any]:
        """Run a command of the butler's own and read its document; raises ButlerError with what it said."""
        said: list[str] = []
        child = self._child([*self._commands.program, *self._commands.options, *command], said.append, given.encode())
        try:
            ended = await child.ended(patience)
        except asyncio.CancelledError:
            # Whoever asked is gone, or the daemon ends.
            child.kill()
            raise
        if ended is None:
            child.stop()
            raise StateError(f"It did not end within {patience:.0f} seconds.")
        try:
            document = json.loads(ended.printed or b"")
        except ValueError:
            raise ButlerError(one_line(" ".join(said), _LONGEST) or f"It ended with exit code {ended.code}.") from None
        return {"exit_code": ended.code, **document} if isinstance(document, dict) else {"exit_code": ended.code}
