"""The thread of a watcher: begins, tries again after failures with longer and longer pauses, and ends when it is to."""

from __future__ import annotations

import logging
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable

from butler.core.errors import ButlerError, LoginError
from butler.core.requests import Request
from butler.core.text import LONGEST_TROUBLE, one_line
from butler.watch import Report
from butler.watch.logins import Logins
from butler.watch.signal import Signal

LONGEST_PAUSE = 120.0
"""Most seconds between two tries."""
LOGIN_PAUSE = 60.0
"""Seconds after a log-in that was refused."""
STEADY = 60.0
"""Seconds after which what it watches counts as there to stay."""
_PATIENCE = 1.5
_MOST_LOSSES = 3
_log = logging.getLogger(__name__)


def pause_after(failures: int) -> float:
    """Seconds to wait after so many failures in a row."""
    return min(2.0 ** (min(failures, 10) - 1), LONGEST_PAUSE)


class WatcherThread(ABC):
    """A watcher; what is special about it is in `watch`, which is called again when it fails."""

    def __init__(self, name: str, source: str = "", logins: Logins | None = None) -> None:
        self.name = name
        self.source = source
        self.trouble: str | None = None
        self._logins = logins or Logins()
        self._signal = Signal()
        self._thread: threading.Thread | None = None
        self._failures = 0
        self._losses = 0
        self._was_there = False
        self._began = 0.0

    @abstractmethod
    def watch(self, report: Report, stop: Signal) -> None:
        """Watch until it is to stop; to call `is_well` whenever all is well, and to raise ButlerError when it is not."""

    def start(self, report: Callable[[Request], None]) -> None:
        """Begin; to be called once."""

        def unless_stopped(request: Request) -> None:
            if not self._signal.is_set():
                report(request)

        self._thread = threading.Thread(target=self._run, args=(unless_stopped,), name=f"watch {self.name}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End; a thread that waits for a server that does not answer ends by itself when it has waited long enough."""
        self._signal.set()
        if self._thread is None:
            self._signal.close()
        elif self._thread is not threading.current_thread():
            self._thread.join(_PATIENCE)

    def alive(self) -> bool:
        """Whether its thread goes on; one that was refused does too, and waits for other settings."""
        return self._thread is not None and self._thread.is_alive()

    def is_well(self) -> None:
        """Note that it sees what it watches."""
        self._was_there = True
        if self._losses < _MOST_LOSSES or self._lasted() >= STEADY:
            self.trouble = ""
        self._logins.well()

    def _run(self, report: Report) -> None:
        try:
            while not self._signal.is_set() and not self._logins.are_over:
                self._signal.wait(self._try(report))
            while not self._signal.is_set():
                self.trouble = self._logins.over
                self._signal.wait(60.0)
        finally:
            self._signal.close()

    def _try(self, report: Report) -> float:
        """Watch until that fails; returns how many seconds to wait then."""
        self._was_there, self._began = False, _now()
        try:
            self.watch(report, self._signal)
        except LoginError as error:
            self.trouble = one_line(str(error), LONGEST_TROUBLE)
            self._logins.refused(self.trouble)
            return LOGIN_PAUSE
        except ButlerError as error:
            _log.debug("%s: %s", self.name, error)
            if self._was_there:
                self._losses = 1 if self._lasted() >= STEADY else self._losses + 1
            self._failures = self._losses if self._was_there else self._failures + 1
            # What breaks and comes back at once is no news, unless it does so over and over.
            if not self._was_there or self._losses >= _MOST_LOSSES:
                self.trouble = one_line(str(error), LONGEST_TROUBLE)
            return pause_after(self._failures)
        return 0.0

    def _lasted(self) -> float:
        return _now() - self._began


def _now() -> float:
    """Seconds that go on while the machine sleeps."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)
