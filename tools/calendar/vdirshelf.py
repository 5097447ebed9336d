"""Writes to a folder of .ics files: each file whole or not at all, never over one that was changed."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from butler.core.accounts import CalendarAccount
from butler.core.errors import EffectError, SourceError
from tools.calendar.hands import Present
from tools.calendar.lines import EditError, read_block
from tools.calendar.vdir import VdirSource
from tools.calendar.writefaults import unreached
from tools.vdir import LARGEST_FILE, version_of

_KEPT_MODE = 0o775
"""What a changed file keeps of its mode: strangers may not write it."""
_CHANGED = "The file was changed meanwhile; nothing was overwritten."


class VdirShelf:
    """The calendars below one folder."""

    def __init__(self, account: CalendarAccount) -> None:
        self._source = VdirSource(account)

    def find(self, calendar: str, key: str, uid: str) -> Present | None:
        """Read a file; where it is new, also whichever file holds its UID."""
        folder = self._source.folder(calendar)
        found = _read(folder, key)
        if found is None and uid:
            found = next((each for name in sorted(_names(folder)) if (each := _holding(folder, name, uid))), None)
        return found

    def put(self, calendar: str, key: str, text: str, version: str) -> str:
        """Write a file whole in the place of the version, or where that is empty only if there is none."""
        folder = self._folder(calendar)
        temporary = folder / f".{uuid4().hex}.tmp"
        try:
            _write(temporary, text.encode())
            self._place(folder, key, temporary, version)
            _sync(folder)
        except FileExistsError as error:
            raise EffectError(_CHANGED, held=True) from error
        except OSError as error:
            raise _failed(folder, error) from error
        finally:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
        return "written"

    def delete(self, calendar: str, key: str, version: str) -> str:
        """Delete a file if it is still this version."""
        folder = self._folder(calendar)
        self._check(folder, key, version)
        try:
            (folder / key).unlink()
            _sync(folder)
        except OSError as error:
            raise _failed(folder, error) from error
        return "deleted"

    def place(self, calendar: str, key: str) -> str:
        """The path of the file."""
        with suppress(SourceError):
            return str(self._source.folder(calendar) / key)
        return f"{calendar}/{key}"

    def close(self) -> None:
        """Nothing stays open."""

    def _folder(self, calendar: str) -> Path:
        try:
            return self._source.folder(calendar)
        except SourceError as error:
            raise unreached(error) from error

    def _place(self, folder: Path, key: str, temporary: Path, version: str) -> None:
        """A link is made only where no file is; a file is replaced right after one more look at it."""
        target = _inside(folder, key)
        if version:
            self._check(folder, key, version)
            with temporary.open("rb") as file:
                # By its descriptor: a jail lets nobody change the mode of what is only named.
                os.fchmod(file.fileno(), target.stat().st_mode & _KEPT_MODE)
            temporary.replace(target)
        else:
            target.hardlink_to(temporary)

    def _check(self, folder: Path, key: str, version: str) -> None:
        try:
            present = _read(folder, key)
        except SourceError as error:
            raise unreached(error) from error
        if present is None or present.version != version:
            raise EffectError(_CHANGED, held=True)


def _inside(folder: Path, key: str) -> Path:
    if key in {"", ".", ".."} or "/" in key or "\0" in key or key.startswith("."):
        raise EffectError(f"{key!r} is no name of a file in a calendar.", permanent=True)
    return folder / key


def _read(folder: Path, key: str) -> Present | None:
    path = _inside(folder, key)
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            state = os.fstat(file.fileno())
            content = file.read(LARGEST_FILE + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}.", advice="Check its owner and mode.") from error
    if len(content) > LARGEST_FILE:
        raise SourceError(f"{path} is too large.", permanent=True)
    try:
        return Present(key, version_of(state.st_mtime_ns, state.st_size, content), content.decode())
    except UnicodeDecodeError as error:
        raise SourceError(f"{path} is not written in UTF-8 and cannot be changed without loss.", permanent=True) from error


def _names(folder: Path) -> list[str]:
    try:
        names = [each.name for each in folder.iterdir()]
    except OSError as error:
        raise SourceError(f"{folder} cannot be read: {error.strerror}.", advice="Check its owner and mode.") from error
    return [name for name in names if name.lower().endswith(".ics") and not name.startswith(".")]


def _holding(folder: Path, name: str, uid: str) -> Present | None:
    """A file with this UID; what cannot be read as a calendar has none."""
    with suppress(SourceError, EditError):
        present = _read(folder, name)
        if present is not None and uid[:40] in present.text.replace("\r\n ", "").replace("\n ", ""):
            blocks = read_block(present.text).blocks("VEVENT", "VTODO")
            return present if any(block.text("UID") == uid for block in blocks) else None
    return None


def _write(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _failed(folder: Path, error: OSError) -> EffectError:
    return EffectError(f"{folder} cannot be written to: {error.strerror or error}.", advice="Check its owner, mode and space.")
