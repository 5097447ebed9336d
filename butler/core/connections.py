"""What is known of a connection, and who wrote it down: values for the ledger of connections. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Connection:
    """A connection, or the attempt at one: what for, where to, and what came of it.

    `addresses` are those that the host's name led to, `address` the one that took the connection (empty: none did, and
    `trouble` says why), `local` the port on this side. `seconds` is how long it took or lasted, `sent` and `received` count
    bytes as the kernel does, with the encryption around them. `tls` and `certificate` (SHA-256 in hex) are what the part
    that encrypts has told; `tls` is `PLAIN` where the settings say that nothing is encrypted, and empty where nothing is known.
    """

    purpose: str
    host: str
    port: int
    began: datetime
    addresses: tuple[str, ...] = ()
    address: str = ""
    local: int = 0
    seconds: float = 0.0
    sent: int = 0
    received: int = 0
    tls: str = ""
    certificate: str = ""
    trouble: str = ""


CONNECTED, UNCONNECTED, REFUSED = "connected", "not connected", "refused connection"
"""What the lines of the journal about connections are called."""
PLAIN = "none"
"""What stands in place of a version of TLS where the settings say that a connection is in plain text."""
UNSECURED = "it ended before it was encrypted"
"""The trouble of a connection that had to be encrypted and never was: whoever encrypts sends nothing else before."""
KILLED = "the process that had it was killed, so nobody knows how much went over it"


@dataclass(frozen=True, slots=True)
class Told:
    """What a line of the journal tells: its number, when it was written, what of (one of three words), the connection."""

    seq: int
    at: datetime
    what: str
    connection: Connection


@dataclass(frozen=True, slots=True)
class Begun:
    """A connection under way: its number, and the process that made it."""

    number: int
    process: str
    connection: Connection


class Ledger(Protocol):
    """Where all connections are written down; every method raises StateError when it cannot be."""

    def begin(self, connection: Connection) -> int:
        """Write down that a connection is about to be made; returns the number by which it is known until its end."""
        ...

    def end(self, number: int, connection: Connection) -> None:
        """Write down what came of it; who ends one twice is not heard."""
        ...

    def refuse(self, purpose: str, host: str, port: int, at: datetime) -> None:
        """Write down that something for `purpose` asked for a connection that it must not have."""
        ...
