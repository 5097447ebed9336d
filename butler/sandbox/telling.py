"""What runs in the worker that sends notices: apprise, which has no connection but those that it is handed."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator

from butler.sandbox.seam import SeamDial, Side
from butler.sending import send_all


def notices(connection: socket.socket) -> None:
    """Serve one that sends."""
    # Nothing that lies about for other programs' log-ins is for these hosts.
    os.environ["NETRC"] = os.devnull

    def send(urls: list[str], title: str, body: str, seconds: float) -> Iterator[int]:
        return send_all({"urls": urls, "title": title, "body": body, "seconds": seconds}, SeamDial(side))

    side = Side(connection, {"send": send})
    side.serve()
