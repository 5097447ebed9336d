"""What there is to say of each job to its owner: when it comes next, and what came of it last. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from butler.core.jobs import ALL_DAYS, HOOK, At, Due, Every, Job, Merge, On, RunIfWithin, SkipAndTell, Slot, Streak
from butler.core.planning import next_time, plan

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_UNITS = (("d", 86_400), ("h", 3600), ("m", 60))
_LATELY = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Entry:
    """A job, whether it waits or runs now, when it comes next, and the latest of its slots that was concluded."""

    job: Job
    now: Literal["", "waits", "runs", "off"]
    next: datetime | None
    last: Slot | None


def timetable(jobs: Iterable[Job], history: Sequence[Slot], now: datetime, zone: ZoneInfo) -> list[Entry]:
    """Say of each job where it stands."""
    return [_entry(job, [slot for slot in history if slot.job == job.name], now, zone) for job in jobs]


def missed_lately(history: Iterable[Slot], now: datetime) -> list[Slot]:
    """The slots of the last week that were missed, newest first."""
    found = [slot for slot in history if slot.state == "missed" and timedelta() <= now - slot.due_at <= _LATELY]
    return sorted(found, key=lambda slot: (slot.due_at, slot.job), reverse=True)


def time_of(slot: Slot) -> datetime:
    """When something happened in a slot: when it was begun, else when it was due."""
    return slot.claimed_at if slot.claimed_at and slot.state in {"ran", "failed", "claimed"} else slot.due_at


def notes(entry: Entry, streak: Streak, zone: ZoneInfo) -> Iterator[str]:
    """What more there is to say of a job than when and whether it ran, in sentences."""
    last = entry.last
    if last and last.note:
        yield last.note
    if streak.failures > 1:
        yield f"It failed {streak.failures} times in a row."
    if last and last.state == "failed" and last.retry_at and not entry.now:
        yield f"It is tried again at {last.retry_at.astimezone(zone):%H:%M}."


def when_words(when: At | Every | On) -> str:
    """Say when a job runs, as it is set: "mon-fri 07:00"."""
    match when:
        case At(time, days, dates):
            return f"{_dates(dates, days)} {time:%H:%M}"
        case Every(seconds):
            return f"every {span(seconds)}"
        case On("event", minutes):
            return f"{span(minutes * 60)} before events"
        case On(what):
            return f"on {what}"


def job_words(job: Job) -> str:
    """Say when a job runs; that of a hook runs when somebody calls it."""
    return "on its hook" if job.name.startswith(HOOK) else when_words(job.when)


def missed_words(rule: RunIfWithin | Merge | SkipAndTell) -> str:
    """Say what becomes of a job that is late, as it is set."""
    match rule:
        case RunIfWithin(seconds):
            return f"run_if_within {span(seconds)}"
        case Merge():
            return "merge"
        case SkipAndTell():
            return "skip_and_tell"


def span(seconds: float) -> str:
    """Write a span as it is set: "5m"."""
    unit, size = next(((unit, size) for unit, size in _UNITS if seconds and seconds % size == 0), ("s", 1))
    return f"{seconds / size:g}{unit}"


def _entry(job: Job, rows: Sequence[Slot], now: datetime, zone: ZoneInfo) -> Entry:
    ended = [row for row in rows if row.state not in {"due", "claimed"}]
    # What lies ahead was written by a clock that was wrong.
    last = max(ended, key=lambda row: (row.due_at <= now, row.due_at), default=None)
    if not job.enabled:
        return Entry(job, "off", None, last)
    if any(row.state == "claimed" for row in rows):
        return Entry(job, "runs", next_time(job, now, zone, rows), last)
    is_due = any(isinstance(verdict, Due) for verdict in plan((job,), rows, now, zone))
    return Entry(job, "waits" if is_due else "", next_time(job, now, zone, rows), last)


def _dates(dates: frozenset[int], days: frozenset[int]) -> str:
    if not dates:
        return _days(days)
    monthly = f"monthly {','.join(map(str, sorted(dates)))}"
    return monthly if days == ALL_DAYS else f"{monthly} on {_days(days)}"


def _days(days: frozenset[int]) -> str:
    if days == ALL_DAYS:
        return "daily"
    runs = [(first, last) for first in sorted(days) for last in sorted(days) if _is_run(days, first, last)]
    return ",".join(_DAYS[first] if first == last else f"{_DAYS[first]}-{_DAYS[last]}" for first, last in runs)


def _is_run(days: frozenset[int], first: int, last: int) -> bool:
    """Whether the days from one to another are all there, and those around them are not."""
    return first <= last and all(day in days for day in range(first, last + 1)) and not days & {first - 1, last + 1}
