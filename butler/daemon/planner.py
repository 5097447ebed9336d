"""Lets the lane know of what is due: what `plan` says of the jobs, and what watchers and hooks report."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from butler.core.errors import ButlerError
from butler.core.jobs import HOOK, Due, Job, Missed, On, Verdict, request_of
from butler.core.night import night_jobs, night_request, workflow_at_night
from butler.core.planning import next_time, plan
from butler.core.requests import Request
from butler.daemon.ledger import Desk
from butler.store.truth import Truth

Next = tuple[datetime, str]
"""When something is due next, and which job."""
About = Mapping[tuple[str, str], str]
"""What slots of jobs are about, where that is kept beside their names."""
_REMEMBERED = 1000
_log = logging.getLogger(__name__)


class Planner:
    """Plans whenever it is woken. `add` takes a request into the lane, `missed` hears of what its owner wants to hear of,
    `arm` of the next moment to be woken at.
    """

    def __init__(
        self,
        desk: Desk,
        clock: Callable[[], datetime],
        add: Callable[[Request], None],
        missed: Callable[[Missed], None],
        arm: Callable[[datetime | None], None],
    ) -> None:
        self._desk = desk
        self._clock = clock
        self._add = add
        self._missed = missed
        self._arm = arm
        self._jobs: dict[str, Job] = {}
        self._tonight: dict[str, Job] = {}
        self.zone = ZoneInfo("UTC")
        self._arrived: dict[tuple[str, str], Request] = {}
        self.next: Next | None = None
        self.trouble = ""
        """Why it cannot be told what is due, as a sentence."""
        self._woken = asyncio.Event()
        self._reports: asyncio.Queue[Request] = asyncio.Queue()
        self._loop = asyncio.get_running_loop()

    def use(self, jobs: Sequence[Job], zone: ZoneInfo) -> None:
        """Go by these jobs from now on."""
        self._jobs = {job.name: job for job in jobs}
        self.zone = zone
        self.wake()

    @property
    def workflows(self) -> dict[str, str]:
        """What each job runs."""
        return {job.name: job.workflow for job in self._jobs.values()}

    def wake(self) -> None:
        """Plan soon; may be called from any thread."""
        self._loop.call_soon_threadsafe(self._woken.set)

    def report(self, request: Request) -> None:
        """Take what a watcher found; may be called from any thread."""
        self._loop.call_soon_threadsafe(self._reports.put_nowait, request)

    async def arrive(self, request: Request) -> None:
        """Keep that something arrived, so that it is not lost whatever happens next, and let it wait for its run."""
        job = self._jobs.get(request.job)
        if job is not None and not job.enabled:
            return
        if request.job:
            about = request.subject if request.job.startswith(HOOK) else ""
            is_new = await self._desk.ask(lambda truth: truth.jobs.arrive(request.job, request.slot, self._clock(), about))
            if request.slot and not is_new:
                return
            self._arrived[request.job, request.slot] = request
            if len(self._arrived) > _REMEMBERED:
                del self._arrived[next(iter(self._arrived))]
        if job is None or job.quiet is None:
            self._add(request)
        else:
            # Whatever has quiet hours is for the plan to let through.
            self._woken.set()

    async def work(self) -> None:
        """Plan whenever woken, for ever."""
        while True:
            await self._woken.wait()
            self._woken.clear()
            try:
                verdicts, about, self.next = await self._desk.ask(self._plan)
            except ButlerError as error:
                self.trouble = f"What is due cannot be told: {error}"
                _log.error("%s", self.trouble)
                continue
            self.trouble = ""
            self._arm(self.next[0] if self.next else None)
            for verdict, is_new in verdicts:
                self._pass_on(verdict, is_new, about)

    async def listen(self) -> None:
        """Take what watchers report, for ever."""
        while True:
            request = await self._reports.get()
            try:
                await self.arrive(request)
            except ButlerError as error:
                _log.error("what arrived cannot be kept: %s", error)
                self._add(request)

    def _plan(self, truth: Truth) -> tuple[list[tuple[Verdict, bool]], About, Next | None]:
        now = self._clock()
        history = truth.jobs.history(now)
        self._tonight = {job.name: job for job in night_jobs(history)}
        jobs = [*self._jobs.values(), *self._tonight.values()]
        verdicts = plan(self._jobs.values(), history, now, self.zone)
        # The newest of the night goes first, of whatever workflow: the lane goes by the order in which they come.
        verdicts += sorted(plan(self._tonight.values(), history, now, self.zone), key=lambda each: each.due_at)
        # Thousands may wait, and they are planned again whenever a run ends: what is kept already is not written anew.
        waiting = {Due(row.job, row.slot, row.due_at) for row in history if row.state == "due"}
        kept = [(verdict, verdict not in waiting and truth.jobs.record(verdict, now)) for verdict in verdicts]
        history = truth.jobs.history(now)
        times = ((next_time(job, now, self.zone, history), job.name) for job in jobs)
        about = {(row.job, row.slot): row.subject for row in history if row.subject}
        return kept, about, min(((moment, name) for moment, name in times if moment), default=None)

    def _pass_on(self, verdict: Verdict, is_new: bool, about: About) -> None:
        match verdict:
            case Due(name, slot):
                job = self._jobs.get(name) or self._tonight.get(name)
                if job is not None:
                    self._add(self._arrived.get((name, slot)) or _request(job, slot, about.get((name, slot), "")))
            case Missed() if is_new and verdict.tell:
                self._missed(verdict)


def _request(job: Job, slot: str, about: str) -> Request:
    """The request for a slot of which only what is kept is known, as after a restart."""
    if workflow_at_night(job.name):
        return night_request(job, slot, about)
    if job.name.startswith(HOOK):
        return replace(request_of(job, slot, job.name), subject=about)
    return request_of(job, slot, job.when.what if isinstance(job.when, On) else "")
