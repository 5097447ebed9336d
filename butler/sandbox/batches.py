"""Many values of one kind as bytes: how what the mirror holds crosses to a worker, fast, and unchecked on that way."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

import ormsgpack

from butler.core.plain import from_plain, to_plain

T = TypeVar("T")


def pack_batch(kind: type, values: Iterable[object]) -> bytes:
    """Write values of a dataclass."""
    plain = to_plain(kind)
    return ormsgpack.packb([plain(value) for value in values])


def read_batch(kind: type[T], batch: bytes) -> list[T]:
    """Read what `pack_batch` wrote. Not for what a worker sent: nothing is checked."""
    plain: type = kind
    made = from_plain(plain)
    return [made(row) for row in ormsgpack.unpackb(batch)]
