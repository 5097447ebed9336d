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
        file = self._file(name)
        try:
            descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StateError(f"{file} cannot be read: {error.strerror}.", advice=_ADVICE) from error
        with open(descriptor, "rb") as opened:
            _refuse_open_to_others(file, os.fstat(descriptor))
            return _kept(opened.read(_LARGEST + 1))

    def keep(self, name: str, kept: Kept) -> None:
        """Keep a log-in: when this returns it is on the disk. Raises StateError when it cannot be written."""
        file = self._file(name)
        part = file.with_suffix(".part")
        try:
            self._make()
            with suppress(FileNotFoundError):
                part.unlink()
            with open(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600), "w", encoding="ascii") as out:
                json.dump(asdict(kept), out)
                out.flush()
                os.fsync(out.fileno())
            part.replace(file)
            self._sync()
        except OSError as error:
            raise StateError(f"{file} cannot be written: {error.strerror}.", advice=_ADVICE) from error

    def forget(self, name: str) -> bool:
        """Forget the log-in of an account; returns whether there was one."""
        file = self._file(name)
        try:
            file.unlink()
            self._sync()
        except FileNotFoundError:
            return False
        except OSError as error:
            raise StateError(f"{file} cannot be deleted: {error.strerror}.", advice=_ADVICE) from error
        return True

    @contextmanager
    def held(self, name: str, seconds: float) -> Iterator[None]:
        """Have the log-in of an account to oneself, among all processes; raises SourceError when that takes too long."""
        until = time.monotonic() + seconds
        file = self._folder / f"{name}.lock"
        try:
            self._make()
            lock = os.open(file, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StateError(f"{file} cannot be written: {error.strerror}.", advice=_ADVICE) from error
        try:
            while not _taken(lock):
                if time.monotonic() > until:
                    raise SourceError(f"Another process has been renewing the log-in of {name} for too long.")
                time.sleep(_PAUSE)
            yield
        finally:
            os.close(lock)

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}{_ENDING}"

    def _make(self) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder.chmod(0o700)

    def _sync(self) -> None:
        folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _taken(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _refuse_open_to_others(file: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode) or status.st_mode & 0o077 or status.st_uid not in {os.geteuid(), 0}:
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
