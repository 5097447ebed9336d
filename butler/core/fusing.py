"""Fuses rankings that cannot be compared by their scores. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

K = TypeVar("K")

_EVEN = 60
"""The constant of reciprocal rank fusion (Cormack, Clarke and Büttcher, 2009): how little the very first places count more."""


def fused(rankings: Iterable[Sequence[K]]) -> list[K]:
    """Put what stands in some rankings into one, by the sum of the reciprocals of its places; of one ranking, the same."""
    scores: dict[K, float] = {}
    for ranking in rankings:
        for place, key in enumerate(ranking, 1):
            scores[key] = scores.get(key, 0.0) + 1 / (_EVEN + place)
    return sorted(scores, key=lambda key: -scores[key])
