"""What the tests run in a confined worker: it sends notices, and asks a model, over connections that it is handed."""

from __future__ import annotations

import hashlib
import socket
from typing import Any

from butler.core.accounts import ModelHost
from butler.model.report import inspect
from butler.sandbox.seam import SeamDial, Side
from butler.sending import send_all
from tools.lines import DIRECT, encryption


def authorities() -> list[str]:
    """Whom a connection would trust, by the digests of their certificates."""
    known = encryption(DIRECT, "mail.example", 993).get_ca_certs(binary_form=True)
    return sorted(hashlib.sha256(certificate).hexdigest() for certificate in known)


def main(connection: socket.socket) -> None:
    """Serve until the other side hangs up."""

    def send(order: dict[str, Any]) -> list[int]:
        return sorted(send_all(order, SeamDial(side)))

    def examine(url: str, name: str) -> str:
        report = inspect(ModelHost(url=url, name=name), dial=SeamDial(side))
        return report.version if report.reachable else str(report.problems)

    side = Side(connection, {"send": send, "examine": examine, "authorities": authorities})
    side.serve()
