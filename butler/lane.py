"""The lane: requests wait here and run one at a time, each as a child process, until they ran, failed, or were cancelled."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, Protocol

from butler.children import Child, Ended
from butler.core.errors import EXIT_FAILED, EXIT_UNAVAILABLE, ButlerError, UsageError
from butler.core.jobs import Outcome
from butler.core.printed import not_reached, sources_of
from butler.core.requests import Priority, Request
from butler.core.text import one_line
from butler.core.turns import Conditions, Waiting, Work, gives_way, next_of, verdict, why_waiting, work_of

Stop = Literal["", "cancelled", "overran", "gives way", "left", "drained"]
"""Why a run was ended from outside: its owner, the limit, a person's question, whoever asked went away, the daemon ends."""

_PULSE = 10.0
_PULSE_RUNNING = 1.0
_LATER = timedelta(seconds=30)
_LONGEST_NOTE = 500
_CANCELLED = "Its owner cancelled it."
_FAULT = "A fault of the butler's own ended it; the log has the details."
_log = logging.getLogger(__name__)


class Ledger(Protocol):
    """Where it is kept what came of requests. Each may raise StateError, and then nothing was changed."""

    async def begin(self, requests: Sequence[Request]) -> bool:
        """Note that a run for these starts; False when none of them is wanted any more."""
        ...

    async def end(self, requests: Sequence[Request], outcome: Outcome, note: str) -> None:
        """Note what came of them; `note` is a sentence, or empty."""
        ...

    async def give_up(self, workflow: str, sentence: str) -> None:
        """End the open run of a workflow, so that it is not gone on with."""
        ...


@dataclass(eq=False, slots=True)
class Errand:
    """One place in the queue: the requests that it answers, the program that does so, and who listens."""

    waiting: Waiting
    answers: list[Request]
    argv: Sequence[str]
    tell: Callable[[dict[str, object]], None] = lambda _answer: None
    child: Child | None = None
    stopped: Stop = ""
    begun: float = 0.0
    last_words: str = ""

    @property
    def name(self) -> str:
        """The workflow, with its subject where it has one."""
        request = self.waiting.request
        return one_line(f"{request.workflow} {request.subject}".strip(), 120)

    def heard(self, line: str) -> None:
        """Take a line that the child said."""
        self.last_words = line
        self.tell({"err": line})
        _log.info("%s: %s", self.waiting.request.workflow, one_line(line, _LONGEST_NOTE))

    def stop(self, why: Stop) -> None:
        """End the run, for the first reason that there is."""
        self.stopped = why if why == "cancelled" else self.stopped or why
        if self.child:
            self.child.stop()


Finished = Callable[[Errand, Ended], None]
"""Hears of a run that ended by itself, whatever came of it."""


