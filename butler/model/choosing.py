"""Which server gets the next question, and which gets none for a while. Pure; moments are seconds of a rising clock."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from butler.core.models import Role
from butler.model.failures import FailureKind

PRIORITY: dict[Role, int] = {"ask": 0, "write": 1, "judge": 2, "embed": 3}
"""Who is served first: a person who waits for an answer, then what is written, then what is judged."""

FIRST_PAUSE = 20.0
"""Seconds for which a server that failed is not asked; each time that it fails right after, twice as long."""
LONGEST_PAUSE = 600.0
_WEAK = 3
"""Answers in a row that were none, after which a server is asked only where there is no other; one that is alone, and busy
then, is not asked again."""
_SHUTS = frozenset({FailureKind.UNREACHABLE, FailureKind.SLOW})


@dataclass(frozen=True, slots=True)
class Breaker:
    """How a server fared: `until` a moment it is not asked at all, `weak` counts answers in a row that were none.

    `alone` is a server beside which there is no other: it may be late once, and when it is not asked any more it is not asked
    again, so that a run goes on without a model instead of waiting for it again and again.
    """

    alone: bool = False
    late: int = 0
    weak: int = 0
    pause: float = 0.0
    until: float = -math.inf

    def worked(self) -> Breaker:
        """It answered: all is forgotten."""
        return Breaker(self.alone)

    def failed(self, kind: FailureKind | None, now: float) -> Breaker:
        """It failed in that way, or (None) what it answered could not be used."""
        is_always_busy = self.alone and kind is FailureKind.BUSY and self.weak + 1 >= _WEAK
        if kind not in _SHUTS and not is_always_busy:
            return replace(self, weak=self.weak + 1, late=0)
        late = self.late + (kind is FailureKind.SLOW)
        if self.alone and kind is FailureKind.SLOW and late < 2:
            return replace(self, late=late)
        pause = math.inf if self.alone else min(LONGEST_PAUSE, 2 * self.pause or FIRST_PAUSE)
        return replace(self, late=late, pause=pause, until=now + pause)

    def is_shut(self, now: float) -> bool:
        """Whether it is not asked at all."""
        return now < self.until

    @property
    def is_on_trial(self) -> bool:
        """Whether it failed and has not answered since: it gets one question at a time."""
        return self.pause > 0

    @property
    def is_last(self) -> bool:
        """Whether it is asked only where there is no other."""
        return self.weak >= _WEAK


@dataclass(frozen=True, slots=True)
class Standing:
    """A server as one question finds it: `busy` of its `slots` are taken; `near` says that it was asked the same step last, so
    that it need not read the fixed words again, and `loaded` that it has the model in memory.
    """

    place: int
    slots: int
    busy: int
    breaker: Breaker
    near: bool = False
    loaded: bool = False

    def is_free(self, now: float) -> bool:
        """Whether it may be asked one more question."""
        return not self.breaker.is_shut(now) and self.busy < (1 if self.breaker.is_on_trial else self.slots)


def choose(standings: Iterable[Standing], now: float) -> int | None:
    """The place of the server to ask; None where none is free.

    One that fared badly comes last, and one on trial after those that are well. Before that: who was asked the
    same step, then who has the model loaded, then who is least busy, then the first of the settings.
    """
    free = [each for each in standings if each.is_free(now)]
    return min(free, key=_rank).place if free else None


def _rank(standing: Standing) -> tuple[bool, bool, bool, bool, float, int]:
    breaker = standing.breaker
    share = standing.busy / standing.slots
    return breaker.is_last, breaker.is_on_trial, not standing.near, not standing.loaded, share, standing.place
