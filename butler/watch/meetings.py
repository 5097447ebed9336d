"""Watches the calendars in the mirror: a request some minutes before an event."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from butler.core.jobs import Job, On
from butler.core.upcoming import EventWish, due_meetings
from butler.store.mirror import upcoming
from butler.watch import Report
from butler.watch.signal import Signal
from butler.watch.thread import WatcherThread

LOOK = 20.0
"""Seconds between two looks: what is due is late by no more, also after the clock was set and after sleep."""
_MOST_REMEMBERED = 1000


class MeetingsWatcher(WatcherThread):
    """Asks for `jobs` before events of a mirror that are as wished; what was asked for before a restart, the store knows."""

    def __init__(self, mirror: Path, wish: EventWish, jobs: Sequence[Job], clock: Callable[[], datetime]) -> None:
        super().__init__("events")
        self._mirror = mirror
        self._wish = wish
        self._jobs = jobs
        self._clock = clock
        self._asked: dict[tuple[str, str], None] = {}

    def watch(self, report: Report, stop: Signal) -> None:
        """Look at the mirror every few seconds."""
        minutes = max(job.when.minutes for job in self._jobs if isinstance(job.when, On))
        window = timedelta(minutes=minutes, seconds=LOOK + 1)
        while not stop.is_set():
            now = self._clock()
            occurrences = upcoming(self._mirror, now, now + window)
            self.is_well()
            for job in self._jobs:
                for request in due_meetings(occurrences, self._asked, now, job, self._wish):
                    report(request)
                    self._asked[request.job, request.slot] = None
            while len(self._asked) > _MOST_REMEMBERED:
                del self._asked[next(iter(self._asked))]
            stop.wait(LOOK)
