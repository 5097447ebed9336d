"""A server on a port of its own that answers each connection in one way, and remembers what came of it."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

ANSWER = b"y" * 777


@dataclass
class Heard:
    """The port, the bytes that came over each connection, and how many of them were ended by the other side."""

    port: int = 0
    came: list[bytes] = field(default_factory=list)
    ended: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    connections: int = 0


@contextmanager
def lines(host: str = "127.0.0.1", context: ssl.SSLContext | None = None) -> Iterator[Heard]:
    """Serve until left: to whatever comes first `ANSWER`, then wait for the other side's end."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    heard = Heard()
    with socket.create_server((host, 0), family=family, backlog=256) as server:
        heard.port = server.getsockname()[1]
        accepting = threading.Thread(target=_accept, args=(server, heard, context), daemon=True)
        accepting.start()
        try:
            yield heard
        finally:
            server.shutdown(socket.SHUT_RDWR)
            accepting.join()


def _accept(server: socket.socket, heard: Heard, context: ssl.SSLContext | None) -> None:
    with suppress(OSError):
        while True:
            connection, _ = server.accept()
            heard.connections += 1
            threading.Thread(target=_answer, args=(connection, heard, context), daemon=True).start()


def _answer(connection: socket.socket, heard: Heard, context: ssl.SSLContext | None) -> None:
    came = b""
    with suppress(OSError):
        spoken = context.wrap_socket(connection, server_side=True) if context else connection
        with spoken:
            if came := spoken.recv(65_536):
                heard.came.append(came)
                spoken.sendall(ANSWER)
            while spoken.recv(65_536):
                pass
    heard.ended.release()


@contextmanager
def silent() -> Iterator[int]:
    """A port that answers no attempt at a connection at all, as a host that is switched off."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as server:
        waiting = []
        for _ in range(3):
            each = socket.socket()
            each.settimeout(0)
            with suppress(BlockingIOError):
                each.connect(server.getsockname())
            waiting.append(each)
        try:
            yield server.getsockname()[1]
        finally:
            for each in waiting:
                each.close()
