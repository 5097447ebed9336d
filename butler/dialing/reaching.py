"""From a name to a connection within a time: names are looked up and sockets made here and nowhere else."""

from __future__ import annotations

import errno
import os
import socket
import threading
import time
from collections.abc import Sequence

Address = tuple[socket.AddressFamily, tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]]


def look_up(host: str, port: int, seconds: float) -> list[Address]:
    """The addresses of a host, best first; raises gaierror, and TimeoutError when the name servers take too long."""
    try:
        return _asked(host, port, socket.AI_NUMERICHOST)
    except (socket.gaierror, UnicodeError):
        pass
    # The C library has a time limit of its own, which may be minutes; whoever waits for it does so in a thread of its own.
    found: list[Address | OSError] = []
    asking = threading.Thread(target=_ask, args=(host, port, found), name=f"look up {host}", daemon=True)
    asking.start()
    asking.join(seconds)
    if not found:
        raise TimeoutError(errno.ETIMEDOUT, "the name is not found in time")
    if isinstance(found[0], OSError):
        raise found[0]
    return [each for each in found if not isinstance(each, OSError)]


def reach(addresses: Sequence[Address], seconds: float) -> tuple[socket.socket, str]:
    """Connect to the first of some addresses that answers, and say which; each has its share of the time.

    Raises the last OSError.
    """
    end = time.monotonic() + seconds
    failure: OSError = socket.gaierror(socket.EAI_NONAME, "the name has no address")
    for tried, (family, address) in enumerate(addresses):
        share = (end - time.monotonic()) / (len(addresses) - tried)
        if share <= 0:
            raise TimeoutError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))
        try:
            return _connected(family, address, share), str(address[0])
        except OSError as error:
            failure = error
    raise failure


def _connected(family: socket.AddressFamily, address: object, seconds: float) -> socket.socket:
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.settimeout(seconds)
        made.connect(address)  # type: ignore[arg-type]  # as getaddrinfo gave it
    except BaseException:
        made.close()
        raise
    return made


def _asked(host: str, port: int, flags: int = 0) -> list[Address]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=flags)
    return list(dict.fromkeys((family, address) for family, _, _, _, address in found))


def _ask(host: str, port: int, found: list[Address | OSError]) -> None:
    try:
        answer: list[Address | OSError] = [*_asked(host, port)]
    except OSError as error:
        answer = [error]
    except UnicodeError:
        answer = []
    found += answer or [socket.gaierror(socket.EAI_NONAME, "this is no name of a host")]
