"""What the owner tells the butler to do in a question itself: held actions made of their own words, and times by code."""

from __future__ import annotations

from butler.core.asking import Answer
from butler.core.context import Context


def carried_out(_context: Context) -> Answer | None:
    """The answer that names what is held; None where nothing is told."""
    return None
