"""One asking, attempt by attempt: the prompt within its budget, the answer checked, a bad one repaired at most twice."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from butler.core.accounts import ModelHost
from butler.core.models import Api
from butler.core.steps import CallBook, Step
from butler.core.text import visible
from butler.model.aloud import Aloud
from butler.model.answers import in_words, longest, read, schema_of
from butler.model.failures import BadAnswerError, FailureKind, ServerError
from butler.model.pinning import Pinning
from butler.model.port import Chat, Message, ModelPort, Reply
from butler.model.prompts import (
    DENSEST_RATE,
    MARKER_ROOM,
    Prompt,
    compose,
    fewest_tokens,
    room,
    room_for_text,
    rounded,
    split,
    system_words,
)
from butler.model.report import ModelReport

A = TypeVar("A", bound=BaseModel)

ATTEMPTS = 3
"""A first answer and at most two repairs."""
MOST_PARTS = 4
"""Parts that a text is split into at most; what is beyond is left out, in sight."""
_LEAST_PART = 1_000
"""Bytes of a part below which splitting makes no sense."""
_BUSY_PAUSES = (0.25, 1.0)
"""Seconds before each of the two further tries at a busy server."""
_QUOTED_BACK = 1_000
"""Characters of a bad answer that the model is shown again."""
_SILENTLY_CUT = 0.7
"""A server that counted less than this part of the words has cut the prompt: a word is a token at least."""

_ADVICE: dict[Api, str] = {
    "ollama": "Update Ollama to 0.31.2 or newer.",
    "openai": "Load the model with a longer context there, or set model.context to the one that it has.",
}


@dataclass(frozen=True)
class Asking(Generic[A]):
    """A step asked about one thing with one model: all that its answer depends on."""

    step: Step[A]
    facts: str
    text: str
    report: ModelReport
    host: ModelHost

    @cached_property
    def schema(self) -> dict[str, Any]:
        """The schema of the answer as the server takes it."""
        return schema_of(self.step.answer)

    @cached_property
    def system(self) -> str:
        """The fixed part of the prompt."""
        return system_words(self.step.prompt, in_words(self.schema))

    @property
    def context(self) -> int:
        """The context asked for: the same in every call, since another value loads the model anew."""
        return self.report.context(self.host.context)

    def at(self, report: ModelReport) -> Asking[A]:
        """The same, asked of the same model on another server."""
        return replace(self, report=report)

    def part(self, text: str) -> Asking[A]:
        """The same about a part of the text."""
        return replace(self, text=text)

    def options(self, repair: int = 0) -> dict[str, int]:
        """The runner's options; a repair differs in its seed only."""
        return {
            "num_ctx": self.context,
            "num_predict": max(1, self.step.max_tokens),  # 0 would mean without end
            "temperature": 0,
            "seed": self.host.seed + repair,
        }

    @cached_property
    def key(self) -> str:
        """The answer cache's key: the same only if all that the answer depends on is."""
        parts = (
            self.step.name,
            self.step.version,
            self.system,
            self.schema,
            self.facts,
            self.text,
            self.report.mark,
            self.options(),
        )
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

    def prompt(self, rate: float | None, repair: Sequence[Message] = ()) -> Prompt:
        """The prompt within the budget at `rate` tokens a byte; raises PromptTooLongError."""
        limit = room(self.context, self.step.max_tokens, rate)
        return compose(self.system, self.facts, self.text, limit, repair)

    def parts(self, rate: float | None) -> list[Asking[A]]:
        """Itself, or where its text is too long for one question and answers can be joined, one for each part of the text."""
        limit = room(self.context, self.step.max_tokens, rate)
        size = room_for_text(self.system, self.facts, limit) - MARKER_ROOM
        if self.step.joined is None or size < _LEAST_PART or len(visible(self.text).encode()) <= size:
            return [self]
        return [self.part(text) for text in split(self.text, rounded(size), MOST_PARTS)]

    def chat(self, messages: Sequence[Message], repair: int) -> Chat:
        """What is put to the server; a thinking model is told not to think."""
        report, options = self.report, self.options(repair)
        return Chat(
            model=report.name,
            messages=messages,
            schema=self.schema,
            context=options["num_ctx"],
            max_tokens=options["num_predict"],
            seed=options["seed"],
            keep_alive=self.host.keep_alive,
            quiet=report.thinks,
        )


