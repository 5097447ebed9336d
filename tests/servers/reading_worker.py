"""What runs in a worker that tries to read whatever lies below a folder."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from pathlib import Path

from butler.sandbox.seam import Side


def serve(connection: socket.socket) -> None:
    Side(connection, {"readable": readable}).serve()


def readable(root: str) -> list[str]:
    """The files that it can read, by their places below the folder."""
    found: list[str] = []
    for folder, _, names in os.walk(root):
        for path in (Path(folder, name) for name in names):
            with suppress(OSError):
                path.read_bytes()
                found.append(str(path.relative_to(root)))
    return found
