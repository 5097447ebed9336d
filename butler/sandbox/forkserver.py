"""The process that forks workers: small, without secrets, with what they need already loaded.

python -I -B -m butler.sandbox.forkserver DESCRIPTOR STARTER [FOLDER …]

An order comes as one message over the descriptor, with the worker's end of a connection and a descriptor of the process
that ordered it. It ends when its starter does, or nobody is left who could order, and all its workers with it; a worker
ends with who ordered it.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import resource
import select
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Any, NoReturn

from butler.core.errors import LoadError, StateError
from butler.core.text import one_line
from butler.sandbox import jail
from butler.sandbox.apart import adopt
from butler.sandbox.faults import pack_fault
from butler.sandbox.order import GUEST, LONGEST_ORDER, Limits, Order, read_order
from butler.sandbox.profiles import PROFILES
from butler.sandbox.values import pack
from butler.sandbox.wire import Parcel, Patience, Wire, close_all

BORN, READY = b'["born"]', "ready"
_DIE_WITH_PARENT, _SET_NAME = 1, 15
_CONNECTION = 3
"""The only descriptor of a worker beside those of standard input, output and error."""
_ADVICE = "`butler doctor` checks the installation."
_ROUNDS = 1_000
_ROOM = socket.CMSG_SPACE(2 * 4)


def main(arguments: Sequence[str]) -> None:
    """Fork workers until there is nobody left who could order one."""
    descriptor, starter, *folders = arguments
    sys.path[:0] = folders
    watch = os.pidfd_open(int(starter))
    if os.getppid() != int(starter):
        return
    gc.disable()
    _be_called("forks")
    # Whatever a program that is none of ours leaves behind is ended here.
    adopt()
    with socket.socket(fileno=int(descriptor)) as orders:
        forks = Forks(orders, watch)
        try:
            forks.run()
        finally:
            forks.end()


class Forks:
    """The workers that live, each by the descriptor of its process and that of who ordered it."""

    def __init__(self, orders: socket.socket, starter: int) -> None:
        self._orders = orders
        self._starter = starter
        self._known = jail.prepare()
        self._poll = select.poll()
        self._customers: dict[int, tuple[int, int]] = {}
        """Who ordered a worker, to the worker's process and its number."""
        self._wardens: set[int] = set()
        """The numbers of the workers that have started programs."""
        self._workers: dict[int, int] = {}
        for number in (orders.fileno(), starter):
            self._poll.register(number, select.POLLIN)

    def run(self) -> None:
        """Answer orders, and bury who died."""
        while all(self._goes_on(number) for number, _ in self._poll.poll()):
            pass

    def end(self) -> None:
        """End the wardens, and all that they leave behind; every other worker ends with this process."""
        for pid in list(self._wardens):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        if self._wardens:
            end_orphans(frozenset())

    def _goes_on(self, number: int) -> bool:
        """See to a descriptor on which something happened; False when that is the end."""
        if number == self._orders.fileno():
            return self._order()
        if number in self._workers:
            self._bury(self._workers[number])
        elif number in self._customers:
            # What it wanted is of no use to anybody else.
            signal.pidfd_send_signal(self._customers[number][0], signal.SIGKILL)
            self._poll.unregister(number)
        return number != self._starter

    def _order(self) -> bool:
        """Take an order; there are no more to come when it is an empty one."""
        text, rights, flags, _ = self._orders.recvmsg(LONGEST_ORDER, _ROOM, socket.MSG_CMSG_CLOEXEC)
        numbers = [number for _, _, found in rights for number in memoryview(found).cast("i")]
        if text and not numbers:
            self._warm(text)
            return True
        if len(numbers) != 2 or flags & (socket.MSG_TRUNC | socket.MSG_CTRUNC):
            if len(numbers) == 2:
                _refuse(numbers[0], ValueError("what it is to do is too long."))
            close_all(numbers)
            return bool(text)
        connection, customer = numbers
        try:
            order = read_order(text)
            self._preload(order.preload)
            pid = os.fork()
        except (StateError, OSError, ValueError, TypeError, KeyError) as error:
            _refuse(connection, error)
            close_all(numbers)
            return True
        if not pid:
            _become(order, connection, self._known, os.getppid())
        os.close(connection)
        self._raise(pid, customer)
        if order.role == GUEST:
            self._wardens.add(pid)
        return True

    def _warm(self, text: bytes) -> None:
        """Load what an order is going to need; what cannot be loaded is told to who orders it."""
        with suppress(StateError, ValueError, TypeError, RecursionError):
            self._preload(json.loads(text))

    def _preload(self, names: Sequence[str]) -> None:
        loaded = len(sys.modules)
        for name in names:
            _load(name)
        if len(sys.modules) != loaded:
            # What is loaded stays: forks need not look through it, nor copy it when they do.
            gc.collect()
            gc.freeze()

    def _raise(self, pid: int, customer: int) -> None:
        worker = os.pidfd_open(pid)
        self._workers[worker] = customer
        self._customers[customer] = (worker, pid)
        for number in (worker, customer):
            self._poll.register(number, select.POLLIN)

    def _bury(self, customer: int) -> None:
        worker, pid = self._customers.pop(customer)
        del self._workers[worker]
        os.waitpid(pid, 0)
        if pid in self._wardens:
            self._wardens.remove(pid)
            end_orphans(frozenset(number for _, number in self._customers.values()))
        for number in (worker, customer):
            with suppress(KeyError):
                self._poll.unregister(number)
            os.close(number)


