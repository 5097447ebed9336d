"""Asks an embedding model for vectors: it is looked at first as a chat model is, and what is no whole answer is refused."""

from __future__ import annotations

import asyncio
import math
import struct
from collections.abc import Sequence

from butler.core.accounts import ModelHost
from butler.core.dialing import Dial
from butler.core.errors import ModelError
from butler.model.client import Client
from butler.model.failures import FailureKind, ServerError
from butler.model.report import is_refused, runs_elsewhere

_LEAST = 200
"""A text that does not fit although it is no longer than so many characters is given up."""
_MOST_DIMS = 8_192

Embedded = tuple[str, int, list[bytes]]
"""The digest of the model, the tokens it read, and a vector of 32-bit floats for each text."""


def embed(host: ModelHost, texts: Sequence[str], seconds: float, dial: Dial | None = None) -> Embedded:
    """Ask for a vector of each text, all within so many seconds; raises ModelError."""
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        return runner.run(_in_time(host, texts, seconds, dial))


async def _in_time(host: ModelHost, texts: Sequence[str], seconds: float, dial: Dial | None) -> Embedded:
    try:
        async with asyncio.timeout(seconds), Client(host, dial) as client:
            name, digest = await _looked_at(client, host)
            tokens, vectors = await _asked(client, host, name, texts)
            if (await _looked_at(client, host)) != (name, digest):
                raise ServerError(FailureKind.CHANGED, "The embedding model was exchanged while it was asked.")
            return digest, tokens, vectors
    except TimeoutError:
        raise ServerError(FailureKind.SLOW, f"The embedding model did not answer within {seconds:g} seconds.") from None


async def _looked_at(client: Client, host: ModelHost) -> tuple[str, str]:
    """The model's full name and digest; raises ServerError where it is not there or runs elsewhere."""
    listed = (await client.tags()).find(host.name)
    if listed is None:
        advice = f"Fetch it with `ollama pull {host.name}`, or set model.embed to one that is there."
        raise ServerError(FailureKind.MISSING, f"The embedding model {host.name!r} is not on {client.url}.", advice=advice)
    if runs_elsewhere(host.name) or is_refused(listed) or (await client.shown(listed.name)).remote:
        sentence = f"The embedding model {host.name!r} runs elsewhere, not on its own server."
        raise ServerError(FailureKind.REMOTE, sentence, advice="Set model.embed to a model of your own machine.")
    if not listed.digest:
        raise ServerError(FailureKind.BROKEN, f"The server gives no digest for {listed.name}.")
    return listed.name, listed.digest


async def _asked(client: Client, host: ModelHost, name: str, texts: Sequence[str]) -> tuple[int, list[bytes]]:
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


async def _vectors(client: Client, host: ModelHost, name: str, texts: Sequence[str]) -> tuple[int, list[bytes]]:
    answer = await client.embedded(name, texts, host.keep_alive)
    sizes = {len(vector) for vector in answer.embeddings}
    if len(answer.embeddings) != len(texts) or len(sizes) != 1 or not 0 < max(sizes) <= _MOST_DIMS:
        raise ModelError("The embedding model did not answer with one vector for each text.")
    if not all(math.isfinite(number) and abs(number) < 1e30 for vector in answer.embeddings for number in vector):
        raise ModelError("The embedding model answered with numbers that are none.")
    packed = [struct.pack(f"<{len(vector)}f", *vector) for vector in answer.embeddings]
    return max(0, answer.prompt_eval_count or 0), packed
