"""What the command line may ask of a running daemon, one JSON object a line, and what counts as well formed."""

from __future__ import annotations

import json
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from butler.core.errors import UsageError

LONGEST_LINE = 65_536
"""Bytes of a question, with its end of line; no answer's line is longer either."""

WorkflowName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,63}$")]


class _Ask(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class AskRun(_Ask):
    """Do something now and stream what it prints: a workflow, the briefing of a day, or a sync."""

    ask: Literal["run"]
    command: Literal["do", "brief", "sync"]
    workflow: WorkflowName | None = None
    day: date | None = None
    subject: str = Field(default="", max_length=2_000)
    sync: bool = True
    model: bool = True
    allow_empty: bool = False
    json_: bool = Field(default=False, alias="json")
    quiet: bool = False


class AskCancel(_Ask):
    """Give up a run, named by its id, the beginning of that, its number in the queue, or its name of the night."""

    ask: Literal["cancel"]
    run: str = Field(min_length=1, max_length=64)


class AskStatus(_Ask):
    """Tell what runs, what waits and why, and how each part is."""

    ask: Literal["status"]


class AskLook(_Ask):
    """Look at once whether something is to be done: somebody decided, let effects go on, or keeps something for the night."""

    ask: Literal["look"]


Ask = AskRun | AskCancel | AskStatus | AskLook
_ASK: TypeAdapter[Ask] = TypeAdapter(Annotated[Ask, Field(discriminator="ask")])


def read_ask(line: bytes) -> Ask:
    """Read a question; raises UsageError when it is none."""
    try:
        return _ASK.validate_python(json.loads(line))
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_context=False, include_input=False)
        places = ", ".join(sorted({".".join(map(str, each["loc"])) or "ask" for each in wrong}))
        raise UsageError(f"The daemon does not understand the question ({places}).") from None
    except (ValueError, RecursionError):
        raise UsageError("The daemon does not understand the question: it is no JSON object.") from None


def line_of(answer: dict[str, Any]) -> bytes:
    """Write one answer, or one question, as a line."""
    return json.dumps(answer, ensure_ascii=True, separators=(",", ":")).encode() + b"\n"
