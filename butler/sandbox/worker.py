"""Workers as who orders them has them, and the forkserver that they come from: started, shared, started anew when it died."""

from __future__ import annotations

import json
import os
import re
import select
import signal
import socket
import subprocess
import sys
from array import array
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Any, Self

from butler.core.errors import StateError
from butler.sandbox.faults import unpack_fault
from butler.sandbox.hints import UnfitError, fitted
from butler.sandbox.order import GUEST, Limits, Order
from butler.sandbox.seam import ENDED, Side, WorkerDiedError
from butler.sandbox.values import unpack
from butler.sandbox.wire import Patience, TooLargeError, Wire, close_all

__all__ = ["Forkserver", "Limits", "Order", "Worker", "WorkerDiedError"]

ENVIRONMENT: Mapping[str, str] = {
    "LANG": "C.UTF-8",
    # Checkpoints are unpacked strictly, and nothing else that is installed sees the values that are checked.
    "LANGGRAPH_STRICT_MSGPACK": "true",
    "PYDANTIC_DISABLE_PLUGINS": "__all__",
}
"""All that a worker finds in its environment."""

_START_SECONDS = 60.0
_END_SECONDS = 5.0
_ADVICE = "`butler doctor` checks the installation."


class Worker:
    """A process at the other end of a connection; closing it ends it, and so does the end of this process."""

    def __init__(self, connection: socket.socket, process: int, enforced: Mapping[str, Any]) -> None:
        self._connection = connection
        self._process: int | None = process
        self.enforced = enforced
        """What the kernel enforces for it, by name."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and not _is_over(self._process, 0.0)

    @property
    def pid(self) -> int:
        """The number of its process; 0 when it ended."""
        if self._process is None:
            return 0
        told = Path(f"/proc/self/fdinfo/{self._process}").read_text(encoding="ascii")
        found = re.search(r"^Pid:\s+(\d+)$", told, re.MULTILINE)
        return int(found[1]) if found else 0

    def side(self, offers: Mapping[str, Callable[..., Any]]) -> Side:
        """This end of the seam to it, which may ask for what is offered; to be made once."""
        return Side(self._connection, offers, self.close)

    def close(self) -> None:
        """End the process at once; harmless when it ended."""
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(process, signal.SIGKILL)
        _is_over(process, _END_SECONDS)
        os.close(process)
        with suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)
        self._connection.close()


class Forkserver:
    """Where workers are ordered: over the `descriptor` of one that runs, or of an own one that is started when it is needed.

    `folders` are searched for modules before all others; with `loud`, workers share this process's standard error.
    """

    def __init__(self, descriptor: int | None = None, folders: Sequence[str] = (), *, loud: bool = False) -> None:
        self._orders = None if descriptor is None else socket.socket(fileno=os.dup(descriptor))
        self._folders = folders
        self._loud = loud
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = Lock()
        self._has_guests = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    @property
    def running(self) -> bool:
        """Whether it was started and is there; of one that somebody else started this is not known before it is asked."""
        return self._orders is not None and (self._process is None or self._process.poll() is None)

    @property
    def descriptor(self) -> int:
        """What other processes order over when it is handed to them; it is started for that when it does not run."""
        return self._running().fileno()

    def start(self) -> None:
        """Start it, or start it anew when it died; raises StateError when that fails."""
        self._running()

    def preload(self, names: Sequence[str]) -> None:
        """Have modules loaded that orders are going to need, while something else is done here."""
        with suppress(OSError):
            self._running().send(json.dumps(names).encode(), socket.MSG_NOSIGNAL)

    def order(self, order: Order) -> Worker:
        """Have a worker forked, confined and ready; one that ends before that without a word is ordered once more.

        Raises StateError when it is told why it does not start, and WorkerDiedError when the second one ends as well.
        """
        try:
            return self._ordered(order)
        except WorkerDiedError:
            # Whatever ended it need not be about the installation.
            return self._ordered_again(order)

    def _ordered_again(self, order: Order) -> Worker:
        try:
            return self._ordered(order)
        except WorkerDiedError as error:
            if self._is_deserted():
                # It is no worker that ends, but all that would fork one.
                raise _unstarted(order) from error
            raise

    def _ordered(self, order: Order) -> Worker:
        self._has_guests |= order.role == GUEST
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                self._send(order, theirs)
            return _started(ours, order)
        except BaseException:
            ours.close()
            raise

    def close(self) -> None:
        """End it and its workers, if it was started here; harmless when there is none."""
        with self._lock:
            if self._orders:
                self._orders.close()
            if self._process:
                # Where it has guests it ends by itself now, and before that what they have left behind.
                with suppress(subprocess.TimeoutExpired):
                    self._process.wait(_END_SECONDS if self._has_guests else 0.0)
                self._process.kill()
                self._process.wait()
            self._orders = self._process = None

    def _send(self, order: Order, theirs: socket.socket) -> None:
        customer = os.pidfd_open(os.getpid())
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array("i", [theirs.fileno(), customer]))]
        try:
            try:
                self._running().sendmsg([order.text()], rights, socket.MSG_NOSIGNAL)
            except ConnectionError:
                # It died, whoever started it: then there is another one.
                self.close()
                self._running().sendmsg([order.text()], rights, socket.MSG_NOSIGNAL)
        except ConnectionError as error:
            raise _unstarted(order) from error
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise StateError(f"A worker ({order.role}) does not start: {why}.", advice=_ADVICE) from error
        finally:
            os.close(customer)

    def _is_deserted(self) -> bool:
        """Whether nobody hears orders any more."""
        with self._lock:
            return self._orders is None or _happens(self._orders.fileno(), 0, 0.0)

    def _running(self) -> socket.socket:
        with self._lock:
            if self._process and self._process.poll() is not None and self._orders:
                self._orders.close()
                self._orders = None
            self._orders = self._orders or self._start()
            return self._orders

    def _start(self) -> socket.socket:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            try:
                self._process = subprocess.Popen(
                    [*_COMMAND, str(theirs.fileno()), str(os.getpid()), *self._folders],
                    pass_fds=(theirs.fileno(),),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=None if self._loud else subprocess.DEVNULL,
                    env=ENVIRONMENT,
                    cwd="/",
                    start_new_session=True,
                )
            except OSError as error:
                ours.close()
                raise StateError(f"The processes that do the butler's work do not start: {error}.", advice=_ADVICE) from error
        ours.settimeout(_START_SECONDS)
        return ours


_COMMAND = (sys.executable, "-I", "-B", "-m", "butler.sandbox.forkserver")


def _started(connection: socket.socket, order: Order) -> Worker:
    """Wait for a worker to be there; raises StateError, and WorkerDiedError when it ended without saying why."""
    wire, patience = Wire(connection), Patience(_START_SECONDS)
    processes: list[int] = []
    try:
        while True:
            message, descriptors = _received(wire, patience)
            processes += descriptors
            if message[0] == "fails":
                raise unpack_fault(message[1:])
            if message[0] == "ready":
                (process,) = processes
                return Worker(connection, process, fitted(message[1], dict[str, Any]))
    except ConnectionError as error:
        _end(processes)
        wire.close()
        raise WorkerDiedError(ENDED) from error
    except (OSError, UnfitError, TooLargeError, ValueError) as error:
        _end(processes)
        wire.close()
        raise _unstarted(order) from error
    except BaseException:
        _end(processes)
        wire.close()
        raise


def _received(wire: Wire, patience: Patience) -> tuple[list[Any], Sequence[int]]:
    parcel = wire.receive(patience)
    if parcel is None:
        raise WorkerDiedError(ENDED)
    descriptors, parcel = parcel.descriptors, type(parcel)(parcel.text, parcel.beside)
    return fitted(unpack(parcel), list[Any]), descriptors


def _unstarted(order: Order) -> StateError:
    return StateError(f"A worker ({order.role}) does not start.", advice=_ADVICE)


def _end(processes: Sequence[int]) -> None:
    for process in processes:
        with suppress(OSError):
            signal.pidfd_send_signal(process, signal.SIGKILL)
    close_all(processes)


def _is_over(process: int, seconds: float) -> bool:
    return _happens(process, select.POLLIN, seconds)


def _happens(number: int, what: int, seconds: float) -> bool:
    """Whether something of a kind happens on a descriptor, or its other end closes, within so many seconds."""
    poll = select.poll()
    poll.register(number, what)
    return bool(poll.poll(seconds * 1000))
