"""Landlock: what the kernel lets a process do with files, TCP ports, signals and abstract sockets; by its version (ABI)."""

from __future__ import annotations

import ctypes
import errno
import os
import stat
import struct
from collections.abc import Iterable
from contextlib import suppress

from butler.sandbox.reach import Reach
from butler.sandbox.syscalls import call

KNOWN_ABI = 7
"""The newest version whose rights are all known here; of a newer one, these are used."""
FILES_ABI = 1
RENAMING_ABI = 2
"""From here on a file may be moved from one folder to another, where that is allowed; before, nowhere."""
TRUNCATING_ABI = 3
"""From here on a file that may only be read cannot be emptied either, whichever call opens it."""
TCP_ABI = 4
SCOPES_ABI = 6

_VERSION_FLAG = 1
_PATH_BENEATH, _NET_PORT = 1, 2
_NETWORK_SIZE, _SCOPE_SIZE = 16, 24

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_REMOVE_DIR, _REMOVE_FILE = 1 << 4, 1 << 5
_MAKE_CHAR, _MAKE_DIR, _MAKE_REG, _MAKE_SOCK, _MAKE_FIFO, _MAKE_BLOCK, _MAKE_SYM = (1 << bit for bit in range(6, 13))
_REFER, _TRUNCATE, _IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
_FIRST_FILE_RIGHTS = (1 << 13) - 1
_LATER_FILE_RIGHTS = {RENAMING_ABI: _REFER, TRUNCATING_ABI: _TRUNCATE, 5: _IOCTL_DEV}
_TCP_RIGHTS = 0b11
"""To bind to a port, and to connect to one."""
_CONNECT = 0b10
_SCOPES = 0b11
"""Abstract sockets and signals: of its own jail only."""

_OF_A_FILE = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV
"""What a rule for a file may grant; the others are rights of folders."""
_LISTING = _READ_DIR
_READING = _READ_FILE | _READ_DIR
_RUNNING = _READING | _EXECUTE
# No executing, no devices, no sockets, no pipes: whoever keeps papers needs files and folders.
_WRITING = _READING | _WRITE_FILE | _REMOVE_DIR | _REMOVE_FILE | _MAKE_DIR | _MAKE_REG | _REFER | _TRUNCATE


def landlock_abi() -> int:
    """The kernel's version of Landlock; 0 where there is none, or where it is switched off."""
    with suppress(OSError):
        return call("landlock_create_ruleset", None, 0, _VERSION_FLAG)
    return 0


def file_rights(abi: int) -> int:
    """All rights to files that a version knows: what is not granted of them is refused."""
    return _FIRST_FILE_RIGHTS | sum(right for since, right in _LATER_FILE_RIGHTS.items() if abi >= since)


def ruleset(abi: int) -> bytes:
    """The kernel's structure of what is refused unless a rule grants it; a version takes no fields it does not know."""
    network = _TCP_RIGHTS if abi >= TCP_ABI else 0
    whole = struct.pack("=QQQ", file_rights(abi), network, _SCOPES if abi >= SCOPES_ABI else 0)
    return whole[: _SCOPE_SIZE if abi >= SCOPES_ABI else _NETWORK_SIZE if abi >= TCP_ABI else 8]


def restrict(reach: Reach, abi: int) -> None:
    """Confine the calling thread, and what it starts, to a reach for good; a path that is not there is left out."""
    rules = ruleset(abi)
    descriptor = call("landlock_create_ruleset", ctypes.create_string_buffer(rules, len(rules)), len(rules), 0)
    try:
        granted = ((reach.listed, _LISTING), (reach.read, _READING), (reach.write, _WRITING), (reach.run, _RUNNING))
        for paths, rights in granted:
            _grant(descriptor, dict.fromkeys(paths), rights & file_rights(abi))
        for port in reach.ports if abi >= TCP_ABI else ():
            rule = ctypes.create_string_buffer(struct.pack("=QQ", _CONNECT, int(port)), 16)
            call("landlock_add_rule", descriptor, _NET_PORT, rule, 0)
        call("landlock_restrict_self", descriptor, 0)
    finally:
        os.close(descriptor)


def _grant(ruleset_descriptor: int, paths: Iterable[str], rights: int) -> None:
    for path in paths:
        try:
            opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except OSError as error:
            if error.errno in {errno.ENOENT, errno.ENOTDIR, errno.EACCES, errno.ELOOP}:
                continue
            raise
        try:
            granted = rights if stat.S_ISDIR(os.fstat(opened).st_mode) else rights & _OF_A_FILE
            if granted:
                beneath = ctypes.create_string_buffer(struct.pack("=Qi", granted, opened), 12)
                call("landlock_add_rule", ruleset_descriptor, _PATH_BENEATH, beneath, 0)
        finally:
            os.close(opened)
