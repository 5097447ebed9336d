"""The only way out for a server of the owner's choice: a proxy that connects to the hosts of its settings, and to no others."""

from __future__ import annotations

import ipaddress
import re
import select
import socket
from contextlib import suppress
from threading import BoundedSemaphore, Thread
from urllib.parse import urlsplit

from butler.core.dialing import Dial
from butler.core.errors import ButlerError

_LONGEST_HEAD = 16_384
_HEAD_SECONDS, _DIAL_SECONDS, _IDLE_SECONDS = 10.0, 30.0, 300.0
_MOST = 32
_PIECE = 65_536
_REQUEST = re.compile(rb"([A-Z]{3,10}) (\S{1,4000}) HTTP/1\.[01]\r?\n")
_TARGET = re.compile(r"(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+):(\d{1,5})")
_END = re.compile(rb"\r?\n\r?\n")
_SAYS = "HTTP/1.1 {} {}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Proxy(Thread):
    """Accepts connections in a guest's network and joins each with one that `dial` makes, where that may be."""

    def __init__(self, listening: socket.socket, dial: Dial) -> None:
        super().__init__(daemon=True)
        self._listening = listening
        self._dial = dial
        self._places = BoundedSemaphore(_MOST)

    def run(self) -> None:
        """Accept until it is closed."""
        with suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                if self._places.acquire(blocking=False):
                    Thread(target=self._serve, args=(connection,), daemon=True).start()
                else:
                    connection.close()

    def close(self) -> None:
        """Accept no more; what is open ends with the guest."""
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection, suppress(OSError, ValueError):
                connection.settimeout(_HEAD_SECONDS)
                self._join(connection, _head(connection))
        finally:
            self._places.release()

    def _join(self, connection: socket.socket, head: bytes) -> None:
        method, host, port = target_of(head)
        if not host:
            connection.sendall(_SAYS.format(400, "Bad Request").encode())
            return
        try:
            there = self._dial(host, port, _DIAL_SECONDS)
        except PermissionError:
            connection.sendall(_SAYS.format(403, "Not in the settings").encode())
            return
        except (OSError, ButlerError, RuntimeError):
            connection.sendall(_SAYS.format(502, "Not reached").encode())
            return
        try:
            if is_misled(host, str(there.getpeername()[0])):
                connection.sendall(_SAYS.format(403, "A name of this machine").encode())
                return
            if method == "CONNECT":
                connection.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
                there.sendall(_END.split(head, 1)[1])
            else:
                there.sendall(head)
            _pass_on(connection, there)
        finally:
            # The dialer keeps a descriptor of it, so that a mere close would not end it.
            with suppress(OSError):
                there.shutdown(socket.SHUT_RDWR)
            there.close()


def is_misled(host: str, address: str) -> bool:
    """Whether a name of the world led to this machine: whoever answers for the name chose that, not the settings."""
    there = ipaddress.ip_address(address.partition("%")[0])
    there = getattr(there, "ipv4_mapped", None) or there
    if not (there.is_loopback or there.is_link_local or there.is_unspecified):
        return False
    name = host.rstrip(".").lower()
    try:
        ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return "." in name and not name.endswith((".localhost", ".local"))
    return False


def target_of(head: bytes) -> tuple[str, str, int]:
    """The method of a request to a proxy, and the host and port that it is for; empty where there is none."""
    found = _REQUEST.match(head)
    if found is None:
        return "", "", 0
    method, target = found[1].decode(), found[2].decode("ascii", "replace")
    if method == "CONNECT":
        place = _TARGET.fullmatch(target)
        return (method, place[1].strip("[]"), int(place[2])) if place else (method, "", 0)
    parts = urlsplit(target)
    return (method, parts.hostname or "", parts.port or 80) if parts.scheme == "http" else (method, "", 0)


def _head(connection: socket.socket) -> bytes:
    """What comes up to the empty line after a request's head, and of a plain one what follows already."""
    head = b""
    while not _END.search(head):
        piece = connection.recv(_PIECE)
        head += piece
        if not piece or len(head) > _LONGEST_HEAD:
            raise ValueError("no head")
    return head


def _pass_on(one: socket.socket, other: socket.socket) -> None:
    """Pass on what comes from either side, until one has ended or nothing comes any more."""
    to = {one: other, other: one}
    for each in to:
        each.settimeout(_IDLE_SECONDS)
    while True:
        ready, _, _ = select.select(list(to), [], [], _IDLE_SECONDS)
        if not ready:
            return
        for each in ready:
            piece = each.recv(_PIECE)
            if not piece:
                return
            to[each].sendall(piece)
