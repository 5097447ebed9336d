"""Lists in parts: so much mail may have come that it does not fit into one frame."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from butler.core.calendar import Placed, PlacedTask
from butler.core.contacts import PlacedContact
from butler.core.mail import Mail
from butler.core.notes import PlacedNote

_ROOM = 4_000_000
_FRAME = 500
_FEW = 20
_SPAN = timedelta(days=30)


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


def spans(read: Callable[[datetime, datetime], Iterable[Any]]) -> Callable[[datetime, datetime], Iterator[Any]]:
    """Make of a function that returns what lies in a window, newest first, one that has not all of it in memory at once."""

    def parted(since: datetime, until: datetime) -> Iterator[Any]:
        while until > since:
            start = max(since, until - _SPAN) if until - since > _SPAN else since
            yield from read(start, until)
            until = start

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
        case PlacedContact():
            return _FRAME + len(value.contact.note) + _FRAME * len(value.contact.members)
    return _FRAME
