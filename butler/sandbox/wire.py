"""What crosses between the butler and its worker process: plain lists as MessagePack, in frames that tell their length."""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable, Mapping, Sequence
from time import monotonic
from typing import Any, cast

from butler.core.calendar import CalendarObject, RawObject
from butler.core.mail import Message, RawMail
from butler.core.notes import Note, RawNote
from butler.core.plain import from_plain, to_plain
from butler.core.prepared import Prepared, PreparedMail, prepare
from butler.core.sources import Frame, Parsed, Raw, SourceKind

LARGEST_FRAME = 64 * 1024 * 1024
# Its library is imported where it is used: a sync that finds little or nothing new starts no worker.
_LENGTH = struct.Struct(">I")
_PIECE = 1 << 20

_RAWS: Mapping[SourceKind, type] = {"mail": RawMail, "calendar": RawObject, "notes": RawNote}
_PARSED: Mapping[SourceKind, type] = {"calendar": CalendarObject, "notes": Note}


class TooLargeError(Exception):
    """A frame is larger than the limit."""


def pack_request(kind: SourceKind, raws: Sequence[Raw], frame: Frame, cpu: int) -> bytes:
    """Write a request to parse, which may take `cpu` seconds of processor time."""
    import ormsgpack

    raw = to_plain(_RAWS[kind])
    return ormsgpack.packb([to_plain(Frame)(frame), cpu, [raw(each) for each in raws]])


def read_request(kind: SourceKind, request: bytes) -> tuple[list[Raw], Frame, int]:
    """Read a request."""
    import ormsgpack

    frame, cpu, raws = ormsgpack.unpackb(request)
    raw = from_plain(_RAWS[kind])
    return [raw(each) for each in raws], from_plain(Frame)(frame), cpu


def prepared_of(kind: SourceKind, parsed: Sequence[Parsed]) -> list[Prepared]:
    """Make parsed values ready for the mirror."""
    if kind == "mail":
        return [prepare(message) for message in cast("Sequence[Message]", parsed)]
    return list(cast("Sequence[CalendarObject | Note]", parsed))


def pack_answer(kind: SourceKind, prepared: Sequence[Prepared]) -> bytes:
    """Write what came of a request."""
    import ormsgpack

    plain: Callable[[Any], Any] = tuple if kind == "mail" else to_plain(_PARSED[kind])
    return ormsgpack.packb([plain(each) for each in prepared])


def read_answer(kind: SourceKind, answer: bytes) -> list[Prepared]:
    """Read what came of a request."""
    import ormsgpack

    values: Callable[[Any], Any] = PreparedMail._make if kind == "mail" else from_plain(_PARSED[kind])
    return [values(row) for row in ormsgpack.unpackb(answer)]


def send_frame(connection: socket.socket, body: bytes) -> None:
    """Send one frame; raises TooLargeError before anything is sent."""
    if len(body) > LARGEST_FRAME:
        raise TooLargeError
    connection.sendall(_LENGTH.pack(len(body)))
    connection.sendall(body)


def receive_frame(connection: socket.socket, seconds: float | None = None) -> bytes | None:
    """Receive one frame within a time; None at the end of the connection, OSError (TimeoutError) and TooLargeError else."""
    deadline = None if seconds is None else monotonic() + seconds
    head = _receive(connection, _LENGTH.size, deadline)
    if head is None:
        return None
    (size,) = _LENGTH.unpack(head)
    if size > LARGEST_FRAME:
        raise TooLargeError
    body = _receive(connection, size, deadline)
    return None if body is None else bytes(body)


def _receive(connection: socket.socket, size: int, deadline: float | None) -> bytearray | None:
    body = bytearray(size)
    view, have = memoryview(body), 0
    while have < size:
        if deadline is not None:
            connection.settimeout(max(deadline - monotonic(), 0.001))
        got = connection.recv_into(view[have : have + _PIECE])
        if not got:
            return None
        have += got
    return body
