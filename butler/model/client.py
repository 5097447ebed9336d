"""The only module that imports `ollama`: one connection to the configured host and to no other."""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Sequence
from typing import Any, cast

import httpx
import ollama

from butler.core.accounts import ModelHost
from butler.core.dialing import Dial
from butler.core.models import Api
from butler.core.text import one_line
from butler.model.failures import FailureKind, ServerError
from butler.model.port import END_SECONDS, Chat, Reply
from butler.model.transport import CONNECT_SECONDS, OneHost, checked_url, told_apart
from butler.model.wire import ChatPart, Embeddings, Listing, Shown, Version

_ABOUT_LENGTH = re.compile(r"context (length|size)|exceed_context|prompt is longer", re.IGNORECASE)


class Client(ollama.AsyncClient):
    """Ollama's own client, without what the environment or a redirect could change about whom it talks to.

    Every method raises ServerError and nothing else; see butler.model.port.ModelPort.
    """

    api: Api = "ollama"

    def __init__(self, host: ModelHost, dial: Dial | None = None) -> None:
        self.url = checked_url(host.url)
        self._model = host.name
        super().__init__(
            self.url,
            follow_redirects=False,
            trust_env=False,
            # A safety net only: whoever calls sets a deadline for all, which drips cannot stretch.
            timeout=httpx.Timeout(host.deadline + 1, connect=CONNECT_SECONDS),
            transport=OneHost(self.url, dial),
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

    async def embedded(self, model: str, texts: Sequence[str], keep_alive: str) -> Embeddings:
        """Vectors of some texts."""
        body = {"model": model, "input": list(texts), "truncate": False, "keep_alive": keep_alive}
        with self._told_apart():
            answer = await self._request(Embeddings, "POST", "/api/embed", json=body)
        _refuse_remote(answer)
        return answer

    async def converse(self, chat: Chat, longest: int, hear: Callable[[str], None] | None = None) -> Reply:
        """Chat and read the answer as it comes, up to `longest` characters; then the connection is closed.

        The parent's chat() cannot send `truncate` and `shift`, without which a server may cut the prompt silently.
        """
        with self._told_apart():
            parts = await self._request(ChatPart, "POST", "/api/chat", json=_body(chat), stream=True)
            async with contextlib.aclosing(cast("AsyncGenerator[ChatPart]", parts)) as stream:
                reply = await _heard(stream, longest, hear)
                if reply.finished:
                    await _read_out(stream)
                return reply

    async def copy_model(self, name: str, alias: str) -> None:
        """Have the server keep a model under another name, too."""
        with self._told_apart():
            await self.copy(name, alias)

    async def delete_model(self, alias: str) -> None:
        """Have the server forget a name."""
        with self._told_apart():
            await self.delete(alias)

    @contextlib.contextmanager
    def _told_apart(self) -> Iterator[None]:
        """Turn whatever the client raises into a ServerError of the right kind."""
        with told_apart(self.url, "`ollama serve`", "Ollama"):
            try:
                yield
            except ollama.ResponseError as error:
                raise self._refusal(error.status_code, error.error) from None

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


def _body(chat: Chat) -> dict[str, Any]:
    """The request: nothing may be cut or shifted by the server, and a thinking model is told not to think."""
    body = {
        "model": chat.model,
        "messages": list(chat.messages),
        "format": chat.schema,
        "options": {"num_ctx": chat.context, "num_predict": chat.max_tokens, "temperature": 0, "seed": chat.seed},
        "truncate": False,
        "shift": False,
        "keep_alive": chat.keep_alive,
        "stream": True,
    }
    return body | {"think": False} if chat.quiet else body


async def _read_out(stream: AsyncIterator[ChatPart]) -> None:
    """Read to the end of an answer that is whole, so that its connection can be used again."""
    with contextlib.suppress(TimeoutError, httpx.HTTPError, ollama.ResponseError, ValueError):
        async with asyncio.timeout(END_SECONDS):
            async for _ in stream:
                return


async def _heard(stream: AsyncIterator[ChatPart], longest: int, hear: Callable[[str], None] | None) -> Reply:
    pieces: list[str] = []
    length, thought, last = 0, False, ChatPart()
    began, first = time.monotonic(), None
    async for last in stream:
        _refuse_remote(last)
        if first is None and last.message.content:
            first = time.monotonic() - began
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
        first=first,
    )


def _refuse_remote(part: ChatPart | Embeddings) -> None:
    if part.remote:
        raise ServerError(
            FailureKind.REMOTE,
            f"The answer came from {one_line(part.remote, 80)}, not from this server's own model; it was thrown away.",
            advice="Set model.name to a model that runs on your own machine.",
        )
