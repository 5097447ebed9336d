"""How a tool gets a connection: from whoever dials for it, to the hosts of its account and to no others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import socket


class Dial(Protocol):
    """Hands over connections; names are looked up and sockets made by it alone, and encrypted by who asks for them."""

    def __call__(self, host: str, port: int, seconds: float) -> socket.socket:
        """Connect, within so many seconds, which the socket also has as its timeout.

        Raises OSError as `socket.create_connection` does: gaierror, ConnectionRefusedError, TimeoutError, and
        PermissionError where the host is none that may be talked to.
        """
        ...

    def secured(self, host: str, port: int, version: str, certificate: bytes) -> None:
        """Take note of what the latest connection there was encrypted with: such as "TLSv1.3", and the certificate in DER."""
        ...
