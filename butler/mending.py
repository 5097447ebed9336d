"""Mending: a state that turns out to be damaged is put aside, and its latest sound backup takes its place."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from butler.backup import TRUTH
from butler.core.errors import BusyError, ButlerError, StateError
from butler.restore import Restored, restore
from butler.store.database import DamagedError
from butler.store.state import NIGHTLY, StateLock
from butler.store.truth import Truth
from butler.store.upkeep import is_sound

ENOUGH = 0.5
"""Seconds for which a start waits for its database to be looked through; the rest of it is looked through later."""
_SUBJECT = "state"
_log = logging.getLogger(__name__)


def mend(state: Path, backups: Path, clock: Callable[[], datetime], pause: Callable[[], None]) -> Restored | None:
    """See to it that the database of a state folder is sound, and say what was restored for that; None where all is well.

    Whatever had been approved is looked at in the world before it is done, as after every restore. Waits, by `pause`, for
    what a daemon that died left running. Raises StateError when it is damaged and no backup can take its place.
    """
    path = state / TRUTH
    if not is_damaged(path, ENOUGH, had_backups=any(True for _ in _newest(backups))):
        return None
    _log.error("%s is damaged; its latest backup is to take its place", path)
    while True:
        try:
            with StateLock(state):
                return _restored(state, backups, clock)
        except BusyError:
            pause()


def is_damaged(path: Path, seconds: float | None = None, *, had_backups: bool = False) -> bool:
    """Whether a database is surely damaged, as far as that shows within some seconds.

    One that is empty although there are backups of it was lost; one that is gone was taken away to begin anew.
    """
    if not path.exists():
        return False
    if path.stat().st_size == 0:
        return had_backups
    try:
        return is_sound(path, seconds) is False or not _opens(path)
    except StateError as error:
        _log.debug("%s cannot be looked through: %s", path, error)
        return False


def _opens(path: Path) -> bool:
    try:
        Truth.open(path).close()
    except DamagedError:
        return False
    return True


def _restored(state: Path, backups: Path, clock: Callable[[], datetime]) -> Restored:
    """Restore the latest backup that can be restored, and have the owner told."""
    reasons = []
    for file in _newest(backups):
        try:
            done = restore(file, state, clock(), force=True)
        except ButlerError as error:
            reasons.append(f"{file.name}: {error}")
            _log.error("%s cannot take its place: %s", file, error)
            continue
        _tell(state, done, clock())
        return done
    why = f" ({' '.join(reasons)})" if reasons else ""
    raise StateError(
        f"{state / TRUTH} is damaged, and there is no backup in {backups} that can take its place{why}.",
        advice=f"`butler restore FILE` takes another one. To begin anew without what was held and decided, move {TRUTH} away.",
    )


def _newest(backups: Path) -> Iterator[Path]:
    """The nightly backups of a folder, latest first."""
    try:
        found = [file for file in backups.iterdir() if NIGHTLY.fullmatch(file.name)]
    except OSError:
        return
    yield from sorted(found, key=lambda file: file.name, reverse=True)


def _tell(state: Path, done: Restored, now: datetime) -> None:
    """Put a notice on the board: whoever relies on decisions made since the backup has to know that they are gone."""
    day = f"{done.manifest.created[:16].replace('T', ' at ')} UTC"
    sentence = f"The butler's database was damaged. It is as it was on {day}; what was decided since has to be decided again."
    _log.error("%s What was there is in %s.", sentence, done.aside)
    truth = Truth.open(state / TRUTH)
    try:
        truth.notices.note("state", _SUBJECT, done.manifest.created, now, sentence)
    finally:
        truth.close()
