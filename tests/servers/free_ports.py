"""Loopback ports for servers that are told theirs, or for nobody; each is given to one process of this machine alone."""

from __future__ import annotations

import fcntl
import itertools
import os
import random
import socket
import tempfile
from pathlib import Path

_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
_LOWEST = 10_240
_given: set[int] = set()
_kept: list[int] = []


def free_port() -> int:
    """A port that nobody listens on, and that nobody is given but whoever asked: no other test, and no connection as its own.

    What `bind` chooses for port 0 the system also gives to connections, so that it may be taken before a server has it.
    """
    ports = range(_LOWEST, _highest())
    for port in itertools.islice(_from(random.randrange(len(ports)), ports), len(ports)):
        if port not in _given and _is_ours(port) and _is_free(port):
            _given.add(port)
            return port
    raise RuntimeError("No port is free.")


def _from(start: int, ports: range) -> itertools.chain[int]:
    return itertools.chain(ports[start:], ports[:start])


def _highest() -> int:
    """Below what the system chooses from."""
    lowest = int(_RANGE.read_text().split()[0]) if _RANGE.exists() else 32_768
    return lowest if lowest > _LOWEST + 1000 else 65_536


def _is_ours(port: int) -> bool:
    """Whether no other process was given it: each is a byte of one file, locked until the process ends."""
    if not _kept:
        place = Path(tempfile.gettempdir()) / f"butler-test-ports-{os.getuid()}"
        _kept.append(os.open(place, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600))
    try:
        fcntl.lockf(_kept[0], fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
    except OSError:
        return False
    return True


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
