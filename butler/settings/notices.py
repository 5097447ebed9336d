"""What the owner is told of, where, and when: notices by way of apprise."""

from __future__ import annotations

import re
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field

from butler.core.notices import KINDS, Manners
from butler.settings.daemon import HoursOfDay, read_hours
from butler.settings.parts import Part, Seconds, Secret, Words
from butler.settings.secrets import Password

_HOST = re.compile(r"(?:[\w.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?", re.ASCII)


def _known(words: tuple[str, ...]) -> tuple[str, ...]:
    wrong = [word for word in words if word not in KINDS]
    if wrong:
        raise ValueError(f"must be some of {', '.join(KINDS)}, not {', '.join(map(repr, wrong))}")
    return words


def _host_names(words: tuple[str, ...]) -> tuple[str, ...]:
    wrong = [word for word in words if not _HOST.fullmatch(word)]
    if wrong:
        raise ValueError(f"must be hosts such as api.example.org or smtp.example.org:587, not {', '.join(map(repr, wrong))}")
    return words


class NoticesPart(Part):
    """How notices are sent."""

    urls: Secret = Field(
        default=Password(),
        description="where notices go: addresses as apprise writes them, parted by spaces, such as ntfys://ntfy.example/me",
    )
    hosts: Annotated[Words, AfterValidator(_host_names)] = Field(
        default=(), description="hosts that notices go by where their addresses do not name them, such as smtp.example.org:587"
    )
    about: Annotated[Words, AfterValidator(_known)] = Field(default=tuple(KINDS), description="what you are told of")
    words: bool = Field(default=True, description="false: no word of a mail, event, file or server in a notice")
    quiet: HoursOfDay = Field(default=(), description="hours in which no notice is sent, such as 22:00-07:00; they wait")
    pause: float = Field(
        default=30.0, ge=1, le=1440, description="minutes between two notices that actions wait for your decision"
    )
    deadline: Seconds = Field(default=30.0, description="seconds for sending one notice, to all addresses together")

    def manners(self, zone: ZoneInfo) -> Manners:
        """The same as the core decides by."""
        return Manners(frozenset(self.about), self.words, read_hours(self.quiet), self.pause * 60, zone)


def addresses(told: str) -> tuple[str, ...]:
    """The addresses in a text, in which they are parted by spaces or lines."""
    return tuple(dict.fromkeys(told.split()))
