"""The model client's connections where somebody else dials: no name is looked up here and no socket made."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Iterable
from typing import Any

import anyio
import httpcore
from anyio.abc import SocketStream
from httpcore._backends.anyio import AnyIOStream

from butler.core.dialing import Dial

_LONGEST = 60.0


class Dialled(httpcore.AsyncNetworkBackend):
    """What httpcore gets its connections from."""

    def __init__(self, dial: Dial) -> None:
        self._dial = dial

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  # httpcore's
        local_address: str | None = None,  # noqa: ARG002
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002
    ) -> httpcore.AsyncNetworkStream:
        """Have it dialled; raises ConnectTimeout and ConnectError as httpcore's own do."""
        try:
            connection = await _dialled(self._dial, host.strip("[]"), port, timeout or _LONGEST)
            # A server may be gone before it was said a word to; that is no ValueError to whoever asks.
            return _Line(await SocketStream.from_socket(connection), self._dial, host, port)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(str(error)) from error
        except (OSError, ValueError) as error:
            raise httpcore.ConnectError(str(error)) from error

    async def connect_unix_socket(self, *_: Any, **__: Any) -> httpcore.AsyncNetworkStream:
        """Refuse: a model's host has an address."""
        raise httpcore.ConnectError("no model is asked over a socket file")

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await anyio.sleep(seconds)


class _Line(AnyIOStream):
    """One connection, which tells whoever dialled it what it was encrypted with."""

    def __init__(self, stream: anyio.abc.ByteStream, dial: Dial, host: str, port: int) -> None:
        super().__init__(stream)
        self._dial, self._host, self._port = dial, host, port

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109  # httpcore's
    ) -> httpcore.AsyncNetworkStream:
        """Shake hands; the context checks the certificate."""
        encrypted: Any = await super().start_tls(ssl_context, server_hostname, timeout)
        shaken: ssl.SSLObject = encrypted.get_extra_info("ssl_object")
        self._dial.secured(self._host, self._port, shaken.version() or "", shaken.getpeercert(binary_form=True) or b"")
        return _Line(encrypted._stream, self._dial, self._host, self._port)

    async def aclose(self) -> None:
        """Hang up, also for whoever dialled and holds the connection to count what goes over it."""
        raw: Any = self.get_extra_info("socket")
        if raw is not None:
            with contextlib.suppress(OSError):
                raw.shutdown(socket.SHUT_RDWR)
        await super().aclose()


async def _dialled(dial: Dial, host: str, port: int, seconds: float) -> socket.socket:
    """Dial, which blocks, in a thread; what comes when nobody waits for it any more is hung up."""
    waited = asyncio.get_running_loop().run_in_executor(None, dial, host, port, seconds)
    try:
        return await asyncio.shield(waited)
    except asyncio.CancelledError:
        waited.add_done_callback(_hang_up)
        raise


def _hang_up(waited: asyncio.Future[socket.socket]) -> None:
    if not waited.cancelled() and waited.exception() is None:
        waited.result().close()
