"""smtplib's connection, with TLS from the first byte where that is wanted, and answers of bounded length."""

from __future__ import annotations

import smtplib
import socket
import ssl
import time
from typing import Any

from butler.core.accounts import SmtpServer
from butler.core.dialing import Dial
from tools.lines import dialled

# Who writes is known by the log-in; the machine's own name is nobody's business.
_GREETING = "[127.0.0.1]"
_MOST_LINES = 200
_PATIENCE = 3


class _Lines:
    """What smtplib reads its answers from; no server can make it wait or grow without end."""

    def __init__(self, connection: Any, timeout: float) -> None:
        self._file = connection.makefile("rb")
        self._timeout = timeout
        self.restart()

    def restart(self) -> None:
        self._end = time.monotonic() + _PATIENCE * self._timeout
        self._left = _MOST_LINES

    def readline(self, limit: int) -> bytes:
        self._left -= 1
        if self._left < 0 or time.monotonic() > self._end:
            raise TimeoutError("the server is too slow")
        line: bytes = self._file.readline(limit)
        return line

    def close(self) -> None:
        self._file.close()


class Smtp(smtplib.SMTP):
    """smtplib's client, with TLS from the first byte where there is a context, reading through `_Lines`."""

    def __init__(self, server: SmtpServer, context: ssl.SSLContext | None, dial: Dial) -> None:
        self._dial = dial
        self._wrap = context
        # Without a name of ours, smtplib would look one up.
        super().__init__(local_hostname=_GREETING, timeout=server.timeout)
        # smtplib checks the certificate against this name, and sets it only when it dials in its constructor.
        self._host = server.host

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        plain = dialled(self._dial, host, port, timeout)
        return plain if self._wrap is None else self._wrap.wrap_socket(plain, server_hostname=host)

    def getreply(self) -> tuple[int, bytes]:
        """One answer, of bounded length and within bounded time."""
        lines: Any = self.file
        if lines is None and self.sock is not None:
            self.file = lines = _Lines(self.sock, float(self.timeout))
        if lines is not None:
            lines.restart()
        return super().getreply()
