"""Runs an iterator ahead of whoever consumes it, in a thread of its own, by a bounded number of steps."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from queue import Full, Queue
from typing import TypeVar

T = TypeVar("T")

_LOOK_SECONDS = 0.1
_END_SECONDS = 5.0


class _End:
    """The iterator ended, with what it raised if it did."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


def ahead(iterable: Iterable[T], depth: int) -> Iterator[T]:
    """Yield what `iterable` yields, up to `depth` steps ahead; what it raises is raised here, after what came before.

    When the consumer stops early the thread stops at its next step.
    """
    steps: Queue[T | _End] = Queue(depth)
    stopped = threading.Event()
    thread = threading.Thread(target=_fill, args=(iterable, steps, stopped), daemon=True)
    thread.start()
    try:
        while not isinstance(step := steps.get(), _End):
            yield step
        if step.error:
            raise step.error
    finally:
        stopped.set()
        thread.join(_END_SECONDS)


def _fill(iterable: Iterable[T], steps: Queue[T | _End], stopped: threading.Event) -> None:
    end = _End()
    try:
        for step in iterable:
            if not _put(step, steps, stopped):
                break
    except BaseException as error:  # noqa: BLE001 - nothing is swallowed: the consumer raises it
        end = _End(error)
    _put(end, steps, stopped)


def _put(step: T | _End, steps: Queue[T | _End], stopped: threading.Event) -> bool:
    while not stopped.is_set():
        try:
            steps.put(step, timeout=_LOOK_SECONDS)
        except Full:
            continue
        return True
    return False
