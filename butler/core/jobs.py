"""Jobs: what runs when, what is kept of their runs, and what `butler.core.planning` says of them. Pure values.

A job of a day has one slot a local date, named by that date, so that it runs once a date however clocks and zones are set.
All other jobs have one slot with an empty name, which is used again; only what arrives may name slots of its own (an event).
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Literal

from butler.core.policy import Hours
from butler.core.requests import Priority, Request

State = Literal["due", "claimed", "ran", "failed", "missed", "skipped"]
"""Its time has come; a process works on it; done; not done; too late; left out with reason."""

Outcome = Literal["ran", "failed", "cancelled", "put off"]
"""Done; to be tried again; ended by a person and not tried again; not begun, or to be gone on with as if it were not."""

ALL_DAYS = frozenset(range(7))
TELL_AFTER = 3
HOOK = "hook:"
"""What the names of jobs begin with that stand for hooks."""


@dataclass(frozen=True, slots=True)
class At:
    """At a time of the day, on weekdays by number from Monday, 0, and on some days of the month, where `dates` are named.

    A date that a month does not have is its last day.
    """

    time: time
    days: frozenset[int] = ALL_DAYS
    dates: frozenset[int] = frozenset()

    def has(self, day: date) -> bool:
        """Whether a day is one of its days."""
        if day.weekday() not in self.days:
            return False
        last = monthrange(day.year, day.month)[1]
        return not self.dates or any(min(each, last) == day.day for each in self.dates)


@dataclass(frozen=True, slots=True)
class Every:
    """So many seconds after it was last begun."""

    seconds: float


@dataclass(frozen=True, slots=True)
class On:
    """When something arrives; `minutes` before it where it is an event."""

    what: Literal["mail", "event", "file"]
    minutes: int = 0


@dataclass(frozen=True, slots=True)
class RunIfWithin:
    """Run late if no more seconds went by, else it is missed."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Merge:
    """Run once for all that was missed, however late."""


@dataclass(frozen=True, slots=True)
class SkipAndTell:
    """Never run late, and tell the owner."""


@dataclass(frozen=True, slots=True)
class Job:
    """A workflow and when it runs: up to `jitter` seconds late, not in `quiet` hours; `model`: whether it asks the model.

    `title` is what its owner calls it, where it is one of their own.
    """

    name: str
    workflow: str
    when: At | Every | On
    missed: RunIfWithin | Merge | SkipAndTell = Merge()
    jitter: float = 0.0
    quiet: Hours | None = None
    model: bool = False
    enabled: bool = True
    title: str = ""


@dataclass(frozen=True, slots=True)
class Slot:
    """What is kept of a slot; `attempts` counts its claims, `deaths` the last of them in a row whose process died.

    A failed one is tried again at `retry_at`; without that it is given up. `subject` is what it is about, where its name does
    not say that.
    """

    job: str
    slot: str
    state: State
    due_at: datetime
    claimed_at: datetime | None = None
    ended_at: datetime | None = None
    retry_at: datetime | None = None
    run: str = ""
    attempts: int = 0
    deaths: int = 0
    note: str = ""
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Due:
    """It is to run now."""

    job: str
    slot: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Missed:
    """Its time went by, and it is too late for it; `tell`: the owner wants to hear of it."""

    job: str
    slot: str
    due_at: datetime
    tell: bool = False


@dataclass(frozen=True, slots=True)
class Skipped:
    """It is left out, and the sentence says why."""

    job: str
    slot: str
    due_at: datetime
    note: str


Verdict = Due | Missed | Skipped


@dataclass(frozen=True, slots=True)
class Streak:
    """How many tries of a job failed in a row, and whether its owner was told; after a good one, whether of those before it."""

    failures: int = 0
    told: bool = False


def should_tell(streak: Streak) -> bool:
    """Whether the owner is to hear now that a job fails: once for each streak, when it is long enough."""
    return streak.failures >= TELL_AFTER and not streak.told


def works_again(streak: Streak) -> bool:
    """Whether the owner is to hear now that a job works that they heard fails."""
    return streak.failures == 0 and streak.told


def slot_of(subject: str, version: str) -> str:
    """The slot of something that arrived, which is looked at once in each version of it."""
    return f"{subject} @{version}"


def subject_of(slot: str) -> str:
    """What a slot of something that arrived is about."""
    subject, mark, version = slot.rpartition(" @")
    return subject if mark and version.isalnum() else slot


def request_of(job: Job, slot: str = "", trigger: str = "", subject: str = "") -> Request:
    """The wish for a run of a job in a slot; what arrived is named by its slot, so that it can be asked for again."""
    if isinstance(job.when, On):
        subject = subject or subject_of(slot)
        trigger = trigger or subject or job.when.what
    return Request(job.workflow, trigger or "schedule", Priority.TRIGGER, subject, job.name, slot, job.model)
