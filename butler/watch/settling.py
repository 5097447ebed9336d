"""Which files are new and written to their end, pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

SETTLED = 1.0
"""Seconds for which a file has to stay as it is."""
_UNFINISHED = (".part", ".partial", ".crdownload", ".download", ".tmp", ".swp", "~")


@dataclass(frozen=True, slots=True)
class Stamp:
    """What changes with a file: when it was written (ns), its size in bytes, and its inode."""

    written: int
    size: int
    inode: int


class Settling:
    """Compares what lies in a folder from look to look; `known` is what was there before."""

    def __init__(self, known: Mapping[str, Stamp]) -> None:
        self._known = dict(known)
        self._waiting: dict[str, tuple[Stamp, float]] = {}

    @property
    def is_waiting(self) -> bool:
        """Whether there are files that may not have been written to their end."""
        return bool(self._waiting)

    def look(self, found: Mapping[str, Stamp], now: float) -> list[str]:
        """The names that are new, or changed, and did not change any more for a while (`now` is in seconds)."""
        self._known = {name: stamp for name, stamp in self._known.items() if name in found}
        waiting: dict[str, tuple[Stamp, float]] = {}
        settled: list[str] = []
        for name, stamp in sorted(found.items()):
            if self._known.get(name) == stamp:
                continue
            before, since = self._waiting.get(name, (stamp, now))
            if before != stamp:
                since = now
            # An empty file is one that somebody is about to write.
            if now - since >= SETTLED and stamp.size:
                settled.append(name)
                self._known[name] = stamp
            else:
                waiting[name] = (stamp, since)
        self._waiting = waiting
        return settled


def is_wanted(name: str, patterns: Collection[str]) -> bool:
    """Whether a file of that name is one to look at: what programs have not finished, or hide, is not."""
    if name.startswith(".") or name.lower().endswith(_UNFINISHED) or not name.isprintable():
        return False
    return any(fnmatchcase(name.lower(), pattern.lower()) for pattern in patterns)