class Lane:
    """Runs what waits. `start` makes the child of an errand, `conditions` says what is so now (and whether the model is busy).

    `finished` is told of every run that was not ended from outside; `limit` is in seconds.
    """

    def __init__(
        self,
        ledger: Ledger,
        start: Callable[[Errand], Child],
        conditions: Callable[[bool], Awaitable[Conditions]],
        clock: Callable[[], datetime],
        finished: Finished,
        limit: float,
    ) -> None:
        self._ledger = ledger
        self._start = start
        self._conditions = conditions
        self._clock = clock
        self._finished = finished
        self.limit = limit
        self.beat = time.monotonic()
        self.running: Errand | None = None
        self.trouble = ""
        """Why nothing goes on, as a sentence: what came of the last run cannot be kept."""
        self._waiting: list[Errand] = []
        # Thousands may wait, and all of them are asked for again whenever a run ends.
        self._of_work: dict[Work, Errand] = {}
        self._changed = asyncio.Event()
        self._last = 0
        self._known = Conditions(clock())
        self._is_closing = False

    @property
    def waiting(self) -> list[tuple[Errand, str]]:
        """What waits, in the order in which it came, each with why it may not run yet."""
        now = replace(self._known, now=self._clock().astimezone(self._known.now.tzinfo))
        return [(each, why_waiting(each.waiting, now)) for each in self._waiting]

    def add(self, request: Request, argv: Sequence[str], tell: Callable[[dict[str, object]], None] | None = None) -> Errand:
        """Let a request wait for its turn; one that is there already, or means the same work, gets no place of its own."""
        known = self._same(request)
        if known is not None:
            if request not in known.answers:
                known.answers.append(request)
            return known
        self._last += 1
        errand = Errand(Waiting(self._last, request, self._clock()), [request], argv)
        errand.tell = tell or errand.tell
        self._wait(errand)
        return errand

    def cancel(self, errand: Errand, why: Stop = "cancelled") -> None:
        """Give up a request or a run."""
        errand.stop(why)
        self._changed.set()

    def find(self, number: int) -> Errand:
        """Find what runs or waits under a number; raises UsageError."""
        here = [self.running, *self._waiting] if self.running else self._waiting
        for each in here:
            if each and each.waiting.number == number:
                return each
        raise UsageError(f"Nothing waits or runs as number {number}.", advice="`butler status` tells what does.")

    async def work(self) -> None:
        """Run what waits, until the lane is closed."""
        while not self._is_closing:
            self.beat = time.monotonic()
            self._changed.clear()
            errand = self._next(await self._look())
            if errand is not None:
                await self._carry(errand)
                continue
            with suppress(TimeoutError):
                async with asyncio.timeout(_PULSE):
                    await self._changed.wait()

    def close(self) -> None:
        """Begin nothing more, and end what runs so that it can go on later; `work` returns when it has."""
        self._is_closing = True
        self._changed.set()
        if self.running:
            self.running.stop("drained")

    def _same(self, request: Request) -> Errand | None:
        """The errand that will answer a request; what runs does not, for it began before this came.

        What is only about to run does: the plan may have named it a moment before it was claimed.
        """
        work = work_of(request)
        if work is None:
            return None
        running = self.running
        if running and not running.begun and not running.stopped and work_of(running.waiting.request) == work:
            return running
        found = self._of_work.get(work)
        return found if found and not found.stopped else None

    def _wait(self, errand: Errand) -> None:
        """Give an errand a place in the queue."""
        self._waiting.append(errand)
        if work := work_of(errand.waiting.request):
            self._of_work[work] = errand
        self._changed.set()

    def _wait_no_more(self, errand: Errand) -> None:
        """Take an errand out of the queue."""
        self._waiting.remove(errand)
        work = work_of(errand.waiting.request)
        if work and self._of_work.get(work) is errand:
            del self._of_work[work]

    def _next(self, conditions: Conditions) -> Errand | None:
        """The errand to be dealt with now: first those that nobody wants any more."""
        unwanted = [each.waiting for each in self._waiting if each.stopped]
        chosen = unwanted[0] if unwanted else next_of((each.waiting for each in self._waiting), conditions)
        return next((each for each in self._waiting if each.waiting == chosen), None)

    async def _look(self) -> Conditions:
        considered = [*self._waiting, *([self.running] if self.running else [])]
        self._known = await self._conditions(any(each.waiting.request.model for each in considered))
        return self._known

    async def _carry(self, errand: Errand) -> None:
        """Run an errand to its end; what is wrong with one does not stop the others."""
        self._wait_no_more(errand)
        self.running = errand
        try:
            await self._run(errand)
        except ButlerError as error:
            _log.error("%s could not be run: %s", errand.name, error)
            errand.tell({"err": f"butler: {error}"})
            await self._keep(errand, "put off", "")
            if errand.waiting.request.priority == Priority.PERSON:
                _leave(errand, error.exit_code)
            else:
                self._again(errand, self._clock() + _LATER)
        except Exception:  # noqa: BLE001 - what is wrong with one errand ends that one
            _log.exception("a fault while %s ran", errand.name)
            await self._keep(errand, "failed", _FAULT)
            _leave(errand, EXIT_FAILED)
        finally:
            self.running = None
            if errand.child:
                errand.child.kill()

    async def _run(self, errand: Errand) -> None:
        if not await self._ledger.begin(errand.answers):
            return _leave(errand, 0)
        if errand.stopped:
            return await self._settle_stopped(errand, errand.stopped, Ended(EXIT_FAILED, b""))
        errand.begun = time.monotonic()
        errand.child = self._start(errand)
        errand.tell({"started": errand.waiting.number})
        _log.info("%s began (%s)", errand.name, one_line(errand.waiting.request.trigger, 120))
        await self._settle(errand, await self._attend(errand, errand.child))
        return None

    async def _attend(self, errand: Errand, child: Child) -> Ended:
        """Wait for the end of a run, and bring it about where it has to come sooner."""
        while (ended := await child.ended(_PULSE_RUNNING)) is None:
            self.beat = time.monotonic()
            if time.monotonic() - errand.begun > self.limit:
                errand.stop("overran")
            elif gives_way(errand.waiting.request, (each.waiting for each in self._waiting), await self._look()):
                errand.stop("gives way")
        return ended

    async def _settle(self, errand: Errand, ended: Ended) -> None:
        """Keep what came of a run."""
        seconds = time.monotonic() - errand.begun
        if errand.stopped and ended.code != 0:
            _log.info("%s was ended after %.1f s: %s", errand.name, seconds, errand.stopped)
            return await self._settle_stopped(errand, errand.stopped, ended)
        found = verdict(ended.code, errand.waiting, self._clock())
        note = "" if found.outcome == "ran" else _note(errand, ended)
        _log.info("%s %s after %.1f s%s", errand.name, found.outcome, seconds, f": {note}" if note else "")
        await self._keep(errand, found.outcome, note)
        if found.outcome == "put off":
            errand.waiting = replace(errand.waiting, deaths=errand.waiting.deaths + (ended.code < 0))
            return self._again(errand, found.at)
        _leave(errand, ended.code, ended)
        return self._finished(errand, ended)

    async def _settle_stopped(self, errand: Errand, why: Stop, ended: Ended) -> None:
        if why in {"cancelled", "overran"}:
            sentence = _CANCELLED if why == "cancelled" else f"It took longer than {self.limit:.0f} seconds and was ended."
            await self._ledger.give_up(errand.waiting.request.workflow, sentence)
            await self._keep(errand, "cancelled" if why == "cancelled" else "failed", sentence)
        else:
            await self._keep(errand, "put off", "")
        if why == "gives way":
            errand.stopped = ""
            return self._again(errand, None)
        return _leave(errand, ended.code, ended)

    async def _keep(self, errand: Errand, outcome: Outcome, note: str) -> None:
        """Write down what came of a run, however long that takes: nothing else runs before."""
        while True:
            try:
                await self._ledger.end(errand.answers, outcome, note)
                self.trouble = ""
                return
            except ButlerError as error:
                self.trouble = one_line(f"What came of {errand.name} cannot be kept: {error}", _LONGEST_NOTE)
                _log.error("%s", self.trouble)
            if self._is_closing:
                return
            self.beat = time.monotonic()
            await asyncio.sleep(_PULSE)

    def _again(self, errand: Errand, at: datetime | None) -> None:
        """Let an errand wait for another try."""
        errand.child, errand.begun = None, 0.0
        errand.waiting = replace(errand.waiting, not_before=at)
        self._wait(errand)


def _leave(errand: Errand, code: int, ended: Ended | None = None) -> None:
    """Tell whoever listens that it is over, with all that was printed."""
    errand.tell({"ended": code, "printed": (ended.printed if ended else b"") or b"", "why": errand.stopped})


def _note(errand: Errand, ended: Ended) -> str:
    """Why a run failed: which sources it did not reach, else the last thing that it said."""
    said = one_line(errand.last_words.removeprefix("butler: "), _LONGEST_NOTE)
    if ended.code < 0:
        return f"Its process was killed by signal {-ended.code}. {said}".strip()
    printed = ended.printed or b""
    if ended.code == EXIT_UNAVAILABLE and (missing := not_reached(sources_of(printed))):
        return one_line(missing, _LONGEST_NOTE)
    told = "what it printed tells more" if printed.strip() else "said nothing"
    return said or f"It ended with exit code {ended.code} and {told}."
