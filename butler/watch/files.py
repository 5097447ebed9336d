"""Watches a folder: a request for each file that comes into it or is written anew, as soon as it is written to its end."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Sequence
from pathlib import Path

from butler.core.errors import SourceError
from butler.core.jobs import Job, request_of, slot_of
from butler.core.refs import file_ref
from butler.store.database import os_told
from butler.watch import Report
from butler.watch.changes import changes
from butler.watch.settling import Settling, Stamp, is_wanted
from butler.watch.signal import Signal
from butler.watch.thread import WatcherThread

_OVERLAP_NS = 86_400 * 10**9


class FilesWatcher(WatcherThread):
    """Asks for `jobs` when a file in a folder is new. `mark` is a file whose time says since when the folder is watched.

    What came since then is new, also when nobody watched; what lay there before is not.
    """

    def __init__(self, name: str, folder: Path, patterns: Sequence[str], jobs: Sequence[Job], mark: Path) -> None:
        super().__init__(f"files:{name}", f"folder {name}")
        self._root = name
        self._folder = folder
        self._patterns = tuple(patterns)
        self._jobs = jobs
        self._mark = mark

    def watch(self, report: Report, stop: Signal) -> None:
        """Look whenever something changes, and as long as something may still be written."""
        looked, since = time.time_ns(), self._since()
        settling = Settling({name: stamp for name, (stamp, came) in self._look().items() if came <= since})
        modified = -1
        for burst in changes([self._folder], stop):
            before, modified = modified, _modified(self._folder)
            if burst or modified != before or settling.is_waiting:
                found = {name: stamp for name, (stamp, _) in self._look().items()}
                for name in settling.look(found, time.monotonic()):
                    self._report(report, name, found[name])
            elif since < looked - _OVERLAP_NS:
                since = looked - _OVERLAP_NS
                self._mark_at(since)
            self.is_well()

    def _report(self, report: Report, name: str, stamp: Stamp) -> None:
        slot = slot_of(file_ref(self._root, name), f"{stamp.written:x}x{stamp.size:x}")
        for job in self._jobs:
            report(request_of(job, slot))

    def _look(self) -> dict[str, tuple[Stamp, int]]:
        """The regular files of the folder, each with when it came there (ns)."""
        try:
            with os.scandir(self._folder) as entries:
                found = [(entry.name, _state(entry)) for entry in entries if is_wanted(entry.name, self._patterns)]
        except OSError as error:
            raise SourceError(f"The folder {self._folder} cannot be read: {error.strerror}.") from error
        return {name: state for name, state in found if state}

    def _since(self) -> int:
        """Since when (ns) the folder is watched: since now, when it is seen for the first time."""
        with os_told(self._mark):
            self._mark.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not self._mark.exists():
                self._mark.touch(mode=0o600)
            return self._mark.stat().st_mtime_ns

    def _mark_at(self, since: int) -> None:
        """Count from later on, but for a day: what is reported twice is done once."""
        with os_told(self._mark):
            os.utime(self._mark, ns=(since, since))


def _state(entry: os.DirEntry[str]) -> tuple[Stamp, int] | None:
    try:
        status = entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    return Stamp(status.st_mtime_ns, status.st_size, status.st_ino), status.st_ctime_ns


def _modified(folder: Path) -> int:
    try:
        return folder.stat().st_mtime_ns
    except OSError as error:
        raise SourceError(f"The folder {folder} is not there any more.") from error
