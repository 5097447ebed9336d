"""The lines that tools have to servers: dialled directly where nobody else dials for them."""

from __future__ import annotations

import socket

from butler.core.dialing import Dial


class Direct:
    """Looks up names and connects by itself, for tools that are used without anybody who watches over it."""

    def __call__(self, host: str, port: int, seconds: float) -> socket.socket:
        """Connect as the operating system does."""
        return socket.create_connection((host, port), seconds)

    def secured(self, host: str, port: int, version: str, certificate: bytes) -> None:
        """Nobody wants to know."""


DIRECT: Dial = Direct()
