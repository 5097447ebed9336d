"""A dial for the tests: takes every name for this machine, and is the only one that can connect meanwhile."""

from __future__ import annotations

import _socket
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest


class Handed:
    """Hands connections over; keeps what was asked for, and what they were encrypted with."""

    def __init__(self, ports: dict[int, int] | None = None) -> None:
        self.asked: list[tuple[str, int]] = []
        self.certificates: list[tuple[str, int, str, bytes]] = []
        self._ports = ports or {}

    def __call__(self, host: str, port: int, seconds: float) -> socket.socket:
        self.asked.append((host, port))
        assert seconds > 0
        made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            # The module below `socket` does not know of what the tests put into it; the socket has no timeout, as one
            # that came over a seam has none.
            _socket.socket.connect(made, ("127.0.0.1", self._ports.get(port, port)))
        except BaseException:
            made.close()
            raise
        return made

    def secured(self, host: str, port: int, version: str, certificate: bytes) -> None:
        self.certificates.append((host, port, version, certificate))


@contextmanager
def no_other_way() -> Iterator[None]:
    """While this lasts, nobody else in this process can look up a name or connect a socket."""

    def refuse(*asked: Any, **more: Any) -> Any:
        raise AssertionError(f"tried by itself: {asked}")

    with pytest.MonkeyPatch.context() as patch:
        for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex", "gethostbyaddr", "getfqdn", "create_connection"):
            patch.setattr(socket, name, refuse)
        for name in ("connect", "connect_ex", "sendto", "bind"):
            patch.setattr(socket.socket, name, refuse)
        yield
