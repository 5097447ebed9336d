"""What the model is asked for a workflow of one's own: the owner's words as the task, and lines with quotes as the answer."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from butler.core.definitions import Question
from butler.core.steps import Step

_FRAME = Path(__file__).parent / "prompts" / "own.md"
_MOST_TOKENS = 800


class Said(BaseModel):
    """One line: the number of its source, words that stand there, and what they say."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: int = Field(ge=0, le=999)
    quote: str = Field(max_length=300)
    text: str = Field(max_length=300)


class OwnAnswer(BaseModel):
    """Lines, the most important first."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    lines: tuple[Said, ...] = Field(max_length=6)


def step(workflow: str, prompt: str, question: Question) -> Step[OwnAnswer]:
    """The step that answers one question of a workflow."""
    task = "\n\n".join(filter(None, (prompt, question.heading, question.text)))
    words = f"{_frame()}{task}\n"
    schema = json.dumps(OwnAnswer.model_json_schema(), sort_keys=True)
    version = hashlib.sha256(f"{words}\0{schema}".encode()).hexdigest()[:12]
    return Step(name=f"own.{workflow}", version=version, prompt=words, answer=OwnAnswer, max_tokens=_MOST_TOKENS)


@cache
def _frame() -> str:
    return _FRAME.read_text(encoding="utf-8")
