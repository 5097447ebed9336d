"""How a model's server is reached, whatever it speaks: one host and no other, bounded and uncompressed replies."""

from __future__ import annotations

import re
import ssl
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, cast
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
_KEPT = 8
"""Connections that are kept at most, with nothing going over them."""
_IDLE_SECONDS = 1.0


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


@contextmanager
def told_apart(url: str, start: str, whose: str) -> Iterator[None]:
    """Turn whatever a client raises into a ServerError of the right kind; `start` says how its server is started."""
    try:
        yield
    except (ConnectionError, httpx.ConnectError, httpx.ConnectTimeout):
        sentence, advice = (
            f"No model server answers at {url}.",
            f"Start it ({start}) or set its url in the settings to where it listens.",
        )
        raise ServerError(FailureKind.UNREACHABLE, sentence, advice=advice) from None
    except httpx.HTTPError as error:
        words = one_line(str(error), 120) or type(error).__name__
        raise ServerError(FailureKind.BROKEN, f"The connection to the model server broke off ({words}).") from None
    except (ValueError, TypeError, AttributeError, RecursionError, httpx.InvalidURL):
        # json, pydantic and the clients themselves trip over a reply that is not what such a server says.
        raise ServerError(FailureKind.BROKEN, f"What {url} answered is not an answer of {whose}.") from None


def _odd_url(url: str) -> SettingsError:
    shown = one_line(re.sub(r"//[^/]*@", "//…@", url), 100)
    return SettingsError(
        [f"model.url is {shown!r}: give http:// or https://, host and port, without a log-in, such as http://127.0.0.1:11434."]
    )


class OneHost(httpx.AsyncHTTPTransport):
    """Reaches one host only, and reads bounded, uncompressed replies.

    A connection is kept for the next request for a moment. A server may close it just as that is written: the request is
    then sent again over another one, unless a byte of a reply has come.
    """

    def __init__(self, url: str, dial: Dial | None) -> None:
        trust = _authorities()
        kept = {"max_connections": None, "max_keepalive_connections": _KEPT, "keepalive_expiry": _IDLE_SECONDS}
        super().__init__(verify=trust, trust_env=False, limits=httpx.Limits(**kept))  # type: ignore[arg-type]
        self._home = httpx.URL(url)
        if dial is not None:
            # httpx has no place of its own to say who connects; it takes any pool of httpcore's.
            self._pool = httpcore.AsyncConnectionPool(trust, network_backend=Dialled(dial), **kept)  # type: ignore[arg-type]

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Ask the one host; raises ServerError for any other, and for a reply that is compressed or without end."""
        if (request.url.scheme, request.url.host, request.url.port) != (self._home.scheme, self._home.host, self._home.port):
            raise ServerError(FailureKind.REMOTE, f"A request to {request.url.host} was stopped: it is not the model's host.")
        response = await self._answered(request)
        if response.headers.get("content-encoding", "identity") != "identity":
            await response.aclose()
            raise ServerError(FailureKind.BROKEN, "The model server compressed its answer although it was asked not to.")
        response.stream = _Bounded(cast("httpx.AsyncByteStream", response.stream))
        return response

    async def _answered(self, request: httpx.Request) -> httpx.Response:
        """Send it, and again where a kept connection turns out to be closed; there are not more of those than are kept."""
        for _ in range(_KEPT):
            seen = _Seen()
            request.extensions = {**request.extensions, "trace": seen}
            try:
                return await super().handle_async_request(request)
            except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
                if seen.is_fresh or seen.is_answered:
                    raise
        return await super().handle_async_request(request)


class _Seen:
    """What became of one request: whether it went over a connection of its own, and whether an answer began."""

    is_fresh = False
    is_answered = False

    async def __call__(self, name: str, _: Mapping[str, Any]) -> None:
        self.is_fresh = self.is_fresh or name.startswith("connection.connect_")
        self.is_answered = self.is_answered or name.endswith("receive_response_headers.complete")


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
