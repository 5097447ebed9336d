"""A machine whose clock errs and that sleeps, and a daemon on it that can be killed anywhere: real plan, real store."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from butler.core.jobs import Due, Every, Job, Slot, should_tell, works_again
from butler.core.planning import next_time, plan
from butler.store.truth import Truth

RUN = dt.timedelta(minutes=2)
BEAT = dt.timedelta(hours=1)
"""The real one beats every 30 seconds; weeks of that would take hours."""
ZERO = dt.timedelta()
Spot = Literal["", "queued", "begun", "done"]
"""Where the process dies: with a request in its queue, with a child that works, or when that is done and nothing noted."""


@dataclass
class World:
    """True time, and what a machine makes of it: how wrong its clock is, where it is, and whether sources answer."""

    true: dt.datetime
    zone: ZoneInfo
    wrong: dt.timedelta = ZERO
    outage: bool = False

    @property
    def wall(self) -> dt.datetime:
        return self.true + self.wrong


@dataclass
class Span:
    """A time by the machine's clock in which the daemon was awake and sources were as they were."""

    start: dt.datetime
    end: dt.datetime
    zone: ZoneInfo
    able: bool


@dataclass
class Child:
    """A run that goes on."""

    slot: Slot
    run: str
    ends: dt.datetime


@dataclass
class Daemon:
    """What `butler run` does with jobs: plans when woken, claims, runs one child at a time, notes its outcome."""

    folder: Path
    world: World
    jobs: Sequence[Job]
    spans: list[Span] = field(default_factory=list)
    hurt: set[tuple[str, str]] = field(default_factory=set)
    rounds: list[tuple[str, dt.datetime]] = field(default_factory=list)
    notices: list[tuple[str, str]] = field(default_factory=list)
    up: bool = False
    dies: Spot = ""
    victim: str = ""

    def __post_init__(self) -> None:
        self.queue: list[tuple[str, str]] = []
        self.child: Child | None = None
        self.next_beat = self.world.true
        self.history: list[Slot] = []

    def start(self) -> None:
        self.truth = Truth.open(self.folder / "butler.db")
        self.up, self.queue, self.child, self.next_beat = True, [], None, self.world.true
        for slot in self.truth.jobs.recover(self.world.wall, {job.name: job.workflow for job in self.jobs}):
            if slot.state == "failed":
                self.hurt.add((slot.job, slot.slot))

    def kill(self) -> None:
        if self.up:
            self.truth.close()
        self.up, self.queue, self.child, self.dies, self.victim = False, [], None, "", ""

    def live(self, span: dt.timedelta) -> None:
        """Be there for a time, or until it dies as it was told to."""
        end = self.world.true + span
        while self.world.true < end and self._turn():
            until = min(self._next_event(), end)
            self._record(until - self.world.true)
            self.world.true = until

    def sleep(self, span: dt.timedelta) -> None:
        """Let the machine sleep: the child does not get on either."""
        self.world.true += span
        if self.child:
            self.child.ends += span

    def _turn(self) -> bool:
        """Do what there is to do now; False when it died of it."""
        if self.child and self.child.ends <= self.world.true:
            self._end_child()
        if not self.up:
            return False
        if self.world.true >= self.next_beat:
            self.next_beat = self.world.true + BEAT
        self._wake()
        self._begin_child()
        return self.up

    def _wake(self) -> None:
        now, slots = self.world.wall, self.truth.jobs
        self.history = slots.history(now)
        verdicts = plan(self.jobs, self.history, now, self.world.zone)
        for verdict in verdicts:
            slots.record(verdict, now)
            wish = (verdict.job, verdict.slot)
            if isinstance(verdict, Due) and wish not in self.queue:
                self.queue.append(wish)
        if verdicts:
            self.history = slots.history(now)

    def _begin_child(self) -> None:
        while self.queue and self.child is None:
            job, slot = self.queue.pop(0)
            if self._is_fatal("queued", job):
                return self.kill()
            claimed = self.truth.jobs.claim(job, slot, self.world.wall)
            if claimed is None:
                continue
            # What was interrupted is gone on with, as the runner does.
            open_run = self.truth.runs.unfinished(job, slot) or self.truth.runs.start(job, slot, self.world.wall)
            self.child = Child(claimed, open_run.id, self.world.true + RUN)
            self.history = self.truth.jobs.history(self.world.wall)
            if self._is_fatal("begun", job):
                self._record(RUN / 2)
                self.world.true += RUN / 2
                return self.kill()
        return None

    def _end_child(self) -> None:
        child, now = self.child, self.world.wall
        assert child
        self.child = None
        job, slot = child.slot.job, child.slot.slot
        if self.world.outage:
            self.hurt.add((job, slot))
            self.truth.runs.fail(child.run, now, "The source is away.")
        else:
            self.truth.runs.finish(child.run, now)
            self.rounds.append((job, self.world.true))
            if self._is_fatal("done", job):
                return self.kill()
        streak = self.truth.jobs.end(child.slot, "failed" if self.world.outage else "ran", now, child.run)
        assert streak is not None
        if should_tell(streak) and self.truth.jobs.told(job):
            self.notices.append((job, "fails"))
        if works_again(streak):
            self.notices.append((job, "works again"))
        return None

    def _is_fatal(self, spot: Spot, job: str) -> bool:
        return self.dies == spot and self.victim in {"", job}

    def _next_event(self) -> dt.datetime:
        """In true time: the end of the child, the heartbeat, or what a job waits for."""
        times = [self.next_beat] + ([self.child.ends] if self.child else [])
        for job in self.jobs:
            moment = next_time(job, self.world.wall, self.world.zone, self.history)
            if moment:
                times.append(moment - self.world.wrong)
        return max(min(times), self.world.true + dt.timedelta(seconds=1))

    def _record(self, passed: dt.timedelta) -> None:
        """Note a time awake, as one with the last where nothing changed."""
        start, able = self.world.wall, not self.world.outage
        last = self.spans[-1] if self.spans else None
        if last and (last.end, last.zone, last.able) == (start, self.world.zone, able):
            last.end = start + passed
        else:
            self.spans.append(Span(start, start + passed, self.world.zone, able))

    def runs_done(self) -> list[tuple[str, str]]:
        """Job and slot of each run that ended well."""
        return [(run.workflow, run.subject) for run in self.truth.runs.recent(10_000) if run.state == "done"]

    def period_of(self, job: str) -> dt.timedelta | None:
        """How often a job that is done over and over is done."""
        (when,) = (each.when for each in self.jobs if each.name == job)
        return dt.timedelta(seconds=when.seconds) if isinstance(when, Every) else None
