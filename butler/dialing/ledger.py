"""The ledger that lies in `butler.db`: opened when there is something to write, by the process that makes the connection."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from butler.core.connections import Connection

# Whoever only might write does not load what writes.
if TYPE_CHECKING:
    from butler.store.connections import Connections

_BOOT = Path("/proc/sys/kernel/random/boot_id")


def _now() -> datetime:
    return datetime.now(UTC)


class StateLedger:
    """Writes into `butler.db`, from any thread. The file is opened at the first connection and closed with the ledger."""

    def __init__(self, file: Path, clock: Callable[[], datetime] = _now) -> None:
        self._file = file
        self._clock = clock
        self._opened: Connections | None = None
        self._lock = threading.Lock()

    def begin(self, connection: Connection) -> int:
        """Write down that a connection is about to be made, and what killed processes left behind when that is the first."""
        with self._lock:
            return self._connections().begin(connection, own_name())

    def end(self, number: int, connection: Connection) -> None:
        """Write down what came of it."""
        with self._lock:
            self._connections().end(number, connection, self._clock())

    def refuse(self, purpose: str, host: str, port: int, at: datetime) -> None:
        """Write down that something asked for a connection that it must not have."""
        with self._lock:
            self._connections().refuse(purpose, host, port, at)

    def close(self) -> None:
        """Close the file, if it was opened."""
        with self._lock:
            opened, self._opened = self._opened, None
        if opened:
            opened.close()

    def _connections(self) -> Connections:
        if self._opened is None:
            from butler.store.connections import Connections

            opened = Connections.open(self._file)
            try:
                opened.settle(is_alive, self._clock())
            except BaseException:
                opened.close()
                raise
            self._opened = opened
        return self._opened


def own_name() -> str:
    """This process, by a name that no other one ever has on this machine."""
    return name_of_process(os.getpid())


def name_of_process(number: int) -> str:
    """A process by the machine's boot, its number, and when it started; empty where there is none of that number."""
    try:
        # The name of the program stands in parentheses and may hold anything; proc(5) numbers the fields from it on.
        started = Path(f"/proc/{number}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""
    return f"{_boot()}:{number}:{started}"


def _boot() -> str:
    """The beginning of this boot's name; empty for a service that sees processes alone of /proc (ProcSubset=pid)."""
    try:
        return _BOOT.read_text(encoding="ascii").strip()[:8]
    except OSError:
        return ""


def is_alive(name: str) -> bool:
    """Whether a process of this name is still there; where either side does not know the boot, that is not looked at."""
    boot, _, rest = name.partition(":")
    number = rest.partition(":")[0]
    own = name_of_process(int(number)) if number.isdigit() else ""
    known, _, found = own.partition(":")
    return bool(own) and found == rest and (boot == known or not boot or not known)
