"""One chat with an OpenAI-compatible server: the request, and the answer as its events come."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from typing import Any

import httpx

from butler.model.compatiblewire import Choice, Delta, Piece
from butler.model.failures import FailureKind, ServerError
from butler.model.port import END_SECONDS, Chat, Reply

_LONGEST_EVENT = 1_000_000


class Heard:
    """An answer piece by piece, and what was counted."""

    def __init__(self, longest: int, hear: Callable[[str], None] | None) -> None:
        self._longest = longest
        self._hear = hear
        self._began = time.monotonic()
        self._first: float | None = None
        self._pieces: list[str] = []
        self._length = 0
        self._thought = False
        self._reason = ""
        self._counts: tuple[int, int] | None = None

    @property
    def is_too_long(self) -> bool:
        """Whether it is longer than any answer may be."""
        return self._length > self._longest

    def take(self, piece: Piece) -> None:
        """Take the next piece; the last one has the counts."""
        for choice in (piece.choices or ())[:1]:
            self._say(choice)
        if piece.usage is not None:
            self._counts = (piece.usage.prompt_tokens or 0, piece.usage.completion_tokens or 0)

    def _say(self, choice: Choice) -> None:
        delta = choice.delta or Delta()
        content = delta.content or ""
        if content and self._first is None:
            self._first = time.monotonic() - self._began
        self._pieces.append(content)
        self._length += len(content)
        self._thought = self._thought or bool(delta.reasoning_content or delta.reasoning)
        self._reason = choice.finish_reason or self._reason
        if self._hear is not None and content and self._length <= self._longest:
            self._hear(content)

    def reply(self) -> Reply:
        """What came of it."""
        tokens_in, tokens_out = self._counts or (0, 0)
        return Reply(
            content="".join(self._pieces),
            finished=bool(self._reason),
            reason=self._reason,
            cut_off=self.is_too_long,
            thought=self._thought,
            tokens_in=max(0, tokens_in),
            tokens_out=max(0, tokens_out),
            first=self._first,
        )


def body_of(chat: Chat) -> dict[str, Any]:
    """The request; that a model that would think is not to is said in llama.cpp's way, and only to one that can."""
    body = {
        "model": chat.model,
        "messages": list(chat.messages),
        "response_format": {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": chat.schema}},
        "max_tokens": chat.max_tokens,
        "temperature": 0,
        "seed": chat.seed,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    return body | {"chat_template_kwargs": {"enable_thinking": False}} if chat.quiet else body


async def events(response: httpx.Response) -> AsyncGenerator[str]:
    """The server-sent events of an answer, bounded; `[DONE]` ends it."""
    lines = response.aiter_lines()
    async for line in lines:
        if len(line) > _LONGEST_EVENT:
            raise ServerError(FailureKind.BROKEN, "A piece of the model server's answer was without end.")
        name, _, value = line.partition(":")
        if name == "error":
            # llama.cpp said it so for a time.
            yield json.dumps({"error": json.loads(value)})
        elif name == "data" and value.strip() == "[DONE]":
            await _read_out(lines)
            return
        elif name == "data":
            yield value
        elif line and name not in ("event", "id", "retry", ""):
            raise ValueError("no server-sent event")


async def _read_out(lines: AsyncIterator[str]) -> None:
    """Read to the end of an answer that is whole, so that its connection can be used again."""
    with contextlib.suppress(TimeoutError, httpx.HTTPError):
        async with asyncio.timeout(END_SECONDS):
            async for _ in lines:
                pass
