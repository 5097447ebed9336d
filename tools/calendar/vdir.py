"""Reads a vdir: a folder of calendars, each a folder of .ics files, as vdirsyncer and khal keep them; or one calendar.

A file's version is its mtime, size and hash. Files are read only where mtime or size differ from what is known; a
calendar's token is drawn from all names, mtimes and sizes, so what did not change costs one look at each entry.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from butler.core.accounts import CalendarAccount
from butler.core.calendar import RawObject
from butler.core.errors import SourceError
from butler.core.sources import Batch, Collection, Known, SourceKind
from tools.calendar.places import Seen, chosen, places

LARGEST_FILE = 10_000_000
_IN_BATCH = 200
_BYTES_IN_BATCH = 8_000_000
_TITLE_BYTES = 500


@dataclass(frozen=True, slots=True)
class _File:
    name: str
    mtime: int
    size: int

    @property
    def key(self) -> str:
        """Its name as the mirror can hold it, which bytes that are no UTF-8 are not."""
        return self.name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")

    @property
    def stamp(self) -> str:
        """What a version begins with: mtime in nanoseconds and size."""
        return f"{self.mtime}-{self.size}"


class VdirSource:
    """The calendars below a folder; opens files for reading only."""

    def __init__(self, account: CalendarAccount) -> None:
        self._account = account
        self._root = Path(account.path or "").expanduser()
        self._folders: dict[str, Path] = {}

    @property
    def name(self) -> str:
        """The account's name."""
        return self._account.name

    @property
    def kind(self) -> SourceKind:
        """It holds calendar objects."""
        return "calendar"

    def collections(self) -> Sequence[Collection]:
        """List the calendars, each with a token drawn from the names, mtimes and sizes of its files."""
        folders = self._find()
        seen = [Seen(folder.name, _title(folder)) for folder in folders]
        alone = folders == [self._root]
        names = [self.name] if alone else places(self.name, seen)
        kept = [0] if alone else chosen(self.name, self._account.collections, seen)
        self._folders = {names[position]: folders[position] for position in kept}
        return [Collection(name, _token(self._files(folder))) for name, folder in self._folders.items()]

    def changes(self, collection: Collection, cursor: str | None, known: Known) -> Iterator[Batch[RawObject]]:
        """Yield files that are new or changed, and the names of those that are gone."""
        folder = self.folder(collection.name)
        files = self._files(folder)
        token = _token(files)
        if cursor == token:
            return
        versions = known()
        changed = [file for file in files if versions.get(file.key, "").rpartition("-")[0] != file.stamp]
        names = {file.key for file in files}
        removed = [name for name in versions if name not in names]
        unfinished = cursor or ""
        pending: list[RawObject] = []
        size = 0
        for raw in _read_all(folder, changed, removed):
            pending.append(raw)
            size += len(raw.content)
            if len(pending) >= _IN_BATCH or size >= _BYTES_IN_BATCH:
                yield Batch(collection.name, unfinished, pending)
                pending, size = [], 0
        yield Batch(collection.name, token, pending, removed=removed, total=len(files))

    def folder(self, collection: str) -> Path:
        """Find the folder of a calendar; raises SourceError where it is not there."""
        if collection not in self._folders:
            self.collections()
        folder = self._folders.get(collection)
        if folder is None:
            raise SourceError(f"The calendar {collection!r} is no longer there.", permanent=True)
        return folder

    def close(self) -> None:
        """Nothing stays open."""

    def _find(self) -> list[Path]:
        if not self._root.is_dir():
            raise SourceError(
                f"The calendar folder {self._root} does not exist.",
                advice=f"Create it, mount it, or correct the path of the calendar {self.name!r}.",
            )
        try:
            entries = sorted(self._root.iterdir())
            folders = [each for each in entries if each.is_dir() and not each.name.startswith(".")]
        except OSError as error:
            raise _unreadable(self._root, error) from error
        if any(_is_object(each.name) for each in entries) or not folders:
            return [self._root]
        return folders

    def _files(self, folder: Path) -> list[_File]:
        try:
            with os.scandir(folder) as entries:
                found = [_File(each.name, stat.st_mtime_ns, stat.st_size) for each, stat in _objects(entries)]
        except OSError as error:
            raise _unreadable(folder, error) from error
        return sorted(found, key=lambda file: file.name)


def _is_object(name: str) -> bool:
    return name.lower().endswith(".ics") and not name.startswith(".")


def _objects(entries: Iterable[os.DirEntry[str]]) -> Iterator[tuple[os.DirEntry[str], os.stat_result]]:
    for entry in entries:
        if not _is_object(entry.name):
            continue
        try:
            if entry.is_file():
                yield entry, entry.stat()
        except OSError:
            continue


def _unreadable(folder: Path, error: OSError) -> SourceError:
    reason = error.strerror or "unknown reason"
    return SourceError(f"The calendar folder {folder} cannot be read: {reason}.", advice="Check its owner and mode.")


def _title(folder: Path) -> str:
    try:
        # Not blocked by a pipe that somebody put there.
        with open(os.open(folder / "displayname", os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            return file.read(_TITLE_BYTES).decode("utf-8", "replace").strip()
    except OSError:
        return ""


def _token(files: Sequence[_File]) -> str:
    digest = sha256()
    for file in files:
        digest.update(f"{file.name}\0{file.stamp}\n".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()[:32]


def _read_all(folder: Path, files: Sequence[_File], removed: list[str]) -> Iterator[RawObject]:
    """Read files; one that vanished meanwhile counts as removed, one that cannot be read is handed on as empty."""
    for file in files:
        try:
            content = b"" if file.size > LARGEST_FILE else (folder / file.name).read_bytes()
        except FileNotFoundError:
            removed.append(file.key)
            continue
        except OSError:
            content = b""
        yield RawObject(file.key, version_of(file.mtime, file.size, content), content)


def version_of(mtime: int, size: int, content: bytes) -> str:
    """A file's version: mtime in nanoseconds, size and hash."""
    return f"{mtime}-{size}-{sha256(content).hexdigest()[:16]}"
