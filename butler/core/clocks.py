"""What two looks at a machine's clocks tell: that it slept, or that somebody set the time. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

_TOLERANCE = timedelta(seconds=2)
"""Clocks are not read in one instant, and are slewed a little all the time."""


@dataclass(frozen=True, slots=True)
class Reading:
    """All clocks at one moment: the time of day, seconds awake since the start, and seconds since the start with sleep."""

    wall: datetime
    awake: float
    since_boot: float


@dataclass(frozen=True, slots=True)
class Change:
    """What happened between two readings: how long the machine slept, and by how much the time was set, forward or back."""

    slept: timedelta = timedelta()
    shifted: timedelta = timedelta()

    @property
    def is_steady(self) -> bool:
        """Whether time just went on."""
        return not self.slept and not self.shifted

    def __str__(self) -> str:
        """Say it in words, to be logged; empty where time just went on."""
        slept = f"The machine slept for {_span(self.slept)}." if self.slept else ""
        way = "forward" if self.shifted > timedelta() else "back"
        shifted = f"The clock was set {way} by {_span(abs(self.shifted))}." if self.shifted else ""
        return " ".join(filter(None, (slept, shifted)))


def change_between(before: Reading, after: Reading) -> Change:
    """Compare two readings; what is too small to matter is nothing.

    A machine whose virtual machine was frozen looks like one whose clock was set.
    """
    passed = timedelta(seconds=after.since_boot - before.since_boot)
    slept = passed - timedelta(seconds=after.awake - before.awake)
    shifted = (after.wall - before.wall) - passed
    return Change(slept if slept > _TOLERANCE else timedelta(), shifted if abs(shifted) > _TOLERANCE else timedelta())


def _span(span: timedelta) -> str:
    return str(timedelta(seconds=round(span.total_seconds())))
