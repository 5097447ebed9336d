"""Finds its way inside one root, folder by folder, without ever following a link: what the hands stand on."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass

from butler.core.errors import EffectError
from tools.files.beneath import FOLDER, NoFileError, open_beneath, open_file, opened_root
from tools.files.paths import is_hidden

_KEPT_MODE = 0o775
"""What a changed file keeps of its mode: strangers may not write it, and it lends nobody its owner's rights."""
_MOST_BYTES = 50_000_000
_LATEST = 253_402_300_799  # the end of the year 9999, in seconds
_FULL = (errno.ENOSPC, errno.EDQUOT)
_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)
_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EMLINK, errno.EXDEV, errno.ENOSYS)


class NoFolderError(Exception):
    """A folder on the way to a file is not there."""


@dataclass(frozen=True, slots=True)
class Content:
    """A file's bytes with what tells whether it has been touched since they were read."""

    content: bytes
    stamp: tuple[int, ...]
    mode: int

    @property
    def sha256(self) -> str:
        """The SHA-256 (hex) of its bytes."""
        return sha256(self.content)

    @property
    def modified(self) -> int:
        """When the file was last written, in seconds, within the years that a date can have."""
        return min(max(self.stamp[3] // 1_000_000_000, 0), _LATEST)


@dataclass(frozen=True, slots=True)
class Place:
    """A name in an opened folder."""

    folder: int
    name: str
    shown: str

    def read(self) -> Content | None:
        """Read the file, None where there is none; raises EffectError for what is no plain file."""
        try:
            descriptor = open_file(self.folder, self.name)
        except FileNotFoundError:
            return None
        except NoFileError as error:
            raise _refused(f"{self.shown} is no plain file.") from error
        except OSError as error:
            if error.errno in (errno.ELOOP, errno.ENXIO):
                raise _refused(f"{self.shown} is a link or no plain file; the butler follows no links.") from error
            raise told(self.shown, error) from error
        try:
            status = os.fstat(descriptor)
            with open(descriptor, "rb", closefd=False) as file:
                content = file.read(_MOST_BYTES + 1)
        finally:
            os.close(descriptor)
        if len(content) > _MOST_BYTES:
            raise _refused(f"{self.shown} is over {_MOST_BYTES // 1_000_000} MB.")
        return Content(content, _stamp(status), status.st_mode & _KEPT_MODE)

    def write(self, content: bytes, over: Content | None) -> bool:
        """Put whole content in place; False, and nothing done, when the file is not the one that `over` was read from."""
        # No name has more than 255 bytes.
        part = f".{os.fsdecode(os.fsencode(self.name)[:200])}.butler-part"
        with suppress(FileNotFoundError):
            os.unlink(part, dir_fd=self.folder)
        try:
            self._write_through(part, content, over.mode if over else 0o600)
            return self._settle(part, over)
        finally:
            with suppress(OSError):
                os.unlink(part, dir_fd=self.folder)

    def move(self, target: Place) -> bool:
        """Give the file another name that is free; False when it is not."""
        try:
            os.link(self.name, target.name, src_dir_fd=self.folder, dst_dir_fd=target.folder, follow_symlinks=False)
        except FileExistsError:
            return False
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            if target.exists():
                return False
            os.rename(self.name, target.name, src_dir_fd=self.folder, dst_dir_fd=target.folder)
        else:
            os.fsync(target.folder)
            os.unlink(self.name, dir_fd=self.folder)
        os.fsync(target.folder)
        os.fsync(self.folder)
        return True

    def remove(self, known: Content) -> bool:
        """Remove the file that `known` was read from; False when it is another one by now."""
        if self._status() != known.stamp:
            return False
        os.unlink(self.name, dir_fd=self.folder)
        os.fsync(self.folder)
        return True

    def exists(self) -> bool:
        """Whether anything has this name, be it a link that leads nowhere."""
        return self._status() is not None

    def _status(self) -> tuple[int, ...] | None:
        try:
            return _stamp(os.stat(self.name, dir_fd=self.folder, follow_symlinks=False))
        except FileNotFoundError:
            return None

    def _write_through(self, part: str, content: bytes, mode: int) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        with open(open_beneath(self.folder, part, flags, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())

    def _settle(self, part: str, over: Content | None) -> bool:
        if over is None:
            return Place(self.folder, part, part).move(self)
        # The last look before the name changes hands: whoever wrote meanwhile wins.
        if self._status() != over.stamp:
            return False
        os.rename(part, self.name, src_dir_fd=self.folder, dst_dir_fd=self.folder)
        os.fsync(self.folder)
        return True


@contextmanager
def place_in(root: str, path: str) -> Iterator[Place]:
    """Open the folder that a relative path leads to; raises NoFolderError, and EffectError for one that leads elsewhere."""
    parts = path.split("/")
    if "\0" in path or any(part in {"", ".", ".."} or is_hidden(part) for part in parts):
        raise _refused(f"{path!r} is no path inside the folder {root}, or a hidden one.")
    with ExitStack() as opened:
        try:
            top = opened.enter_context(opened_root(root))
        except OSError as error:
            raise told(root, error, permanent=False) from error
        folder = _enter(top, "/".join(parts[:-1]), path) if parts[1:] else os.dup(top)
        opened.callback(os.close, folder)
        yield Place(folder, parts[-1], path)


def _enter(top: int, below: str, path: str) -> int:
    try:
        return open_beneath(top, below, FOLDER)
    except FileNotFoundError:
        raise NoFolderError(below) from None
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENOTDIR):
            raise _refused(f"A folder on the way to {path} is a link or no folder; the butler follows no links.") from error
        raise told(path, error) from error


def told(path: str, error: OSError, *, permanent: bool | None = None) -> EffectError:
    """Say what a failed call means; a full disk may have room later, a forbidden file will not be allowed by itself."""
    if error.errno in _FULL:
        return EffectError(f"There is no room left to write {path}.", advice="Make room; it is tried again.")
    forbidden = error.errno in _FORBIDDEN if permanent is None else permanent
    return EffectError(
        f"{path} cannot be read or written: {error.strerror or type(error).__name__}.",
        permanent=forbidden,
        advice="Check that it is there and may be written by the user that the butler runs as.",
    )


def sha256(content: bytes) -> str:
    """The SHA-256 (hex) of some bytes."""
    return hashlib.sha256(content).hexdigest()


def _stamp(status: os.stat_result) -> tuple[int, ...]:
    return (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def _refused(sentence: str) -> EffectError:
    return EffectError(sentence, permanent=True, advice="Nothing was changed. Name a plain file inside the folder.")
