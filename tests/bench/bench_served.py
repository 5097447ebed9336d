"""What the benchmark's workers answer, confined or not."""

from __future__ import annotations

import socket

from butler.core.sources import Batch
from butler.sandbox.seam import Side


def serve(connection: socket.socket) -> None:
    """Answer until the other end hangs up."""
    kept: list[Batch] = []  # type: ignore[type-arg]

    def add(first: int, second: int) -> int:
        return first + second

    def keep(batch: Batch) -> None:  # type: ignore[type-arg]
        kept.append(batch)

    def give() -> Batch:  # type: ignore[type-arg]
        return kept[-1]

    Side(connection, {"add": add, "keep": keep, "kept": give}).serve()
