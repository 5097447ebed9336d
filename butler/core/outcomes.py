"""What comes of an effect that failed, decided purely from what its hands say and how often it was tried."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from butler.core.errors import EffectError

MOST_ATTEMPTS = 100
"""Tries before the owner is asked again; with the longest wait between them that is some four days without a server."""

_FIRST_WAIT = timedelta(seconds=30)
_LONGEST_WAIT = timedelta(hours=1)
_LONGEST_ASKED = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Retry:
    """Try again, not before `at`."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Fail:
    """Give up: it did not happen and will not."""


@dataclass(frozen=True, slots=True)
class HoldAgain:
    """Ask the owner again."""


@dataclass(frozen=True, slots=True)
class Uncertain:
    """Leave it to the owner to find out: it may have happened, and nobody here can tell."""


Outcome = Retry | Fail | HoldAgain | Uncertain


def outcome(error: EffectError, attempt: int, now: datetime, *, visible: bool = True) -> Outcome:
    """Decide about the failed try number `attempt` (from 1); of a `visible` effect the world shows whether it is done.

    That is why it is tried again where its failure is uncertain: whoever tries looks first.
    """
    if error.uncertain and (error.permanent or not visible):
        return Uncertain()
    if error.held:
        return HoldAgain()
    if error.permanent:
        return Fail()
    if attempt >= MOST_ATTEMPTS:
        return HoldAgain()
    return Retry(now + _wait(error.wait, attempt))


def _wait(asked: float | None, attempt: int) -> timedelta:
    """Twice as long each time, and at least as long as the server asks for, within reason."""
    doubled = min(_FIRST_WAIT * (1 << min(max(attempt - 1, 0), 20)), _LONGEST_WAIT)
    # The comparison is false for a NaN, too.
    if asked is None or not asked > 0:
        return doubled
    return max(doubled, timedelta(seconds=min(asked, _LONGEST_ASKED.total_seconds())))
