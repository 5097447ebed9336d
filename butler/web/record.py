"""Lines of the journal as pages show them: each with its facts, and times among these as times."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from butler.core.record import facts_told
from butler.store.journal import Line

Fact = tuple[str, str, datetime | None]
"""A fact's name, what it says, and the time that this is, if it is one."""


def told(lines: Sequence[Line]) -> list[tuple[Line, list[Fact]]]:
    """Lines with the facts that say something."""
    return [(line, [(name, text, moment_of(text)) for name, text in facts_told(line.facts)]) for line in lines]


def moment_of(text: str) -> datetime | None:
    """The time that a text is, with an offset and to the second at least; None where it is none."""
    try:
        moment = datetime.fromisoformat(text) if len(text) >= 25 else None
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None and 1970 <= moment.year < 9999 else None
