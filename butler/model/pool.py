"""The servers of one run and what waits for them: by priority and then in order, never more at a server than its slots.

A question goes to another server where one failed it, to each at most once, and what comes late from the first is lost: its
connection was closed. Servers that have another model under the same name take no part, for an answer must not depend on
who gave it.
"""

from __future__ import annotations

import asyncio
import bisect
import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel

from butler.core.accounts import ModelHost
from butler.core.dialing import Dial
from butler.core.errors import ModelError
from butler.core.steps import CallBook
from butler.core.text import one_line
from butler.model.choosing import FIRST_PAUSE, PRIORITY, choose
from butler.model.conversation import Asking, Conversation
from butler.model.failures import BadAnswerError, FailureKind, ServerError
from butler.model.pinning import Met
from butler.model.report import ModelReport
from butler.model.seats import Known, Seat, first_looks, other

A = TypeVar("A", bound=BaseModel)

_GRACE = 2.0
"""Seconds that a slower server has to tell about itself after the first one that did."""
_LONGEST_REASON = 400


@dataclass(order=True)
class Job:
    """A question on its way: `priority` and `order` say when its turn is, `tried` where it was; the rest is what came."""

    priority: int
    order: int
    asking: Asking[Any] = field(compare=False)
    name: str = field(compare=False)
    tried: set[int] = field(default_factory=set, compare=False)
    talk: Conversation[Any] | None = field(default=None, compare=False)
    seconds: float = field(default=0.0, compare=False)
    server: str = field(default="", compare=False)
    turn: asyncio.Future[Seat] | None = field(default=None, compare=False)


