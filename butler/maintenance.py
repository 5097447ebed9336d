"""Maintenance at night: a backup, old ones dropped, old words forgotten, databases looked through and slimmed."""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from zoneinfo import ZoneInfo

from butler.backup import back_up
from butler.core.errors import BusyError, ButlerError
from butler.sealing import Seal
from butler.settings.retention import RetentionPart
from butler.store.database import os_told
from butler.store.meaning import is_there, open_meaning
from butler.store.mirror import Mirror
from butler.store.state import NIGHTLY
from butler.store.truth import Truth
from butler.store.upkeep import is_sound

_LEFT_BEHIND = ("backup-*", "restore-*")
_LEFT_FOR = 86_400.0
_log = logging.getLogger(__name__)


@dataclass
class Report:
    """What a maintenance did: the backup it made, how many old ones went, rows forgotten, bytes freed, and what is wrong."""

    backup: Path | None = None
    dropped: int = 0
    forgotten: int = 0
    freed: int = 0
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Maintenance:
    """Looks after one state folder, whose lock is held; `zone` is the owner's, for the date of the backup.

    `mirror` opens their mirror, to be closed; with it vectors of what is gone from there are dropped.
    """

    state: Path
    part: RetentionPart
    zone: ZoneInfo
    mirror: Callable[[], Mirror] | None = None

    def run(self, truth: Truth, now: datetime) -> Report:
        """Do all of it; what fails is told in the report and holds nothing else up, but a damaged state is not slimmed."""
        report = Report()
        if self._sound(report, truth):
            for step in (self._back_up, self._forget, self._prune, self._slim):
                self._try(report, lambda step=step: step(report, truth, now))  # type: ignore[misc]
        self._sweep()
        return report

    def _sound(self, report: Report, truth: Truth) -> bool:
        mirror = self.state / "mirror.db"
        if mirror.exists() and not is_sound(mirror):
            report.problems.append("The mirror is damaged; it is made anew when it is opened next.")
        before = len(report.problems)
        self._try(report, truth.examine)
        if len(report.problems) == before:
            report.problems.extend(f"The journal: {problem}" for problem in truth.journal.verify()[:3])
        return len(report.problems) == before

    def _back_up(self, report: Report, _truth: Truth, now: datetime) -> None:
        if not self.part.backups:
            return
        folder = self.part.folder or self.state / "backups"
        with os_told(folder):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            today = now.astimezone(self.zone).date()
            target = folder / f"butler-{today}.tar.gz{'.age' if self.part.age else ''}"
            back_up(self.state, target, now, seal=Seal(self.part.age) if self.part.age else None)
            report.backup = target
            for file in outlived(folder, today, self.part.backups):
                file.unlink(missing_ok=True)
                report.dropped += 1

    def _forget(self, report: Report, truth: Truth, now: datetime) -> None:
        before = now - timedelta(days=self.part.days)
        report.forgotten = truth.upkeep.forget(before) + truth.jobs.prune(before) + truth.notices.forget(before)
        if self.part.conversations:
            report.forgotten += truth.conversations.forget(now - timedelta(days=self.part.conversations), now)

    def _prune(self, _report: Report, _truth: Truth, _now: datetime) -> None:
        """Drop all vectors of what is gone: something of its words can be guessed from them."""
        if self.mirror is None or not is_there(self.state) or find_spec("numpy") is None:
            return
        with closing(open_meaning(self.state)) as meaning, closing(self.mirror()) as mirror:
            if mirror.is_whole:
                with suppress(BusyError), meaning.building():
                    meaning.go_through(mirror, waste=0.0)

    def _slim(self, report: Report, truth: Truth, _now: datetime) -> None:
        report.freed = truth.upkeep.slim()

    def _sweep(self) -> None:
        """Take away what a backup or restore left behind that was killed."""
        for folder in [each for pattern in _LEFT_BEHIND for each in self.state.glob(pattern)]:
            with suppress(OSError):
                if folder.is_dir() and time.time() - folder.stat().st_mtime > _LEFT_FOR:
                    shutil.rmtree(folder)

    def _try(self, report: Report, step: Callable[[], None]) -> None:
        try:
            step()
        except ButlerError as error:
            _log.warning("maintenance: %s", error)
            report.problems.append(str(error))


def outlived(folder: Path, today: date, days: int) -> list[Path]:
    """The nightly backups that are older than so many days; the latest one never is."""
    found = sorted((match.group(1), file) for file in folder.iterdir() if (match := NIGHTLY.fullmatch(file.name)))
    last = (today - timedelta(days=days)).isoformat()
    return [file for day, file in found[:-1] if day <= last]
