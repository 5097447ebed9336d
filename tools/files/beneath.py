"""Opens what lies below a folder, and never anything else: by openat2 where the kernel has it, else folder by folder.

No link is followed on the way, whoever swaps one in meanwhile, nor what /proc has instead of links. What is mounted below a
folder belongs to it: only who administers the machine can mount.
"""

from __future__ import annotations

import ctypes
import errno
import os
import stat
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

READING = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
"""How a file is opened to be read: a pipe or a device that took its place holds nobody up."""
FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC

_OPENAT2 = 437
"""Its number on every machine that Linux runs on today."""
_NO_MAGICLINKS, _NO_SYMLINKS, _BENEATH = 2, 4, 8
_ON_THE_WAY = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_LONGEST_PATH = 4096
_TRIES = 8
_NOT_THERE = frozenset({errno.ENOSYS, errno.EPERM, errno.EINVAL, errno.E2BIG})
"""What a kernel answers that does not have the call, or a filter that does not know it."""


class NoFileError(OSError):
    """What has the name is there, and is no plain file."""


@contextmanager
def opened_root(root: str) -> Iterator[int]:
    """Open a folder of the settings; where its own name is a link, that is what its owner wanted. Raises OSError."""
    folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield folder
    finally:
        os.close(folder)


def open_file(folder: int, path: str) -> int:
    """Open a plain file below a folder to be read; raises OSError, for what is none NoFileError."""
    descriptor = open_beneath(folder, path, READING)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    raise NoFileError(errno.EINVAL, "It is no plain file", path)


def open_beneath(folder: int, path: str, flags: int, mode: int = 0) -> int:
    """Open a relative path below a folder, following no link; raises OSError, ELOOP or ENOTDIR where there is one."""
    if len(os.fsencode(path)) >= _LONGEST_PATH:
        raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG), path)
    if "\0" in path or not {"", ".", ".."}.isdisjoint(path.split("/")):
        raise OSError(errno.EXDEV, "It leads elsewhere", path)
    for _ in range(_TRIES):
        try:
            return openat2(folder, path, flags, mode)
        except OSError as error:
            if error.errno in _NOT_THERE:
                break
            # Something was renamed on the way at this very moment.
            if error.errno != errno.EAGAIN:
                raise
    return by_steps(folder, path, flags, mode)


def openat2(folder: int, path: str, flags: int, mode: int = 0) -> int:
    """Have the kernel open a path that stays below a folder, through no link of any kind; raises OSError."""
    how = struct.pack("=QQQ", flags | os.O_CLOEXEC, mode, _BENEATH | _NO_SYMLINKS | _NO_MAGICLINKS)
    kept = ctypes.create_string_buffer(how, len(how))
    ctypes.set_errno(0)
    descriptor = int(_call()(_OPENAT2, folder, os.fsencode(path), kept, len(how)))
    if descriptor < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), path)
    return descriptor


def by_steps(folder: int, path: str, flags: int, mode: int = 0) -> int:
    """The same without that call: each folder on the way is opened below the one before, links aside; raises OSError."""
    *way, name = path.split("/")
    here = folder
    try:
        for part in way:
            below = os.open(part, _ON_THE_WAY, dir_fd=here)
            if here != folder:
                os.close(here)
            here = below
        return os.open(name, flags | os.O_NOFOLLOW | os.O_CLOEXEC, mode, dir_fd=here)
    finally:
        if here != folder:
            os.close(here)


@cache
def _call() -> ctypes._NamedFuncPointer:
    function = ctypes.CDLL(None, use_errno=True).syscall
    function.restype = ctypes.c_long
    function.argtypes = (ctypes.c_long, ctypes.c_int, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_size_t)
    return function
