"""A step: the one shape in which a workflow asks the model anything."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, Literal, Protocol, TypeVar

from pydantic import BaseModel

from butler.core.models import ModelIdentity, ModelPin, Role

A = TypeVar("A", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Step(Generic[A]):
    """A prompt (fixed text, sent as the system message) and the schema of its answer: one small decision.

    `version` changes with prompt or schema, `max_tokens` bounds the answer. `heard` is given each element of the answer's
    first list as soon as it is complete, while the rest is still written; the whole may come out otherwise after a repair,
    and what was recorded is not heard. It must not raise. `role` says which of the owner's models is asked. `joined` makes
    one answer of those to the parts of a text that is too long for one question; without it such a text is cut.
    """

    name: str
    version: str
    prompt: str
    answer: type[A]
    max_tokens: int = 400
    role: Role = "judge"
    heard: Callable[[Any], None] | None = field(default=None, compare=False, repr=False)
    joined: Callable[[Sequence[A]], A] | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Inquiry(Generic[A]):
    """A step to be asked about one thing; see `Model.ask`."""

    step: Step[A]
    subject: str
    facts: str
    text: str


@dataclass(frozen=True, slots=True)
class Asked(Generic[A]):
    """What came of asking: the checked answer, or None and the reason why the fallback has to answer.

    `cut` says that the text was too long for the model and only its beginning was read. Without a digest no model is there
    that could be asked: later there may be one.
    """

    answer: A | None
    reason: str = ""
    cached: bool = False
    digest: str = ""
    cut: bool = False


class Model(Protocol):
    """The model as a workflow sees it: it can be asked, and nothing else."""

    @property
    def name(self) -> str:
        """The model's name on its server."""
        ...

    @property
    def digest(self) -> str:
        """The digest that answers."""
        ...

    def ask(self, step: Step[A], *, subject: str, facts: str, text: str) -> Asked[A]:
        """Ask one step about one thing.

        `subject` is the reference of what is judged, `facts` are lines computed by code, `text` is from the world
        and is sent as data between delimiters that it cannot contain. Never raises for what a model or its server
        does wrong: after the repairs the answer is None and the caller's fallback answers.
        """
        ...


def ask_all(model: Model, inquiries: Sequence[Inquiry[A]]) -> Generator[Asked[A], None, None]:
    """Ask about many things: what came of each, in their order, as soon as it is there. To be closed when no more is wanted.

    A model that can be asked several things at once has a method of this name; any other is asked one after the other.
    """
    together: Callable[[Sequence[Inquiry[A]]], Generator[Asked[A], None, None]] | None = getattr(model, "ask_all", None)
    return together(inquiries) if together else _one_by_one(model, inquiries)


def _one_by_one(model: Model, inquiries: Sequence[Inquiry[A]]) -> Generator[Asked[A], None, None]:
    for each in inquiries:
        yield model.ask(each.step, subject=each.subject, facts=each.facts, text=each.text)


@dataclass(frozen=True, slots=True)
class ModelCall:
    """One asking, for the record: tokens and seconds are summed over its attempts; `key` is the answer cache's key.

    `outcome` is `ok`, `repaired` (a second or third attempt was needed), or `fallback` (no usable answer, see `error`).
    `first` is how many seconds the last attempt's answer took to begin; None where that is not known.
    """

    run: str
    at: datetime
    step: str
    version: str
    subject: str
    key: str
    model: str
    digest: str
    server: str
    cached: bool
    outcome: Literal["ok", "repaired", "fallback"]
    attempts: int
    tokens_in: int
    tokens_out: int
    seconds: float
    prompt: str
    answer: str
    error: str = ""
    first: float | None = None


class CallBook(Protocol):
    """Where model calls are recorded and their answers found again."""

    def answer(self, key: str) -> str | None:
        """The recorded JSON answer under a cache key."""
        ...

    def record(self, call: ModelCall) -> None:
        """Keep a call, and its answer under its key when the outcome is not `fallback`; once for each run and key."""
        ...

    def tokens_per_byte(self, digest: str) -> float | None:
        """The highest ratio of prompt tokens to prompt bytes seen lately with a digest (95th percentile)."""
        ...

    def learn(self, digest: str, tokens: int, size: int) -> None:
        """Note how many tokens a prompt of `size` bytes came to."""
        ...

    def met(self, url: str, name: str, seen: ModelIdentity, at: datetime) -> ModelPin | None:
        """Note what a server at an address has under a name; gives what is pinned there, which is this where nothing was.

        None: nothing is kept of it.
        """
        ...
