"""Answers what the command line asks of the daemon."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from datetime import datetime
from typing import Any

from butler.core.asks import Ask, AskCancel, AskLook, AskRun, AskStatus
from butler.core.errors import UsageError
from butler.core.night import NIGHT, is_night_name, workflow_at_night
from butler.daemon.carrier import Carrier
from butler.daemon.commands import Commands, request_of
from butler.daemon.ledger import Desk
from butler.lane import Errand, Lane
from butler.store.truth import Truth

_PIECE = 4000
"""Characters in one answer, so that its line is never too long, however they are escaped."""


class Answers:
    """Answers one question at a time for each client; `status` makes the document of `butler status`.

    `plan` is called when something may be due that was not.
    """

    def __init__(
        self,
        lane: Lane,
        carrier: Carrier,
        desk: Desk,
        commands: Commands,
        status: Callable[[], dict[str, Any]],
        plan: Callable[[], None],
        clock: Callable[[], datetime],
    ) -> None:
        self._lane = lane
        self._carrier = carrier
        self._desk = desk
        self._commands = commands
        self._status = status
        self._plan = plan
        self._clock = clock

    async def answer(self, ask: Ask) -> AsyncGenerator[dict[str, Any]]:
        """Answer; raises UsageError when what is asked for is not there."""
        match ask:
            case AskStatus():
                yield {**self._status(), "run": await self.run_id()}
            case AskLook():
                self._carrier.look()
                self._plan()
                yield {"ok": True}
            case AskCancel():
                yield await self._cancel(ask.run)
            case AskRun():
                async for each in self._run(ask):
                    yield each

    async def run_id(self) -> str:
        """The id of the run that goes on now, or nothing."""
        running = self._lane.running
        if running is None:
            return ""
        workflow = running.waiting.request.workflow
        found = await self._desk.ask(lambda truth: truth.runs.running())
        return next((run.id for run in reversed(found) if run.workflow == workflow and run.parent is None), "")

    async def _run(self, ask: AskRun) -> AsyncGenerator[dict[str, Any]]:
        """Run what a person wants and pass on what it prints; it is ended when nobody listens any more."""
        told: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        before, is_over = self._lane.running, False
        errand = self._lane.add(request_of(ask), self._commands.of_ask(ask), told.put_nowait)
        try:
            if before is not None:
                yield {"waits": f"It waits for {before.name} to end."}
            while not is_over:
                each = await told.get()
                is_over = "ended" in each
                for piece in _pieces(each):
                    yield piece
        finally:
            if not is_over:
                self._lane.cancel(errand, "left")

    async def _cancel(self, name: str) -> dict[str, Any]:
        """Give up a run, what waits for its turn, or what is kept for the night."""
        errand = self._tonight(name)
        if errand is None and is_night_name(name):
            kept = await self._desk.ask(lambda truth: truth.jobs.take_back(name, self._clock()))
            if kept is None:
                raise UsageError(f"{name} does not wait any more, or never did.", advice="`butler status` tells what waits.")
            return {"cancelled": f"{workflow_at_night(kept.job)} {kept.subject}".strip(), "was_running": False}
        errand = errand or await self._named(name)
        self._lane.cancel(errand)
        return {"cancelled": errand.name, "was_running": errand is self._lane.running}

    def _tonight(self, name: str) -> Errand | None:
        """What stands in the queue, or runs, for a request for the night."""
        there = [errand for errand, _ in self._lane.waiting]
        running = [self._lane.running] if self._lane.running else []
        named = (each for each in (*running, *there) if each.waiting.request.job.startswith(NIGHT))
        return next((each for each in named if each.waiting.request.slot == name), None)

    async def _named(self, name: str) -> Errand:
        """Find an errand by its number, or by the id of its run."""
        if name.isascii() and name.isdigit() and len(name) <= 9:
            return self._lane.find(int(name))
        running = self._lane.running
        if running is not None and len(name) >= 4 and (await self.run_id()).startswith(name):
            return running
        known = await self._desk.ask(lambda truth: _known(truth, name))
        raise UsageError(
            f"The run {name} has ended, or is none of the daemon's." if known else f"There is no run {name}.",
            advice="`butler status` tells what runs and waits.",
        )


def _known(truth: Truth, name: str) -> bool:
    return any(run.id.startswith(name) for run in truth.runs.recent(1000))


def _pieces(answer: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """An answer of the lane as those whom it is for get it, in lines that are short enough."""
    if "err" in answer:
        yield {"err": answer["err"][:_PIECE]}
    elif "ended" in answer:
        text = answer["printed"].decode("utf-8", "replace")
        yield from ({"out": text[start : start + _PIECE]} for start in range(0, len(text), _PIECE))
        yield {"ended": answer["ended"], "why": answer["why"]}
    else:
        yield answer
