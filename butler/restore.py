"""Restore: the state of a backup, checked before anything is taken, put in the place of the one that is there."""

from __future__ import annotations

import os
import shutil
import tarfile
import tempfile
import zlib
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO

from pydantic import ValidationError

from butler.backup import KEPT, MANIFEST, SETTINGS, TRUTH, Manifest, Member, member_of
from butler.core.errors import StateError, UsageError
from butler.sealing import opened
from butler.store.database import DamagedError, SchemaError, os_told
from butler.store.truth import Truth
from butler.store.upkeep import facts_of, fold_log, has_line

_SIDE_FILES = (
    *("butler.db-wal", "butler.db-shm", "checkpoints", "checkpoints.db", "checkpoints.db-wal", "checkpoints.db-shm"),
    "asking",
)
_LONGEST_MANIFEST = 32_000_000
_RESTORED = "The state was restored from a backup, so that it is not known what became of this."
_BROKEN = (tarfile.TarError, EOFError, zlib.error, ValueError)


@dataclass(frozen=True, slots=True)
class Restored:
    """What came of a restore: the backup's manifest, where the old state is, and how many actions the world is asked about."""

    manifest: Manifest
    aside: Path | None
    looked_at: int
    settings: Path | None


def restore(file: Path, state: Path, now: datetime, *, force: bool = False, identity: Path | None = None) -> Restored:
    """Put the state of a backup into a folder that no butler uses, and the one that is there aside.

    Raises StateError when the backup is not whole or of a newer butler, and UsageError when the folder holds what the
    backup does not and `force` is not given; nothing is changed then.
    """
    with ExitStack() as held, os_told(file):
        staging = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="restore-", dir=state)))
        manifest = _unpacked(file, staging, identity)
        _refuse_loss(state / TRUTH, staging / TRUTH, force=force)
        looked_at = _reconciled(staging / TRUTH, manifest, now)
        aside = _swap(state, staging, now)
        for name in manifest.files:
            if name.startswith(f"{KEPT}/") and not (state / name).exists():
                (state / name).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                (staging / name).replace(state / name)
        return Restored(manifest, aside, looked_at, _settings_of(state, staging))


def _unpacked(file: Path, staging: Path, identity: Path | None) -> Manifest:
    """Unpack a backup, checking each file by the manifest."""
    advice = "Take another backup."
    try:
        with file.open("rb") as raw, opened(raw, identity) as content, tarfile.open(fileobj=content, mode="r|gz") as archive:
            entries = iter(archive)
            manifest = _read_manifest(archive, next(entries, None))
            missing = dict(manifest.files)
            for entry in entries:
                expected = missing.pop(entry.name, None)
                _take(archive.extractfile(entry) if entry.isreg() else None, staging / _safe(entry.name), expected)
        if not missing:
            return manifest
    except (*_BROKEN, tarfile.ReadError) as error:
        raise StateError(f"{file} is damaged, or not a backup of the butler: {error}", advice=advice) from error
    raise StateError(f"{file} lacks {', '.join(sorted(missing))}.", advice=advice)


def _read_manifest(archive: tarfile.TarFile, entry: tarfile.TarInfo | None) -> Manifest:
    content = archive.extractfile(entry) if entry and entry.isreg() and entry.name == MANIFEST else None
    if content is None:
        raise ValueError("it has no manifest")
    try:
        manifest = Manifest.model_validate_json(content.read(_LONGEST_MANIFEST))
    except ValidationError as error:
        raise ValueError("its manifest cannot be read") from error
    if manifest.format != 1:
        raise SchemaError("The backup was written by a newer butler.", advice="Run the newer butler.")
    return manifest


def _safe(name: str) -> Path:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or (name != TRUTH and path.parts[0] not in {KEPT, SETTINGS}):
        raise ValueError(f"{name!r} is not the name of a file in a backup")
    return Path(*path.parts)


def _take(content: IO[bytes] | None, target: Path, expected: Member | None) -> None:
    """Unpack one file; raises ValueError when it is not the one that the manifest lists."""
    if content is None or expected is None:
        raise ValueError(f"its manifest does not list {target.name!r}")
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with open(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600), "wb") as out:
        shutil.copyfileobj(content, out)
        out.flush()
        os.fsync(out.fileno())
    if member_of(target) != expected:
        raise ValueError(f"{target.name} is not what was backed up")


def _refuse_loss(present: Path, backup: Path, *, force: bool) -> None:
    """Refuse to replace a sound state by one that lacks what it knows."""
    facts_of(backup)
    if force or not present.exists():
        return
    try:
        is_known = has_line(backup, facts_of(present))
    except DamagedError:
        return
    if not is_known:
        raise UsageError(
            "The state that is there knows what the backup does not: actions, decisions or runs would be lost.",
            advice="Say --force to put it aside all the same.",
        )


def _reconciled(path: Path, manifest: Manifest, now: datetime) -> int:
    """Make a state out of a copy: brought up to date, its journal checked, and nothing in it taken for still to be done.

    What was approved or under way then may have been done since; the executor looks at the world for it, as after a crash.
    """
    truth = Truth.open(path)
    try:
        truth.examine()
        if problems := truth.journal.verify():
            raise StateError(f"The journal in the backup is not whole: {' '.join(problems[:3])}", advice="Take another one.")
        with truth.outbox.transaction():
            truth.journal.append(
                now, "restored", "state", created=manifest.created, version=manifest.version, line=manifest.journal
            )
            numbers = [kept.id for kept in truth.outbox.find(statuses=("approved", "executing"), limit=1_000_000)]
            for number in numbers:
                kept = truth.outbox.get(number)
                begun = replace(
                    kept,
                    status="executing",
                    begun=len(kept.done) + 1,
                    attempts=max(kept.attempts, 1),
                    not_before=None,
                    note=_RESTORED,
                )
                truth.outbox.change(kept, begun, now, "restored")
            for run in truth.runs.running():
                truth.runs.abandon(run.id, now, "The state was restored from a backup.")
            # Whoever was logged in then may have been logged out since.
            truth.access.end_all("The state was restored from a backup.", now)
        return len(numbers)
    finally:
        truth.close()


def _swap(state: Path, staging: Path, now: datetime) -> Path | None:
    """Put the old state aside and the new one in its place; there is one at every moment."""
    aside: Path | None = None
    present = state / TRUTH
    if present.exists():
        # What is in its log belongs into its file, as far as that can be read.
        with suppress(StateError):
            fold_log(present)
        aside = _free_name(state / f"before-restore-{now:%Y%m%dT%H%M%S}")
        aside.mkdir(mode=0o700)
        os.link(present, aside / TRUTH)
        for name in _SIDE_FILES:
            with suppress(FileNotFoundError):
                (state / name).rename(aside / name)
    (staging / TRUTH).replace(present)
    return aside


def _free_name(wanted: Path) -> Path:
    names = (wanted, *(wanted.with_name(f"{wanted.name}-{number}") for number in range(2, 1000)))
    return next(name for name in names if not name.exists())


def _settings_of(state: Path, staging: Path) -> Path | None:
    """Put the settings of a backup where their owner can compare them; they are never put into force."""
    if not (staging / SETTINGS).is_dir():
        return None
    place = _free_name(state / "restored-settings")
    (staging / SETTINGS).rename(place)
    return place
