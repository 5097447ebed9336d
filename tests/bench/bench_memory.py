"""Watches how much memory a process and all its descendants hold together."""

from __future__ import annotations

import threading
import time
from pathlib import Path

_PAUSE = 0.02


def _status(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except OSError:
        return ""


def _kilobytes(pid: int) -> int:
    for line in _status(pid).splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [int(child) for child in path.read_text(encoding="utf-8").split()]
        except OSError:
            continue
    return found


def family(pid: int) -> list[int]:
    """A process and all its descendants."""
    members = [pid]
    for member in members:
        members += _children(member)
    return members


class MemoryWatch:
    """Samples the resident memory of a process tree until it is stopped; `peak` is in megabytes (10⁶ bytes).

    Pages that processes share are counted for each of them, as `ps` does: the figure is never too low.
    """

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._kilobytes = 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._done.is_set():
            self._kilobytes = max(self._kilobytes, sum(_kilobytes(pid) for pid in family(self._pid)))
            time.sleep(_PAUSE)

    def stop(self) -> float:
        """Stop watching; returns the peak."""
        self._done.set()
        self._thread.join()
        return self._kilobytes * 1024 / 1e6
