"""How many bytes went over a connection, as the kernel counts them: whoever uses it cannot say otherwise."""

from __future__ import annotations

import os
import select
import socket
import struct
from contextlib import suppress
from dataclasses import dataclass

# struct tcp_info of linux/tcp.h, of which the kernel gives as much as it knows: `tcpi_state` is its first byte;
# tcpi_bytes_received (since Linux 4.1) is at 128; tcpi_bytes_sent and tcpi_bytes_retrans (since 4.19) at 200 and 208.
# What was acknowledged (120) is not used: it counts the beginning and the end of the stream as a byte each.
_RECEIVED, _SENT = 128, 200
_LENGTH = 216
_NO_WAIT = struct.pack("ii", 0, 0)
_HEARD_END = frozenset({6, 7, 8, 9, 11})
"""The states after the other side's end, which counts as one byte received: TIME_WAIT, CLOSE, CLOSE_WAIT, LAST_ACK, CLOSING."""
_CLOSED = 7
_SAID_END = frozenset({4, 5, 6, 7, 9, 11})
"""The states after the end of this side: FIN_WAIT1, FIN_WAIT2, TIME_WAIT, CLOSE, LAST_ACK, CLOSING."""


@dataclass(frozen=True, slots=True)
class Count:
    """Bytes sent, each once however often it went out, and bytes received."""

    sent: int
    received: int


class Counted:
    """A descriptor of our own for a connection that somebody else uses.

    While it is there, to close the other descriptor alone does not end the connection: who uses it has to shut it down first.
    """

    def __init__(self, connection: socket.socket) -> None:
        self._own = socket.socket(fileno=os.dup(connection.fileno()))

    def count(self) -> Count:
        """What has gone over it until now."""
        told = self._told()
        if len(told) < _LENGTH:
            return Count(0, 0)
        (received,) = struct.unpack_from("=Q", told, _RECEIVED)
        sent, again = struct.unpack_from("=QQ", told, _SENT)
        ended = self._heard_end() if told[0] == _CLOSED else told[0] in _HEARD_END
        return Count(sent - again, max(0, received - ended))

    def is_over(self) -> bool:
        """Whether this side has ended it, or it broke."""
        return bool(self._events() & (select.POLLHUP | select.POLLERR)) or self._state() in _SAID_END

    def close(self) -> None:
        """Let go of it, at once: whoever used it may have asked for the last one to wait until all is sent."""
        with suppress(OSError):
            self._own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_WAIT)
        self._own.close()

    def _told(self) -> bytes:
        """What the kernel tells; it looks at the state before it holds the connection still for the rest."""
        while True:
            told = self._own.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _LENGTH)
            if told[0] == self._state():
                return told

    def _heard_end(self) -> bool:
        """Whether the other side ended a closed connection, or broke it off: an end that came is told before a break."""
        try:
            left = self._own.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except OSError:
            return False
        return not left or not self._events() & select.POLLERR

    def _events(self) -> int:
        watch = select.poll()
        watch.register(self._own, 0)
        found = watch.poll(0)
        return found[0][1] if found else 0

    def _state(self) -> int:
        return self._own.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]
