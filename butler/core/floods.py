"""Floods, pure: many held actions that one sender's words, or one run, brought at once are told of in one line.

Whoever writes a hundred mails would else fill the owner's list with a hundred cards, among which the others are not seen.
Each of them stays an action of its own, to be shown and decided like any other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

OF_ONE = 10
"""More held actions of a kind than these, resting on the words of one sender, are a flood."""
OF_RUN = 20
"""More held actions of a kind than these, proposed by one run, are a flood whoever wrote."""
LOOKED_AT = 2000
"""How many of the newest held actions are looked at for floods."""


@dataclass(frozen=True, slots=True)
class Waits:
    """A held action in short: `by` is who wrote the first of its sources (empty: the owner, or nobody known).

    Those of one `source` are answers to choose from, and count as one.
    """

    id: int
    kind: str
    run: str = ""
    source: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class Flood:
    """Held actions of a kind that are told of together, the newest first: those of one sender, or (`by` empty) of one run."""

    kind: str
    ids: tuple[int, ...]
    senders: int
    by: str = ""

    @property
    def sentence(self) -> str:
        """What it is, in words; the address in it is still to be made harmless."""
        if self.by:
            return f"{len(self.ids)} at once that rest on what {self.by} wrote"
        written = f", resting on what {self.senders} others wrote" if self.senders else ""
        return f"{len(self.ids)} at once from one run{written}"


def floods(waiting: Sequence[Waits]) -> list[Flood]:
    """Find the floods among what waits, in the order of their newest actions."""
    left = list(waiting)
    found: list[Flood] = []
    for alike, most in (("by", OF_ONE), ("run", OF_RUN)):
        heaps: dict[tuple[str, str], list[Waits]] = {}
        for one in left:
            if getattr(one, alike):
                heaps.setdefault((one.kind, getattr(one, alike)), []).append(one)
        many = [heap for heap in heaps.values() if len({one.source or one.id for one in heap}) > most]
        found += [_flood(heap, alike) for heap in many]
        gone = {one.id for heap in many for one in heap}
        left = [one for one in left if one.id not in gone]
    return sorted(found, key=lambda flood: -flood.ids[0])


def _flood(heap: Sequence[Waits], alike: str) -> Flood:
    ids = tuple(sorted((one.id for one in heap), reverse=True))
    senders = len({one.by for one in heap if one.by})
    return Flood(heap[0].kind, ids, senders, heap[0].by if alike == "by" else "")
