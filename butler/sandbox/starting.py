"""A worker's start that goes on while others do something else."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Thread

from butler.core.errors import StateError
from butler.sandbox.seam import Side, WorkerDiedError


class Starting:
    """A start that goes on in a thread of its own, until its end is waited for."""

    def __init__(self, start: Callable[[], Side]) -> None:
        self._start = start
        self._side: Side | None = None
        self._failure: Exception | None = None
        self._is_over = Event()
        Thread(target=self._run, daemon=True).start()

    def side(self) -> Side:
        """Wait for it; raises what it raised."""
        # Not the thread itself: one whose `join` was interrupted counts as ended from then on.
        self._is_over.wait()
        if self._side is None:
            raise self._failure or AssertionError("it has ended")
        return self._side

    def _run(self) -> None:
        try:
            self._side = self._start()
        except (StateError, WorkerDiedError, OSError) as error:
            self._failure = error
        finally:
            self._is_over.set()
