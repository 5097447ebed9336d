"""Frames between two processes: a text, bytes beside it and descriptors, each with a largest size and a time to be there."""

from __future__ import annotations

import array
import os
import select
import socket
import struct
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import inf
from time import monotonic

LARGEST_FRAME = 64 * 1024 * 1024
MOST_DESCRIPTORS = 8

_HEAD = struct.Struct(">IIB")
_FIRST = 65_536
_PIECE = 1 << 20
_ROOM = socket.CMSG_SPACE(MOST_DESCRIPTORS * 4)


class TooLargeError(Exception):
    """A frame is larger than the limit."""


def close_all(descriptors: Iterable[int]) -> None:
    """Close descriptors that nobody took."""
    for number in descriptors:
        with suppress(OSError):
            os.close(number)


class Patience:
    """How many seconds may still be spent waiting for the other end; what this end does meanwhile does not count."""

    def __init__(self, seconds: float = inf) -> None:
        self._left = seconds

    def wait(self, poll: select.poll) -> None:
        """Wait until something happens; raises TimeoutError when none is left."""
        if self._left == inf:
            poll.poll()
            return
        began = monotonic()
        happened = poll.poll(max(self._left, 0.0) * 1000)
        self._left -= monotonic() - began
        if not happened:
            raise TimeoutError


@dataclass(frozen=True, slots=True)
class Parcel:
    """What one frame holds: a text in UTF-8, bytes that it points into, and descriptors, which whoever received them closes."""

    text: bytes
    beside: Sequence[bytes | memoryview] = ()
    descriptors: Sequence[int] = ()


class Wire:
    """One end of a stream of frames; never blocks longer than it is told."""

    def __init__(self, connection: socket.socket) -> None:
        connection.settimeout(0.0)
        self._connection = connection
        self._have = bytearray()
        self._descriptors: list[int] = []
        self._readable, self._writable = select.poll(), select.poll()
        self._readable.register(connection, select.POLLIN)
        self._writable.register(connection, select.POLLOUT)

    def send(self, parcel: Parcel, patience: Patience) -> None:
        """Send a frame; raises TooLargeError before anything is sent, and OSError (TimeoutError)."""
        beside = sum(map(len, parcel.beside))
        if len(parcel.text) + beside > LARGEST_FRAME or len(parcel.descriptors) > MOST_DESCRIPTORS:
            raise TooLargeError
        head = _HEAD.pack(len(parcel.text), beside, len(parcel.descriptors))
        rest = memoryview(b"".join((head, parcel.text, *parcel.beside)))
        numbers = array.array("i", parcel.descriptors)
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, numbers)] if parcel.descriptors else []
        while rest:
            try:
                sent = self._connection.sendmsg([rest[:_PIECE]], rights, socket.MSG_NOSIGNAL)
            except BlockingIOError:
                patience.wait(self._writable)
                continue
            rest, rights = rest[sent:], []

    def receive(self, patience: Patience) -> Parcel | None:
        """Receive a frame; None at the end of the connection, raises OSError (TimeoutError) and TooLargeError."""
        while len(self._have) < _HEAD.size:
            if not self._more(patience):
                return None
        text, beside, count = _HEAD.unpack_from(self._have)
        if text + beside > LARGEST_FRAME or count > MOST_DESCRIPTORS:
            raise TooLargeError
        body = self._body(text + beside, patience)
        descriptors, left = self._descriptors[:count], self._descriptors[count:]
        # What is there already of the next frame may have brought its own.
        if body is None or len(descriptors) < count or (left and not self._have):
            return None
        self._descriptors = left
        view = memoryview(body)
        return Parcel(bytes(view[:text]), (view[text:],), descriptors)

    def close(self) -> None:
        """End the connection."""
        close_all(self._descriptors)
        # What waits for it elsewhere is told as well.
        with suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)
        self._connection.close()

    def _more(self, patience: Patience) -> bool:
        patience.wait(self._readable)
        with suppress(BlockingIOError):
            found, rights, flags, _ = self._connection.recvmsg(_FIRST, _ROOM, socket.MSG_CMSG_CLOEXEC)
            self._have += found
            for level, kind, numbers in rights:
                if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                    self._take(numbers)
            return bool(found) and not flags & socket.MSG_CTRUNC
        return True

    def _take(self, numbers: bytes) -> None:
        found = array.array("i")
        found.frombytes(numbers[: len(numbers) - len(numbers) % found.itemsize])
        self._descriptors += found
        if len(self._descriptors) > MOST_DESCRIPTORS:
            raise TooLargeError

    def _body(self, size: int, patience: Patience) -> bytearray | None:
        """What belongs to the frame whose head is there; what is there already of the next one stays."""
        have = len(self._have) - _HEAD.size
        if have >= size:
            body = self._have[_HEAD.size : _HEAD.size + size]
            del self._have[: _HEAD.size + size]
            return body
        body = bytearray(size)
        view = memoryview(body)
        view[:have] = self._have[_HEAD.size :]
        self._have.clear()
        while have < size:
            patience.wait(self._readable)
            with suppress(BlockingIOError):
                got = self._connection.recv_into(view[have : have + _PIECE])
                if not got:
                    return None
                have += got
        return body
