"""Reads one document of the owner's folders: inside its root, following no links, its text taken out by the sandbox."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from datetime import UTC, date, datetime
from pathlib import Path

from butler.core.accounts import NotesFolder
from butler.core.documents import LARGEST_DOCUMENT, LARGEST_TABLE, Document
from butler.core.errors import EffectError
from butler.core.notes import Note, RawNote
from butler.core.refs import Ref, file_ref, parse_ref
from butler.core.sources import Frame
from butler.sandbox.parser import Parser
from butler.sandbox.worker import Forkserver
from tools.files.beneath import FOLDER, open_beneath, opened_root
from tools.files.paths import is_hidden
from tools.files.places import Content, NoFolderError, place_in
from tools.files.readers.kinds import kind_of

LARGEST = LARGEST_DOCUMENT
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
        below = self._below(found)
        # What lies behind a link is in no folder of the settings, whatever that leads to.
        content = _content(below, found.key) if below else None
        if below is None or content is None:
            return None
        root, path = self._placed(below, found.key)
        top = next((one.path for one in self._notes if one.name == root), below)
        text, problem = self._text(path, content.content)
        table = content.content if kind_of(path, content.content) == "csv" else b""
        return Document(
            ref,
            root,
            path,
            datetime.fromtimestamp(content.modified, UTC),
            content.sha256,
            text,
            problem,
            tuple(_folders(top)) if root else (),
            table if len(table) <= LARGEST_TABLE else b"",
        )

    def _below(self, ref: Ref) -> Path | None:
        """The folder that a reference is below, by its name in the settings."""
        if ref.kind != "file":
            return None
        return self._watched.get(ref.place) or next((one.path for one in self._notes if one.name == ref.place), None)

    def inbox(self, name: str) -> str:
        """The reference of the note that news are added to: in the first folder of notes that may be written to."""
        notes = (one for one in self._notes if not (one.read_only or one.documents))
        return next((file_ref(one.name, name) for one in notes), "")

    def _text(self, path: str, content: bytes) -> tuple[str, str]:
        if len(content) > LARGEST:
            return "", TOO_LARGE
        with ExitStack() as opened:
            forkserver = self._forkserver or opened.enter_context(Forkserver())
            parser = opened.enter_context(Parser(forkserver, {"notes": _TOOL}, degraded=self._degraded))
            (note,) = parser.parse("notes", [RawNote(path, "", 0, content, document=True)], Frame("UTC", date.min, date.min, 0))
        if not isinstance(note, Note):
            return "", FATAL
        return note.text, "" if note.text.strip() else " ".join(note.problems)

    def _placed(self, below: Path, key: str) -> tuple[str, str]:
        """The folder that a file lies in and may be moved in, by name and path; no name where there is none.

        The innermost of several, as when they are read.
        """
        real = Path(os.path.realpath(below)) / key
        tops = [(Path(os.path.realpath(one.path)), one) for one in self._notes]
        around = [(top, one) for top, one in tops if real.is_relative_to(top)]
        top, one = max(around, key=lambda found: len(found[0].parts), default=(below, None))
        return ("", key) if one is None or one.read_only else (one.name, real.relative_to(top).as_posix())


def _content(root: Path, path: str) -> Content | None:
    try:
        with place_in(os.fspath(root), path) as place:
            return place.read()
    except (NoFolderError, EffectError):
        return None


def _folders(root: Path) -> Sequence[str]:
    """The folders of a root, at most so many and so deep, hidden ones and links aside."""
    found: list[str] = []
    with suppress(OSError), opened_root(os.fspath(root)) as top:
        level = _folders_in(top, "")
        for _ in range(_DEEPEST):
            found += level
            level = [name for each in level[:_FOLDERS] if len(found) < _FOLDERS for name in _folders_in(top, each)]
    return found[:_FOLDERS]


def _folders_in(top: int, below: str) -> list[str]:
    try:
        folder = open_beneath(top, below, FOLDER) if below else os.dup(top)
    except OSError:
        return []
    try:
        with os.scandir(folder) as entries:
            names = sorted(one.name for one in entries if one.is_dir(follow_symlinks=False) and not is_hidden(one.name))
    except OSError:
        return []
    finally:
        os.close(folder)
    return [f"{below}/{name}" if below else name for name in names]
