"""Chance that falls the same way every time."""

from __future__ import annotations

import random


def dice(*seed: object) -> random.Random:
    """A random generator for a seed of any parts; it makes sample content and keeps no secret."""
    return random.Random(" ".join(map(str, seed)))  # noqa: S311 - nothing here has to be hard to guess
