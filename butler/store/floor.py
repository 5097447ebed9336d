"""Who answers which question just now: locks on parts of one file, which the kernel releases even after SIGKILL."""

from __future__ import annotations

import errno
import fcntl
import os
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from butler.core.errors import BusyError, StateError

FILE = "asking.lock"
_LOCK = "hhqqi4x"
"""How the kernel is told of a part of a file (struct flock): kind, whence, start, length, process."""
_ALONE = 0
_LOOK_AGAIN = 0.1
_ADVICE = "Make room, or give the state folder to the user that the butler runs as."


class Floor:
    """The locks of one state folder. Each question has one of its own; the first is for whoever asks the model.

    They belong to the open file, so that it matters neither who else of this process opens and closes it, nor which of its
    threads asks.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE

    @contextmanager
    def answering(self, turn: int) -> Iterator[None]:
        """Answer a question; raises BusyError where another process does."""
        with self._opened() as file:
            if not _locked(file, turn):
                raise BusyError("This question is being answered.", advice="Wait until it is.")
            yield

    @contextmanager
    def alone(self, waits: Callable[[], None] | None = None, patience: float = 0.0) -> Iterator[None]:
        """Be the only one who has the model answer, after so many seconds at most; `waits` is called where that is not at once.

        Raises BusyError where another one goes on for longer.
        """
        with self._opened() as file:
            end = time.monotonic() + patience
            told = False
            while not _locked(file, _ALONE):
                if time.monotonic() >= end:
                    raise BusyError("Another question is being answered.", advice="Ask again when it is.")
                if waits and not told:
                    waits()
                    told = True
                time.sleep(_LOOK_AGAIN)
            yield

    def is_answered(self, turn: int) -> bool:
        """Whether a process answers a question just now."""
        try:
            file = os.open(self._path, os.O_RDWR | os.O_CLOEXEC)
        except OSError:
            return False
        try:
            found = fcntl.fcntl(file, fcntl.F_OFD_GETLK, _part(turn))
        except OSError:
            return False
        finally:
            os.close(file)
        return bool(struct.unpack(_LOCK, found)[0] != fcntl.F_UNLCK)

    @contextmanager
    def _opened(self) -> Iterator[int]:
        try:
            file = os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StateError(f"The lock {self._path} cannot be taken: {error.strerror}.", advice=_ADVICE) from error
        try:
            yield file
        finally:
            os.close(file)


def _locked(file: int, start: int) -> bool:
    try:
        fcntl.fcntl(file, fcntl.F_OFD_SETLK, _part(start))
    except OSError as error:
        if error.errno in (errno.EAGAIN, errno.EACCES):
            return False
        raise
    return True


def _part(start: int) -> bytes:
    return struct.pack(_LOCK, fcntl.F_WRLCK, os.SEEK_SET, start, 1, 0)