@dataclass
class Conversation(Generic[A]):
    """The attempts at one asking and what they came to so far, whether or not an answer comes of them."""

    asking: Asking[A]
    client: ModelPort
    book: CallBook
    pinning: Pinning
    attempts: int = 0
    repairs: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    left_out: int = 0
    prompt: str = ""
    content: str = ""
    heard: int = 0
    first: float | None = None
    _dense: bool = field(default=False, repr=False)

    @classmethod
    def after(
        cls, before: Conversation[A] | None, asking: Asking[A], client: ModelPort, book: CallBook, pinning: Pinning
    ) -> Conversation[A]:
        """One with the next server, which goes on counting; what was heard is not heard again."""
        talk = cls(asking, client, book, pinning)
        if before is not None:
            talk.attempts, talk.heard, talk.left_out = before.attempts, before.heard, before.left_out
            talk.tokens_in, talk.tokens_out = before.tokens_in, before.tokens_out
        return talk

    async def answer(self) -> A:
        """Ask until an answer is good; raises ModelError (a ServerError or the last BadAnswerError)."""
        repair: tuple[Message, ...] = ()
        while True:
            reply = await self._fitting(repair)
            self.content = reply.content
            try:
                return read(self.asking.step.answer, reply)
            except BadAnswerError as bad:
                if self.repairs + 1 == ATTEMPTS:
                    raise
                repair = _repair(bad)
                self.repairs += 1

    async def _fitting(self, repair: Sequence[Message]) -> Reply:
        try:
            return await self._say(repair)
        except ServerError as failure:
            if failure.kind is not FailureKind.TOO_LONG or self._dense:
                raise
            # The estimate was too low for this text; no tokenizer makes more of it than a token a byte.
            self._dense = True
            return await self._say(repair)

    async def _say(self, repair: Sequence[Message]) -> Reply:
        asking = self.asking
        rate = DENSEST_RATE if self._dense else self.book.tokens_per_byte(asking.report.mark)
        prompt = asking.prompt(rate, repair)
        self.left_out = max(self.left_out, prompt.left_out)
        self.prompt = json.dumps(prompt.messages, ensure_ascii=False)
        reply = await self._patiently(asking.chat(prompt.messages, self.repairs))
        self.tokens_in += reply.tokens_in
        self.tokens_out += reply.tokens_out
        self.first = reply.first
        await self.pinning.after(self.client)
        await self._stands_in()
        self._count(prompt, reply.tokens_in)
        return reply

    async def _patiently(self, chat: Chat) -> Reply:
        for pause in _BUSY_PAUSES:
            try:
                return await self._once(chat)
            except ServerError as failure:
                if failure.kind is not FailureKind.BUSY:
                    raise
            await asyncio.sleep(pause)
        return await self._once(chat)

    async def _once(self, chat: Chat) -> Reply:
        await self.pinning.before(self.client)
        self.attempts += 1
        step = self.asking.step
        if step.heard is None or self.heard:
            return await self.client.converse(chat, longest(step.max_tokens))
        aloud = Aloud(step)
        try:
            return await self.client.converse(chat, longest(step.max_tokens), aloud.hear)
        finally:
            self.heard = aloud.count

    async def _stands_in(self) -> None:
        """Look whether the name is still that model, as far as a server that tells no digest shows it."""
        report = self.asking.report
        if not report.stand_in:
            return
        listed = (await self.client.tags()).find(report.name)
        if listed is None or listed.digest != report.stand_in:
            sentence = f"{report.name} is not the model any more that it was when this run began; its answer was thrown away."
            raise ServerError(FailureKind.CHANGED, sentence, advice="Run again.")

    def _count(self, prompt: Prompt, tokens: int) -> None:
        if not tokens and self.asking.report.stand_in:
            sentence = "The model server does not count tokens, so nobody knows whether it cut the prompt."
            raise ServerError(FailureKind.BROKEN, sentence, advice="Update it.")
        if not tokens:
            return
        fewest = int(fewest_tokens(prompt.messages) * _SILENTLY_CUT)
        if tokens < fewest or tokens >= self.asking.context:
            sentence = f"The model server cut the prompt silently: it counted {tokens} tokens in {prompt.size} bytes."
            raise ServerError(FailureKind.BROKEN, sentence, advice=_ADVICE[self.client.api])
        self.book.learn(self.asking.report.mark, tokens, prompt.size)


def _repair(bad: BadAnswerError) -> tuple[Message, ...]:
    again = Message(role="user", content=f"That answer cannot be used: {bad.problem}\nAnswer again with the JSON object only.")
    said = visible(bad.answer)[:_QUOTED_BACK]
    return (Message(role="assistant", content=said), again) if said else (again,)
