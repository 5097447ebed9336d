"""A network before a server that comes and goes: it passes on, refuses, stalls what is open, or breaks it off."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Literal

Weather = Literal["fair", "refuses", "stalls", "drops"]
"""Whether bytes pass; new connections are closed at once; nothing passes and nothing is closed; all is broken off."""


class FlappingProxy:
    """Forwards connections on `port` to another port, as `weather` says; `open` is how many are."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._listener.getsockname()[1]
        self.weather: Weather = "fair"
        self.dialled = 0
        self._pairs: dict[socket.socket, socket.socket] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def open(self) -> int:
        """How many connections are open now."""
        return len(self._pairs) // 2

    def close(self) -> None:
        """End it with all connections."""
        self._over.set()
        self._thread.join()
        for each in (self._listener, *self._pairs):
            each.close()

    def _serve(self) -> None:
        while not self._over.wait(0.005):
            if self.weather == "drops":
                for each in list(self._pairs):
                    self._hang_up(each)
            listening = [self._listener, *(() if self.weather == "stalls" else self._pairs)]
            ready, _, _ = select.select(listening, [], [], 0.02)
            for each in ready:
                if each is self._listener:
                    self._accept()
                elif each in self._pairs:
                    self._forward(each)

    def _accept(self) -> None:
        near, _ = self._listener.accept()
        self.dialled += 1
        if self.weather in {"refuses", "drops"}:
            near.close()
            return
        try:
            far = socket.create_connection(("127.0.0.1", self._target), 2.0)
        except OSError:
            near.close()
            return
        self._pairs |= {near: far, far: near}

    def _forward(self, near: socket.socket) -> None:
        chunk = b""
        with suppress(OSError):
            chunk = near.recv(65_536)
            if chunk:
                self._pairs[near].sendall(chunk)
        if not chunk:
            self._hang_up(near)

    def _hang_up(self, near: socket.socket) -> None:
        far = self._pairs.pop(near, None)
        if far is not None:
            del self._pairs[far]
            near.close()
            far.close()


@contextmanager
def flapping_proxy(target: int) -> Iterator[FlappingProxy]:
    """Run one for the length of a block."""
    proxy = FlappingProxy(target)
    try:
        yield proxy
    finally:
        proxy.close()
