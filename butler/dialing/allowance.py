"""How often something may be asked for: so many times at once, and from then on as time goes by."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class TooOftenError(RuntimeError):
    """Something was asked for more often than by anybody who means well; `str` says what."""


class Allowance:
    """Lets `most` times through at once, and one more every `seconds`. Used from any thread."""

    def __init__(self, what: str, most: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._what = what
        self._most = float(most)
        self._seconds = seconds
        self._clock = clock
        self._left = self._most
        self._last = clock()
        self._lock = threading.Lock()

    def take(self) -> None:
        """Take one; raises TooOftenError when there is none left."""
        with self._lock:
            now = self._clock()
            self._left = min(self._most, self._left + (now - self._last) / self._seconds)
            self._last = now
            if self._left < 1:
                raise TooOftenError(f"{self._what} was asked for too often")
            self._left -= 1
