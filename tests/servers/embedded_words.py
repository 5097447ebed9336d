"""Vectors as an embedding model would make them, from hashes of words and their parts; a few words mean the same."""

from __future__ import annotations

import math
import re
import zlib
from collections.abc import Sequence
from functools import lru_cache

DIMS = 256
_THE_SAME = {"automobile": "car", "vehicle": "car", "physician": "doctor", "invoice": "bill"}
_PREFIX = re.compile(r"^search_(query|document): ")


def embedded(texts: Sequence[str], dims: int = DIMS) -> list[list[float]]:
    """A vector of length 1 for each text."""
    return [_vector(_PREFIX.sub("", text), dims) for text in texts]


def _vector(text: str, dims: int) -> list[float]:
    numbers = [0.001] * dims
    for word in re.findall(r"\w+", text.lower()):
        for place, number in _of_word(_THE_SAME.get(word, word)):
            numbers[place % dims] += number
    length = math.sqrt(sum(number * number for number in numbers))
    return [number / length for number in numbers]


@lru_cache(maxsize=65_536)
def _of_word(known: str) -> tuple[tuple[int, float], ...]:
    """Where a word and its parts point, as places of which each is to be taken modulo the length of a vector."""
    found = []
    for part in {known, *(known[at : at + 4] for at in range(max(1, len(known) - 3)))}:
        seed = zlib.crc32(part.encode())
        for _ in range(12):
            seed = (seed * 1_103_515_245 + 12_345) % 2**31
            found.append((seed >> 8, 1.0 if seed >> 20 & 1 else -1.0))
    return tuple(found)
