"""IMAP spoken over a bare socket, parsing nothing: the floor under every client."""

from __future__ import annotations

import socket
import time
from collections.abc import Sequence

_CHUNK = 1 << 20
TEXT_PARTS = "(UID FLAGS INTERNALDATE RFC822.SIZE BODYSTRUCTURE BODY.PEEK[HEADER] BODY.PEEK[1]<0.1000000>)"


class BareImap:
    """A logged-in connection that counts what it reads."""

    def __init__(self, port: int, user: str, password: str) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._tag = 0
        self._socket.recv(_CHUNK)
        self.ask(f"LOGIN {user} {password}")

    def ask(self, command: str) -> int:
        """Send a command and read to its end; returns the bytes read."""
        size, _ = self._exchange(command)
        return size

    def answer(self, command: str) -> bytes:
        """Send a command; returns the end of its answer, up to a megabyte."""
        return self._exchange(command)[1]

    def _exchange(self, command: str) -> tuple[int, bytes]:
        self._tag += 1
        tag = b"B%d " % self._tag
        self._socket.sendall(tag + command.encode() + b"\r\n")
        size, tail = 0, b"\r\n"
        while True:
            chunk = self._socket.recv(_CHUNK)
            if not chunk:
                raise ConnectionError("the server closed the connection")
            size += len(chunk)
            tail = (tail + chunk)[-_CHUNK:]
            found = tail.rfind(b"\r\n" + tag)
            if found >= 0 and tail.endswith(b"\r\n"):
                if not tail[found + 2 :].startswith(tag + b"OK"):
                    raise ConnectionError(tail[found:].decode())
                return size, tail

    def close(self) -> None:
        """Hang up."""
        self._socket.close()


def fetch_all(port: int, user: str, password: str, folders: Sequence[str], parts: str = TEXT_PARTS) -> tuple[float, int]:
    """Fetch the same parts of all mails as a sync does; returns seconds and bytes."""
    started = time.perf_counter()
    connection = BareImap(port, user, password)
    size = 0
    for folder in folders:
        connection.ask(f"EXAMINE {folder}")
        size += connection.ask(f"UID FETCH 1:* {parts}")
    connection.close()
    return time.perf_counter() - started, size


def next_uid(connection: BareImap, folder: str) -> int:
    """The UID that the next mail of a folder will get."""
    answer = connection.answer(f"STATUS {folder} (UIDNEXT)")
    return int(answer.partition(b"UIDNEXT ")[2].split(b")")[0])
