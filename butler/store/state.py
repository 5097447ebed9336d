"""The state folder: private to its owner, and worked on by one butler at a time."""

from __future__ import annotations

import fcntl
import os
import re
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from butler.core.errors import BusyError, StateError

NIGHTLY = re.compile(r"butler-(\d{4}-\d{2}-\d{2})\.tar\.gz(?:\.age)?")
"""What nightly backups are called, by their dates."""
_ADVICE_LOCK = "Make room, or give the state folder to the user that the butler runs as."
_ADVICE = "Name another folder in the settings, or give it to the user that the butler runs as."


def state_folder(path: Path) -> Path:
    """Make the folder with mode 0700 where it is missing; raises StateError when it cannot be used."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        if path.stat().st_uid == os.geteuid():
            path.chmod(0o700)
    except FileExistsError:
        raise StateError(f"The state folder {path} is not a folder.", advice=_ADVICE) from None
    except NotADirectoryError:
        raise StateError(f"The state folder {path} lies below something that is not a folder.", advice=_ADVICE) from None
    except OSError as error:
        raise StateError(f"The state folder {path} cannot be made: {error.strerror}.", advice=_ADVICE) from error
    if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
        raise StateError(f"The state folder {path} is not writable.", advice=_ADVICE)
    return path


@dataclass(frozen=True, slots=True)
class Backup:
    """A nightly backup: its file, when it was written, and its size in bytes."""

    file: Path
    at: datetime
    size: int


def last_backup(folder: Path) -> Backup | None:
    """Find the latest nightly backup; None where there is none, or the folder cannot be read."""
    try:
        found = max((file for file in folder.iterdir() if NIGHTLY.fullmatch(file.name)), default=None)
        if found is None:
            return None
        seen = found.stat()
    except OSError:
        return None
    return Backup(found, datetime.fromtimestamp(seen.st_mtime, UTC), seen.st_size)


class StateLock:
    """Held while a butler works on the state folder; the kernel releases it even after SIGKILL."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "lock"
        self._held = ExitStack()

    def __enter__(self) -> StateLock:
        """Take the lock; raises BusyError that names the holder's process, and StateError when there can be no lock."""
        try:
            self._held = self._taken()
        except OSError as error:
            raise StateError(f"The lock {self._path} cannot be taken: {error.strerror}.", advice=_ADVICE_LOCK) from error
        return self

    def _taken(self) -> ExitStack:
        file = os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        with ExitStack() as held:
            held.callback(os.close, file)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                holder = os.pread(file, 20, 0).decode("ascii", "replace").strip() or "unknown"
                raise BusyError(
                    f"Another butler (process {holder}) works on {self._path.parent}.",
                    advice="Wait until it is done, or stop it.",
                ) from None
            os.ftruncate(file, 0)
            os.pwrite(file, f"{os.getpid()}\n".encode(), 0)
            return held.pop_all()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Release the lock."""
        self._held.close()
