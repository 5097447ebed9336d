"""The briefing: the JSON that others rely on, and where each line came from."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import BaseModel, ConfigDict

SectionName = Literal[
    "agenda", "conflicts", "reply", "deadlines", "promised", "waiting", "tasks", "birthdays", "reading", "changes"
]
By = Literal["code", "model", "rules"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Evidence(_Frozen):
    """What a line rests on: a reference and, where it rests on text, words that stand there to the letter."""

    ref: str
    quote: str | None = None


class Line(_Frozen):
    """One line: code computed it, rules found it, or the model phrased it and was checked."""

    text: str
    by: By
    evidence: tuple[Evidence, ...]


class Section(_Frozen):
    """A named group of lines; never empty."""

    name: SectionName
    lines: tuple[Line, ...]


class Dropped(_Frozen):
    """A claim that was left out because its evidence is not in its source."""

    text: str
    reason: str


class BriefingSource(_Frozen):
    """How fresh what the briefing rests on is; `name` is kind and name, such as `mail.home`."""

    name: str
    kind: Literal["mail", "calendar", "notes", "contacts"]
    state: Literal["fresh", "stale", "failed"]
    as_of: dt.datetime | None
    error: str | None


class BriefingModel(_Frozen):
    """The model that judged and phrased."""

    name: str
    digest: str


class Usage(_Frozen):
    """What the briefing cost: model calls made, answers found in the cache, tokens, and seconds of model time."""

    model_calls: int = 0
    cached: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    seconds: float = 0.0


class Briefing(_Frozen):
    """The briefing of one day."""

    date: dt.date
    timezone: str
    generated_at: dt.datetime
    composed_by: Literal["model", "rules"]
    model: BriefingModel | None
    sources: tuple[BriefingSource, ...]
    sections: tuple[Section, ...]
    dropped: tuple[Dropped, ...]
    quiet: bool
    usage: Usage


class Origin(_Frozen):
    """Why a line stands where it does: what `butler why` prints.

    `rule` names the code or rule that found it, `step` and `digest` the model's step and digest where one had a say,
    `reason` is a sentence.
    """

    section: SectionName
    text: str
    refs: tuple[str, ...]
    by: By
    rule: str
    reason: str
    step: str | None = None
    digest: str | None = None
