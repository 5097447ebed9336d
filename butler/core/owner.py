"""The person the butler works for, and how they want their briefing."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Owner:
    """The person the butler works for: `addresses` in lower case, `language` an ISO 639-1 code."""

    name: str
    addresses: frozenset[str]
    zone: ZoneInfo
    language: str = "en"


@dataclass(frozen=True, slots=True)
class BriefingOptions:
    """How the owner wants the briefing: minutes between places, days after which silence counts, days looked back.

    `birthday_days` is how far ahead birthdays and anniversaries of contacts are named.
    """

    travel_minutes: int = 30
    free_minutes: int = 60
    day_start: int = 8
    day_end: int = 18
    waiting_days: int = 3
    lookback_days: int = 30
    deadline_days: int = 14
    reply_limit: int = 12
    birthday_days: int = 7
