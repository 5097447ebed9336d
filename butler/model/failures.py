"""What can go wrong between the butler and the model: the server fails, or the model answers badly."""

from __future__ import annotations

from enum import Enum

from butler.core.errors import ModelError


class FailureKind(Enum):
    """How a model server failed, as far as it matters for what happens next."""

    UNREACHABLE = "unreachable"
    """Nothing usable listens there; asking again in the same run is useless."""
    MISSING = "missing"
    """The model is not there; asking again in the same run is useless."""
    REMOTE = "remote"
    """The model runs on somebody else's machine; nothing may be sent to it."""
    CHANGED = "changed"
    """Another model than the checked one answered."""
    SLOW = "slow"
    """The deadline passed."""
    BUSY = "busy"
    """The server asks to come back in a moment."""
    TOO_LONG = "too long"
    """The prompt does not fit the model's context."""
    BROKEN = "broken"
    """This one call failed; the next may not."""


ENDS_THE_RUN = frozenset({FailureKind.UNREACHABLE, FailureKind.MISSING, FailureKind.REMOTE, FailureKind.CHANGED})
"""Failures after which a run asks no more."""


class ServerError(ModelError):
    """The model's server did not answer as agreed."""

    def __init__(self, kind: FailureKind, sentence: str, *, advice: str = "") -> None:
        super().__init__(sentence, permanent=kind in ENDS_THE_RUN, advice=advice)
        self.kind = kind


class BadAnswerError(ModelError):
    """The model answered, but not what was asked for; `answer` is what it said, `problem` is told to it in a repair."""

    def __init__(self, problem: str, answer: str) -> None:
        super().__init__(f"The model's answer could not be used: {problem}")
        self.problem = problem
        self.answer = answer
