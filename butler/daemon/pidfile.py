"""The pid file: held by the one daemon of a state folder, until the kernel lets go of it with its last process."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from types import TracebackType

from butler.core.errors import BusyError, StateError

NAME = "butler.pid"
_ADVICE = "Make room, or give the state folder to the user that the butler runs as."


class PidFile:
    """Names the daemon's process in the state folder and keeps a second one out."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self._file = -1

    def __enter__(self) -> PidFile:
        """Take it; raises BusyError that names whoever has it, and StateError when it cannot be made."""
        try:
            self._file = os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
            self._take()
        except OSError as error:
            self._close()
            raise StateError(f"The pid file {self._path} cannot be made: {error.strerror}.", advice=_ADVICE) from error
        except BusyError:
            self._close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Let go of it. The file stays, for one that is taken away could be held by two."""
        self._close()

    def _take(self) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(self._file, 20, 0).decode("ascii", "replace").strip() or "unknown"
            raise BusyError(
                f"The daemon of {self._path.parent} runs already, as process {holder}.",
                advice="`butler status` tells what it does; end that one first, or give this one a state folder of its own.",
            ) from None
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, f"{os.getpid()}\n".encode(), 0)

    def _close(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def holder(folder: Path) -> int:
    """The process of the daemon that runs over a state folder; 0 where none does."""
    try:
        file = os.open(folder / NAME, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return 0
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        told = os.pread(file, 20, 0).strip()
        return int(told) if told.isdigit() else 0
    finally:
        os.close(file)
    return 0
