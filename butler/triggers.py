"""Wakes the butler: at the time that it asked for, and by a heartbeat that notices sleep and clocks that are set.

The only importer of APScheduler, which keeps nothing: what is due is in `butler.db`, and whoever is woken looks there. The
heartbeat is a timer of the loop: one that goes by the time of day stands still for an hour when that is set back by one.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.date import DateTrigger

from butler.core.clocks import Change, Reading, change_between

BEAT = 30.0
"""Seconds between two looks at the clocks."""
_ALARM = "alarm"
# Without these, what is a second late would be dropped without a word, as after each sleep.
_NEVER_DROP = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}


def _awake() -> float:
    return time.clock_gettime(time.CLOCK_MONOTONIC)


def _since_boot() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class Triggers:
    """Calls `wake` in the loop's thread, with what happened to the clocks since it last was.

    `wall` tells the time, `awake` the seconds that the machine was awake, `since_boot` those and the ones that it slept.
    """

    def __init__(
        self,
        wake: Callable[[Change], object],
        wall: Callable[[], datetime],
        awake: Callable[[], float] = _awake,
        since_boot: Callable[[], float] = _since_boot,
        beat: float = BEAT,
    ) -> None:
        self._wake = wake
        self._wall = wall
        self._clocks = (awake, since_boot)
        self._beat = beat
        self._scheduler: Any = None
        self._timer: asyncio.TimerHandle | None = None
        self._moment: datetime | None = None
        self._seen = self._read()

    @property
    def armed(self) -> datetime | None:
        """The moment at which it is going to wake, if any."""
        return self._moment

    def start(self) -> None:
        """Begin, in the loop that runs."""
        self._seen = self._read()
        store = {"default": MemoryJobStore()}
        self._scheduler = AsyncIOScheduler(jobstores=store, job_defaults=_NEVER_DROP, timezone=UTC)
        self._scheduler.start()
        self.arm(self._moment)
        self._timer = asyncio.get_running_loop().call_later(self._beat, self._tick)

    def stop(self) -> None:
        """Wake nobody any more; harmless when it never began."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._scheduler is not None:
            self._scheduler.shutdown(wait=False)
            self._scheduler = None

    def arm(self, moment: datetime | None) -> None:
        """Wake at a moment and no longer at the one before; at none with None. To be called in the loop's thread."""
        self._moment = moment
        if self._scheduler is None:
            return
        if moment is None:
            if self._scheduler.get_job(_ALARM):
                self._scheduler.remove_job(_ALARM)
            return
        # The scheduler goes by the machine's own time, which need not be the one that we are told.
        at = DateTrigger(datetime.now(UTC) + (moment - self._wall()))
        self._scheduler.add_job(self._ring, at, id=_ALARM, replace_existing=True)

    async def _ring(self) -> None:
        self._moment = None
        self._call()

    def _tick(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self._beat, self._tick)
        self._call()

    def _call(self) -> None:
        now = self._read()
        change, self._seen = change_between(self._seen, now), now
        if not change.is_steady:
            self.arm(self._moment)
        self._wake(change)

    def _read(self) -> Reading:
        return Reading(self._wall(), *(clock() for clock in self._clocks))
