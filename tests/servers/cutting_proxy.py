"""A proxy before a server that cuts a connection after exactly so many bytes of one direction."""

from __future__ import annotations

import selectors
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Literal

Direction = Literal["up", "down"]


@dataclass
class _Plan:
    """Where a connection is cut, nowhere without `after`; `ended` is set when the connection that it was made for has ended."""

    direction: Direction = "up"
    after: int | None = None
    ended: threading.Event = field(default_factory=threading.Event)


@dataclass
class CuttingProxy:
    """Passes connections on to `target`, a loopback port.

    The next connection is cut when `after` bytes went `up` to the server or `down` to the client; they are counted from
    where the client says `trigger`. `counted` are the bytes of the last connection in which it did.
    """

    target: int
    trigger: bytes = b""
    cuts: int = 0
    counted: dict[Direction, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._plan = self._next = _Plan()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def plan(self, direction: Direction, after: int | None) -> None:
        """Say where the next connection is cut; None cuts nowhere."""
        self._plan = self._next = _Plan(direction, after)

    def settle(self) -> None:
        """Wait until the server has ended the connection that was cut: what it got it has done by now.

        One of before, which may end only now, is none of it.
        """
        assert self._plan.ended.wait(60)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _taken(self) -> _Plan:
        """The plan, for the first connection that says the trigger; the others are not cut."""
        taken, self._next = self._next, _Plan()
        return taken

    def _serve(self, client: socket.socket) -> None:
        server = socket.create_connection(("127.0.0.1", self.target))
        for side in (client, server):
            side.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        plans: list[_Plan] = []
        with client, server, suppress(OSError), selectors.DefaultSelector() as ready:
            ready.register(client, selectors.EVENT_READ, "up")
            ready.register(server, selectors.EVENT_READ, "down")
            if self._pass_on(client, server, ready, plans):
                self.cuts += 1
                client.close()
                server.shutdown(socket.SHUT_WR)
                while server.recv(65536):
                    pass
        for plan in plans:
            plan.ended.set()

    def _pass_on(self, client: socket.socket, server: socket.socket, ready: selectors.BaseSelector, plans: list[_Plan]) -> bool:
        """Pass bytes on until one side ends or the cut is reached; True for the cut. The plan that it takes goes to `plans`."""
        counted: dict[Direction, int] = {"up": 0, "down": 0}
        said = b""
        plan: _Plan | None = None
        while True:
            if plan is None and self.trigger in said:
                self.counted, plan = counted, self._taken()
                plans.append(plan)
            for key, _ in ready.select():
                way: Direction = key.data
                chunk = (client if way == "up" else server).recv(65536)
                if not chunk:
                    return False
                start = 0
                if plan is None:
                    said += chunk if way == "up" else b""
                    start = len(chunk)
                    if way == "up" and self.trigger in said:
                        self.counted, plan = counted, self._taken()
                        plans.append(plan)
                        start -= len(said) - said.find(self.trigger)
                limit = plan.after if plan is not None and plan.direction == way else None
                room = len(chunk) if limit is None else start + limit - counted[way]
                (server if way == "up" else client).sendall(chunk[:room])
                if plan is not None:
                    counted[way] += len(chunk[:room]) - start
                if limit is not None and counted[way] >= limit:
                    return True


@contextmanager
def cutting_proxy(target: int, trigger: bytes = b"") -> Iterator[CuttingProxy]:
    """Run a proxy for the length of a block."""
    proxy = CuttingProxy(target, trigger)
    try:
        yield proxy
    finally:
        proxy.close()
