"""Lists in parts: so much mail may have come that it does not fit into one frame."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from butler.core.calendar import Placed, PlacedTask
from butler.core.mail import Mail
from butler.core.notes import PlacedNote

_ROOM = 4_000_000
_FRAME = 500
_FEW = 20


def batches(kind: type, read: Callable[..., Iterable[Any]]) -> Callable[..., Iterator[bytes]]:
    """Make of a function that returns values of a kind one that yields them as batches of some size."""

    def parted(*values: Any) -> Iterator[bytes]:
        # Its library is loaded where there is something to hand over.
        from butler.sandbox.batches import pack_batch

        part: list[Any] = []
        size = 0
        for one in read(*values):
            part.append(one)
            size += _size(one)
            if size >= _ROOM:
                yield pack_batch(kind, part)
                part, size = [], 0
        if part:
            yield pack_batch(kind, part)

    return parted


def few(read: Callable[..., Iterable[Any]]) -> Callable[..., Iterator[list[Any]]]:
    """Make of a function that returns large values one that yields few of them at a time."""

    def parted(*values: Any) -> Iterator[list[Any]]:
        found = list(read(*values))
        for start in range(0, len(found), _FEW):
            yield found[start : start + _FEW]

    return parted


def _size(value: Any) -> int:
    """How large a value is, about."""
    match value:
        case Mail():
            return _FRAME + len(value.message.text)
        case PlacedNote():
            return _FRAME + len(value.text)
        case Placed():
            return _FRAME + len(value.occurrence.description)
        case PlacedTask():
            return _FRAME + len(value.task.description)
    return _FRAME
