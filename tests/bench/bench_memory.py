"""Watches how much memory a process and all its descendants hold together."""

from __future__ import annotations

import re
import threading
import time
from pathlib import Path

_PAUSE = 0.02


def proportional(pid: int) -> float:
    """Bytes of memory of a process, what it shares divided among those that share it."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8")
    except OSError:
        return 0.0
    size = re.search(r"^Pss:\s+(\d+) kB", text, re.MULTILINE)
    return int(size[1]) * 1024.0 if size else 0.0


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
    """Samples the memory of a process tree until it is stopped; the peak is in megabytes (10⁶ bytes).

    Pages that processes share, as workers do that are forked, are counted once.
    """

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._bytes = 0.0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._done.is_set():
            self._bytes = max(self._bytes, sum(map(proportional, family(self._pid))))
            time.sleep(_PAUSE)

    def stop(self) -> float:
        """Stop watching; returns the peak."""
        self._done.set()
        self._thread.join()
        return self._bytes / 1e6