def end_orphans(known: frozenset[int]) -> None:
    """End the children of this process that are not known, and what they leave behind, until there is nothing more."""
    for _ in range(_ROUNDS):
        orphans = [pid for pid in _children() if pid not in known]
        if not orphans:
            return
        for pid in orphans:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for pid in orphans:
            with suppress(ChildProcessError):
                os.waitpid(pid, 0)


def _children() -> list[int]:
    """The children of this process: by what the kernel says of it, which not every kernel does, and by looking at all."""
    own = str(os.getpid()).encode()
    found = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit() and _parent(entry) == own]
    with suppress(OSError):
        # Where a service sees only what it may look into, others are named here all the same.
        found += map(int, Path(f"/proc/self/task/{os.getpid()}/children").read_bytes().split())
    return list(dict.fromkeys(found))


def _parent(process: Path) -> bytes:
    """The number of a process's parent; empty where it has gone."""
    try:
        # The name of the program stands in parentheses and may hold anything.
        return (process / "stat").read_bytes().rpartition(b")")[2].split()[1]
    except (OSError, IndexError):
        return b""


def _load(name: str) -> Any:
    with _Loading(name):
        return import_module(name)


class _Loading:
    """While a module is loaded: whatever goes wrong in it is told to who wants it, and ends nobody else."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if isinstance(error, Exception | SystemExit):
            told = f"A worker does not start, for {self._name} cannot be loaded: {one_line(str(error))}"
            raise LoadError(told, advice=_ADVICE) from error


def _refuse(connection: int, error: Exception) -> None:
    """Tell who ordered a worker why there is none."""
    told = error if isinstance(error, StateError) else StateError(f"A worker does not start: {error}", advice=_ADVICE)
    with socket.socket(fileno=os.dup(connection)) as answer, suppress(OSError):
        Wire(answer).send(pack(["fails", *pack_fault(told)])[0], Patience(1.0))


def _become(order: Order, connection: int, known: jail.Support, parent: int) -> NoReturn:
    """Be the worker from here on."""
    code = 1
    try:
        _stand_alone(connection, parent)
        with socket.socket(fileno=_CONNECTION) as wire:
            _start(order, wire, known)(wire)
        code = 0
    except BaseException:  # noqa: BLE001 - this is the edge of the process
        import traceback

        traceback.print_exc()
    finally:
        os._exit(code)


def _start(order: Order, connection: socket.socket, known: jail.Support) -> Callable[[socket.socket], None]:
    """Confine the process and find what it is to do; whoever ordered it learns of either."""
    wire = Wire(connection)
    own = os.pidfd_open(os.getpid())
    wire.send(Parcel(BORN, (), (own,)), Patience())
    os.close(own)
    try:
        _be_called(order.role)
        _limit(order.limits)
        enforced = _confine(order, known)
        module, _, name = order.main.partition(":")
        run: Callable[[socket.socket], None] = getattr(_load(module), name)
    except (StateError, OSError, AttributeError, KeyError) as error:
        _refuse(connection.fileno(), error)
        raise
    gc.freeze()
    gc.enable()
    wire.send(pack([READY, asdict(enforced)])[0], Patience())
    return run


def _confine(order: Order, known: jail.Support) -> jail.Enforced:
    """Confine this process for its role; what starts a program that is none of ours has another way, loaded by its order."""
    if order.role == GUEST:
        from butler.sandbox.guest import confine_guest

        return confine_guest(order, known)
    return jail.confine(PROFILES[order.role], order.reach, degraded=order.degraded, known=known)


def _be_called(name: str) -> None:
    """Be told apart by `ps`, `butler prove` and whoever else looks."""
    ctypes.CDLL(None, use_errno=True).prctl(_SET_NAME, f"butler-{name}".encode(), 0, 0, 0)


def _stand_alone(connection: int, parent: int) -> None:
    """Leave everything of the process that forked this one, but for its code and its standard error."""
    ctypes.CDLL(None, use_errno=True).prctl(_DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)
    os.setsid()
    os.dup2(connection, _CONNECTION, inheritable=False)
    os.closerange(_CONNECTION + 1, os.sysconf("SC_OPEN_MAX"))


def _limit(limits: Limits) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if limits.memory:
        with open("/proc/self/statm", encoding="ascii") as file:
            mapped = int(file.read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (mapped + limits.memory,) * 2)


if __name__ == "__main__":
    main(sys.argv[1:])
