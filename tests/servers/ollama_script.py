"""What a scripted Ollama can be told to do with a chat: answer well, badly, late or not at all."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, repeat
from typing import Any, Protocol

_DELIMITED = re.compile(r"<<<text (\w+)>>>\n(.*)\n<<<end \1>>>", re.DOTALL)


@dataclass(frozen=True)
class Chat:
    """One request to /api/chat, `number` counting from 0."""

    number: int
    body: Mapping[str, Any]

    @property
    def schema(self) -> Mapping[str, Any] | None:
        """The JSON schema asked for."""
        wanted = self.body.get("format")
        return wanted if isinstance(wanted, Mapping) else None

    @property
    def system(self) -> str:
        """The system message."""
        return self._said_by("system")

    @cached_property
    def user(self) -> str:
        """The first message of the user."""
        return self._said_by("user")

    @cached_property
    def text(self) -> str:
        """What stands between the butler's delimiters."""
        found = _DELIMITED.search(self.user)
        return found.group(2) if found else self.user

    @property
    def facts(self) -> str:
        """What stands before the text."""
        return _DELIMITED.split(self.user)[0]

    @property
    def last(self) -> str:
        """The last message."""
        return str(self.body["messages"][-1]["content"])

    def _said_by(self, role: str) -> str:
        return next((str(message["content"]) for message in self.body["messages"] if message["role"] == role), "")


class Exchange(Protocol):
    """The server's side of one chat, as an answer sees it; every method ends the answer when the client has gone."""

    @property
    def chat(self) -> Chat:
        """What was asked."""
        ...

    def refuse(self, status: int, error: str, headers: Mapping[str, str] | None = None) -> None:
        """Answer with an error status."""
        ...

    def piece(self, content: str, **more: Any) -> None:
        """Send one line of the answer; `more` are further keys of its message."""
        ...

    def done(self, content: str, **more: Any) -> None:
        """Send the last line, with the counts; `more` replaces or adds keys."""
        ...

    def raw(self, content: bytes) -> None:
        """Send bytes as they are."""
        ...

    def hang_up(self) -> None:
        """Close the connection without ending the answer."""
        ...

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        ...


class Played(Protocol):
    """Anything that can answer a chat."""

    def play(self, exchange: Exchange) -> None:
        """Answer."""
        ...


Answer = str | Mapping[str, Any] | Played
Script = Callable[[Chat], Answer]


def played(answer: Answer) -> Played:
    """An answer as something that plays: a text or a JSON object is said in full."""
    if isinstance(answer, str):
        return Says(answer)
    if isinstance(answer, Mapping):
        return Says(json.dumps(answer, ensure_ascii=False))
    return answer


def in_turn(*answers: Answer) -> Script:
    """A script that gives one answer after the other and then the last for ever."""
    order = chain(answers, repeat(answers[-1]))
    return lambda chat: next(order)


@dataclass(frozen=True)
class Says:
    """Answers in full; `counted` replaces the prompt's token count, `host` says that a cloud answered."""

    content: str
    reason: str = ""
    thinking: str = ""
    counted: int | None = None
    host: str = ""

    def play(self, exchange: Exchange) -> None:
        if self.thinking:
            exchange.piece("", thinking=self.thinking)
        content, reason = _within(self.content, exchange.chat.body)
        if exchange.chat.body.get("stream", True):
            for start in range(0, len(content), 40):
                exchange.piece(content[start : start + 40])
            content = ""
        more: dict[str, Any] = {"done_reason": self.reason or reason}
        if self.counted is not None:
            more["prompt_eval_count"] = self.counted
        if self.host:
            more |= {"remote_host": self.host, "remote_model": "giant"}
        exchange.done(content, **more)


def _within(content: str, body: Mapping[str, Any]) -> tuple[str, str]:
    """The content within num_predict tokens of four bytes, and why it ends."""
    most = body.get("options", {}).get("num_predict", -1)
    if most <= 0 or len(content.encode()) <= 4 * most:
        return content, "stop"
    return content.encode()[: 4 * most].decode(errors="ignore"), "length"


@dataclass(frozen=True)
class Refuses:
    """Answers with an error status."""

    status: int
    error: str

    def play(self, exchange: Exchange) -> None:
        exchange.refuse(self.status, self.error)


@dataclass(frozen=True)
class Redirects:
    """Sends the client to another address."""

    to: str

    def play(self, exchange: Exchange) -> None:
        exchange.refuse(307, "moved", {"Location": self.to})


@dataclass(frozen=True)
class Late:
    """Answers after a while."""

    seconds: float
    then: Answer

    def play(self, exchange: Exchange) -> None:
        exchange.wait(self.seconds)
        played(self.then).play(exchange)


@dataclass(frozen=True)
class Hangs:
    """Takes the request and never answers."""

    def play(self, exchange: Exchange) -> None:
        while True:
            exchange.wait(60.0)


@dataclass(frozen=True)
class Drips:
    """Sends a byte now and then, for ever."""

    every: float = 0.02

    def play(self, exchange: Exchange) -> None:
        while True:
            exchange.raw(b" ")
            exchange.wait(self.every)


@dataclass(frozen=True)
class BreaksOff:
    """Closes the connection in mid-answer."""

    content: str = '{"evi'

    def play(self, exchange: Exchange) -> None:
        exchange.piece(self.content)
        exchange.hang_up()


@dataclass(frozen=True)
class StopsShort:
    """Ends the answer without its last line, as Ollama does when a model repeats itself."""

    content: str

    def play(self, exchange: Exchange) -> None:
        exchange.piece(self.content)


@dataclass(frozen=True)
class ErrsMidway:
    """Reports an error in the middle of an answer that began well."""

    error: str

    def play(self, exchange: Exchange) -> None:
        exchange.piece('{"evi')
        exchange.raw(json.dumps({"error": self.error}).encode() + b"\n")


@dataclass(frozen=True)
class Garbage:
    """Sends bytes that are no answer at all."""

    content: bytes

    def play(self, exchange: Exchange) -> None:
        exchange.raw(self.content)


@dataclass(frozen=True)
class Endless:
    """Never stops talking."""

    piece: str

    def play(self, exchange: Exchange) -> None:
        while True:
            exchange.piece(self.piece)


@dataclass(frozen=True)
class CallsTools:
    """Calls a tool that nobody offered, again and again, and says nothing."""

    times: int = 200

    def play(self, exchange: Exchange) -> None:
        call = {"function": {"name": "send_mail", "arguments": {"to": "mallory@evil.example"}}}
        for _ in range(self.times):
            exchange.piece("", tool_calls=[call])
        exchange.done("")
