"""The folder of tokens: a private file an account, written whole before what it holds is used, and renewed by one at a time."""

from __future__ import annotations

import fcntl
import json
import math
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from butler.core.errors import SourceError, StateError

FOLDER = "tokens"
"""Where tokens are kept, in the state folder."""
_ENDING = ".json"
_LARGEST = 131_072
_PAUSE = 0.05
_ADVICE = "Make room, or give the state folder to the user that the butler runs as."


@dataclass(frozen=True, slots=True)
class Kept:
    """The log-in of an account; moments are seconds since 1970.

    `client` is the id that it was granted to, `began` when the access token came and `ends` when it runs out. `asked` is
    since when a renewal is under way of which no answer was kept, else 0. `refused` is what the owner was told when the
    log-in was refused for good: nobody asks any more then.
    """

    client: str
    access: str = field(repr=False)
    refresh: str = field(repr=False)
    began: float
    ends: float
    asked: float = 0.0
    refused: str = ""

    def holds(self, now: float, seconds: float = 60.0) -> bool:
        """Whether the access token is good for so long; never where the clock was put back behind its beginning."""
        return not self.refused and self.began <= now < self.ends - seconds


class Tokens:
    """The tokens of a state folder, by the name of their account, such as `mail.home`."""

    def __init__(self, state: Path) -> None:
        self._folder = state / FOLDER

    def read(self, name: str) -> Kept | None:
        """Read the log-in of an account; None where there is none that can be used.

        Raises StateError when it is open to others.
        """
        file = self._folder / f"{name}{_ENDING}"
        try:
            descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StateError(f"{file} cannot be read: {error.strerror}.", advice=_ADVICE) from error
        with open(descriptor, "rb") as opened:
            _refuse_open_to_others(file, os.fstat(descriptor), self._folder.parent.stat().st_uid)
            return _kept(opened.read(_LARGEST + 1))

    def keep(self, name: str, kept: Kept) -> None:
        """Keep a log-in: when this returns it is on the disk. Raises StateError when it cannot be written."""
        part = f"{name}.part"
        with self._opened(f"{name}{_ENDING}") as folder:
            with suppress(FileNotFoundError):
                os.unlink(part, dir_fd=folder)
            flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC
            with open(os.open(part, flags, 0o600, dir_fd=folder), "w", encoding="ascii") as out:
                self._give(out.fileno())
                json.dump(asdict(kept), out)
                out.flush()
                os.fsync(out.fileno())
            os.replace(part, f"{name}{_ENDING}", src_dir_fd=folder, dst_dir_fd=folder)
            os.fsync(folder)

    def forget(self, name: str) -> bool:
        """Forget the log-in of an account; returns whether there was one."""
        with self._opened(f"{name}{_ENDING}") as folder:
            try:
                os.unlink(f"{name}{_ENDING}", dir_fd=folder)
            except FileNotFoundError:
                return False
            os.fsync(folder)
        return True

    @contextmanager
    def held(self, name: str, seconds: float) -> Iterator[None]:
        """Have the log-in of an account to oneself, among all processes; raises SourceError when that takes too long."""
        until = time.monotonic() + seconds
        with self._opened(f"{name}.lock") as folder:
            flags = os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC
            lock = os.open(f"{name}.lock", flags, 0o600, dir_fd=folder)
            self._give(lock)
        try:
            while not _taken(lock):
                if time.monotonic() > until:
                    raise SourceError(f"Another process has been renewing the log-in of {name} for too long.")
                time.sleep(_PAUSE)
            yield
        finally:
            os.close(lock)

    @contextmanager
    def _opened(self, file: str) -> Iterator[int]:
        """The folder, made where it is missing, private, and no link; what fails inside is told as the file's."""
        folder = -1
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
            self._give(folder)
            os.fchmod(folder, 0o700)
            yield folder
        except OSError as error:
            raise StateError(f"{self._folder / file} cannot be written: {error.strerror}.", advice=_ADVICE) from error
        finally:
            if folder >= 0:
                os.close(folder)

    def _give(self, descriptor: int) -> None:
        """What root writes for the user of a service is that user's, like the state folder."""
        owner = self._folder.parent.stat()
        if os.geteuid() == 0 and owner.st_uid:
            os.fchown(descriptor, owner.st_uid, owner.st_gid)


def _taken(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _refuse_open_to_others(file: Path, status: os.stat_result, owner: int) -> None:
    is_private = stat.S_ISREG(status.st_mode) and not status.st_mode & 0o077
    # Root may look into the state of a service's user.
    if not is_private or status.st_uid not in {os.geteuid(), 0, owner if os.geteuid() == 0 else 0}:
        raise StateError(f"{file} is not a private file of yours.", advice="Delete it, and log in again.")


def _kept(content: bytes) -> Kept | None:
    """Read a file; one that is damaged is as good as none."""
    try:
        found = Kept(**json.loads(content))
        texts = (found.client, found.access, found.refresh, found.refused)
        moments = (found.began, found.ends, found.asked)
        if all(isinstance(each, str) for each in texts) and all(math.isfinite(each) for each in moments):
            return found
    except (ValueError, TypeError, RecursionError):
        pass
    return None
