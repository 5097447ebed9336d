"""What the kernel says of processes now: whether they are confined, and to whom they have connections."""

from __future__ import annotations

import ipaddress
import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_THERE, _LISTEN = frozenset({"01", "02"}), "0A"
"""The states of /proc/net/tcp (ESTABLISHED, SYN_SENT; LISTEN) that are looked at."""
_SOCKET = re.compile(r"socket:\[(\d+)\]")
_FIELD = re.compile(r"^(Name|PPid|Seccomp|NoNewPrivs|Seccomp_filters):\s*(.*)$", re.MULTILINE)
SECCOMP = {"0": "none", "1": "strict", "2": "filter"}
"""What the line Seccomp in /proc/PID/status means."""


@dataclass(frozen=True, slots=True)
class Wire:
    """A TCP socket: both of its ends as address and port, and the number of its inode."""

    local: tuple[str, int]
    remote: tuple[str, int]
    inode: int


@dataclass(frozen=True, slots=True)
class Process:
    """A process: `seccomp` is none, strict or filter; `wires` are its TCP connections, None where they may not be seen."""

    number: int
    name: str
    seccomp: str
    no_new_privileges: bool
    wires: tuple[Wire, ...] | None


def family(number: int, proc: Path = _PROC) -> list[Process]:
    """A process and all that descend from it, itself first; empty where it is not there."""
    parents = {found: status for found in _numbers(proc) if (status := _status(proc / str(found)))}
    wanted = [number] if number in parents else []
    for each in wanted:
        wanted += sorted(child for child, status in parents.items() if status.get("PPid") == str(each))
    connected, _ = _table(number, proc)
    return [_process(each, parents[each], connected, proc) for each in wanted]


def listening(number: int, proc: Path = _PROC) -> frozenset[int]:
    """The TCP ports that anybody in a process's network listens on, such as that of the page."""
    _, ports = _table(number, proc)
    return ports


def _process(number: int, status: dict[str, str], connected: dict[int, Wire], proc: Path) -> Process:
    return Process(
        number,
        status.get("Name", ""),
        SECCOMP.get(status.get("Seccomp", ""), "unknown"),
        status.get("NoNewPrivs") == "1",
        _wires(number, connected, proc),
    )


def _wires(number: int, connected: dict[int, Wire], proc: Path) -> tuple[Wire, ...] | None:
    """The connections among the descriptors of a process; who is not dumpable shows them to root alone."""
    try:
        descriptors = list((proc / str(number) / "fd").iterdir())
    except FileNotFoundError:
        return ()
    except OSError:
        return None
    found = (connected.get(_inode(each)) for each in descriptors)
    return tuple(dict.fromkeys(wire for wire in found if wire))


def _inode(descriptor: Path) -> int:
    """The number of the socket that a descriptor is; 0 where it is none, or closed by now."""
    try:
        found = _SOCKET.fullmatch(str(descriptor.readlink()))
    except OSError:
        return 0
    return int(found[1]) if found else 0


def _numbers(proc: Path) -> Iterator[int]:
    for each in proc.iterdir():
        if each.name.isdigit():
            yield int(each.name)


def _status(folder: Path) -> dict[str, str]:
    with suppress(OSError):
        return dict(_FIELD.findall((folder / "status").read_text(encoding="utf-8", errors="replace")))
    return {}


def _table(number: int, proc: Path) -> tuple[dict[int, Wire], frozenset[int]]:
    """All TCP connections in a process's network by inode, and the ports that are listened on.

    What nobody has accepted yet has no inode, and is nobody's.
    """
    rows = [line.split() for name in ("tcp", "tcp6") for line in _lines(proc / str(number) / "net" / name)]
    theirs = [row for row in rows if row[3] in _THERE and row[9] != "0"]
    connected = {int(row[9]): Wire(_place(row[1]), _place(row[2]), int(row[9])) for row in theirs}
    return connected, frozenset(_place(row[1])[1] for row in rows if row[3] == _LISTEN)


def _lines(file: Path) -> list[str]:
    """The rows of a table, without its heading; none where there is no such table."""
    try:
        return file.read_text(encoding="ascii", errors="replace").splitlines()[1:]
    except OSError:
        return []


def _place(text: str) -> tuple[str, int]:
    """An address and port as /proc/net/tcp writes them: words of 32 bits in the machine's order, in hex."""
    words, _, port = text.partition(":")
    raw = b"".join(int(words[at : at + 8], 16).to_bytes(4, sys.byteorder) for at in range(0, len(words), 8))
    address = ipaddress.ip_address(raw)
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return str(address), int(port, 16)
