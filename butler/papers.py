"""Reads one document of the owner's folders: inside its root, following no links, its text taken out by the sandbox."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from datetime import UTC, date, datetime
from pathlib import Path

from butler.core.accounts import NotesFolder
from butler.core.documents import Document
from butler.core.errors import EffectError
from butler.core.notes import Note, RawNote
from butler.core.refs import file_ref, parse_ref
from butler.core.sources import Frame
from butler.sandbox.parser import Parser
from butler.sandbox.worker import Forkserver
from tools.files.paths import is_hidden
from tools.files.places import Content, NoFolderError, place_in

LARGEST = 8_000_000
TOO_LARGE = f"It is over {LARGEST // 1_000_000} MB."
FATAL = "Reading it ended the reader, twice."
_FOLDERS = 500
_DEEPEST = 4
_TOOL = "tools.files.loaders:TOOL"


class Papers:
    """The owner's folders: `watched` by their names in the settings, and `notes`, into which the butler may write.

    Whoever takes the text out of a document comes from `forkserver`, and where there is none from an own one;
    `degraded`: also where the kernel cannot confine it.
    """

    def __init__(
        self,
        watched: Mapping[str, Path],
        notes: Sequence[NotesFolder],
        forkserver: Forkserver | None = None,
        *,
        degraded: bool = False,
    ) -> None:
        self._watched = watched
        self._notes = notes
        self._forkserver = forkserver
        self._degraded = degraded

    def __call__(self, ref: str) -> Document | None:
        """Read a document by its reference; None when it is not there, or in no folder of the settings."""
        found = parse_ref(ref)
        below = self._watched.get(found.place) or next((one.path for one in self._notes if one.name == found.place), None)
        if found.kind != "file" or below is None or found.key.startswith("/") or ".." in found.key.split("/"):
            return None
        root, path = self._placed(below, found.key)
        top = next((one.path for one in self._notes if one.name == root), below)
        content = _content(top, path)
        modified = _modified(top / path)
        if content is None or modified is None:
            return None
        text, problem = self._text(path, content.content)
        return Document(ref, root, path, modified, content.sha256, text, problem, tuple(_folders(top)) if root else ())

    def inbox(self, name: str) -> str:
        """The reference of the note that news are added to: in the first folder of notes that may be written to."""
        return next((file_ref(one.name, name) for one in self._notes if not one.read_only), "")

    def _text(self, path: str, content: bytes) -> tuple[str, str]:
        if len(content) > LARGEST:
            return "", TOO_LARGE
        with ExitStack() as opened:
            forkserver = self._forkserver or opened.enter_context(Forkserver())
            parser = opened.enter_context(Parser(forkserver, {"notes": _TOOL}, degraded=self._degraded))
            (note,) = parser.parse("notes", [RawNote(path, "", 0, content)], Frame("UTC", date.min, date.min, 0))
        if not isinstance(note, Note):
            return "", FATAL
        return note.text, "" if note.text.strip() else " ".join(note.problems)

    def _placed(self, below: Path, key: str) -> tuple[str, str]:
        """The folder of notes that a file lies in and may be moved in, by name and path; no name where there is none."""
        file = below / key
        real = Path(os.path.realpath(file.parent)) / file.name
        for one in self._notes:
            top = Path(os.path.realpath(one.path))
            if not one.read_only and real.is_relative_to(top):
                return one.name, real.relative_to(top).as_posix()
        return "", key


def _content(root: Path, path: str) -> Content | None:
    try:
        with place_in(os.fspath(root), path) as place:
            return place.read()
    except (NoFolderError, EffectError):
        return None


def _modified(file: Path) -> datetime | None:
    with suppress(OSError):
        return datetime.fromtimestamp(file.lstat().st_mtime, UTC)
    return None


def _folders(root: Path, below: str = "", depth: int = 1) -> Iterator[str]:
    """The folders of a root, at most so many and so deep, hidden ones and links aside."""
    found: list[str] = []
    waiting = [(root, below, depth)]
    while waiting and len(found) < _FOLDERS:
        folder, prefix, level = waiting.pop(0)
        try:
            with os.scandir(folder) as entries:
                names = sorted(one.name for one in entries if one.is_dir(follow_symlinks=False) and not is_hidden(one.name))
        except OSError:
            continue
        found += [prefix + name for name in names]
        if level < _DEEPEST:
            waiting += [(folder / name, f"{prefix}{name}/", level + 1) for name in names]
    yield from found[:_FOLDERS]
