"""In which of several ways a whole column is written: decided over all its cells, never cell by cell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping

CLEARLY = 10
"""How many times more cells must speak against the next way than against the one that is taken."""


def settled(cells: Iterable[Mapping[str, Hashable]]) -> str:
    """The way in which a column is written, empty where that cannot be told.

    Each cell says what it would mean in every way in which it can be read; one that cannot be read at all has no say. A few
    cells may be wrong, as long as ten times as many speak for the way that is taken; two ways that mean the same in every cell
    are one.
    """
    kinds = Counter(frozenset(cell.items()) for cell in cells if cell)
    readings = [(dict(kind), count) for kind, count in kinds.items()]
    misses: Counter[str] = Counter({way: 0 for cell, _ in readings for way in cell})
    for cell, count in readings:
        misses.update({way: count for way in misses if way not in cell})
    ranked = sorted(misses, key=lambda way: (misses[way], way))
    if not ranked:
        return ""
    first = ranked[0]
    rivals = [way for way in ranked[1:] if any(cell.get(way) != cell.get(first) for cell, _ in readings)]
    if rivals and (misses[rivals[0]] == 0 or CLEARLY * misses[first] > misses[rivals[0]]):
        return ""
    return first
