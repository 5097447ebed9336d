"""The warden of a guest: takes itself apart from the machine, confines itself, and starts a program that is none of ours.

The program and all that it starts stand in the warden's jail. With numbers of their own they end with the first of them,
and that one with the warden; without, what they leave behind becomes the forkserver's, which ends it.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import socket
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import NoReturn

from butler.core.errors import StateError
from butler.sandbox.apart import Apart, take_apart
from butler.sandbox.bpf import ALLOW, program
from butler.sandbox.guestcalls import guest_rulings
from butler.sandbox.jail import Enforced, Support, give_up_rights, keep_capabilities, unsupported
from butler.sandbox.landlock import SCOPES_ABI, TCP_ABI, restrict
from butler.sandbox.order import Order
from butler.sandbox.seam import Side
from butler.sandbox.seccomp import put_on
from butler.sandbox.syscalls import Machine

MAIN = "butler.sandbox.guest:warden"
OWN_NETWORK = ("0",)
"""What an order names as the ports of a guest that is to have a network of its own, with one port to connect to."""

_DIE_WITH_PARENT = 1
_DESCRIPTORS = 1024
_LARGEST_FILE = 1 << 30
_MOST_SECONDS = 3_600
_MOST_PROCESSES = 128
_made = Apart()


def confine_guest(order: Order, kernel: Support) -> Enforced:
    """Confine this process for what an order's guest needs; raises StateError where the kernel cannot."""
    global _made  # noqa: PLW0603 - a warden has one guest in its life, and is told of it only after it is confined
    if not kernel.suffices:
        raise unsupported(kernel)
    connects = bool(order.reach.ports)
    made = take_apart()
    if connects and (made.listening is None or kernel.abi < TCP_ABI):
        raise StateError(
            "This kernel gives no program a network of its own, so a server with hosts is not started.",
            advice="Leave hosts out, or let the butler's service make namespaces (docs/mcp.md says how).",
        )
    if made.listening is not None and not connects:
        made.listening.close()
        made = replace(made, listening=None)
    reach = replace(order.reach, ports=(str(made.listening.getsockname()[1]),) if made.listening else ())
    give_up_rights(_DESCRIPTORS, reach)
    keep_capabilities(0)
    restrict(reach, kernel.abi)
    signals = made.numbers or kernel.abi >= SCOPES_ABI
    put_on(partial(_filter, connects=connects, signals=signals, prepares=True))
    _made = replace(made, signals=signals)
    return Enforced(kernel.abi, files=True, tcp=kernel.abi >= TCP_ABI, signals=signals, seccomp="deny-list")


def _filter(machine: Machine, **may: bool) -> bytes:
    return program(machine, guest_rulings(**may), ALLOW)


def warden(connection: socket.socket) -> None:
    """Serve who ordered a guest."""
    Side(connection, {"start": Warden().start, "network": network, "numbers": numbers}).serve()


def network() -> socket.socket:
    """Where the guest's connections are accepted; raises StateError where it has none."""
    if _made.listening is None:
        raise StateError("It has no network.")
    return _made.listening


def numbers() -> bool:
    """Whether what the guest starts ends with it, whatever it does."""
    return _made.numbers


class Warden:
    """Starts one guest."""

    _guest = 0

    def start(self, given: list[list[str]], folder: str, memory: int, wire: socket.socket, told: socket.socket) -> None:
        """Start a program in a folder, its input and output on `wire` and its complaints on `told`; raises StateError, once.

        `given` are its words, and then each variable of its environment with its value.
        """
        if self._guest:
            raise StateError("It has started.")
        self._guest = os.fork()
        if not self._guest:
            _become(given, folder, memory, (wire.fileno(), wire.fileno(), told.fileno()))
        wire.close()
        told.close()


def _become(given: Sequence[Sequence[str]], folder: str, memory: int, standard: Sequence[int]) -> NoReturn:
    """Go on as the guest."""
    command, *variables = given
    try:
        ctypes.CDLL(None, use_errno=True).prctl(_DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
        with suppress(OSError):
            os.setsid()
        _limit(memory, has_own_user=_made.numbers and os.geteuid() != 0)
        for number, descriptor in enumerate(standard):
            os.dup2(descriptor, number)
        os.closerange(len(standard), _DESCRIPTORS)
        os.chdir(folder)
        put_on(partial(_filter, connects=_made.listening is not None, signals=_made.signals))
        os.execve(command[0], list(command), {each[0]: each[1] for each in variables})  # noqa: S606 - the owner's choice
    except (OSError, ValueError) as error:
        with suppress(OSError):
            os.write(2, f"{command[0]} does not start: {error}\n".encode())
    finally:
        os._exit(127)


def _limit(memory: int, *, has_own_user: bool) -> None:
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_LARGEST_FILE, _LARGEST_FILE))
    resource.setrlimit(resource.RLIMIT_CPU, (_MOST_SECONDS, _MOST_SECONDS))
    if has_own_user:
        # Elsewhere the kernel would count all processes of the account.
        resource.setrlimit(resource.RLIMIT_NPROC, (_MOST_PROCESSES, _MOST_PROCESSES))
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        # Python has them ignored, which programs inherit.
        signal.signal(number, signal.SIG_DFL)
