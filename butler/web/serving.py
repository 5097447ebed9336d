"""Serves the application inside the daemon's loop: on a port, for this machine alone unless more is set, and on a socket."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from grp import getgrnam
from pathlib import Path

import uvicorn
from starlette.applications import Starlette

from butler.core.errors import StateError

_PATIENCE = 2
_MOST_AT_ONCE = 32


@dataclass(frozen=True, slots=True)
class Place:
    """Where to serve: on a port of an address, on a socket that a group may use too, or on both."""

    port: int | None = None
    listen: str = "127.0.0.1"
    socket: Path | None = None
    group: str = ""


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to the daemon."""
        yield


class Serving:
    """A place that is served until it is stopped; made inside a loop. Raises StateError when the place cannot be had."""

    def __init__(self, app: Starlette, place: Place) -> None:
        self._place = place
        self._sockets = _sockets(place)
        config = uvicorn.Config(
            app,
            log_config=None,
            log_level="warning",
            access_log=False,
            lifespan="off",
            ws="none",
            server_header=False,
            proxy_headers=False,
            limit_concurrency=_MOST_AT_ONCE,
            timeout_graceful_shutdown=_PATIENCE,
        )
        self._server = _Server(config)
        self._task = asyncio.get_running_loop().create_task(self._server.serve(list(self._sockets)))

    async def stop(self) -> None:
        """Answer nobody any more."""
        self._server.should_exit = True
        with suppress(asyncio.CancelledError):
            await self._task
        for each in self._sockets:
            each.close()
        if self._place.socket:
            self._place.socket.unlink(missing_ok=True)


def _sockets(place: Place) -> Sequence[socket.socket]:
    found = [] if place.port is None else [_on_port(place.listen, place.port)]
    try:
        return found if place.socket is None else [*found, _on_path(place.socket, place.group)]
    except StateError:
        for each in found:
            each.close()
        raise


def _on_port(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listening = socket.socket(family)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((address, port))
        # Whoever calls before the loop looks has to wait, and is not refused.
        listening.listen(_MOST_AT_ONCE)
    except OSError as error:
        listening.close()
        raise StateError(
            f"Port {port} cannot be served: {error.strerror}.", advice="Set web.port to another one, or to none."
        ) from error
    return listening


def _on_path(path: Path, group: str) -> socket.socket:
    """A socket in the file system, for its owner and group alone; one that an earlier process left is taken away."""
    shared = _number_of(group) if group else None
    listening = socket.socket(socket.AF_UNIX)
    try:
        if path.is_socket():
            path.unlink()
        mask = os.umask(0o177)
        try:
            listening.bind(str(path))
        finally:
            os.umask(mask)
        if shared is not None:
            # A confined service may not give files away, but may have the group for its own.
            if path.stat().st_gid != shared:
                os.chown(path, -1, shared)
            path.chmod(0o660)
        listening.listen(_MOST_AT_ONCE)
    except OSError as error:
        listening.close()
        raise StateError(
            f"The socket {path} cannot be made: {error.strerror or error}.", advice="Set web.socket to another one, or to none."
        ) from error
    return listening


def _number_of(group: str) -> int:
    try:
        return getgrnam(group).gr_gid
    except KeyError:
        raise StateError(
            f"There is no group {group}.", advice="Set web.socket_group to one that there is, or to none."
        ) from None
