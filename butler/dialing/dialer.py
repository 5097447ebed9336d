"""The dialer: refuses whoever is not in the settings, writes each connection down before it is made, counts its bytes."""

from __future__ import annotations

import dataclasses
import errno
import hashlib
import logging
import math
import socket
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from butler.core.connections import PLAIN, UNSECURED, Connection, Ledger
from butler.core.endpoints import Encryption, Endpoint, plain_host
from butler.core.errors import StateError
from butler.core.text import one_line
from butler.dialing.allowance import Allowance
from butler.dialing.counted import Counted
from butler.dialing.reaching import Address, look_up, reach

_LONGEST = 300.0
"""Most seconds for a connection to come about: the kernel gives up by itself after 130."""
_LONGEST_HOST = 253
_LONGEST_TROUBLE = 200
_MOST_OPEN = 64
"""Connections that are counted at a time; of the oldest beyond, what went over it until then is written down."""
_MOST_AT_ONCE, _ONE_EVERY = 500, 5.0
"""How many connections may be asked for at once, and after how many seconds one more."""
_MOST_OF_MODEL = 5_000
"""As many to a model's servers: each question takes one, and one before and after it to see that the model is the same."""
_MOST_REFUSALS = 20
"""Refused connections that one dialer writes down, so that nobody can fill the disk by asking."""
_LARGEST_CERTIFICATE = 65_536
_VERSIONS = frozenset({"TLSv1.2", "TLSv1.3"})
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Open:
    """A connection that was handed over: its number in the ledger, our own descriptor, and when it began (monotonic).

    `encryption` is what the settings say of it.
    """

    number: int
    counted: Counted
    connection: Connection
    began: float
    encryption: Encryption


class Dialer:
    """Connects to `allowed` and to nobody else; keeps the contract of `butler.core.dialing.Dial`. Used from any thread.

    A connection that cannot be written down is not made: StateError. Whoever asks without end, so that the ledger would have
    none, gets TooOftenError. To be closed when whoever it dials for has ended.
    """

    def __init__(
        self, allowed: Iterable[Endpoint], ledger: Ledger, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        named = [dataclasses.replace(each, host=plain_host(each.host)) for each in allowed]
        # Of two that go to the same place the first one says what for.
        self._allowed = {(each.host, each.port): each for each in reversed(named)}
        self._ledger = ledger
        self._clock = clock
        is_model = bool(named) and all(each.purpose.partition(".")[0] == "model" for each in named)
        self._asked = Allowance("a connection", _MOST_OF_MODEL if is_model else _MOST_AT_ONCE, _ONE_EVERY)
        self._open: list[_Open] = []
        self._refused: set[tuple[str, int]] = set()
        self._lock = threading.Lock()

    def __call__(self, host: str, port: int, seconds: float) -> socket.socket:
        """Connect within so many seconds, the lookup of the name included; see `Dial` for what is raised."""
        self._asked.take()
        self._sweep()
        endpoint = self._allowed_to(host, port)
        connection = Connection(endpoint.purpose, endpoint.host, endpoint.port, self._clock())
        began, limit = time.monotonic(), _sane(seconds)
        try:
            addresses = look_up(endpoint.host, endpoint.port, limit)
        except OSError as error:
            number = self._ledger.begin(connection)
            self._failed(number, connection, error, began)
            raise
        connection = dataclasses.replace(connection, addresses=tuple(dict.fromkeys(map(_number_of, addresses))))
        number = self._ledger.begin(connection)
        try:
            made, address = reach(addresses, limit - (time.monotonic() - began))
        except OSError as error:
            self._failed(number, connection, error, began)
            raise
        local = made.getsockname()[1]
        connection = dataclasses.replace(connection, address=address, local=local)
        self._keep(_Open(number, Counted(made), connection, began, endpoint.encryption))
        made.settimeout(limit)
        return made

    def secured(self, host: str, port: int, version: str, certificate: bytes) -> None:
        """Take note of what the latest connection there was encrypted with, of which that was not told yet."""
        place = (plain_host(host), port)
        with self._lock:
            there = [each for each in self._open if (each.connection.host, each.connection.port) == place]
            # Of two that were made at once each is told of once: none looks then as if it had never been encrypted.
            untold = [each for each in there if not each.connection.tls]
            for each in (untold or there)[-1:]:
                each.connection = dataclasses.replace(
                    each.connection,
                    tls=version if version in _VERSIONS else "unknown",
                    certificate=hashlib.sha256(certificate[:_LARGEST_CERTIFICATE]).hexdigest() if certificate else "",
                )

    def offers(self) -> Mapping[str, Callable[..., Any]]:
        """What the other end of a seam may ask for."""
        return {"dial": self, "secured": self.secured}

    def close(self) -> None:
        """Let go of all connections and write down what went over them."""
        with self._lock:
            ended, self._open = self._open, []
        for each in ended:
            self._end(each)

    def _allowed_to(self, host: str, port: int) -> Endpoint:
        found = self._allowed.get((plain_host(host), port))
        if found is not None:
            return found
        shown = one_line(host, _LONGEST_HOST)
        with self._lock:
            is_new = (shown, port) not in self._refused and len(self._refused) < _MOST_REFUSALS
            if is_new:
                self._refused.add((shown, port))
        if is_new:
            purposes = ", ".join(sorted({each.purpose for each in self._allowed.values()}))
            self._ledger.refuse(purposes, shown, port, self._clock())
        raise PermissionError(errno.EACCES, f"the settings name no {shown} with port {port}, so it is not talked to")

    def _keep(self, kept: _Open) -> None:
        with self._lock:
            self._open.append(kept)
            oldest = self._open.pop(0) if len(self._open) > _MOST_OPEN else None
        if oldest:
            self._end(oldest)

    def _sweep(self) -> None:
        """Write down the connections that have ended by themselves."""
        with self._lock:
            over = [each for each in self._open if each.counted.is_over()]
            self._open = [each for each in self._open if each not in over]
        for each in over:
            self._end(each)

    def _end(self, each: _Open) -> None:
        count = each.counted.count()
        each.counted.close()
        seconds = round(time.monotonic() - each.began, 3)
        self._write(
            each.number,
            dataclasses.replace(_judged(each), seconds=seconds, sent=count.sent, received=count.received),
        )

    def _failed(self, number: int, connection: Connection, error: OSError, began: float) -> None:
        trouble = one_line(error.strerror or str(error) or type(error).__name__, _LONGEST_TROUBLE)
        self._write(number, dataclasses.replace(connection, seconds=round(time.monotonic() - began, 3), trouble=trouble))

    def _write(self, number: int, connection: Connection) -> None:
        """Write down an end. One that cannot be stays in the ledger as begun, which is no less true."""
        try:
            self._ledger.end(number, connection)
        except StateError as error:
            _log.warning("what went over a connection to %s cannot be written down: %s", connection.host, error)


def _judged(each: _Open) -> Connection:
    """A connection with what its encryption came to, where nobody told of any: what the settings ask for decides."""
    if each.connection.tls or each.encryption == "unknown":
        return each.connection
    if each.encryption == "none":
        return dataclasses.replace(each.connection, tls=PLAIN)
    return dataclasses.replace(each.connection, trouble=UNSECURED)


def _sane(seconds: float) -> float:
    """A time that may be waited for, whatever was asked for."""
    return min(float(seconds), _LONGEST) if math.isfinite(seconds) and seconds > 0 else _LONGEST


def _number_of(address: Address) -> str:
    return str(address[1][0])
