"""One server as a run has it: its client, how it fared, what it was asked last, and what is known of each model there."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from dataclasses import dataclass

from butler.core.accounts import ModelHost
from butler.core.dialing import Dial
from butler.core.models import ModelServer
from butler.core.text import one_line
from butler.model.choosing import Breaker, Standing
from butler.model.failures import ENDS_THE_RUN, FailureKind, ServerError
from butler.model.pinning import Met, Pinning
from butler.model.port import ModelPort
from butler.model.report import ModelReport, examine, host_at, opened

_LONGEST_WHY = 200


@dataclass(slots=True)
class Known:
    """A model on one server, looked at in this run: what it is, what it is held to, and whether it is in memory."""

    report: ModelReport
    pinning: Pinning
    loaded: bool = False


class Seat:
    """One server; `place` is where it stands in the settings, from 0, `deadline` how many seconds it has for an answer."""

    def __init__(self, place: int, server: ModelServer, host: ModelHost, dial: Dial | None, met: Met) -> None:
        self.place = place
        self.server = server
        self.client: ModelPort = opened(host_at(host, server, host.name), dial)
        self.breaker = Breaker(alone=len(host.servers()) == 1)
        self.deadline = host.deadline
        self.busy = 0
        self.why = ""
        self._host = host
        self._met = met
        self._known: dict[str, Known] = {}
        self._gone: dict[str, str] = {}
        self._asked: deque[tuple[str, str]] = deque(maxlen=server.slots)

    @property
    def called(self) -> str:
        """What the server is called where there are several."""
        return self.server.name or "the first"

    def standing(self, step: str, name: str) -> Standing:
        """How a question of a step to a model finds it."""
        known = self._known.get(name)
        loaded = known is not None and known.loaded
        return Standing(self.place, self.server.slots, self.busy, self.breaker, (step, name) in self._asked, loaded)

    def may_serve(self, name: str) -> bool:
        """Whether it may be asked about that model, now or when it has a free slot."""
        return name not in self._gone and not self.breaker.is_shut(time.monotonic())

    def reason(self, name: str) -> str:
        """Why it may not."""
        return self._gone.get(name) or self.why

    def leave(self, name: str, why: str) -> None:
        """Ask it no more for a model in this run."""
        self._gone[name] = one_line(why, _LONGEST_WHY * 2)
        self._known.pop(name, None)

    def is_stale(self, name: str) -> None:
        """Have the next question look again whether the model is what it was."""
        if (known := self._known.get(name)) is not None:
            known.pinning.stale()

    def forget(self, name: str) -> None:
        """Have the next question look at the model as if for the first time."""
        self._known.pop(name, None)

    async def known(self, name: str, mark: str = "") -> Known:
        """What is known of a model there, looked at where that was not done since it last failed; raises ServerError."""
        if name not in self._known:
            self.hold(name, await self.seen(name), mark)
        return self._known[name]

    def hold(self, name: str, known: Known, mark: str = "") -> None:
        """Have what was seen pinned where nothing was so far, unless it is another one than `mark`; raises ServerError."""
        if not known.pinning.is_settled:
            if mark not in ("", known.report.mark):
                raise ServerError(FailureKind.CHANGED, other(name))
            known.pinning.looked(known.report)
        self._known[name] = known

    async def seen(self, name: str) -> Known:
        """The same, held to what is pinned, but not pinned where nothing is; raises ServerError."""
        if name in self._known:
            return self._known[name]
        pinning = Pinning(self._host, self.server.url, name, self._met)
        report = await examine(self.client, host_at(self._host, self.server, pinning.use))
        if report.failure:
            kind = FailureKind.MISSING if report.reachable else FailureKind.UNREACHABLE
            raise ServerError(kind, report.failure.sentence, advice=report.failure.advice)
        if pinning.is_settled:
            pinning.looked(report)
        return Known(report, pinning, loaded=await self._is_loaded(report))

    async def _is_loaded(self, report: ModelReport) -> bool:
        """Whether it is in memory; where there is no other server to choose, that is of no interest."""
        if self.breaker.alone or not report.digest:
            return False
        return (await self.client.loaded()).find(report.name) is not None

    def asked(self, step: str, name: str) -> None:
        """Take note that it answers a step."""
        self._asked.append((step, name))

    def worked(self, name: str) -> None:
        """Take note that it answered."""
        self.breaker = self.breaker.worked()
        if (known := self._known.get(name)) is not None:
            known.loaded = True

    def failed(self, name: str, error: Exception) -> None:
        """Take note of how it failed; a model that is not there, or another one, is not asked for again in this run."""
        kind = error.kind if isinstance(error, ServerError) else None
        if kind in ENDS_THE_RUN and kind is not FailureKind.UNREACHABLE:
            self.leave(name, str(error))
            return
        self.breaker = self.breaker.failed(kind, time.monotonic())
        if self.breaker.is_shut(time.monotonic()):
            # Whatever comes back there may be something else.
            self._known.clear()
            again = " It was not asked again in this run." if self.breaker.alone and kind is not FailureKind.UNREACHABLE else ""
            self.why = f"{error}{again}"


def other(name: str) -> str:
    """Say that a server has another model than the first one."""
    return f"It has another model under the name {name}, so it takes no part."


async def first_looks(seats: list[Seat], name: str, grace: float) -> dict[Seat, Known]:
    """What each server has of a model, all looked at at once; `grace` seconds after the first good one nobody is waited for.

    Where nothing is pinned, the first one's is pinned, and no other model with it.
    """
    looks = {asyncio.create_task(seat.seen(name)): seat for seat in seats}
    try:
        await _until_late(set(looks), grace)
    finally:
        for task in looks:
            task.cancel()
        await asyncio.wait(looks)
    found = {}
    for task, seat in looks.items():
        if task.cancelled():
            seat.failed(
                name, ServerError(FailureKind.SLOW, f"The model server at {seat.server.url} took long to tell about itself.")
            )
        elif isinstance(error := task.exception(), ServerError):
            seat.failed(name, error)
        else:
            found[seat] = task.result()
    return _held(name, found)


def _held(name: str, seen: dict[Seat, Known]) -> dict[Seat, Known]:
    found: dict[Seat, Known] = {}
    mark = ""
    for seat in sorted(seen, key=lambda seat: seat.place):
        try:
            seat.hold(name, seen[seat], mark)
        except ServerError as error:
            seat.failed(name, error)
        else:
            found[seat] = seen[seat]
            mark = mark or seen[seat].report.mark
    return found


async def _until_late(waiting: set[asyncio.Task[Known]], grace: float) -> None:
    is_good = False
    while waiting and not is_good:
        done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        is_good = any(task.exception() is None for task in done)
    if waiting:
        await asyncio.wait(waiting, timeout=grace)
