"""Refused log-ins, pure: how long an account is left alone, since to try often may lock its owner out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

MOST = 2
"""So many refusals in a row, and nothing tries by itself."""
_FIRST, _LONGEST = timedelta(hours=2), timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Refusals:
    """How often in a row an account's log-in was refused, when last, and the sentence that told of it."""

    count: int
    last: datetime
    words: str


def rests_until(known: Refusals | None, now: datetime) -> datetime | None:
    """Until when nothing logs in by itself: two hours after the second refusal, twice as long after each more; None: it may."""
    if known is None or known.count < MOST or now < known.last:
        return None
    until = known.last + min(_FIRST * (1 << min(known.count - MOST, 10)), _LONGEST)
    return until if now < until else None


def refused_again(known: Refusals | None, words: str, now: datetime, *, by_hand: bool) -> Refusals:
    """Count one more; what a person tries by hand makes no pause longer."""
    before = known.count if known else 0
    return Refusals(max(before, 1) if by_hand else before + 1, now, words)
