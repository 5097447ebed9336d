"""Watchers under test, and what they report."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from quiet_time import crowd, since

from butler.core.accounts import MailAccount
from butler.core.jobs import Job, On
from butler.core.requests import Request
from butler.watch.changes import changes
from butler.watch.logins import Logins
from butler.watch.mail import MailWatcher
from butler.watch.thread import WatcherThread
from tools.mail import TOOL

TRIAGE = Job("triage", "triage", On("mail"), model=True)
MAIL = b"From: Ben <ben@example.org>\r\nSubject: Hello\r\nMessage-ID: <%d@example.org>\r\n\r\nHi\r\n"


class Reports:
    """Takes requests from any thread."""

    def __init__(self) -> None:
        self._queue: queue.Queue[Request] = queue.Queue()

    def __call__(self, request: Request) -> None:
        self._queue.put(request)

    def next(self, within: float = 30.0) -> Request:
        """The next one; raises queue.Empty when there is none in time."""
        return self._queue.get(timeout=within * crowd())

    def more(self, seconds: float) -> list[Request]:
        """All that come within some seconds."""
        time.sleep(seconds)
        return [self._queue.get() for _ in range(self._queue.qsize())]


def mail_watcher(account: MailAccount, folder: str = "INBOX", poll: float = 300.0, logins: Logins | None = None) -> MailWatcher:
    """A watcher over the real ear of an account."""
    return MailWatcher(account.name, folder, TOOL.ear(account, folder, poll, changes), [TRIAGE], logins or Logins())


@contextmanager
def watching(watcher: WatcherThread) -> Iterator[Reports]:
    """Run a watcher for the length of a block; it has to end in time."""
    reports = Reports()
    watcher.start(reports)
    try:
        yield reports
    finally:
        began = time.monotonic()
        watcher.stop()
        assert since(began) < 2.0


def until(true: Callable[[], object], within: float = 30.0) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + within * crowd()
    while not true():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.01)
