"""Keeps in `butler.db` what came of requests; every access to the file is made in one thread beside the loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import TypeVar

from butler.core.jobs import Outcome, Slot, Streak
from butler.core.requests import Request
from butler.core.text import one_line
from butler.store.runs import Run
from butler.store.truth import Truth

T = TypeVar("T")
Heard = Callable[[str, Streak, str], None]
"""Hears of a job that ended: its name, how often it failed in a row, and the sentence that says why."""


class Desk:
    """The thread in which the store is used, so that a slow disk never stops the loop."""

    def __init__(self, truth: Truth) -> None:
        self.truth = truth
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="store")

    async def ask(self, use: Callable[[Truth], T]) -> T:
        """Use the store; raises what the use of it raises."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, use, self.truth)

    def close(self) -> None:
        """End the thread when it has done what it was asked, and close the store."""
        self._thread.shutdown(wait=True)
        self.truth.close()


class SlotLedger:
    """The lane's ledger: claims the slots of requests, ends them, and tells `heard` of jobs that fail or work again."""

    def __init__(self, desk: Desk, clock: Callable[[], datetime], heard: Heard) -> None:
        self._desk = desk
        self._clock = clock
        self._heard = heard
        self._claimed: dict[tuple[str, str], Slot] = {}

    async def begin(self, requests: Sequence[Request]) -> bool:
        """Claim the slots of requests, and of those that join them meanwhile; False when none of them is due any more."""
        for request in requests:
            if request.job and (claimed := await self._desk.ask(partial(self._claim, request))):
                self._claimed[request.job, request.slot] = claimed
        return any(not each.job or (each.job, each.slot) in self._claimed for each in requests)

    async def end(self, requests: Sequence[Request], outcome: Outcome, note: str) -> None:
        """End the claims on the slots of requests."""
        for request in requests:
            claimed = self._claimed.get((request.job, request.slot))
            if claimed is None:
                continue
            streak = await self._desk.ask(partial(self._end, request, claimed, outcome, note))
            del self._claimed[request.job, request.slot]
            if streak is not None:
                self._heard(request.job, streak, note)

    async def give_up(self, workflow: str, sentence: str) -> None:
        """Abandon the open runs of a workflow."""

        def abandon(truth: Truth) -> None:
            for run in truth.runs.running():
                if run.workflow.partition(".")[0] == workflow:
                    truth.runs.abandon(run.id, self._clock(), sentence)

        await self._desk.ask(abandon)

    async def recover(self, workflows: Mapping[str, str]) -> list[Slot]:
        """Take over what a daemon that died had claimed."""
        return await self._desk.ask(lambda truth: truth.jobs.recover(self._clock(), workflows))

    def _claim(self, request: Request, truth: Truth) -> Slot | None:
        return truth.jobs.claim(request.job, request.slot, self._clock())

    def _end(self, request: Request, claimed: Slot, outcome: Outcome, note: str, truth: Truth) -> Streak | None:
        run = _latest(truth.runs.recent(5), request.workflow, claimed.claimed_at)
        return truth.jobs.end(claimed, outcome, self._clock(), run, one_line(note))


def _latest(runs: Sequence[Run], workflow: str, since: datetime | None) -> str:
    """The run that did the work: the latest of the workflow that had not ended before its slot was claimed."""
    for run in runs:
        if run.workflow == workflow and run.parent is None and (run.ended is None or since is None or run.ended >= since):
            return run.id
    return ""
