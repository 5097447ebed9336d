"""What several watchers find at their first look is told once: all look when the daemon starts, and one run reads all."""

from __future__ import annotations

import threading

_PATIENCE = 1.0
"""Seconds to wait for those that are slow, or away; they tell of their own look when it comes."""


class FirstLooks:
    """The first looks of so many watchers."""

    def __init__(self, count: int, patience: float = _PATIENCE) -> None:
        self._left = count
        self._patience = patience
        self._told = 0
        self._changed = threading.Condition()

    def is_mine_to_tell(self) -> bool:
        """Wait for the others; True for one of all that looked in time, and for each that comes later."""
        with self._changed:
            before = self._told
            self._left -= 1
            self._changed.notify_all()
            if not before:
                self._changed.wait_for(lambda: self._told > 0 or self._left <= 0, self._patience)
            if self._told > before:
                return False
            self._told += 1
            self._changed.notify_all()
            return True
