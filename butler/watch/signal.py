"""A flag between threads that can be waited for together with sockets."""

from __future__ import annotations

import os
import select
import threading
from collections.abc import Callable


class Signal:
    """Set once; from then on `fileno` is readable."""

    def __init__(self) -> None:
        self._descriptor = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._lock = threading.Lock()
        self._is_set = False
        self._call: Callable[[], None] | None = None

    def set(self) -> None:
        """Set it; harmless when it is set or closed."""
        with self._lock:
            if not self._is_set and self._descriptor >= 0:
                os.eventfd_write(self._descriptor, 1)
            self._is_set = True
            call, self._call = self._call, None
        if call:
            call()

    def then(self, call: Callable[[], None]) -> None:
        """Have this called, and nothing else, by who sets it; at once where it is set."""
        with self._lock:
            if not self._is_set:
                self._call = call
                return
        call()

    def is_set(self) -> bool:
        """Whether it was set."""
        return self._is_set

    def wait(self, seconds: float) -> bool:
        """Wait until it is set, but no longer than that; says whether it is."""
        if not self._is_set:
            poll = select.poll()
            poll.register(self._descriptor, select.POLLIN)
            poll.poll(seconds * 1000)
        return self._is_set

    def fileno(self) -> int:
        """The descriptor."""
        return self._descriptor

    def close(self) -> None:
        """Give the descriptor back; to be called by the thread that waits, at its end."""
        with self._lock:
            os.close(self._descriptor)
            self._descriptor = -1
