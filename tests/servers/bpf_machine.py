"""Runs a filter as the kernel would, over a call that somebody might make."""

import struct
from dataclasses import dataclass


@dataclass(frozen=True)
class Call:
    """A system call as a filter sees it."""

    number: int
    audit: int
    arguments: tuple[int, ...] = ()

    def packed(self) -> bytes:
        """The kernel's structure: number, architecture, instruction pointer, six arguments."""
        arguments = [each & 0xFFFFFFFFFFFFFFFF for each in (*self.arguments, *[0] * 6)][:6]
        return struct.pack("<IIQ6Q", self.number & 0xFFFFFFFF, self.audit, 0, *arguments)


def verdict(program: bytes, call: Call) -> int:
    """Run a program; raises IndexError where it runs off its end, and ValueError for what it may not hold."""
    lines = [struct.unpack_from("=HBBI", program, at) for at in range(0, len(program), 8)]
    packed, place, register = call.packed(), 0, 0
    while True:
        code, yes, no, operand = lines[place]
        place += 1
        match code:
            case 0x20:
                (register,) = struct.unpack_from("<I", packed, operand)
            case 0x54:
                register &= operand
            case 0x15:
                place += yes if register == operand else no
            case 0x35:
                place += yes if register >= operand else no
            case 0x06:
                return int(operand)
            case _:
                raise ValueError(hex(code))
