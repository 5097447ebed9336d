"""Values as text and bytes and back: what crosses between processes, of which only what fits its type is let in.

The text is JSON; bytes lie beside it. What JSON does not know is an object with one name, `\\0`: a value of the closed
table in `kinds.py` with its fields in order, bytes by where they lie, a set, a date or time, a path, a zone, a socket.
A tuple becomes a list and a list what the type says that is expected: so it is read back by type hints, which check it.
"""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path, PosixPath
from typing import Any
from zoneinfo import ZoneInfo

from butler.core.plain import moment_text, read_moment
from butler.sandbox.hints import UnfitError, fitted, row_of
from butler.sandbox.kinds import Text, is_model, kind_named, name_of, taking_apart
from butler.sandbox.wire import Parcel, close_all

MARK = "\0"
MOST_VALUES = 2_000_000
"""So many values at most are made of one frame: an empty list takes two bytes there and seventy in memory."""

_DIGITS = 20
_ODD_TEXT = re.compile(r"\\u(?!00)")
"""Half a character, or another one that `pack` would not have written so; for a text without its escaped backslashes."""

_WRONG = (ArithmeticError, LookupError, MemoryError, OSError, RecursionError, TypeError, ValueError)
"""What the making of a value from nonsense has been seen to raise."""


def pack(value: Any) -> tuple[Parcel, list[socket.socket]]:
    """Write a value; the sockets in it are named, too. Raises TypeError for what does not cross, ValueError for odd text."""
    packing = _Packing()
    encoder = json.JSONEncoder(default=packing.plain, ensure_ascii=False, separators=(",", ":"))
    text = encoder.encode(value).encode()
    return Parcel(text, packing.beside, [each.fileno() for each in packing.sockets]), packing.sockets


def unpack(parcel: Parcel, taken: list[socket.socket] | None = None) -> Any:
    """Read what `pack` wrote, every value of a class checked; raises UnfitError.

    The sockets in it are also put into `taken`; those that are not in it are closed.
    """
    text = parcel.text
    reading = _Reading(parcel)
    try:
        if text.count(b",") + text.count(b"[") + text.count(b"{") > MOST_VALUES:
            raise UnfitError("It has too many parts.")
        # The library would guess an encoding from bytes, and take half characters.
        words = str(text, "utf-8")
        if is_odd(words):
            raise UnfitError("It has text that is none.")
        value = json.loads(words, object_hook=reading.value, parse_int=_number, parse_constant=_no_number)
        if taken is not None:
            taken += reading.taken
        return value
    except _WRONG as error:
        for each in reading.taken:
            each.close()
        raise UnfitError(str(error)) from error
    finally:
        close_all(reading.left)


def is_odd(text: str) -> bool:
    """Whether JSON text has escapes that `pack` would not have written, for half a character among others."""
    return "\\u" in text and _ODD_TEXT.search(text.replace("\\\\", "")) is not None


class _Packing:
    """What is gathered beside the text."""

    def __init__(self) -> None:
        self.beside: list[bytes] = []
        self.sockets: list[socket.socket] = []
        self._size = 0

    def plain(self, value: Any) -> Any:
        """Make of a value what JSON knows."""
        kind: type = type(value)
        if name := name_of(kind):
            return {MARK: (name, *taking_apart(kind)(value))}
        if kind is bytes:
            return {MARK: ("bytes", *self._put(value))}
        if kind is Text:
            return {MARK: ("text", *self._put(value.text.encode()))}
        if kind is frozenset or kind is set:
            return {MARK: ("set", *value)}
        if isinstance(value, date):
            return {MARK: ("moment", moment_text(value))}
        if isinstance(value, Mapping):
            return dict(value)
        return {MARK: self._rare(value)}

    def _put(self, value: bytes) -> tuple[int, int]:
        start = self._size
        self.beside.append(value)
        self._size += len(value)
        return start, self._size

    def _rare(self, value: Any) -> tuple[Any, ...]:
        if isinstance(value, Path):
            return ("path", str(value))
        if isinstance(value, ZoneInfo) and value.key:
            return ("zone", value.key)
        if isinstance(value, timedelta):
            return ("span", value.days, value.seconds, value.microseconds)
        if isinstance(value, socket.socket):
            self.sockets.append(value)
            return ("socket", len(self.sockets) - 1)
        raise TypeError(f"{type(value).__name__} does not cross between processes")


