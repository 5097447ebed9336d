"""Sends one notice by way of apprise, in a process of its own that ends; the only importer of apprise.

`python -m butler.sending DESCRIPTOR` reads a JSON document from a file: `urls`, `title`, `body` and `seconds`. For each address
that took the notice its number is printed, a line each as soon as it is known. `send_all` does the same for whoever dials.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from butler.core.dialing import Dial

_AT_ONCE = 8
_SECONDS = 30.0


def send(url: str, title: str, body: str, seconds: float) -> bool:
    """Send to one address, without following redirects or keeping anything on disk; False when it did not take it."""
    import apprise

    asset = apprise.AppriseAsset(
        app_id="Butler",
        app_desc="Butler",
        app_url="",
        http_redirects=False,
        storage_mode=apprise.PersistentStoreMode.MEMORY,
        allow_templates=False,
        service_timeout=seconds,
        secure_logging=True,
        async_mode=False,
    )
    sender = apprise.Apprise(asset=asset)
    if not sender.add(url):
        sys.stderr.write("An address is none that apprise knows.\n")
        return False
    return bool(sender.notify(body=body, title=title, body_format=apprise.NotifyFormat.TEXT))


def send_all(order: Mapping[str, Any], dial: Dial | None = None) -> Iterator[int]:
    """Send to all addresses of an order; yields the number of each that took it, as soon as it did.

    With a `dial`, this process has no other way to connect or to look up a name from then on until the last one is through.
    """
    if dial is None:
        yield from _sent(order)
        return
    with only_by(dial):
        yield from _sent(order)


def _sent(order: Mapping[str, Any]) -> Iterator[int]:
    urls: Sequence[str] = order["urls"]
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        wanted = {
            threads.submit(send, url, order["title"], order["body"], float(order["seconds"])): number
            for number, url in enumerate(urls)
        }
        for each in as_completed(wanted):
            if each.exception() is None and each.result():
                yield wanted[each]


@contextmanager
def only_by(dial: Dial) -> Iterator[None]:
    """Put `dial` where the libraries below apprise connect: smtplib and others, and both families of urllib3."""
    import urllib3.util.connection

    places: list[tuple[Any, str, Callable[..., Any]]] = [
        (socket, "create_connection", _connecting(dial)),
        (socket, "getaddrinfo", _refused),
        (socket, "gethostbyname", _refused),
        # smtplib greets with this machine's name, and would look it up.
        (socket, "getfqdn", lambda *_: "localhost"),
        (urllib3.util.connection, "create_connection", _connecting(dial)),
    ]
    try:
        # niquests puts its own urllib3 in the place of the usual one, which asks a resolver to connect.
        from urllib3.contrib.resolver import BaseResolver
    except ImportError:
        pass
    else:
        places.append((BaseResolver, "create_connection", lambda _, *asked, **more: _connecting(dial)(*asked, **more)))
    before = [(where, name, getattr(where, name)) for where, name, _ in places]
    for where, name, ours in places:
        setattr(where, name, ours)
    try:
        yield
    finally:
        for where, name, theirs in before:
            setattr(where, name, theirs)


def _connecting(dial: Dial) -> Callable[..., socket.socket]:
    def create_connection(address: tuple[str, int], timeout: Any = None, *_: Any, **__: Any) -> socket.socket:
        host, port = address
        seconds = float(timeout) if isinstance(timeout, int | float) else _SECONDS
        connection = dial(host.strip("[]"), port, seconds)
        connection.settimeout(seconds)
        return connection

    return create_connection


def _refused(*_: Any, **__: Any) -> Any:
    raise socket.gaierror(socket.EAI_NONAME, "names are not looked up here")


def main(arguments: Sequence[str]) -> int:
    """Send what the file says."""
    logging.disable()
    order: dict[str, Any] = json.loads(Path(f"/proc/self/fd/{int(arguments[0])}").read_bytes())
    os.close(int(arguments[0]))
    # Whoever started this ends it; if nobody does, it ends itself.
    signal.alarm(int(float(order["seconds"])) + 2)
    for number in send_all(order):
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
