"""Keeps a finished briefing and writes it into the owner's folder: whole or not at all, never over what somebody edited."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from butler import markdown
from butler.core.briefing import Briefing, Origin
from butler.core.errors import StateError
from butler.store.briefings import Briefings, KeptBriefing

NOTICE = "notice"
"""Where the snapshot kept with a briefing says how it was composed."""

_MOST_COPIES = 99


@dataclass(frozen=True, slots=True)
class Published:
    """What came of publishing: the file, if there is one, and sentences on what went otherwise than usual."""

    briefing: Briefing
    notice: str
    path: Path | None = None
    sentences: tuple[str, ...] = ()
    failure: StateError | None = None


class Publisher:
    """Publishes the briefing of one run; `published` is there once it has."""

    def __init__(self, run: str, briefings: Briefings, folder: Path | None) -> None:
        self._run = run
        self._briefings = briefings
        self._folder = folder
        self.published: Published | None = None

    def __call__(self, briefing: Briefing, origins: Sequence[Origin], snapshot: Mapping[str, Any]) -> None:
        """Keep the briefing, then write its file; a file that cannot be written costs neither the kept nor the printed one."""
        notice = str(snapshot.get(NOTICE, ""))
        before = self._briefings.get(briefing.date)
        path, written = (before.path, before.written) if before else (None, "")
        kept = KeptBriefing(self._run, briefing, tuple(origins), snapshot, path, written)
        self._briefings.keep(kept)
        if self._folder is None:
            self.published = Published(briefing, notice)
            return
        content = markdown.render(briefing, notice).encode()
        wanted = self._folder / f"{briefing.date.isoformat()}.md"
        try:
            path = _free(wanted, content, kept)
            if _content(path) != content:
                write_whole(path, content)
        except StateError as failure:
            self.published = Published(briefing, notice, failure=failure)
            return
        self._briefings.keep(replace(kept, path=path, written=_sha256(content)))
        self.published = Published(briefing, notice, path, () if path == wanted else (_left_alone(wanted, path),))


def _left_alone(wanted: Path, path: Path) -> str:
    return f"{wanted.name} was edited or is not the butler's, so it was left alone; the briefing is in {path.name}."


def _free(wanted: Path, content: bytes, kept: KeptBriefing) -> Path:
    """The first of `D.md`, `D (2).md`, … that does not exist, or holds what the butler wrote there and nobody changed."""
    for number in range(1, _MOST_COPIES + 1):
        path = wanted if number == 1 else wanted.with_name(f"{wanted.stem} ({number}){wanted.suffix}")
        there = _content(path)
        # The same content is ours even if the butler was killed before it could note that it wrote it.
        if there is None or there == content or (path == kept.path and _sha256(there) == kept.written):
            return path
    raise StateError(
        f"{wanted.parent} holds {_MOST_COPIES} edited briefings of one day.",
        advice="Move some of them away; then run it again.",
    )


def write_whole(path: Path, content: bytes) -> None:
    """Put a file in place whole or not at all, readable by its owner alone; raises StateError."""
    # One name for each file: what a killed butler left behind is swept away by the next one.
    temporary = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary.unlink(missing_ok=True)
        _write_through(temporary, content)
        temporary.replace(path)
        _settle(path.parent)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise _unwritable(path, error) from error


def _write_through(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _settle(folder: Path) -> None:
    """Make a rename in a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unwritable(path, error) from error


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _unwritable(path: Path, error: OSError) -> StateError:
    why = error.strerror or type(error).__name__
    return StateError(
        f"The briefing could not be written to {path}: {why}.",
        advice="It is kept in the butler's own state; make room there or choose another folder, then run it again.",
    )


def published(publisher: Publisher | None) -> Published:
    """What a briefing's run published."""
    found = publisher.published if publisher else None
    if found is None:
        raise AssertionError("the briefing's last node publishes")
    return found
