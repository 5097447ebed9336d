"""What the model is asked: one draft, with the schema of its answer; addresses, days and times it can only choose by number."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from butler.core.steps import Step

MOST_QUESTIONS = 5
"""How many questions of a mail are put to the model at most."""

MOST_OFFERS = 3
"""How many free times a draft offers at most."""

_PROMPTS = Path(__file__).parent / "prompts"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Answered(_Frozen):
    """The answer to one question; `question` counts from 1."""

    question: int = Field(ge=1, le=MOST_QUESTIONS)
    text: str = Field(max_length=500)


class DraftAnswer(_Frozen):
    """A reply in parts; `offers` counts the free times from 1, `unsure` says that the owner has to decide or know something."""

    body: str = Field(max_length=1_000)
    answers: tuple[Answered, ...] = Field(max_length=MOST_QUESTIONS)
    offers: tuple[int, ...] = Field(max_length=MOST_OFFERS)
    unsure: bool


@cache
def draft() -> Step[DraftAnswer]:
    """The step that writes one reply."""
    prompt = (_PROMPTS / "draft.md").read_text(encoding="utf-8")
    schema = json.dumps(DraftAnswer.model_json_schema(), sort_keys=True)
    version = hashlib.sha256(f"{prompt}\0{schema}".encode()).hexdigest()[:12]
    return Step(name="draft", version=version, prompt=prompt, answer=DraftAnswer, max_tokens=900, role="write")
