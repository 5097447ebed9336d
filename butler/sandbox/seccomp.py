"""Seccomp: has the kernel ask a filter before each system call of this process, for good."""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Callable
from contextlib import suppress

from butler.sandbox.bpf import ALLOW, REFUSE, program, refused
from butler.sandbox.rulings import Kind, rulings
from butler.sandbox.syscalls import Machine, call, this_machine

_SET_FILTER, _IS_THERE = 1, 2
_ALL_THREADS = 1
_INSTRUCTION = 8


def has_filters() -> bool:
    """Whether the kernel takes filters, and the numbers of its calls are known."""
    with suppress(OSError):
        return call("seccomp", _IS_THERE, 0, ctypes.create_string_buffer(struct.pack("=I", refused(0)), 4)) == 0
    return False


def filter_program(machine: Machine, kind: Kind, own: int, *, keeps: bool, beneath: bool = False) -> bytes:
    """Make the filter of a kind for the process `own`, which `keeps` files or does not, and has openat2 or not."""
    return program(machine, rulings(kind, own, keeps=keeps, beneath=beneath), ALLOW if kind == "deny-list" else REFUSE)


def filter_calls(kind: Kind, own: int, *, keeps: bool, beneath: bool = False) -> None:
    """Have the filter judge all calls of this process from now on; raises OSError where the kernel takes none."""
    put_on(lambda machine: filter_program(machine, kind, own, keeps=keeps, beneath=beneath))


def put_on(make: Callable[[Machine], bytes]) -> None:
    """Have a filter that is made for this machine judge all calls of this process from now on; raises OSError."""
    machine = this_machine()
    if machine is None:
        raise OSError(38, "the calls of this machine have no known numbers")
    code = make(machine)
    kept = ctypes.create_string_buffer(code, len(code))
    prog = struct.pack("@HP", len(code) // _INSTRUCTION, ctypes.addressof(kept))
    # A thread that cannot be bound as well is told by its number.
    if call("seccomp", _SET_FILTER, _ALL_THREADS, ctypes.create_string_buffer(prog, len(prog))):
        raise OSError(11, "a thread of this process escaped the filter")
