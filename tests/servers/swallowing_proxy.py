"""A way to a server on which connections can die without a sign: nothing comes through any more, and nothing is closed."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class SwallowingProxy:
    """Forwards connections on `port` to another port; `swallow` makes those that are open die silently."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.dialled = 0
        self._swallowing: set[socket.socket] = set()
        self._pairs: dict[socket.socket, socket.socket] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def swallow(self) -> None:
        """Let nothing through any more on the connections that are open now."""
        self._swallowing |= set(self._pairs)

    def cut(self) -> None:
        """Break the connections that are open now."""
        for each in list(self._pairs):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._over.set()
        self._thread.join()
        for each in (self._listener, *self._pairs):
            each.close()

    def _serve(self) -> None:
        while not self._over.is_set():
            ready, _, _ = select.select([self._listener, *self._pairs], [], [], 0.02)
            for each in ready:
                if each is self._listener:
                    self._accept()
                elif each in self._pairs:
                    self._forward(each)

    def _accept(self) -> None:
        near, _ = self._listener.accept()
        far = socket.create_connection(("127.0.0.1", self._target))
        self._pairs |= {near: far, far: near}
        self.dialled += 1

    def _forward(self, near: socket.socket) -> None:
        far = self._pairs[near]
        chunk = b""
        with suppress(OSError):
            chunk = near.recv(65_536)
            if chunk and near not in self._swallowing:
                far.sendall(chunk)
        if not chunk:
            del self._pairs[near], self._pairs[far]
            near.close()
            far.close()


@contextmanager
def swallowing_proxy(target: int) -> Iterator[SwallowingProxy]:
    """Run one for the length of a block."""
    proxy = SwallowingProxy(target)
    try:
        yield proxy
    finally:
        proxy.close()
