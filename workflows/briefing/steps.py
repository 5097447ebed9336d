"""What the model is asked: two small decisions, each with its prompt and the schema of its answer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from butler.core.steps import Step

MOST_DATES = 9
"""How many found dates are offered to the model at most."""
MOST_QUOTES = 3

_PROMPTS = Path(__file__).parent / "prompts"
_A = TypeVar("_A", bound=BaseModel)
_L = TypeVar("_L", "ReceivedAnswer", "PromiseAnswer")

Quote = Annotated[str, Field(max_length=200)]


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    evidence: tuple[Quote, ...] = Field(max_length=MOST_QUOTES)
    reason: str = Field(max_length=200)


class ReceivedAnswer(_Answer):
    """What a received mail wants: evidence first, then the decision; `due` counts the offered dates from 1."""

    label: Literal["reply", "none", "unsure"]
    due: int = Field(ge=0, le=MOST_DATES)
    summary: str = Field(max_length=140)


class PromiseAnswer(_Answer):
    """Whether a sent mail promises something; `due` counts the offered dates from 1."""

    label: Literal["promise", "none", "unsure"]
    due: int = Field(ge=0, le=MOST_DATES)


@cache
def received() -> Step[ReceivedAnswer]:
    """The step that judges one received mail."""
    return replace(_step("received", ReceivedAnswer), joined=_received_joined)


@cache
def promise() -> Step[PromiseAnswer]:
    """The step that judges one mail of the owner's."""
    return replace(_step("promise", PromiseAnswer), joined=_promise_joined)


def _received_joined(parts: Sequence[ReceivedAnswer]) -> ReceivedAnswer:
    return _joined(parts, ("reply", "unsure", "none"))


def _promise_joined(parts: Sequence[PromiseAnswer]) -> PromiseAnswer:
    return _joined(parts, ("promise", "unsure", "none"))


def _joined(parts: Sequence[_L], demanding: Sequence[str]) -> _L:
    """One answer of those to the parts of a long mail: the most demanding label wins, with the quotes of all who gave it."""
    best = min(parts, key=lambda part: demanding.index(part.label))
    alike = [part for part in parts if part.label == best.label]
    quotes = list(dict.fromkeys(quote for part in alike for quote in part.evidence))[:MOST_QUOTES]
    return best.model_copy(update={"evidence": tuple(quotes), "due": next((part.due for part in alike if part.due), 0)})


def _step(name: str, answer: type[_A]) -> Step[_A]:
    prompt = (_PROMPTS / f"{name}.md").read_text(encoding="utf-8")
    schema = json.dumps(answer.model_json_schema(), sort_keys=True)
    version = hashlib.sha256(f"{prompt}\0{schema}".encode()).hexdigest()[:12]
    return Step(name=name, version=version, prompt=prompt, answer=answer)
