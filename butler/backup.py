"""Backup: the state in one file that appears when it is whole, written while the butler runs."""

from __future__ import annotations

import hashlib
import json
import os
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from pydantic import BaseModel, ConfigDict

from butler import __version__
from butler.core.errors import StateError
from butler.sealing import Seal, sealed
from butler.store.database import os_told
from butler.store.journal import when_text
from butler.store.upkeep import Facts, copy_database, facts_of

MANIFEST, TRUTH, SETTINGS, KEPT = "manifest.json", "butler.db", "settings", "kept"
"""What a backup holds: a manifest first, the database, files of settings, and old versions of notes."""


class Member(BaseModel):
    """A file in a backup: its size in bytes and its SHA-256 (hex)."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    size: int
    sha256: str


class Manifest(BaseModel):
    """What a backup says of itself: which butler wrote it, when, and what is in it."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    format: int = 1
    version: str
    created: str
    schema_: int
    journal: int
    journal_hash: str
    files: Mapping[str, Member]


def back_up(
    state: Path, target: Path, now: datetime, settings: Mapping[str, Path] | None = None, seal: Seal | None = None
) -> Manifest:
    """Write a backup of a state folder while it is used; the file appears when it is whole, readable by its owner alone.

    `settings` are files to be put into it by name. Raises StateError.
    """
    if not (state / TRUTH).is_file():
        raise StateError(f"There is nothing to back up in {state}.", advice="`butler sync` or `butler brief` begins a state.")
    with ExitStack() as held, os_told(target):
        staging = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="backup-", dir=state)))
        copy_database(state / TRUTH, staging / TRUTH)
        found = (
            {TRUTH: staging / TRUTH} | _kept(state) | {f"{SETTINGS}/{name}": file for name, file in (settings or {}).items()}
        )
        manifest = _manifest(found, facts_of(staging / TRUTH), now)
        with _written_whole(target) as out, sealed(seal, out) as into:
            _pack(into, manifest, found)
    return manifest


def _kept(state: Path) -> dict[str, Path]:
    """The old versions of notes, which an undo needs."""
    return {
        f"{KEPT}/{file.relative_to(state / KEPT).as_posix()}": file
        for file in sorted((state / KEPT).rglob("*"))
        if file.is_file() and not file.is_symlink()
    }


def _manifest(found: Mapping[str, Path], facts: Facts, now: datetime) -> Manifest:
    return Manifest(
        version=__version__,
        created=when_text(now),
        schema_=facts.schema,
        journal=facts.seq,
        journal_hash=facts.hash,
        files={name: member_of(file) for name, file in found.items()},
    )


def member_of(file: Path) -> Member:
    """Measure a file."""
    with file.open("rb") as opened_file:
        return Member(size=file.stat().st_size, sha256=hashlib.file_digest(opened_file, "sha256").hexdigest())


def _pack(into: IO[bytes], manifest: Manifest, found: Mapping[str, Path]) -> None:
    with tarfile.open(fileobj=into, mode="w|gz", format=tarfile.PAX_FORMAT) as archive:
        text = manifest.model_dump_json(indent=1).encode()
        head = tarfile.TarInfo(MANIFEST)
        head.size, head.mode = len(text), 0o600
        with tempfile.TemporaryFile() as file:
            file.write(text)
            file.seek(0)
            archive.addfile(head, file)
        for name, path in found.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = manifest.files[name].size, 0o600
            with path.open("rb") as content:
                archive.addfile(entry, content)


@contextmanager
def _written_whole(target: Path) -> Iterator[IO[bytes]]:
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    part.unlink(missing_ok=True)
    with open(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600), "wb") as out:
        try:
            yield out
            out.flush()
            os.fsync(out.fileno())
            part.replace(target)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
    folder = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def document_of(manifest: Manifest) -> dict[str, Any]:
    """A manifest as the command line prints it."""
    found: dict[str, Any] = json.loads(manifest.model_dump_json())
    return {
        "version": manifest.version,
        "created": manifest.created,
        "schema": manifest.schema_,
        "journal": manifest.journal,
    } | {"files": found["files"]}
