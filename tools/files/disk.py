"""Reads a folder of notes or documents: never writes, follows no links, reads again only what changed."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from butler.core.accounts import NotesFolder
from butler.core.documents import DOCUMENTS
from butler.core.errors import SourceError
from butler.core.notes import RawNote
from butler.core.sources import Batch, Collection, Known, SourceKind
from tools.files.beneath import FOLDER, NoFileError, open_beneath, open_file, opened_root
from tools.files.paths import is_hidden, is_lock, is_unchanged, matches, shown_path
from tools.files.readers.kinds import is_whole_only, mark

_BATCH_FILES = 200
_BATCH_DOCUMENTS = 20
_BATCH_BYTES = 4_000_000
_SECOND = 1_000_000_000
_DEEPEST = 100
_MEGABYTE = 1_000_000
_ELSEWHERE = (errno.ELOOP, errno.ENOTDIR, errno.EXDEV)
_LATEST = 253_402_300_799  # the end of the year 9999, in seconds


@dataclass(frozen=True, slots=True)
class _File:
    """A file that is wanted: `key` as the mirror knows it, `path` as the system does, `stamp` its modification time and size.

    `changed` is when anything about it changed, its permissions too, in nanoseconds.
    """

    key: str
    path: str
    modified: int
    stamp: str
    changed: int
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Tree:
    """The files of a root and the folders in it that could not be read, as prefixes of keys."""

    files: Sequence[_File]
    unread: tuple[str, ...]


class NotesSource:
    """One root of notes as a source with a single collection of the same name."""

    kind: SourceKind = "notes"

    def __init__(self, folder: NotesFolder) -> None:
        self._folder = folder
        self._root = os.fspath(folder.path)
        self._without = frozenset(_below(self._root, os.fspath(each)) for each in folder.without)
        self._mark = mark() if folder.documents else ""

    @property
    def name(self) -> str:
        """The root's name in the settings."""
        return self._folder.name

    def collections(self) -> Sequence[Collection]:
        """Name the root, with a token made of every file's path, modification time and size; raises SourceError."""
        tree = self._tree()
        signature = hashlib.sha256(str(sorted(tree.unread)).encode())
        for file in sorted(tree.files, key=lambda file: file.key):
            signature.update(f"{file.key}\0{file.stamp}\0{file.changed}\0".encode())
        return [Collection(self.name, signature.hexdigest(), DOCUMENTS if self._folder.documents else "")]

    def changes(self, collection: Collection, cursor: str | None, known: Known) -> Iterator[Batch[RawNote]]:
        """Yield the files that are new or changed since the mirror knew them, and the keys of those that are gone."""
        tree = self._tree()
        had = known() if cursor is not None else {}
        yield Batch(collection.name, collection.token, removed=_gone(tree, had))
        new = [file for file in tree.files if not is_unchanged(had.get(file.key, ""), file.stamp)]
        most = _BATCH_DOCUMENTS if self._folder.documents else _BATCH_FILES
        notes: list[RawNote] = []
        size = 0
        for note in self._read_all(new):
            notes.append(note)
            size += len(note.content)
            if len(notes) >= most or size >= _BATCH_BYTES:
                yield Batch(collection.name, collection.token, notes, total=len(new))
                notes, size = [], 0
        if notes:
            yield Batch(collection.name, collection.token, notes, total=len(new))

    def close(self) -> None:
        """Nothing is open between calls."""

    def _tree(self) -> _Tree:
        files: list[_File] = []
        unread: list[str] = []
        with self._opened() as root:
            self._walk(os.dup(root), "", files, unread)
        return _Tree(_told_apart(files), tuple(unread))

    @contextmanager
    def _opened(self) -> Iterator[int]:
        try:
            with opened_root(self._root) as root:
                yield root
        except OSError as error:
            what = "documents" if self._folder.documents else "notes"
            raise SourceError(
                f"The {what} folder {self._root} cannot be read: {error.strerror}.",
                advice="Check that it exists, is mounted, and may be read by the user that the butler runs as.",
            ) from error

    def _walk(self, descriptor: int, below: str, files: list[_File], unread: list[str]) -> None:
        """Collect the files of a folder given by a descriptor, which is closed; links are not followed.

        What a link leads to inside the root is read in its own place.
        """
        try:
            with os.scandir(descriptor) as scanned:
                entries = sorted((entry for entry in scanned if not is_hidden(entry.name)), key=lambda entry: entry.name)
            for entry in entries:
                path = below + entry.name
                if path in self._without:
                    continue
                if entry.is_dir(follow_symlinks=False):
                    self._enter(entry.name, descriptor, f"{path}/", files, unread)
                elif matches(path, self._folder.patterns) and not is_lock(entry.name):
                    files.extend(_file(path, entry, self._mark))
        finally:
            os.close(descriptor)

    def _enter(self, name: str, parent: int, below: str, files: list[_File], unread: list[str]) -> None:
        if below.count("/") > _DEEPEST:
            unread.append(below)
            return
        try:
            self._walk(open_beneath(parent, name, FOLDER), below, files, unread)
        except FileNotFoundError:
            return
        except OSError:
            unread.append(below)

    def _read_all(self, files: Sequence[_File]) -> Iterator[RawNote]:
        if files:
            with self._opened() as root:
                yield from filter(None, (self._read(root, file) for file in files))

    def _read(self, root: int, file: _File) -> RawNote | None:
        """Read a file's first part up to the limit; None when it is gone or no file any more."""
        limit, document = self._folder.limit, self._folder.documents
        try:
            with open(open_file(root, file.path), "rb") as opened:
                content = opened.read(limit + 1)
        except (FileNotFoundError, NoFileError):
            return None
        except OSError as error:
            if error.errno in _ELSEWHERE:
                return None
            told = (*file.problems, f"The file cannot be read: {error.strerror}.")
            return RawNote(file.key, f"{file.stamp}:", file.modified, b"", told, document)
        version, problems = f"{file.stamp}:{hashlib.sha256(content[:limit]).hexdigest()[:16]}", file.problems
        if len(content) > limit:
            whole = document and is_whole_only(content)
            content = b"" if whole else content[:limit]
            what = "it was not read" if whole else "only its first part was read"
            problems = (*problems, f"The file is over {_size(limit)}; {what}.")
        return RawNote(file.key, version, file.modified, content, problems, document)


