"""What runs in the workers of the tests of the forkserver."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Mapping

from butler.sandbox.seam import Side

LOADED = time.monotonic_ns()


def open_descriptors() -> list[int]:
    found = []
    for number in range(256):
        try:
            os.fstat(number)
        except OSError:
            continue
        found.append(number)
    return found


def environ() -> Mapping[str, str]:
    return dict(os.environ)


def session() -> list[int]:
    return [os.getpid(), os.getsid(0), os.getppid()]


def loaded() -> int:
    return LOADED


def work(seconds: float) -> None:
    time.sleep(seconds)


def folder() -> str:
    return os.getcwd()  # noqa: PTH109 - nothing else is loaded


def serve(connection: socket.socket) -> None:
    offers = {each.__name__: each for each in (open_descriptors, environ, session, loaded, work, folder)}
    Side(connection, offers).serve()


def spin(connection: socket.socket) -> None:
    """Hear of nothing, not even of the end of the connection."""
    while True:
        pass


def leave(connection: socket.socket) -> None:
    """End at once."""


def fall(connection: socket.socket) -> None:
    raise KeyError("a mistake")
