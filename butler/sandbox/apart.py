"""Takes a process apart from the others of the machine: those that it starts see and end with nobody but themselves."""

from __future__ import annotations

import ctypes
import fcntl
import os
import socket
import struct
from contextlib import suppress
from dataclasses import dataclass

from butler.sandbox.syscalls import call

_NEW_USER, _NEW_PID, _NEW_NET = 0x10000000, 0x20000000, 0x40000000
_CHILD_SUBREAPER = 36
_GET_FLAGS, _SET_FLAGS = 0x8913, 0x8914
_UP = 0x1
_ROOT = 0
_BACKLOG = 64


@dataclass(frozen=True, slots=True)
class Apart:
    """What came of it: whether what it starts has numbers of its own, and a network of its own with a port to hear on.

    `signals`: whether signals reach nobody else.
    """

    numbers: bool = False
    listening: socket.socket | None = None
    signals: bool = False


def adopt() -> None:
    """Have whatever a descendant leaves behind become a child of this process, instead of the machine's first one."""
    ctypes.CDLL(None, use_errno=True).prctl(_CHILD_SUBREAPER, 1, 0, 0, 0)


def take_apart() -> Apart:
    """Take this process, which has one thread, apart as far as the kernel lets it."""
    adopt()
    for spaces in (_NEW_PID | _NEW_NET, _NEW_PID):
        if _unshared(spaces):
            return Apart(numbers=True, listening=_own_network() if spaces & _NEW_NET else None)
    return Apart()


def _unshared(spaces: int) -> bool:
    """Leave some of what is shared: as root as it is, as anybody else with a root of its own."""
    user, group = os.geteuid(), os.getegid()
    try:
        if user == _ROOT:
            call("unshare", spaces)
            return True
        call("unshare", spaces | _NEW_USER)
    except OSError:
        return False
    # It stays who it is: only the rights to set up its own network come with that, and are given up with all others.
    for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        with suppress(OSError), open(f"/proc/self/{name}", "wb", buffering=0) as file:
            file.write(text.encode())
    return True


def _own_network() -> socket.socket | None:
    """Switch on the loopback of a network in which there is nothing else, and hear on one port there."""
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            found = fcntl.ioctl(asking, _GET_FLAGS, struct.pack("16sH14x", b"lo", 0))
            (flags,) = struct.unpack_from("H", found, 16)
            fcntl.ioctl(asking, _SET_FLAGS, struct.pack("16sH14x", b"lo", flags | _UP))
        listening = socket.socket()
        listening.bind(("127.0.0.1", 0))
        listening.listen(_BACKLOG)
    except OSError:
        return None
    return listening
