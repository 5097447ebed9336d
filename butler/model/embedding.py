"""Asks an embedding model for vectors: it is looked at first as a chat model is, and what is no whole answer is refused."""

from __future__ import annotations

import asyncio
import math
import struct
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from butler.core.accounts import ModelHost
from butler.core.dialing import Dial
from butler.core.errors import ModelError
from butler.core.models import ModelIdentity, ModelPin
from butler.core.pins import Meeting, is_pinned, pin_of, template_hash
from butler.model.failures import FailureKind, ServerError
from butler.model.pinning import Pinning
from butler.model.port import ModelPort
from butler.model.prompts import fewest_words
from butler.model.report import host_at, is_refused, opened
from butler.model.wire import runs_elsewhere

_LEAST = 200
"""A text that does not fit although it is no longer than so many characters is given up."""
_MOST_DIMS = 8_192
_SILENTLY_CUT = 0.7
"""A server that counted less than this part of the words has cut them: a word is a token at least."""

Embedded = tuple[str, int, list[bytes]]
"""The digest of the model, the tokens it read, and a vector of 32-bit floats for each text."""


def embed(
    host: ModelHost, texts: Sequence[str], seconds: float, dial: Dial | None = None, met: Meeting | None = None
) -> Embedded:
    """Ask for a vector of each text, all within so many seconds; raises ModelError.

    `met` is told what was seen of the model; where that is not what is pinned, nothing is asked.
    """
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        return runner.run(_in_time(host, texts, seconds, dial, met))


async def _in_time(host: ModelHost, texts: Sequence[str], seconds: float, dial: Dial | None, met: Meeting | None) -> Embedded:
    try:
        async with asyncio.timeout(seconds):
            return await _at_any(host, texts, dial, met)
    except TimeoutError:
        raise ServerError(FailureKind.SLOW, f"The embedding model did not answer within {seconds:g} seconds.") from None


async def _at_any(host: ModelHost, texts: Sequence[str], dial: Dial | None, met: Meeting | None) -> Embedded:
    """Ask the first server, or where it cannot be reached another one whose model is the one that is pinned at the first."""
    first, *others = (host_at(host, server, host.name) for server in host.servers())
    try:
        return await _at(first, texts, dial, met)
    except ServerError as error:
        pin = pin_of(host.pins, host.url, host.name)
        if error.kind is not FailureKind.UNREACHABLE or pin is None:
            raise
        for other in others:
            with suppress(ServerError):
                return await _at(other, texts, dial, met, pin.identity.digest)
        raise


async def _at(host: ModelHost, texts: Sequence[str], dial: Dial | None, met: Meeting | None, only: str = "") -> Embedded:
    """Ask one server, if its model is that with a digest where `only` names one: vectors of two models cannot be compared."""
    pinning = Pinning(host, host.url, host.name, partial(_told, met))
    host = replace(host, name=pinning.use)
    async with opened(host, dial) as client:
        found = await _looked_at(client, host)
        if only and found.digest != only:
            raise ServerError(FailureKind.CHANGED, f"The embedding model at {host.url} is another one.")
        pinning.agreed(found if is_pinned(found.digest) else replace(found, digest=""))
        tokens, vectors = await _asked(client, host, found.name, texts)
        if (await _looked_at(client, host)) != found:
            raise ServerError(FailureKind.CHANGED, "The embedding model was exchanged while it was asked.")
        return found.digest, tokens, vectors


def _told(met: Meeting | None, url: str, name: str, seen: ModelIdentity) -> ModelPin | None:
    return met(url, name, seen, datetime.now(UTC)) if met else None


async def _looked_at(client: ModelPort, host: ModelHost) -> ModelIdentity:
    """What the model is; raises ServerError where it is not there or runs elsewhere."""
    if runs_elsewhere(host.name):
        raise _elsewhere(host.name)
    listing, version = await asyncio.gather(client.tags(), client.version())
    listed = listing.find(host.name)
    if listed is None:
        advice = f"Fetch it with `ollama pull {host.name}`, or set model.embed to one that is there."
        raise ServerError(FailureKind.MISSING, f"The embedding model {host.name!r} is not on {client.url}.", advice=advice)
    if is_refused(listed) or (shown := await client.shown(listed.name)).remote:
        raise _elsewhere(host.name)
    if not listed.digest:
        raise ServerError(FailureKind.BROKEN, f"The server gives no digest for {listed.name}.")
    server = f"ollama {version}" if client.api == "ollama" else version
    return ModelIdentity(listed.name, listed.digest, template_hash(shown.template or ""), server)


def _elsewhere(name: str) -> ServerError:
    sentence = f"The embedding model {name!r} runs elsewhere, not on its own server."
    return ServerError(FailureKind.REMOTE, sentence, advice="Set model.embed to a model of your own machine.")


async def _asked(client: ModelPort, host: ModelHost, name: str, texts: Sequence[str]) -> tuple[int, list[bytes]]:
    """Ask for all at once; where that does not fit, one by one, each cut by us until it does."""
    try:
        return await _vectors(client, host, name, texts)
    except ServerError as error:
        if error.kind is not FailureKind.TOO_LONG:
            raise
        if len(texts) == 1 and len(texts[0]) <= _LEAST:
            raise
    parts = [[text] for text in texts] if len(texts) > 1 else [[texts[0][: len(texts[0]) // 2]]]
    found = [await _asked(client, host, name, part) for part in parts]
    return sum(tokens for tokens, _ in found), [vector for _, vectors in found for vector in vectors]


async def _vectors(client: ModelPort, host: ModelHost, name: str, texts: Sequence[str]) -> tuple[int, list[bytes]]:
    answer = await client.embedded(name, texts, host.keep_alive)
    sizes = {len(vector) for vector in answer.embeddings}
    if len(answer.embeddings) != len(texts) or len(sizes) != 1 or not 0 < max(sizes) <= _MOST_DIMS:
        raise ModelError("The embedding model did not answer with one vector for each text.")
    if not all(math.isfinite(number) and abs(number) < 1e30 for vector in answer.embeddings for number in vector):
        raise ModelError("The embedding model answered with numbers that are none.")
    counted, fewest = answer.prompt_eval_count or 0, sum(map(fewest_words, texts))
    if 0 < counted < int(fewest * _SILENTLY_CUT):
        sentence = f"The model server cut texts silently: it counted {counted} tokens in at least {fewest}."
        raise ServerError(
            FailureKind.BROKEN, sentence, advice="Update Ollama to 0.31.2 or newer, or set model.embed to another."
        )
    packed = [struct.pack(f"<{len(vector)}f", *vector) for vector in answer.embeddings]
    return max(0, answer.prompt_eval_count or 0), packed
