"""A command of the butler's own that is run beside all else, once at a time, and whose last answer is kept for a while."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from butler.core.errors import ButlerError
from butler.web.daemon_port import DaemonPort


@dataclass(frozen=True, slots=True)
class Looked:
    """The last answer, and how many seconds ago it was asked for; `problem` says why there is none.

    `running` is for how many seconds it has been asked for again, None where it has not.
    """

    found: Mapping[str, Any] = field(default_factory=dict)
    problem: str = ""
    age: float | None = None
    running: float | None = None


class Looking:
    """Asks for the document of one command; an answer is good for `holds` seconds. To be used inside the daemon's loop."""

    def __init__(self, command: Sequence[str], holds: float = 60.0, patience: float = 120.0) -> None:
        self._command = command
        self._holds = holds
        self._patience = patience
        self._known = Looked()
        self._asked = self._begun = -math.inf
        self._task: asyncio.Task[None] | None = None

    async def look(self, daemon: DaemonPort) -> Looked:
        """Say what is known, and begin to find it out anew where that is too old; returns at once."""
        if time.monotonic() - self._asked > self._holds:
            self.begin(daemon)
        return self.known

    def begin(self, daemon: DaemonPort) -> None:
        """Find it out anew, unless that is being done."""
        if self._task is None:
            self._begun = time.monotonic()
            self._task = asyncio.get_running_loop().create_task(self._ask(daemon))

    @property
    def known(self) -> Looked:
        """What is known."""
        now = time.monotonic()
        age = None if math.isinf(self._asked) else now - self._asked
        return Looked(self._known.found, self._known.problem, age, now - self._begun if self._task else None)

    async def _ask(self, daemon: DaemonPort) -> None:
        try:
            self._known = Looked(await daemon.ask(self._command, self._patience))
        except ButlerError as error:
            self._known = Looked(problem=str(error))
        finally:
            self._asked, self._task = self._begun, None
