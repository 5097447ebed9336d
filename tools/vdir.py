"""Reads a vdir: a folder of collections, each a folder of files, as vdirsyncer, khal and khard keep them; or one collection.

A file's version is its mtime, size and hash. Files are read only where mtime or size differ from what is known; a
collection's token is drawn from all names, mtimes and sizes, so what did not change costs one look at each entry.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Generic, TypeVar

from butler.core.accounts import DavAccount
from butler.core.calendar import RawObject
from butler.core.contacts import RawCards
from butler.core.errors import SourceError
from butler.core.sources import Batch, Collection, Known
from tools.places import Seen, chosen, places

R = TypeVar("R", bound=RawObject | RawCards)

LARGEST_FILE = 10_000_000
_IN_BATCH = 200
_BYTES_IN_BATCH = 8_000_000
_TITLE_BYTES = 500


@dataclass(frozen=True, slots=True)
class File:
    """A file as it was listed: its name, mtime in nanoseconds and size."""

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


class FolderSource(Generic[R]):
    """The collections below a folder; opens files for reading only.

    Its files end in `ending`; `noun` is what sentences call a collection, and `make` makes what is handed over of key, version
    and bytes.
    """

    def __init__(self, account: DavAccount, ending: str, noun: str, make: Callable[[str, str, bytes], R]) -> None:
        self._account = account
        self._ending = ending
        self._noun = noun
        self._make = make
        self.root = Path(account.path or "").expanduser()
        self._folders: dict[str, Path] = {}

    @property
    def name(self) -> str:
        """The account's name."""
        return self._account.name

    def collections(self) -> Sequence[Collection]:
        """List the collections, each with a token drawn from the names, mtimes and sizes of its files."""
        folders = self.find()
        seen = [Seen(folder.name, _title(folder)) for folder in folders]
        alone = folders == [self.root]
        names = [self.name] if alone else places(self.name, seen, self._noun)
        kept = [0] if alone else chosen(self.name, self._account.collections, seen, self._noun)
        self._folders = {names[position]: folders[position] for position in kept}
        return [Collection(name, _token(self.files(folder))) for name, folder in self._folders.items()]

    def changes(self, collection: Collection, cursor: str | None, known: Known) -> Iterator[Batch[R]]:
        """Yield files that are new or changed, and the names of those that are gone."""
        folder = self.folder(collection.name)
        files = self.files(folder)
        token = _token(files)
        if cursor == token:
            return
        versions = known()
        changed = [file for file in files if versions.get(file.key, "").rpartition("-")[0] != file.stamp]
        names = {file.key for file in files}
        removed = [name for name in versions if name not in names]
        unfinished = cursor or ""
        pending: list[R] = []
        size = 0
        for raw, length in self._read_all(folder, changed, removed):
            pending.append(raw)
            size += length
            if len(pending) >= _IN_BATCH or size >= _BYTES_IN_BATCH:
                yield Batch(collection.name, unfinished, pending)
                pending, size = [], 0
        yield Batch(collection.name, token, pending, removed=removed, total=len(files))

    def folder(self, collection: str) -> Path:
        """Find the folder of a collection; raises SourceError where it is not there."""
        if collection not in self._folders:
            self.collections()
        folder = self._folders.get(collection)
        if folder is None:
            raise SourceError(f"The {self._noun} {collection!r} is no longer there.", permanent=True)
        return folder

    def place(self, folder: Path, name: str) -> Path:
        """Where a file of a collection lies."""
        return folder / name

    def close(self) -> None:
        """Nothing stays open."""

    def find(self) -> list[Path]:
        """Find the folders of the collections, or the one that it is."""
        if not self.root.is_dir():
            raise SourceError(
                f"The {self._noun} folder {self.root} does not exist.",
                advice=f"Create it, mount it, or correct the path of the {self._noun} {self.name!r}.",
            )
        try:
            entries = sorted(self.root.iterdir())
            folders = [each for each in entries if each.is_dir() and not each.name.startswith(".")]
        except OSError as error:
            raise _unreadable(self._noun, self.root, error) from error
        if any(self._is_read(each.name) for each in entries) or not folders:
            return [self.root]
        return folders

    def files(self, folder: Path) -> list[File]:
        """List the files of a collection, by name."""
        try:
            with os.scandir(folder) as entries:
                found = [File(each.name, stat.st_mtime_ns, stat.st_size) for each, stat in self._read_ones(entries)]
        except OSError as error:
            raise _unreadable(self._noun, folder, error) from error
        return sorted(found, key=lambda file: file.name)

    def _is_read(self, name: str) -> bool:
        return name.lower().endswith(self._ending) and not name.startswith(".")

    def _read_ones(self, entries: Iterable[os.DirEntry[str]]) -> Iterator[tuple[os.DirEntry[str], os.stat_result]]:
        for entry in entries:
            if not self._is_read(entry.name):
                continue
            try:
                if entry.is_file():
                    yield entry, entry.stat()
            except OSError:
                continue

    def _read_all(self, folder: Path, files: Sequence[File], removed: list[str]) -> Iterator[tuple[R, int]]:
        """Read files; one that vanished meanwhile counts as removed, one that cannot be read is handed on as empty."""
        for file in files:
            try:
                content = b"" if file.size > LARGEST_FILE else self.place(folder, file.name).read_bytes()
            except FileNotFoundError:
                removed.append(file.key)
                continue
            except OSError:
                content = b""
            yield self._make(file.key, version_of(file.mtime, file.size, content), content), len(content)


def _unreadable(noun: str, folder: Path, error: OSError) -> SourceError:
    reason = error.strerror or "unknown reason"
    return SourceError(f"The {noun} folder {folder} cannot be read: {reason}.", advice="Check its owner and mode.")


def _title(folder: Path) -> str:
    try:
        # Not blocked by a pipe that somebody put there.
        with open(os.open(folder / "displayname", os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            return file.read(_TITLE_BYTES).decode("utf-8", "replace").strip()
    except OSError:
        return ""


def _token(files: Sequence[File]) -> str:
    digest = sha256()
    for file in files:
        digest.update(f"{file.name}\0{file.stamp}\n".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()[:32]


def version_of(mtime: int, size: int, content: bytes) -> str:
    """A file's version: mtime in nanoseconds, size and hash."""
    return f"{mtime}-{size}-{sha256(content).hexdigest()[:16]}"
