"""What the model is asked for a question: which reads, which words of a thing help, and a few sentences over numbered facts."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from butler.core.steps import Step

MOST_PICKED = 2
"""So many reads are picked at once."""
MOST_TIMES = 9
MOST_OFFERED = 20
MOST_FACTS = 24

_PROMPTS = Path(__file__).parent / "prompts"
_A = TypeVar("_A", bound=BaseModel)

Quote = Annotated[str, Field(max_length=240)]
Number = Annotated[int, Field(ge=1, le=MOST_FACTS)]


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Picked(_Answer):
    """One read that was picked; `time` counts the times from 1."""

    read: int = Field(ge=1, le=MOST_OFFERED)
    words: str = Field(max_length=120)
    time: int = Field(ge=0, le=MOST_TIMES)


class PlanAnswer(_Answer):
    """What to look up next, and whether it is enough."""

    reads: tuple[Picked, ...] = Field(max_length=MOST_PICKED)
    enough: bool


class NoteAnswer(_Answer):
    """The words of one thing that help, to the letter, and whether they do."""

    quotes: tuple[Quote, ...] = Field(max_length=3)
    helps: bool


class SaidSentence(_Answer):
    """One sentence and the numbers of the facts that it rests on."""

    facts: tuple[Number, ...] = Field(max_length=4)
    text: str = Field(max_length=260)


class AnswerAnswer(_Answer):
    """A few sentences, or that the facts do not answer the question."""

    sentences: tuple[SaidSentence, ...] = Field(max_length=4)
    unknown: bool


@cache
def plan() -> Step[PlanAnswer]:
    """The step that picks reads; it is shown no word of the world."""
    return _step("plan", PlanAnswer, 200)


@cache
def note() -> Step[NoteAnswer]:
    """The step that reads one thing."""
    return _step("note", NoteAnswer, 300)


@cache
def answer() -> Step[AnswerAnswer]:
    """The step that answers from what was noted."""
    return _step("answer", AnswerAnswer, 500)


def _step(name: str, answer: type[_A], tokens: int) -> Step[_A]:
    prompt = (_PROMPTS / f"{name}.md").read_text(encoding="utf-8")
    schema = json.dumps(answer.model_json_schema(), sort_keys=True)
    version = hashlib.sha256(f"{prompt}\0{schema}".encode()).hexdigest()[:12]
    return Step(name=name, version=version, prompt=prompt, answer=answer, max_tokens=tokens, role="ask")
