"""Failures that may cross between processes: those that the butler tells about, and those of sockets and TLS, whole."""

from __future__ import annotations

import inspect
import socket
import sys
from collections.abc import Mapping, Sequence
from typing import Any, get_type_hints

from butler.core import errors
from butler.sandbox.hints import UnfitError, fitted

_LONGEST = 4000
_OURS: Mapping[str, type[errors.ButlerError]] = {
    name: kind for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, errors.ButlerError)
}
_SYSTEM: Sequence[type[OSError]] = (
    *(OSError, BlockingIOError, BrokenPipeError, ConnectionAbortedError, ConnectionError, ConnectionRefusedError),
    *(ConnectionResetError, FileExistsError, FileNotFoundError, InterruptedError, IsADirectoryError, NotADirectoryError),
    *(PermissionError, TimeoutError, socket.gaierror, socket.herror),
)
_TLS = ("SSLError", "SSLCertVerificationError", "SSLEOFError", "SSLSyscallError", "SSLWantReadError", "SSLZeroReturnError")
_OF_TLS = ("library", "reason", "verify_code", "verify_message")
CROSS = (errors.ButlerError, OSError)
"""What is told to the other end, which raises it there; all else is the end of the worker."""


def pack_fault(error: errors.ButlerError | OSError) -> list[Any]:
    """Write a failure: its class, or the nearest that is known, and what it says."""
    name = next(each.__name__ for each in type(error).__mro__ if _named(each.__name__) is each)
    if isinstance(error, errors.ButlerError):
        return [name, {key: _cut(getattr(error, key)) for key in _hints(_OURS[name])}]
    said = error.strerror if isinstance(error.strerror, str) else error.args[0] if len(error.args) == 1 else ""
    text = said if isinstance(said, str) and said else str(error)
    more = {key: getattr(error, key, None) for key in _OF_TLS if name in _TLS}
    return [name, error.errno, _cut(text), {key: _cut(value) for key, value in more.items() if isinstance(value, str | int)}]


def unpack_fault(row: Sequence[Any]) -> errors.ButlerError | OSError:
    """Read a failure; raises UnfitError for anything else."""
    kind = _named(row[0]) if row and type(row[0]) is str else None
    if kind is None:
        raise UnfitError("It is no failure that crosses.")
    return _theirs(kind, *row[1:]) if issubclass(kind, OSError) else _ours(kind, *row[1:])


def _named(name: str) -> Any:
    """The class of a failure that crosses, by its name."""
    if name in _TLS:
        # Whoever never speaks TLS is not to load it.
        return getattr(sys.modules.get("ssl") or __import__("ssl"), name)
    return _OURS.get(name) or next((kind for kind in _SYSTEM if kind.__name__ == name), None)


def _ours(kind: type[errors.ButlerError], *row: Any) -> errors.ButlerError:
    (found,) = fitted(row, tuple[dict[str, Any]])
    hints = _hints(kind)
    if found.keys() != hints.keys():
        raise UnfitError("It is no failure of its class.")
    first, *others = [_cut(fitted(found[key], hint)) for key, hint in hints.items()]
    return kind(first, **dict(zip(list(hints)[1:], others, strict=True)))


def _theirs(kind: type[OSError], *row: Any) -> OSError:
    number, text, more = fitted(row, tuple[int | None, str, dict[str, str | int]])
    error = kind(_cut(text)) if number is None else kind(number, _cut(text))
    for key in _OF_TLS:
        if key in more:
            setattr(error, key, _cut(more[key]))
    return error


def _cut(value: Any) -> Any:
    return value[:_LONGEST] if isinstance(value, str) else value


def _hints(kind: type[errors.ButlerError]) -> dict[str, Any]:
    """What a failure is made of, by name, its sentence or problems first."""
    hints = get_type_hints(kind.__init__)
    return {name: hints[name] for name in inspect.signature(kind.__init__).parameters if name in hints}
