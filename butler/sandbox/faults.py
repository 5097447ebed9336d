"""Failures that may cross between processes: those that the butler tells about, and those of sockets and TLS, whole."""

from __future__ import annotations

import inspect
import socket
import ssl
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from butler.core import errors
from butler.sandbox.hints import UnfitError, fitted

_LONGEST = 4000
_NETWORK: Sequence[type[OSError]] = (
    *(OSError, BlockingIOError, BrokenPipeError, ConnectionAbortedError, ConnectionRefusedError, ConnectionResetError),
    *(ConnectionError, FileExistsError, FileNotFoundError, InterruptedError, IsADirectoryError, NotADirectoryError),
    *(PermissionError, TimeoutError, socket.gaierror, socket.herror),
    *(ssl.SSLError, ssl.SSLCertVerificationError, ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError),
)
_OURS: Mapping[str, type[errors.ButlerError]] = {
    name: kind for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, errors.ButlerError)
}
_THEIRS: Mapping[str, type[OSError]] = {kind.__name__: kind for kind in _NETWORK}
CROSS = (errors.ButlerError, OSError)


def pack_fault(error: errors.ButlerError | OSError) -> list[Any]:
    """Write a failure: its class, or the nearest that is known, and what it says."""
    if isinstance(error, errors.ButlerError):
        name = next(each.__name__ for each in type(error).__mro__ if _OURS.get(each.__name__) is each)
        return [name, {key: value for key, value in _fields(error) if key in _hints(_OURS[name])}]
    name = next(each.__name__ for each in type(error).__mro__ if _THEIRS.get(each.__name__) is each)
    text = error.strerror if isinstance(error.strerror, str) else str(error)
    more = {key: getattr(error, key, None) for key in ("library", "reason", "verify_code", "verify_message")}
    return [name, error.errno, text[:_LONGEST], {key: value for key, value in more.items() if isinstance(value, str | int)}]


def unpack_fault(row: Sequence[Any]) -> errors.ButlerError | OSError:
    """Read a failure; raises UnfitError for anything else."""
    name = row[0] if row and type(row[0]) is str else ""
    if name in _OURS:
        return _ours(_OURS[name], *row[1:])
    if name in _THEIRS:
        return _theirs(_THEIRS[name], *row[1:])
    raise UnfitError("It is no failure that crosses.")


def _ours(kind: type[errors.ButlerError], *row: Any) -> errors.ButlerError:
    (found,) = fitted(row, tuple[dict[str, Any]])
    hints = _hints(kind)
    given = {key: fitted(value, hints[key]) for key, value in found.items() if key in hints}
    first = next(iter(hints))
    if len(given) != len(found) or first not in given:
        raise UnfitError("It is no failure of its class.")
    return kind(given.pop(first), **given)


def _theirs(kind: type[OSError], *row: Any) -> OSError:
    number, text, more = fitted(row, tuple[int | None, str, dict[str, str | int]])
    error = kind(text[:_LONGEST]) if number is None else kind(number, text[:_LONGEST])
    for key, value in more.items():
        if isinstance(error, ssl.SSLError) and key in ("library", "reason", "verify_code", "verify_message"):
            setattr(error, key, value)
    return error


def _fields(error: errors.ButlerError) -> Iterator[tuple[str, Any]]:
    for key, value in vars(error).items():
        yield key, value[:_LONGEST] if isinstance(value, str) else value


def _hints(kind: type[errors.ButlerError]) -> dict[str, Any]:
    """What a failure is made of, by name, its sentence or problems first."""
    from typing import get_type_hints

    hints = get_type_hints(kind.__init__)
    return {name: hints[name] for name in inspect.signature(kind.__init__).parameters if name in hints}
