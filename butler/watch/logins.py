"""Counts refused log-ins of an account, over all that watch it: after two it is left alone, for more may lock its owner out."""

from __future__ import annotations

import threading

from butler.core.refusals import MOST


class Logins:
    """The log-ins of one account."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._refused = 0
        self.over = ""
        """Why nobody is to log in any more, as a sentence."""

    @property
    def are_over(self) -> bool:
        """Whether nobody is to log in any more."""
        return bool(self.over)

    def well(self) -> None:
        """Note that a log-in was taken."""
        with self._lock:
            self._refused = 0

    def refused(self, sentence: str) -> None:
        """Note that a log-in was refused."""
        with self._lock:
            self._refused += 1
            if self._refused >= MOST:
                self.over = f"{sentence} It is not watched any more until the settings are read anew."
