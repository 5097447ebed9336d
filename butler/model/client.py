"""The only module that imports `ollama`: one connection to the configured host and to no other."""

from __future__ import annotations

import contextlib
import re
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlsplit

import httpcore
import httpx
import ollama

from butler.core.accounts import ModelHost
from butler.core.dialing import Dial
from butler.core.errors import SettingsError
from butler.core.text import one_line
from butler.model.failures import FailureKind, ServerError
from butler.model.line import Dialled
from butler.model.wire import ChatPart, Embeddings, Listing, Shown, Version

LARGEST_REPLY = 8_000_000
"""Bytes read of any one reply; the answer of /api/show with its licence and template stays far below."""
_CONNECT_SECONDS = 5.0
_ABOUT_LENGTH = re.compile(r"context (length|size)|exceed_context|prompt is longer", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of one chat: `finished` says that the server ended it itself, `cut_off` that it was too long for us."""

    content: str
    finished: bool
    reason: str
    cut_off: bool
    thought: bool
    tokens_in: int
    tokens_out: int


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


class _OneHost(httpx.AsyncHTTPTransport):
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


class Client(ollama.AsyncClient):
    """Ollama's own client, without what the environment or a redirect could change about whom it talks to.

    Every method raises ServerError and nothing else.
    """

    def __init__(self, host: ModelHost, dial: Dial | None = None) -> None:
        self.url = checked_url(host.url)
        self._model = host.name
        super().__init__(
            self.url,
            follow_redirects=False,
            trust_env=False,
            # A safety net only: whoever calls sets a deadline for all, which drips cannot stretch.
            timeout=httpx.Timeout(host.deadline + 1, connect=_CONNECT_SECONDS),
            transport=_OneHost(self.url, dial),
            headers={"Accept-Encoding": "identity"},
        )
        # The parent class sends OLLAMA_API_KEY from the environment to any host.
        self._client.headers.pop("authorization", None)

    async def close(self) -> None:
        """End every connection."""
        await self._client.aclose()

    async def version(self) -> str:
        """The server's version."""
        with self._told_apart():
            return (await self._request(Version, "GET", "/api/version")).version

    async def tags(self) -> Listing:
        """The models that are there."""
        with self._told_apart():
            return await self._request(Listing, "GET", "/api/tags")

    async def loaded(self) -> Listing:
        """The models in memory, with the digests that answer."""
        with self._told_apart():
            return await self._request(Listing, "GET", "/api/ps")

    async def shown(self, name: str) -> Shown:
        """What the server knows of a model."""
        with self._told_apart():
            return await self._request(Shown, "POST", "/api/show", json={"model": name})

    async def embedded(self, body: Mapping[str, Any]) -> Embeddings:
        """Vectors of some texts."""
        with self._told_apart():
            answer = await self._request(Embeddings, "POST", "/api/embed", json=dict(body))
        _refuse_remote(answer)
        return answer

    async def converse(self, body: Mapping[str, Any], longest: int, hear: Callable[[str], None] | None = None) -> Reply:
        """Chat and read the answer as it comes, up to `longest` characters; then the connection is closed.

        `hear` is given each piece of it.

        The parent's chat() cannot send `truncate` and `shift`, without which a server may cut the prompt silently.
        """
        with self._told_apart():
            parts = await self._request(ChatPart, "POST", "/api/chat", json={**body, "stream": True}, stream=True)
            async with contextlib.aclosing(cast("AsyncGenerator[ChatPart]", parts)) as stream:
                return await _heard(stream, longest, hear)

    @contextlib.contextmanager
    def _told_apart(self) -> Iterator[None]:
        """Turn whatever the client raises into a ServerError of the right kind."""
        try:
            yield
        except ollama.ResponseError as error:
            raise self._refusal(error.status_code, error.error) from None
        except (ConnectionError, httpx.ConnectError, httpx.ConnectTimeout):
            raise ServerError(
                FailureKind.UNREACHABLE,
                f"No model server answers at {self.url}.",
                advice="Start it (`ollama serve`) or set model.url to where it listens.",
            ) from None
        except httpx.HTTPError as error:
            words = one_line(str(error), 120) or type(error).__name__
            raise ServerError(FailureKind.BROKEN, f"The connection to the model server broke off ({words}).") from None
        except (ValueError, TypeError, AttributeError, RecursionError):
            # json, pydantic and the client itself trip over a reply that is not what Ollama says.
            raise ServerError(FailureKind.BROKEN, f"What {self.url} answered is not an answer of Ollama.") from None

    def _refusal(self, status: int, words: str) -> ServerError:
        said = one_line(str(words), 200)
        if status == 404:
            return self._not_found(said)
        if status in (401, 403):
            return ServerError(FailureKind.UNREACHABLE, f"The server at {self.url} wants a log-in ({status}).")
        if 300 <= status < 400:
            return ServerError(
                FailureKind.UNREACHABLE, f"The server at {self.url} sends elsewhere ({status}); that is not followed."
            )
        if status == 400 and _ABOUT_LENGTH.search(said):
            return ServerError(FailureKind.TOO_LONG, f"The prompt does not fit the model's context ({said}).")
        if status in (502, 503, 504):
            return ServerError(FailureKind.BUSY, f"The model server is busy ({status}: {said}).")
        what = "broke off in mid-answer" if status == -1 else f"refused ({status})"
        return ServerError(FailureKind.BROKEN, f"The model server {what}: {said}")

    def _not_found(self, said: str) -> ServerError:
        if "model" not in said:
            sentence = f"What listens at {self.url} is not Ollama (404)."
            return ServerError(FailureKind.MISSING, sentence, advice="Check model.url.")
        advice = f"Fetch it with `ollama pull {self._model}` or set model.name to one that is there."
        return ServerError(FailureKind.MISSING, f"The model {self._model!r} is not on {self.url}.", advice=advice)


async def _heard(stream: AsyncIterator[ChatPart], longest: int, hear: Callable[[str], None] | None) -> Reply:
    pieces: list[str] = []
    length, thought, last = 0, False, ChatPart()
    async for last in stream:
        _refuse_remote(last)
        pieces.append(last.message.content)
        length += len(last.message.content)
        if hear is not None and length <= longest:
            hear(last.message.content)
        thought = thought or bool(last.message.thinking)
        if last.done or length > longest:
            break
    return Reply(
        content="".join(pieces),
        finished=last.done,
        reason=last.done_reason or "",
        cut_off=length > longest,
        thought=thought,
        tokens_in=max(0, last.prompt_eval_count or 0),
        tokens_out=max(0, last.eval_count or 0),
    )


def _refuse_remote(part: ChatPart | Embeddings) -> None:
    if part.remote:
        raise ServerError(
            FailureKind.REMOTE,
            f"The answer came from {one_line(part.remote, 80)}, not from this server's own model; it was thrown away.",
            advice="Set model.name to a model that runs on your own machine.",
        )
