"""Requests for the night, pure: each is a slot of a job of its workflow, named by a number of its own, until it ran."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from butler.core.jobs import Job, On, Slot, request_of
from butler.core.requests import WITHOUT_MODEL, Priority, Request

NIGHT = "night:"
"""What the names of jobs begin with that stand for a workflow at night."""
STATES = {"due": "waits", "claimed": "runs", "failed": "failed, tried again"}
"""What is said of a request that is not done, by its slot's state."""
_NAME = re.compile(r"night-[1-9][0-9]{0,8}", re.ASCII)


def night_job(workflow: str) -> Job:
    """The job whose slots are the requests for a workflow at night; none is ever too late."""
    return Job(NIGHT + workflow, workflow, On("file"), model=workflow not in WITHOUT_MODEL)


def night_name(number: int) -> str:
    """The name of a request, as its owner gives it to `butler cancel`."""
    return f"night-{number}"


def is_night_name(text: str) -> bool:
    """Whether a text can be the name of a request for the night."""
    return _NAME.fullmatch(text) is not None


def workflow_at_night(job: str) -> str:
    """The workflow of a job of the night; empty where it is another job."""
    return job.removeprefix(NIGHT) if job.startswith(NIGHT) else ""


def night_jobs(history: Iterable[Slot]) -> list[Job]:
    """The jobs of all requests that are kept, each once."""
    return [night_job(name) for name in sorted({workflow_at_night(slot.job) for slot in history} - {""})]


def night_request(job: Job, slot: str, subject: str) -> Request:
    """The wish for a run that a kept request stands for."""
    return replace(request_of(job, slot, "night"), subject=subject, priority=Priority.BACKLOG)


def of_tonight(history: Iterable[Slot]) -> list[Slot]:
    """The requests that wait, run, or are tried again, in the order of their numbers."""
    kept = (slot for slot in history if workflow_at_night(slot.job))
    is_open = (slot for slot in kept if slot.state in {"due", "claimed"} or slot.retry_at)
    return sorted(is_open, key=lambda slot: (len(slot.slot), slot.slot))
