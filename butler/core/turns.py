"""Whose turn it is, pure: what waits and why, what runs next, what gives way, and what comes of a run that ended."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from butler.core.errors import EXIT_LATER
from butler.core.jobs import Outcome
from butler.core.policy import Hours
from butler.core.requests import Priority, Request

Work = tuple[Priority, str, str]
"""How soon, which workflow, and about what."""
_SOON = timedelta(seconds=5)
_AFTER_DEATH = timedelta(seconds=2)
_MOST_DEATHS = 2
_LONGEST_WAIT = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request in the queue under its number, since when it waits, and until when it has been put off.

    `deaths` is how often its process was killed by somebody else.
    """

    number: int
    request: Request
    since: datetime
    not_before: datetime | None = None
    deaths: int = 0


@dataclass(frozen=True, slots=True)
class Conditions:
    """What is so now: the time in the owner's zone, why the model is wanted elsewhere (or nothing), and when batches run."""

    now: datetime
    busy: str = ""
    backlog: Sequence[Hours] = ()


def why_waiting(each: Waiting, conditions: Conditions) -> str:
    """Say why a request cannot run even if nothing else does; empty where it can."""
    request = each.request
    if each.not_before is not None and conditions.now < each.not_before:
        return f"tried again at {each.not_before.astimezone(conditions.now.tzinfo):%H:%M:%S}"
    if request.priority == Priority.PERSON:
        return ""
    if request.model and conditions.busy:
        return conditions.busy
    if request.priority == Priority.BACKLOG and not any(hours.has(conditions.now.time()) for hours in conditions.backlog):
        return "waits for the night" if conditions.backlog else ""
    return ""


def next_of(waiting: Iterable[Waiting], conditions: Conditions) -> Waiting | None:
    """Choose what runs next: a person before a trigger before a backlog; first come first, but a backlog newest first."""
    ready = [each for each in waiting if not why_waiting(each, conditions)]
    return min(ready, key=_rank, default=None)


def gives_way(running: Request, waiting: Iterable[Waiting], conditions: Conditions) -> bool:
    """Whether what runs is interrupted: only a backlog is, for a person or because its time is over. It goes on later."""
    if running.priority != Priority.BACKLOG:
        return False
    itself = Waiting(0, running, conditions.now)
    is_asked = any(each.request.priority == Priority.PERSON and not why_waiting(each, conditions) for each in waiting)
    return is_asked or bool(why_waiting(itself, conditions))


def work_of(request: Request) -> Work | None:
    """What one run answers for all who want it equally soon; None for a person's question, which is answered by itself."""
    if request.priority == Priority.PERSON:
        return None
    return (request.priority, request.workflow, request.subject)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a request whose process ended; `at` is when it is tried again."""

    outcome: Outcome
    at: datetime | None = None


def verdict(code: int, each: Waiting, now: datetime) -> Verdict:
    """Judge an exit code (negative: a signal). What failed may be due again: that is for its job to say."""
    if code == 0:
        return Verdict("ran")
    if code == EXIT_LATER and now - each.since < _LONGEST_WAIT:
        return Verdict("put off", now + _SOON)
    if code < 0 and each.deaths < _MOST_DEATHS:
        return Verdict("put off", now + _AFTER_DEATH)
    return Verdict("failed")


def _rank(each: Waiting) -> tuple[int, float, int]:
    newest_first = each.request.priority == Priority.BACKLOG
    moment = each.since.timestamp()
    return (int(each.request.priority), -moment if newest_first else moment, each.number)
