"""Lists in parts: so much mail may have come that it does not fit into one frame."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from typing import Any

from butler.core.actions import Kept
from butler.core.calendar import Placed, PlacedTask
from butler.core.mail import Mail
from butler.core.notes import PlacedNote

_ROOM = 1_000_000
_FRAME = 500
_WHOLE = 100_000


def parts(read: Callable[..., Iterable[Any]]) -> Callable[..., Iterator[list[Any]]]:
    """Make of a function that returns a list one that yields it in parts of some size."""

    @wraps(read)
    def parted(*values: Any) -> Iterator[list[Any]]:
        part: list[Any] = []
        size = 0
        for one in read(*values):
            part.append(one)
            size += _size(one)
            if size >= _ROOM:
                yield part
                part, size = [], 0
        if part:
            yield part

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
        case Kept() | (Kept(), _):
            return _WHOLE
    return _FRAME
