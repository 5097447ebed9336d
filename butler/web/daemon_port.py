"""What pages may ask of the daemon beside reading: to look, to run something of its own, to give a run up. No tool among it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from butler.core.requests import Request


class DaemonPort(Protocol):
    """The daemon, as far as pages know it. All of it is called in the daemon's loop."""

    def status(self) -> Mapping[str, Any]:
        """How the daemon stands: the document of `butler status --json`."""
        ...

    async def run_id(self) -> str:
        """The id of the run that goes on now, or nothing."""
        ...

    async def answer(self, turn: int, patience: float) -> None:
        """Have a question that is kept be answered, beside all else, and wait for that at most so many seconds.

        Raises UsageError where too many wait for that.
        """
        ...

    async def answering(self) -> frozenset[int]:
        """The questions that are being answered, or wait for that."""
        ...

    def give_up(self, turns: Sequence[int]) -> None:
        """End the answering of questions that wait for it no more."""
        ...

    def look(self) -> None:
        """Look at once whether something is to be carried out: somebody decided."""
        ...

    def add(self, request: Request) -> None:
        """Put a request into the queue, as a person's question."""
        ...

    async def cancel(self, run: str) -> None:
        """Give up a run, named by its id or its number in the queue; raises UsageError when there is none."""
        ...

    async def ask(self, command: Sequence[str], patience: float = 60.0, given: str = "") -> Mapping[str, Any]:
        """Run a command of the butler's own as a child, with `given` on its standard input, and read the JSON document
        that it prints; raises ButlerError.
        """
        ...
