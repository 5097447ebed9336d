"""How a model's server is reached, whatever it speaks: one host and no other, bounded and uncompressed replies."""

from __future__ import annotations

import re
import ssl
from collections.abc import AsyncIterator
from typing import cast
from urllib.parse import urlsplit

import httpcore
import httpx

from butler.core.dialing import Dial
from butler.core.errors import SettingsError
from butler.core.text import one_line
from butler.model.failures import FailureKind, ServerError
from butler.model.line import Dialled

LARGEST_REPLY = 8_000_000
"""Bytes read of any one reply; the answer of /api/show with its licence and template stays far below."""
CONNECT_SECONDS = 5.0


def checked_url(url: str) -> str:
    """The host's URL without a trailing slash; raises SettingsError unless it is plain http(s) without a log-in."""
    try:
        parts = urlsplit(url)
        plain = parts.scheme in ("http", "https") and httpx.URL(url).host and parts.port != 0
    except (ValueError, httpx.InvalidURL):
        raise _odd_url(url) from None
    if not plain or "@" in parts.netloc or parts.query or parts.fragment:
        raise _odd_url(url)
    return url.rstrip("/")


def _odd_url(url: str) -> SettingsError:
    shown = one_line(re.sub(r"//[^/]*@", "//…@", url), 100)
    return SettingsError(
        [f"model.url is {shown!r}: give http:// or https://, host and port, without a log-in, such as http://127.0.0.1:11434."]
    )


class OneHost(httpx.AsyncHTTPTransport):
    """Reaches one host only, on a fresh connection a request, and reads bounded, uncompressed replies."""

    def __init__(self, url: str, dial: Dial | None) -> None:
        # A connection kept between calls may be closed by the server just as the next request is written.
        trust = _authorities()
        super().__init__(verify=trust, trust_env=False, limits=httpx.Limits(max_keepalive_connections=0))
        self._home = httpx.URL(url)
        if dial is not None:
            # httpx has no place of its own to say who connects; it takes any pool of httpcore's.
            self._pool = httpcore.AsyncConnectionPool(trust, max_keepalive_connections=0, network_backend=Dialled(dial))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Ask the one host; raises ServerError for any other, and for a reply that is compressed or without end."""
        if (request.url.scheme, request.url.host, request.url.port) != (self._home.scheme, self._home.host, self._home.port):
            raise ServerError(FailureKind.REMOTE, f"A request to {request.url.host} was stopped: it is not the model's host.")
        response = await super().handle_async_request(request)
        if response.headers.get("content-encoding", "identity") != "identity":
            await response.aclose()
            raise ServerError(FailureKind.BROKEN, "The model server compressed its answer although it was asked not to.")
        response.stream = _Bounded(cast("httpx.AsyncByteStream", response.stream))
        return response


def _authorities() -> ssl.SSLContext:
    """TLS 1.2 or newer, certificate and name checked."""
    context = httpx.create_ssl_context(trust_env=False)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


class _Bounded(httpx.AsyncByteStream):
    """A reply of at most LARGEST_REPLY bytes."""

    def __init__(self, stream: httpx.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for chunk in self._stream:
            size += len(chunk)
            if size > LARGEST_REPLY:
                raise ServerError(FailureKind.BROKEN, f"The model server's answer was over {LARGEST_REPLY:,} bytes.")
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()