class _Reading:
    """One parcel that is being read."""

    def __init__(self, parcel: Parcel) -> None:
        self._beside = memoryview(b"".join(parcel.beside)) if len(parcel.beside) != 1 else memoryview(parcel.beside[0])
        self._size = len(self._beside)
        self.left = list(parcel.descriptors)
        self.taken: list[socket.socket] = []
        self._used = 0

    def value(self, found: dict[str, Any]) -> Any:
        """Make the value of an object that has the mark; others stay what they are."""
        if MARK not in found:
            return found
        row = found[MARK]
        if len(found) != 1 or type(row) is not list or not row or type(row[0]) is not str:
            raise UnfitError("It is no value.")
        name = row[0]
        if name == "bytes":
            return bytes(self._beside_at(row))
        if name == "text":
            return str(self._beside_at(row), "utf-8")
        if (make := _maker(name)) is not None:
            return make(row[1:])
        if name == "set":
            return _set(row[1:])
        if name == "socket":
            return self._socket(*row[1:])
        return _plain(name, row[1:])

    def _beside_at(self, row: list[Any]) -> memoryview:
        _, start, end = row
        # Each byte is part of one value, or a small frame could be made into more than there is memory for.
        if type(start) is not int or type(end) is not int or start != self._used or not start <= end <= self._size:
            raise UnfitError("It has no such bytes.")
        self._used = end
        return self._beside[start:end]

    def _socket(self, place: Any) -> socket.socket:
        # They come in order: what is not named is closed at the end.
        if place != len(self.taken) or not self.left:
            raise UnfitError("It has no such socket.")
        taken = socket.socket(fileno=self.left[0])
        del self.left[0]
        self.taken.append(taken)
        return taken


def _number(text: str) -> int:
    number = int(text) if len(text) <= _DIGITS else 1 << 63
    if not -(1 << 63) <= number < 1 << 63:
        # No database has room for it.
        raise UnfitError("It is too large a number.")
    return number


def _set(values: list[Any]) -> frozenset[str]:
    """A set of texts: what else could be in it has a hash that whoever sends it may choose, so that it never gets done."""
    if not all(type(value) is str for value in values):
        raise UnfitError("It is no set of texts.")
    return frozenset(values)


def _no_number(name: str) -> Any:
    raise UnfitError(f"{name} is no number.")


@lru_cache(maxsize=256)
def _maker(name: str) -> Callable[[list[Any]], Any] | None:
    """What makes a value of a kind of the table from its fields in order."""
    kind: Any = kind_named(name)
    if kind is None:
        return None
    if is_model(kind):
        return lambda row: kind.model_validate_json(*fitted(row, tuple[str]), strict=True)
    return row_of(kind)


def _plain(name: str, row: list[Any]) -> Any:
    if name == "moment":
        (text,) = fitted(row, tuple[str])
        moment = read_moment(text)
        if isinstance(moment, datetime):
            if moment.tzinfo is None:
                raise UnfitError("It is a time without a zone.")
            # So near to the end of time that it cannot be told elsewhere: it is no time.
            moment.astimezone(UTC)
        return moment
    if name == "path":
        return PosixPath(*fitted(row, tuple[str]))
    if name == "zone":
        return ZoneInfo(*fitted(row, tuple[str]))
    if name == "span":
        return timedelta(*fitted(row, tuple[int, int, int]))
    raise UnfitError("It is of no kind that crosses.")
