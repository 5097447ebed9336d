"""Secrets that are found wherever they come out: in files, also packed ones, in what was printed, and in processes."""

from __future__ import annotations

import base64
import gzip
import os
import secrets
import stat
import threading
import zlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

_GZIP = b"\x1f\x8b"


class Canaries:
    """One secret for each name, unlike all else in the world."""

    def __init__(self, *names: str) -> None:
        self._secrets = {name: f"canary{secrets.token_hex(12)}" for name in names}

    def __getitem__(self, name: str) -> str:
        return self._secrets[name]

    def in_bytes(self, content: bytes) -> set[str]:
        """The names of those that are in there, as they are or as base64."""
        return {name for name, secret in self._secrets.items() if any(form in content for form in _forms(secret))}

    def in_files(self, folder: Path) -> set[tuple[str, str]]:
        """(name, file) of each that is in a file below a folder, in its name, or in what is packed in it."""
        return {
            (name, file.relative_to(folder).as_posix())
            for file in sorted(folder.rglob("*"))
            for name in self.in_bytes(os.fsencode(file.relative_to(folder))) | self._in_file(file)
        }

    def _in_file(self, file: Path) -> set[str]:
        if not file.is_file() or file.is_symlink():
            return set()
        content = file.read_bytes()
        if content.startswith(_GZIP):
            try:
                content += gzip.decompress(content)
            except (EOFError, OSError, zlib.error):
                pass
        return self.in_bytes(content)


@cache
def _forms(secret: str) -> tuple[bytes, ...]:
    return tuple(_written(secret))


def _written(secret: str) -> Iterator[bytes]:
    plain = secret.encode()
    yield plain
    yield quote(secret).encode()
    yield plain.hex().encode()
    yield secret.encode("utf-16-le")
    # Wherever it begins among three bytes; what its neighbours change is cut off.
    for before in range(3):
        packed = base64.b64encode(b"\0" * before + plain)
        yield packed[4 if before else 0 : len(packed) // 4 * 4 - 4]


class Lookout:
    """Looks at the environment and command line of all that descends from this process, over and over, while it is entered.

    What is in the environment of a process that a test itself started (a child of this one) is the test's own doing.
    """

    def __init__(self, canaries: Canaries) -> None:
        self._canaries = canaries
        self.found: set[tuple[str, str, str]] = set()
        """(name, where, of which program)."""
        self.seen: set[int] = set()
        """The processes, other than children of this one, that were looked at."""
        self._known: dict[bytes, set[str]] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look_on, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._over.set()
        self._thread.join()

    def _look_on(self) -> None:
        while not self._over.wait(0.01):
            self.look()

    def look(self) -> None:
        """Look once."""
        for pid, parent in _descendants(os.getpid()):
            line = _read(pid, "cmdline")
            program = line.replace(b"\0", b" ").decode(errors="replace")[:100]
            self.found |= {(name, "cmdline", program) for name in self._in(line)}
            if parent != os.getpid():
                self.seen.add(pid)
                self.found |= {(name, "environ", program) for name in self._in(_read(pid, "environ"))}

    def _in(self, content: bytes) -> set[str]:
        """What is in there; most of it was looked at before, as that of the same or of another process."""
        if content not in self._known:
            self._known[content] = self._canaries.in_bytes(content)
        return self._known[content]


def _descendants(parent: int) -> Iterator[tuple[int, int]]:
    """Each that descends from a process, with its own parent."""
    try:
        tasks = [each.name for each in Path(f"/proc/{parent}/task").iterdir()]
    except OSError:
        return
    for task in tasks:
        for pid in map(int, _read(parent, f"task/{task}/children").split()):
            yield pid, parent
            yield from _descendants(pid)


def _read(pid: int, name: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except OSError:
        return b""


def open_to_others(folder: Path) -> dict[str, str]:
    """What below a folder, itself included, others may read, write or enter, with its mode.

    What goes while it is looked at, as files of a daemon that works there do, is left out.
    """
    # The folder itself has to be there.
    found = {folder: folder.lstat().st_mode}
    found |= {place: mode for place, mode in _modes(folder) if not stat.S_ISLNK(mode)}
    return {str(place.relative_to(folder)): oct(mode & 0o777) for place, mode in found.items() if mode & 0o077}


def _modes(place: Path) -> Iterator[tuple[Path, int]]:
    try:
        mode = place.lstat().st_mode
        below = sorted(place.iterdir()) if stat.S_ISDIR(mode) else ()
    except FileNotFoundError:
        return
    yield place, mode
    for each in below:
        yield from _modes(each)
