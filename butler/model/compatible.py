"""A server that is spoken to as OpenAI's is: llama.cpp's `llama-server`, and LM Studio. It is asked on one host and no other.

Ollama's own way of this kind is never used: it cuts prompts silently.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Self, TypeVar

import httpx
from pydantic import BaseModel

from butler.core.accounts import ModelHost
from butler.core.dialing import Dial
from butler.core.models import UNPINNED, Api
from butler.core.text import one_line
from butler.model.compatiblestream import Heard, body_of, events
from butler.model.compatiblewire import Catalogue, Fault, Offered, Piece, Properties, Refusal, Vectors
from butler.model.failures import FailureKind, ServerError
from butler.model.port import Chat, Reply
from butler.model.transport import CONNECT_SECONDS, OneHost, checked_url, told_apart
from butler.model.wire import Embeddings, Listed, Listing, Shown, Version, runs_elsewhere

T = TypeVar("T", bound=BaseModel)

_ABOUT_LENGTH = re.compile(
    r"exceed_context|context[ _](length|size|window)|when context the overflows|n_keep|too large to process", re.IGNORECASE
)
"""llama.cpp says `exceed_context_size_error`, or of vectors `input is too large to process`; LM Studio has sentences for it."""
_LONGEST_REFUSAL = 100_000
_GREETING = b"Ollama is running"


class CompatibleClient:
    """A client of such a server; every method raises ServerError and nothing else; see butler.model.port.ModelPort.

    What a model is, such a server tells only in part: there is no digest, and what stands in for it says when the name is
    another model's now, if the server says anything by which that shows.
    """

    api: Api = "openai"

    def __init__(self, host: ModelHost, dial: Dial | None = None) -> None:
        self.url = checked_url(host.url)
        self._model = host.name
        self._root = self.url.removesuffix("/v1")
        self._properties: Properties | None = None
        self._client = httpx.AsyncClient(
            follow_redirects=False,
            trust_env=False,
            timeout=httpx.Timeout(host.deadline + 1, connect=CONNECT_SECONDS),
            transport=OneHost(self.url, dial),
            headers={"Accept-Encoding": "identity"},
        )

    async def close(self) -> None:
        """End every connection."""
        await self._client.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: Any, error: Any, trace: Any, /) -> None:
        await self.close()

    async def version(self) -> str:
        """The build of llama.cpp; empty for a server that does not say. Ollama is refused."""
        self._properties = await self._asked_properties()
        if self._properties is None and await self._is_ollama():
            # It would cut prompts silently, and not say which models run elsewhere.
            sentence = f"What listens at {self.url} is Ollama and no OpenAI-compatible server; it has a way of its own."
            raise ServerError(FailureKind.MISSING, sentence, advice='Set its api to "ollama", and leave /v1 out of its url.')
        build = self._properties.build_info if self._properties else ""
        return f"llama.cpp {one_line(build, 60)}" if build else ""

    async def tags(self) -> Listing:
        """The models that are there; what stands in for a digest is in its place."""
        catalogue = await self._get(Catalogue, "/v1/models")
        return Listing(models=tuple(Listed(name=each.id, digest=_stand_in(each)) for each in catalogue.data))

    async def loaded(self) -> Listing:
        """The same: such a server does not say what is in memory."""
        return await self.tags()

    async def shown(self, name: str) -> Shown:  # noqa: ARG002  # the port's
        """The context of one slot and the template, where llama.cpp tells them; nothing is known of LM Studio's."""
        found = self._properties or await self._asked_properties()
        if found is None:
            return Shown(capabilities=("completion",))
        thinks = ("thinking",) if "enable_thinking" in found.chat_template else ()
        slot = found.default_generation_settings.n_ctx
        length = {"slot.context_length": slot} if slot else {}
        return Shown(capabilities=("completion", *thinks), model_info=length, template=found.chat_template or None)

    async def converse(self, chat: Chat, longest: int, hear: Callable[[str], None] | None = None) -> Reply:
        """Chat and read the answer as it comes, up to `longest` characters; then the connection is closed."""
        with self._told_apart():
            async with self._client.stream("POST", f"{self._root}/v1/chat/completions", json=body_of(chat)) as response:
                return await self._heard(response, Heard(longest, hear))

    async def embedded(self, model: str, texts: Sequence[str], keep_alive: str) -> Embeddings:  # noqa: ARG002  # the port's
        """Vectors of some texts."""
        body = {"model": model, "input": list(texts), "encoding_format": "float"}
        found = await self._ask(Vectors, "POST", "/v1/embeddings", body)
        rows = sorted(found.data, key=lambda each: each.index)
        if [each.index for each in rows] != list(range(len(texts))):
            raise ServerError(FailureKind.BROKEN, f"{self.url} did not answer with one vector for each text.")
        return Embeddings(
            embeddings=tuple(each.embedding for each in rows),
            prompt_eval_count=found.usage.prompt_tokens if found.usage else None,
        )

    async def _is_ollama(self) -> bool:
        try:
            await self._get(Version, "/api/version")
        except ServerError as failure:
            if failure.kind in (FailureKind.MISSING, FailureKind.BROKEN):
                return False
            raise
        # Others have such a place, too; this is what Ollama alone says.
        with self._told_apart():
            async with self._client.stream("GET", f"{self._root}/") as response:
                return (await anext(response.aiter_bytes(len(_GREETING)), b"")) == _GREETING

    async def _asked_properties(self) -> Properties | None:
        """What llama.cpp says of itself at /props; other servers have no such place, and some answer 200 with an error."""
        try:
            found = await self._get(Properties, "/props")
        except ServerError as failure:
            if failure.kind in (FailureKind.MISSING, FailureKind.BROKEN):
                return None
            raise
        return found if found.build_info else None

    async def _get(self, kind: type[T], path: str) -> T:
        return await self._ask(kind, "GET", path)

    async def _ask(self, kind: type[T], method: str, path: str, body: Mapping[str, Any] | None = None) -> T:
        with self._told_apart():
            response = await self._client.request(method, self._root + path, json=body)
            if response.status_code != 200:
                raise self._refusal(response.status_code, response.text)
            return kind.model_validate_json(response.content)

    async def _heard(self, response: httpx.Response, heard: Heard) -> Reply:
        if response.status_code != 200:
            raise self._refusal(response.status_code, await _words(response))
        async with contextlib.aclosing(events(response)) as stream:
            async for event in stream:
                heard.take(self._piece(event))
                if heard.is_too_long:
                    break
        return heard.reply()

    def _piece(self, event: str) -> Piece:
        piece = Piece.model_validate_json(event)
        if piece.error is not None:
            code = piece.error.code if isinstance(piece.error, Fault) else None
            raise self._refusal(code if isinstance(code, int) else 400, event)
        if piece.model and runs_elsewhere(piece.model):
            raise ServerError(FailureKind.REMOTE, "The answer came from a cloud, not from this server; it was thrown away.")
        return piece

    def _told_apart(self) -> AbstractContextManager[None]:
        """Turn whatever the client raises into a ServerError of the right kind."""
        return told_apart(self.url, "`llama-server`, or LM Studio's server", "an OpenAI-compatible server")

    def _refusal(self, status: int, words: str) -> ServerError:
        said = one_line(_said(words), 200)
        if status in (401, 403):
            return ServerError(FailureKind.UNREACHABLE, f"The server at {self.url} wants a log-in ({status}).")
        if 300 <= status < 400:
            return ServerError(
                FailureKind.UNREACHABLE, f"The server at {self.url} sends elsewhere ({status}); that is not followed."
            )
        # LM Studio tells of a prompt that is too long with 400, or with 200 in mid-stream; llama.cpp of a text with 500.
        if _ABOUT_LENGTH.search(words[:_LONGEST_REFUSAL]):
            return ServerError(FailureKind.TOO_LONG, f"The prompt does not fit the model's context ({said}).")
        if status == 404:
            if "model" in said:
                sentence = f"The model {self._model!r} is not on {self.url}."
                return ServerError(FailureKind.MISSING, sentence, advice="Load it there, or name one that is.")
            sentence = f"What listens at {self.url} is no OpenAI-compatible server (404)."
            return ServerError(FailureKind.MISSING, sentence, advice="Check its url and api in the settings.")
        if status in (429, 502, 503, 504):
            return ServerError(FailureKind.BUSY, f"The model server is busy ({status}: {said}).")
        return ServerError(FailureKind.BROKEN, f"The model server refused ({status}): {said}")


async def _words(response: httpx.Response) -> str:
    return (await response.aread()).decode("utf-8", "replace")[:_LONGEST_REFUSAL]


def _said(words: str) -> str:
    """What an error says: llama.cpp has an object with a message, LM Studio sometimes a bare sentence."""
    try:
        return Refusal.model_validate_json(words).sentence or words
    except ValueError:
        return words


def _stand_in(offered: Offered) -> str:
    """What stands in for a digest: the model's name and what llama.cpp tells of its weights."""
    told = {name: value for name, value in sorted((offered.meta or {}).items()) if name != "n_ctx"}
    row = json.dumps([offered.id, told], sort_keys=True, default=str)
    return UNPINNED + hashlib.sha256(row.encode("utf-8", "replace")).hexdigest()[:32]
