"""What the model is asked about a document: one summary, with the sentences that bear it out."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from butler.core.steps import Step

Kind = Literal["invoice", "contract", "letter", "form", "certificate", "manual", "receipt", "notes", "other"]
_PROMPT = Path(__file__).parent / "prompts" / "summary.md"


class SummaryAnswer(BaseModel):
    """A document in one sentence: evidence first."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    evidence: tuple[Annotated[str, Field(max_length=240)], ...] = Field(max_length=3)
    summary: str = Field(max_length=240)
    kind: Kind


@cache
def summary() -> Step[SummaryAnswer]:
    """The step that summarises one document."""
    prompt = _PROMPT.read_text(encoding="utf-8")
    schema = json.dumps(SummaryAnswer.model_json_schema(), sort_keys=True)
    version = hashlib.sha256(f"{prompt}\0{schema}".encode()).hexdigest()[:12]
    return Step(name="document", version=version, prompt=prompt, answer=SummaryAnswer)
