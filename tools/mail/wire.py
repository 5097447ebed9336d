"""Bytes from a mail server: lines and literals of bounded length, within bounded time."""

from __future__ import annotations

import socket
import time

from butler.core.errors import SourceError

LINE_LIMIT = 16_000_000
"""Bytes of a line; a million UIDs or the structure of a mail with ten thousand parts come on one."""

LOGIN_LIMIT = 65_536
"""Bytes of a line or literal until the log-in is done."""

_CHUNK = 262_144
_SLOWEST = 2_000
_PATIENCE = 3


class Wire:
    """A reader over a connected socket.

    A server that stops, or that drips, is noticed: a read may take three timeouts and what its bytes take at 2 kB a second.
    """

    def __init__(self, connection: socket.socket, timeout: float) -> None:
        self._connection = connection
        self._timeout = timeout
        self._buffer = b""
        self._at = 0
        self._began = time.monotonic()
        self.received = 0

    @property
    def unread(self) -> int:
        """Bytes that came and were not read yet."""
        return len(self._buffer) - self._at

    def restart(self) -> None:
        """Start the clock of a new exchange."""
        self._began = time.monotonic()
        self.received = 0

    def _more(self) -> bytes:
        chunk = self._connection.recv(_CHUNK)
        if not chunk:
            raise ConnectionResetError("the server closed the connection")
        self.received += len(chunk)
        if time.monotonic() - self._began > self._timeout * _PATIENCE + self.received / _SLOWEST:
            raise TimeoutError("the server is too slow")
        return chunk

    def line(self, limit: int = LINE_LIMIT) -> bytes:
        """The next line with its end."""
        found = self._buffer.find(b"\n", self._at)
        if found < 0:
            return self._long_line(limit)
        line = self._buffer[self._at : found + 1]
        self._at = found + 1
        return line

    def _long_line(self, limit: int) -> bytes:
        pieces = [self._buffer[self._at :]]
        size = len(pieces[0])
        while True:
            chunk = self._more()
            end = chunk.find(b"\n") + 1
            size += end or len(chunk)
            if size > limit:
                raise SourceError("The mail server sends a line that is too long to be read.")
            if end:
                self._buffer, self._at = chunk, end
                return b"".join((*pieces, chunk[:end]))
            pieces.append(chunk)

    def exactly(self, size: int, limit: int) -> bytes:
        """The next `size` bytes, if that is no more than `limit`."""
        if size > limit:
            raise SourceError("The mail server sends more than it was asked for.")
        end = self._at + size
        if end <= len(self._buffer):
            piece = self._buffer[self._at : end]
            self._at = end
            return piece
        pieces = [self._buffer[self._at :]]
        missing = size - len(pieces[0])
        while True:
            chunk = self._more()
            if len(chunk) >= missing:
                self._buffer, self._at = chunk, missing
                return b"".join((*pieces, chunk[:missing]))
            pieces.append(chunk)
            missing -= len(chunk)

    def answer(self, literal_limit: int) -> list[bytes]:
        """One answer: its lines without their ends, and the literals between them."""
        line = self.line().rstrip(b"\r\n")
        if line[-1:] != b"}":
            return [line]
        pieces = []
        total = 0
        while line[-1:] == b"}" and (digits := line[line.rfind(b"{") + 1 : -1].rstrip(b"+")).isdigit() and len(digits) < 13:
            size = int(digits)
            pieces += [line, self.exactly(size, literal_limit * 2 - total)]
            total += size
            line = self.line().rstrip(b"\r\n")
        pieces.append(line)
        return pieces
