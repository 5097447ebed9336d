"""What runs in a worker that opens a path below a folder by the kernel's own call alone."""

from __future__ import annotations

import socket

from butler.sandbox.seam import Side
from tools.files.beneath import READING, openat2, opened_root


def serve(connection: socket.socket) -> None:
    Side(connection, {"read": read}).serve()


def read(root: str, path: str) -> bytes:
    """What is in the file; raises what the kernel says."""
    with opened_root(root) as folder, open(openat2(folder, path, READING), "rb") as file:
        return file.read()