class Pool:
    """All servers of the settings; everything in it happens in one loop."""

    def __init__(self, host: ModelHost, book: CallBook, dial: Dial | None, met: Met) -> None:
        self._host = host
        self._book = book
        self._seats = [Seat(place, server, host, dial, met) for place, server in enumerate(host.servers())]
        self._reports: dict[str, ModelReport] = {}
        self._looking: dict[str, asyncio.Lock] = {}
        self._failed: dict[str, tuple[float, ModelError]] = {}
        self._waiting: list[Job] = []
        self._numbers = itertools.count()

    async def close(self) -> None:
        """End every connection."""
        for seat in self._seats:
            await seat.client.close()

    def job(self, asking: Asking[Any], name: str) -> Job:
        """A question to a model of the settings, which comes after those of its priority that are there."""
        return Job(PRIORITY[asking.step.role], next(self._numbers), asking, name)

    async def report(self, name: str, *, anew: bool = False) -> ModelReport:
        """What the first well server has under a name of the settings; raises ModelError where none has a usable model."""
        async with self._looking.setdefault(name, asyncio.Lock()):
            until, error = self._failed.get(name, (0.0, None))
            if error is not None and not anew and time.monotonic() < until:
                raise error
            if anew:
                for seat in self._seats:
                    seat.forget(name)
            if name not in self._reports or anew:
                self._reports[name] = await self._first(name)
            return self._reports[name]

    def stale(self, name: str) -> None:
        """Have the next question at each server look again whether the model is what it was."""
        for seat in self._seats:
            seat.is_stale(name)

    def is_left(self, name: str) -> bool:
        """Whether any server may be asked for that model."""
        return any(seat.may_serve(name) for seat in self._seats)

    async def answer(self, job: Job) -> Any:
        """Have a question answered by one server after the other, until one does; raises ModelError."""
        while True:
            seat = await self._turn(job)
            try:
                return await self._at(seat, job)
            except (ServerError, BadAnswerError) as error:
                if not self._may_move(job, error):
                    raise
            finally:
                seat.busy -= 1
                self._assign()

    async def _first(self, name: str) -> ModelReport:
        alone = len(self._seats) == 1
        if alone:
            found = {self._seats[0]: await self._alone(name)}
        else:
            found = await first_looks(self._seats, name, _GRACE)
        if not found:
            error = self._none_left(name)
            self._failed[name] = (time.monotonic() + FIRST_PAUSE, error)
            raise error
        first = min(found, key=lambda seat: seat.place)
        report = found[first].report
        for seat, known in found.items():
            self._refuse_other(seat, name, known, report.mark)
        return report

    async def _alone(self, name: str) -> Known:
        try:
            return await self._seats[0].known(name)
        except ServerError as error:
            self._seats[0].failed(name, error)
            told = ModelError(error.sentence, permanent=True, advice=error.advice)
            self._failed[name] = (float("inf"), told)
            raise told from None

    def _refuse_other(self, seat: Seat, name: str, known: Known, mark: str) -> bool:
        """Leave out a server that has another model under the same name."""
        if known.report.mark == mark:
            return False
        seat.leave(name, other(name))
        return True

    async def _turn(self, job: Job) -> Seat:
        """Wait for a server; raises ModelError where none is left, and for a person's question where none is free in time."""
        turn: asyncio.Future[Seat] = asyncio.get_running_loop().create_future()
        job.turn = turn
        bisect.insort(self._waiting, job)
        self._assign()
        is_taken = False
        try:
            async with asyncio.timeout(self._host.deadline if job.asking.step.role == "ask" else None):
                seat = await turn
            is_taken = True
            return seat
        except TimeoutError:
            raise ServerError(FailureKind.BUSY, f"No model server was free within {self._host.deadline:g} seconds.") from None
        finally:
            if not is_taken:
                self._give_back(job, turn)

    def _give_back(self, job: Job, turn: asyncio.Future[Seat]) -> None:
        """Let others have the place of a question that is not asked any more."""
        if turn.done() and not turn.cancelled() and turn.exception() is None:
            turn.result().busy -= 1
        turn.cancel()
        if job in self._waiting:
            self._waiting.remove(job)
        self._assign()

    def _assign(self) -> None:
        """Give what waits to the servers that are free, in its order; what no server is left for fails."""
        now = time.monotonic()
        for job in list(self._waiting):
            if job.turn is None or job.turn.done():
                continue
            left = [seat for seat in self._seats if seat.place not in job.tried and seat.may_serve(job.name)]
            if not left:
                job.turn.set_exception(self._none_left(job.name))
            elif (place := choose((seat.standing(job.asking.step.name, job.name) for seat in left), now)) is not None:
                self._seats[place].busy += 1
                self._seats[place].asked(job.asking.step.name, job.name)
                job.turn.set_result(self._seats[place])
        self._waiting = [job for job in self._waiting if job.turn is not None and not job.turn.done()]

    async def _at(self, seat: Seat, job: Job) -> Any:
        """Put a question to one server, within the deadline; how that went is taken note of."""
        job.tried.add(seat.place)
        began = time.monotonic()
        try:
            async with asyncio.timeout(seat.deadline):
                answer = await self._said(seat, job)
        except TimeoutError:
            sentence = f"The model did not answer within {seat.deadline:g} seconds."
            error = ServerError(FailureKind.SLOW, sentence)
            self._take(seat, job, error)
            raise error from None
        except (ServerError, BadAnswerError) as error:
            self._take(seat, job, error)
            raise
        finally:
            job.seconds += time.monotonic() - began
        seat.worked(job.name)
        return answer

    async def _said(self, seat: Seat, job: Job) -> Any:
        known = await seat.known(job.name, job.asking.report.mark)
        if self._refuse_other(seat, job.name, known, job.asking.report.mark):
            raise ServerError(FailureKind.CHANGED, seat.reason(job.name))
        job.server = known.report.kind
        job.talk = Conversation.after(job.talk, job.asking.at(known.report), seat.client, self._book, known.pinning)
        return await job.talk.answer()

    def _take(self, seat: Seat, job: Job, error: ModelError) -> None:
        """Take note of a failure of a server; that a prompt was too long is none."""
        if isinstance(error, ServerError) and error.kind is FailureKind.TOO_LONG:
            return
        if isinstance(error, BadAnswerError) and len(self._seats) == 1:
            seat.worked(job.name)
            return
        seat.failed(job.name, error)
        if seat.breaker.until != float("inf") and seat.breaker.is_shut(now := time.monotonic()):
            asyncio.get_running_loop().call_later(seat.breaker.until - now + 0.001, self._assign)

    def _may_move(self, job: Job, error: ModelError) -> bool:
        """Whether another server may do better: one only where a model answered badly, which the same model would again."""
        if isinstance(error, ServerError) and error.kind is FailureKind.TOO_LONG:
            return False
        if isinstance(error, BadAnswerError) and len(job.tried) > 1:
            return False
        return any(seat.place not in job.tried and seat.may_serve(job.name) for seat in self._seats)

    def _none_left(self, name: str) -> ModelError:
        if len(self._seats) == 1:
            return ModelError(self._seats[0].reason(name), permanent=True)
        whys = (f"{seat.called}: {seat.reason(name).rstrip('.')}" for seat in self._seats if not seat.may_serve(name))
        return ModelError(one_line(f"No model server is left ({'; '.join(whys)}).", _LONGEST_REASON), permanent=True)


def in_order(askings: Sequence[tuple[int, str]]) -> list[int]:
    """In which order to ask: by priority, and within one by step, so that a server reads the fixed words of each once."""
    begun: dict[tuple[int, str], int] = {}
    for place, key in enumerate(askings):
        begun.setdefault(key, place)
    return sorted(range(len(askings)), key=lambda place: (askings[place][0], begun[askings[place]], place))
