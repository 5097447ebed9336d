"""Watches a mail folder: one request for each burst of new mails, and for what came while nobody watched."""

from __future__ import annotations

from collections.abc import Sequence

from butler.core.arrivals import Ear
from butler.core.jobs import Job, request_of
from butler.watch import Report
from butler.watch.first import FirstLooks
from butler.watch.logins import Logins
from butler.watch.signal import Signal
from butler.watch.thread import WatcherThread


class MailWatcher(WatcherThread):
    """Asks for `jobs` when mail arrives in a folder of an account; `first` is shared with those that start with it."""

    def __init__(
        self, account: str, folder: str, ear: Ear, jobs: Sequence[Job], logins: Logins, first: FirstLooks | None = None
    ) -> None:
        super().__init__(f"mail:{account}/{folder}", f"mail.{account}", logins)
        self._ear = ear
        self._jobs = jobs
        self._first = first

    def watch(self, report: Report, stop: Signal) -> None:
        """Listen until it is to stop."""
        for heard in self._ear.listen(stop):
            self.is_well()
            first, self._first = self._first, None
            if heard == "arrived" and (first is None or first.is_mine_to_tell()):
                for job in self._jobs:
                    report(request_of(job, trigger=self.name))
