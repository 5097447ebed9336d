"""Writes the programs that the kernel runs before each system call: rulings about numbers and arguments, as classic BPF."""

from __future__ import annotations

import errno
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from butler.sandbox.syscalls import FIRST_UNKNOWN, Machine

ALLOW = 0x7FFF0000
KILL = 0x80000000
"""Ends the whole process."""


def refused(number: int = errno.EPERM) -> int:
    """The verdict that lets a call fail with an error number."""
    return 0x00050000 | number


REFUSE = refused()
UNKNOWN = refused(errno.ENOSYS)
"""As if the kernel did not have that call: libraries then do without."""


@dataclass(frozen=True, slots=True)
class Only:
    """A condition: an argument, masked, is one of some values.

    The lower 32 bits are compared, for the kernel takes no more of the arguments that are looked at here: whoever sets
    higher ones gains nothing.
    """

    argument: int
    values: tuple[int, ...]
    mask: int = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Ruling:
    """What comes of a call: `verdict` where all conditions hold, `otherwise` where one does not."""

    name: str
    verdict: int
    conditions: tuple[Only, ...] = ()
    otherwise: int = REFUSE


_X32 = 0x40000000
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16

_LOAD = 0x20
_AND = 0x54
_IF_EQUAL, _IF_AT_LEAST = 0x15, 0x35
_RETURN = 0x06

Instruction = tuple[int, int, int, int]


def program(machine: Machine, rulings: Iterable[Ruling], default: int) -> bytes:
    """Assemble a filter: first the architecture, then unknown numbers, then the rulings, and last what else comes."""
    lines: list[Instruction] = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_IF_EQUAL, 1, 0, machine.audit),
        # Another architecture's numbers (32-bit calls are always there) mean other calls.
        _give(KILL),
        (_LOAD, 0, 0, _NUMBER),
        # On x86-64 the same numbers with this bit are calls of a third kind, on others there are none.
        (_IF_AT_LEAST, 0, 1, _X32),
        _give(KILL),
        (_IF_AT_LEAST, 0, 1, FIRST_UNKNOWN),
        _give(UNKNOWN),
    ]
    for ruling in rulings:
        number = machine.numbers.get(ruling.name)
        if number is not None:
            lines += _block(number, ruling)
    lines.append(_give(default))
    return b"".join(struct.pack("=HBBI", *line) for line in lines)


def _block(number: int, ruling: Ruling) -> Sequence[Instruction]:
    inner = [line for condition in ruling.conditions for line in _check(condition, ruling.otherwise)]
    inner.append(_give(ruling.verdict))
    return [(_IF_EQUAL, 0, len(inner), number), *inner]


def _check(condition: Only, otherwise: int) -> Iterable[Instruction]:
    """Go on behind the block where the argument is one of the values."""
    yield (_LOAD, 0, 0, _ARGUMENTS + 8 * condition.argument)
    yield (_AND, 0, 0, condition.mask)
    for place, value in enumerate(condition.values):
        yield (_IF_EQUAL, len(condition.values) - place, 0, value)
    yield _give(otherwise)


def _give(verdict: int) -> Instruction:
    return (_RETURN, 0, 0, verdict)