def _size(limit: int) -> str:
    return f"{limit} bytes" if limit % _MEGABYTE else f"{limit // _MEGABYTE} MB"


def _below(root: str, folder: str) -> str:
    """Where a folder lies below the root, by its real path; what does not starts with `..`, which no path in it does."""
    return os.path.relpath(os.path.realpath(folder), os.path.realpath(root))


def _file(path: str, entry: os.DirEntry[str], reading: str) -> Iterator[_File]:
    try:
        status = entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return
    if stat.S_ISREG(status.st_mode):
        key, problems = shown_path(path)
        stamp = f"{reading}{status.st_mtime_ns}:{status.st_size}"
        modified = min(max(status.st_mtime_ns // _SECOND, -_LATEST // 5), _LATEST)
        yield _File(key, path, modified, stamp, status.st_ctime_ns, problems)


def _told_apart(files: Sequence[_File]) -> Sequence[_File]:
    """Give each file a key of its own: names that are not valid UTF-8 may look the same."""
    found: dict[str, _File] = {}
    for file in files:
        key = file.key
        if key in found:
            key = f"{key}~{hashlib.sha256(os.fsencode(file.path)).hexdigest()[:12]}"
        found[key] = replace(file, key=key)
    return list(found.values())


def _gone(tree: _Tree, had: Mapping[str, str]) -> Sequence[str]:
    """Find the known keys that are there no more; what lies in a folder that cannot be read now is not gone."""
    here = {file.key for file in tree.files}
    return [key for key in had if key not in here and not key.startswith(tree.unread)]
