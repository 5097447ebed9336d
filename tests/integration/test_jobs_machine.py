"""Weeks with sleep, kills, outages and clocks that are set, over both days when clocks change, in several zones.

Whatever happens: no date gets a job twice, each date that was awake in its window gets it, and each other is accounted for.
`BUTLER_TEST_WEEKS=200` tries so many stories instead of a few.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from simulated_daemon import ZERO, Daemon, Span, Spot, World

from butler.core.jobs import At, Every, Job, Merge, RunIfWithin, SkipAndTell
from butler.store import truth as truth_module

MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Beirut", "Pacific/Auckland")
CHANGES = {
    "Europe/Berlin": ("2026-03-29", "2026-10-25"),
    "America/New_York": ("2026-03-08", "2026-11-01"),
    "Australia/Lord_Howe": ("2026-04-05", "2026-10-04"),
    "Asia/Beirut": ("2026-03-29", "2026-10-25"),
    "Pacific/Auckland": ("2026-04-05", "2026-09-27"),
}
JOBS = (
    Job("briefing", "briefing", At(dt.time(7)), RunIfWithin(3 * 3600)),
    Job("night", "night", At(dt.time(2, 30)), RunIfWithin(3 * 3600)),
    Job("midnight", "midnight", At(dt.time(0)), RunIfWithin(3 * 3600)),
    Job("evening", "evening", At(dt.time(23, 30)), RunIfWithin(2 * 3600)),
    Job("followup", "followup", At(dt.time(8)), Merge()),
    Job("strict", "strict", At(dt.time(12)), SkipAndTell()),
    Job("sync", "sync", Every(2 * 3600)),
)
WINDOW = {"briefing": 3 * HOUR, "night": 3 * HOUR, "midnight": 3 * HOUR, "evening": 2 * HOUR, "strict": HOUR / 2}
CONCLUDED = {"ran", "failed", "missed", "skipped"}
SOON, AFTER_TROUBLE = 18 * MINUTE, 80 * MINUTE
"""So long may a job take to begin and end behind all others; and when it has to wait after failures or deaths."""
FAR = (dt.datetime(1970, 1, 1, 5, tzinfo=dt.UTC), dt.datetime(2038, 1, 19, 3, tzinfo=dt.UTC))
HOURS = st.integers(1, 40).map(lambda number: number * HOUR / 2)
SPOTS = st.sampled_from(["queued", "begun", "done"])
MINUTES = st.integers(1, 300).map(lambda number: number * MINUTE)


@cache
def first_minute(zone: ZoneInfo, day: dt.date, at: dt.time) -> dt.datetime | None:
    """The first quarter of an hour on a day at which clocks show a time or a later one, found by looking at all of them."""
    moment = dt.datetime.combine(day, dt.time(0), dt.UTC) - 15 * HOUR
    for _ in range(4 * 54):
        local = moment.astimezone(zone)
        if local.date() == day and local.time() >= at:
            return moment
        moment += 15 * MINUTE
    return None


def needed(job: Job, day: dt.date, span: Span) -> tuple[dt.datetime, dt.datetime] | None:
    """The window in which a job has to begin on a day, by the clock of a span."""
    assert isinstance(job.when, At)
    due = first_minute(span.zone, day, job.when.time)
    if due is None:
        return None
    # A time that does not exist is as long after the change as it would have been.
    start = due if due.astimezone(span.zone).time() == job.when.time else due + HOUR
    if job.name in WINDOW:
        return start, due + WINDOW[job.name]
    tomorrow = first_minute(span.zone, day + DAY, job.when.time)
    return (start, tomorrow) if tomorrow else None


class JobsMachine(RuleBasedStateMachine):
    """One machine and the daemon on it."""

    @initialize(zone=st.sampled_from(ZONES), autumn=st.booleans(), hour=st.integers(0, 23), days=st.integers(1, 6))
    def begin(self, zone: str, autumn: bool, hour: int, days: int) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="butler-jobs-", dir="/dev/shm" if Path("/dev/shm").is_dir() else None))
        change = dt.datetime.fromisoformat(f"{CHANGES[zone][autumn]}T00:00+00:00")
        self.world = World(change - days * DAY + hour * HOUR, ZoneInfo(zone))
        self.daemon = Daemon(self.folder, self.world, JOBS)
        self.daemon.start()
        self.first = self.world.wall.astimezone(self.world.zone).date()
        self.daemon.live(MINUTE)

    @rule(span=HOURS)
    def lives(self, span: dt.timedelta) -> None:
        self.start()
        self.daemon.live(span)

    @rule(span=HOURS)
    def is_off(self, span: dt.timedelta) -> None:
        self.daemon.kill()
        self.world.true += span

    @rule(span=HOURS)
    def sleeps(self, span: dt.timedelta) -> None:
        self.daemon.sleep(span)

    @rule(span=MINUTES)
    def naps(self, span: dt.timedelta) -> None:
        self.daemon.sleep(span)
        self.daemon.live(span)

    @rule(spot=SPOTS, job=st.sampled_from([job.name for job in JOBS]), within=HOURS, away=MINUTES)
    def dies(self, spot: Spot, job: str, within: dt.timedelta, away: dt.timedelta) -> None:
        self.start()
        self.daemon.dies, self.daemon.victim = spot, job
        self.daemon.live(within)
        self.daemon.kill()
        self.world.true += away

    @rule(spots=st.lists(SPOTS, min_size=2, max_size=6))
    def dies_over_and_over(self, spots: list[Spot]) -> None:
        for spot in spots:
            self.start()
            self.daemon.dies = spot
            self.daemon.live(20 * MINUTE)
            self.daemon.kill()
            self.world.true += dt.timedelta(seconds=3)

    @rule(shift=st.sampled_from([-DAY, -HOUR, HOUR, DAY, 3 * DAY, -7 * MINUTE]))
    def clock_is_set(self, shift: dt.timedelta) -> None:
        self.world.wrong += shift

    @rule(far=st.sampled_from(FAR))
    def clock_is_lost(self, far: dt.datetime) -> None:
        self.world.wrong = far - self.world.true

    @precondition(lambda self: self.world.wrong)
    @rule()
    def clock_is_right_again(self) -> None:
        self.world.wrong = ZERO

    @rule(span=HOURS)
    def sources_are_away(self, span: dt.timedelta) -> None:
        self.start()
        self.world.outage = True
        self.daemon.live(span)
        self.world.outage = False

    @rule(zone=st.sampled_from(ZONES))
    def travels(self, zone: str) -> None:
        self.world.zone = ZoneInfo(zone)

    def start(self) -> None:
        if not self.daemon.up:
            self.daemon.start()

    def teardown(self) -> None:
        try:
            self.world.wrong, self.world.outage = ZERO, False
            self.start()
            self.daemon.live(2 * DAY)
            self.check()
        finally:
            self.daemon.kill()
            shutil.rmtree(self.folder)

    def check(self) -> None:
        daemon = self.daemon
        done = Counter(daemon.runs_done())
        doubled = {wish: count for wish, count in done.items() if count > 1 and daemon.period_of(wish[0]) is None}
        assert doubled == {}
        lacking = [(job.name, day, span) for job, day, span in self.owed() if not done[job.name, day.isoformat()]]
        assert lacking == []
        last = self.world.wall.astimezone(self.world.zone).date()
        days = [self.first + number * DAY for number in range((last - self.first).days)]
        kept = {(job.name, day): daemon.truth.jobs.get(job.name, day.isoformat()) for job in JOBS[:-1] for day in days}
        assert [wish for wish, slot in kept.items() if slot is None or slot.state not in CONCLUDED] == []
        ran = [(job, day.isoformat()) for (job, day), slot in kept.items() if slot and slot.state == "ran"]
        assert [wish for wish in ran if not done[wish]] == []
        self.check_rounds()
        self.check_notices()

    def owed(self) -> Iterator[tuple[Job, dt.date, Span]]:
        """The dates that were awake long enough in a job's window, with the span that says so."""
        for span in self.daemon.spans:
            if not span.able:
                continue
            days = (span.end - span.start).days + 3
            start = span.start.astimezone(span.zone).date() - DAY
            for job in JOBS[:-1]:
                yield from ((job, day, span) for day in (start + n * DAY for n in range(days)) if self.is_owed(job, day, span))

    def is_owed(self, job: Job, day: dt.date, span: Span) -> bool:
        window = needed(job, day, span)
        if window is None:
            return False
        enough = AFTER_TROUBLE if (job.name, day.isoformat()) in self.daemon.hurt else SOON
        # A butler that is new owes nothing from before its first day.
        return day >= self.first and min(window[1], span.end) - max(window[0], span.start) > enough

    def check_rounds(self) -> None:
        """What is done over and over was done in the quiet days at the end, as often as it should."""
        since = self.world.true - DAY
        rounds = [moment for job, moment in self.daemon.rounds if job == "sync" and moment > since]
        assert 11 <= len(rounds) <= 13

    def check_notices(self) -> None:
        """Of each row of failures its owner heard once, and once that it is over."""
        for job in JOBS:
            heard = [what for name, what in self.daemon.notices if name == job.name]
            assert heard == ["fails", "works again"][: 2 if heard else 0] * (len(heard) // 2) + heard[len(heard) // 2 * 2 :]
            # A job whose next dates ran already, by a clock that was set forward, may still have to wait for its good end.
            assert (heard[-1:] == ["fails"]) == self.daemon.truth.jobs.streak(job.name).told


STORIES = int(os.environ.get("BUTLER_TEST_WEEKS", "0"))


@pytest.mark.timeout(600 if not STORIES else 60 + 10 * STORIES)
def test_weeks_of_trouble_double_no_job_and_lose_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(truth_module, "_PRAGMAS", ("synchronous = OFF", "foreign_keys = ON"))
    how = settings(
        max_examples=STORIES or 12,
        stateful_step_count=30,
        derandomize=not STORIES,
        deadline=None,
        database=None,
        # A story is told whole when it fails: making it shorter takes many minutes.
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )
    run_state_machine_as_test(JobsMachine, settings=how)
