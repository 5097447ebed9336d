"""What a model was asked, what that cost, and what it found, in numbers. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from butler.core.comparing import Day


@dataclass(frozen=True, slots=True)
class Cost:
    """What one model was asked and what it cost: questions (each counted once), and how many answers were recorded already.

    `repaired` answers were usable at a second or third attempt, `unusable` never; `unanswered` ones failed otherwise, `unasked`
    were not asked. Tokens and seconds are those of the asking, also of what was recorded.
    """

    questions: int = 0
    recorded: int = 0
    repaired: int = 0
    unusable: int = 0
    unanswered: int = 0
    unasked: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    seconds: float = 0.0

    @property
    def rate(self) -> float | None:
        """Tokens written a second, all that was waited included; None where nothing was timed."""
        return self.tokens_out / self.seconds if self.seconds > 0 and self.tokens_out else None


@dataclass(frozen=True, slots=True)
class Tally:
    """What one model found in all days: mails that want an answer, perhaps want one, deadlines, promises, and dropped claims;
    drafts, those that are skeletons, and those with a warning.
    """

    reply: int = 0
    unsure: int = 0
    deadlines: int = 0
    promises: int = 0
    dropped: int = 0
    drafts: int = 0
    skeletons: int = 0
    warned: int = 0


def tally(days: Sequence[Day]) -> Tally:
    """Count what a model found."""
    judged = [each for day in days for each in day.judged.values()]
    written = [each for day in days for each in day.drafts.values() if each.body]
    return Tally(
        reply=sum(each.label == "reply" for each in judged),
        unsure=sum(each.label == "unsure" for each in judged),
        deadlines=sum(len(each.dues) for each in judged),
        promises=sum(len(each.promises) for each in judged),
        dropped=sum(each.dropped for each in judged),
        drafts=len(written),
        skeletons=sum(each.skeleton for each in written),
        warned=sum(any(check.warning for check in each.checks) for each in written),
    )
