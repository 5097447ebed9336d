"""How the daemon shares the machine: when the model is wanted elsewhere, when batches run, and how long a run may take."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from datetime import time
from typing import Annotated

from pydantic import AfterValidator, Field

from butler.core.policy import Hours
from butler.settings.parts import Part, Words

_HOURS = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})", re.ASCII)
_MIDNIGHT = "24:00"


def read_hours(words: Sequence[str]) -> tuple[Hours, ...]:
    """Read hours such as 20:00-23:30; raises ValueError that names those that are none."""
    found = [_one(word) for word in words]
    wrong = [word for word, hours in zip(words, found, strict=True) if hours is None]
    if wrong:
        raise ValueError(f"must be hours such as 20:00-23:30, not {', '.join(map(repr, wrong))}")
    return tuple(hours for hours in found if hours)


def _one(word: str) -> Hours | None:
    match = _HOURS.fullmatch(word.strip().replace(_MIDNIGHT, "0:00"))
    if match is None:
        return None
    hour, minute, last_hour, last_minute = map(int, match.groups())
    try:
        start, end = time(hour, minute), time(last_hour, last_minute)
    except ValueError:
        return None
    return None if start == end else Hours(start, end)


def _checked(words: tuple[str, ...]) -> tuple[str, ...]:
    read_hours(words)
    return words


def _command(text: str) -> str:
    try:
        shlex.split(text)
    except ValueError as error:
        raise ValueError(f"must be a command as a shell would read it: {error}") from None
    return text


HoursOfDay = Annotated[Words, AfterValidator(_checked)]


class DaemonPart(Part):
    """How `butler run` shares the machine."""

    busy_hours: HoursOfDay = Field(
        default=(), description="hours in which the model is left to others, such as 20:00-23:00; your own questions still go"
    )
    busy_command: Annotated[str, AfterValidator(_command)] = Field(
        default="", description="command that ends with 0 while the model is to be left to others, such as pgrep -x game"
    )
    backlog_hours: HoursOfDay = Field(
        default=("23:00-06:00",), description="the night: hours in which what is kept for it runs; none: at any time"
    )
    run_limit: float = Field(default=3600.0, ge=1, le=86_400, description="seconds after which a run is ended")
