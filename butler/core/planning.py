"""Says from jobs and from what was kept of their runs what is due, missed or left out now. Pure: it reads no clock."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from butler.core.jobs import At, Due, Every, Job, Merge, Missed, On, RunIfWithin, SkipAndTell, Skipped, Slot, Verdict
from butler.core.localtime import after_hours, local_date, moment_of

PUNCTUAL = timedelta(minutes=30)
"""A job that must not run late may still begin within this."""
MOST_ATTEMPTS = 40
MOST_DEATHS = 10
"""So often in a row a slot may be claimed by a process that dies, before it is given up."""
_MOST_NAMED = 31
_LONGEST_GAP = 366
_LOOK_BACK, _LOOK_BACK_MONTHS = 15, 62
"""Days in which a job that has weekdays, or dates, has at least one."""
_AFTER_DEATH, _FIRST_PAUSE, _LONGEST_PAUSE = timedelta(seconds=2), timedelta(minutes=1), timedelta(hours=1)
_TAKEN = frozenset({"claimed", "ran"})


def plan(jobs: Iterable[Job], history: Iterable[Slot], now: datetime, zone: ZoneInfo) -> list[Verdict]:
    """Say what is due, missed or left out now; asked again, it says the same until that is kept.

    A slot that runs (`claimed`) is never named; a failed one is due again after a pause, as long as the job may run late.
    """
    rows: dict[str, dict[str, Slot]] = {}
    for row in history:
        rows.setdefault(row.job, {})[row.slot] = row
    found: list[Verdict] = []
    for job in jobs:
        of_job = rows.get(job.name, {})
        match job.when:
            case At() as at:
                found.extend(_dated(job, at, of_job, now, zone))
            case Every() as every:
                found.extend(_repeated(job, every, of_job.get(""), now, zone))
            case On():
                found.extend(_arrived(job, of_job.values(), now, zone))
    return found


def next_time(job: Job, now: datetime, zone: ZoneInfo, history: Iterable[Slot] = ()) -> datetime | None:
    """When the job's time or its next try comes, always later than now; None where only an arrival tells."""
    rows = {row.slot: row for row in history if row.job == job.name}
    times = [row.retry_at for row in rows.values() if row.state == "failed" and row.retry_at]
    if isinstance(job.when, At):
        taken = {row.slot for row in rows.values() if row.state in _TAKEN}
        days = (local_date(now, zone) + timedelta(days=number) for number in range(-1, _days_of(job.when)))
        free = (_due_at(job, job.when, day, zone) for day in days if day.isoformat() not in taken)
        times += next(([due] for due in free if due and due > now), [])
    elif isinstance(job.when, Every):
        row = rows.get("")
        times += [_round_at(job, job.when, row)] if row else []
        times.append(now + timedelta(seconds=job.when.seconds))
    ahead = [after_hours(moment, job.quiet, zone) for moment in times if moment > now]
    return min(ahead, default=None) if job.enabled else None


def pause_after(attempts: int, deaths: int) -> timedelta | None:
    """How long to wait after a failure, longer each time, and not long after the process died; None: give up."""
    if attempts >= MOST_ATTEMPTS or deaths >= MOST_DEATHS:
        return None
    first, times = (_AFTER_DEATH, deaths) if deaths else (_FIRST_PAUSE, attempts)
    return min(first * (1 << max(times - 1, 0)), _LONGEST_PAUSE)


def _dated(job: Job, at: At, rows: Mapping[str, Slot], now: datetime, zone: ZoneInfo) -> Iterator[Verdict]:
    today = local_date(now, zone)
    days = (today - timedelta(days=number) for number in range(_days_of(at)))
    last = next(((day, due) for day in days if (due := _due_at(job, at, day, zone)) and due <= now), None)
    if last is None:
        return
    day, due_at = last
    yield from _passed(job, at, rows, day, zone)
    name = day.isoformat()
    is_new = all(slot == name and row.state == "skipped" for slot, row in rows.items())
    if is_new and (day < today or not _in_time(job, due_at, now)):
        # Kept as skipped it stays so, also for a job that may be late by any time.
        if not rows:
            yield Skipped(job.name, name, due_at, "The butler did not know of it yet.")
    elif verdict := _latest(job, name, due_at, rows.get(name), now, zone):
        yield verdict


def _latest(job: Job, slot: str, due_at: datetime, row: Slot | None, now: datetime, zone: ZoneInfo) -> Verdict | None:
    """What becomes of the latest slot whose time has come; what was missed or skipped is not when time is set back."""
    is_open = row is None or row.state == "due"
    if not job.enabled:
        return Skipped(job.name, slot, due_at, "The job is switched off.") if is_open else None
    if not _in_time(job, due_at, now):
        return Missed(job.name, slot, due_at, isinstance(job.missed, SkipAndTell)) if is_open else None
    if (row and not _may_begin(row, now)) or _is_quiet(job, now, zone):
        return None
    return Due(job.name, slot, due_at)


def _passed(job: Job, at: At, rows: Mapping[str, Slot], latest: date, zone: ZoneInfo) -> Iterator[Verdict]:
    """What becomes of the slots before the latest one that nothing was done about; rows of the future count for nothing."""
    before = sorted(slot for slot in rows if slot < latest.isoformat())
    if not before:
        return
    known = date.fromisoformat(before[-1])
    days = (latest - known).days - 1
    # Nobody is away for years: such a gap comes from a machine that does not know the date when it starts.
    gap = [latest - timedelta(days=number) for number in range(min(days, _MOST_NAMED), 0, -1) if days <= _LONGEST_GAP]
    waiting = [date.fromisoformat(slot) for slot in before if rows[slot].state == "due"]
    for day in (*waiting, *gap):
        due_at = _due_at(job, at, day, zone) or (rows[day.isoformat()].due_at if day in waiting else None)
        if due_at is None:
            continue
        if not job.enabled:
            yield Skipped(job.name, day.isoformat(), due_at, "The job is switched off.")
        elif isinstance(job.missed, Merge):
            yield Skipped(job.name, day.isoformat(), due_at, f"The run of {latest} does its work too.")
        else:
            yield Missed(job.name, day.isoformat(), due_at)


def _repeated(job: Job, every: Every, row: Slot | None, now: datetime, zone: ZoneInfo) -> Iterator[Verdict]:
    if not job.enabled or _is_quiet(job, now, zone) or (row and row.state == "claimed"):
        return
    due_at = _round_at(job, every, row) if row and now >= _begun(row) else now
    if due_at <= now:
        yield Due(job.name, "", due_at)


def _arrived(job: Job, rows: Iterable[Slot], now: datetime, zone: ZoneInfo) -> Iterator[Verdict]:
    if not job.enabled or _is_quiet(job, now, zone):
        return
    for row in sorted(rows, key=lambda row: row.due_at):
        if row.state not in {"due", "failed"} or not _may_begin(row, now):
            continue
        if _in_time(job, row.due_at, now):
            yield Due(job.name, row.slot, row.due_at)
        elif row.state == "due":
            yield Missed(job.name, row.slot, row.due_at, isinstance(job.missed, SkipAndTell))


def _days_of(at: At) -> int:
    return _LOOK_BACK_MONTHS if at.dates else _LOOK_BACK


def _due_at(job: Job, at: At, day: date, zone: ZoneInfo) -> datetime | None:
    moment = moment_of(day, at.time, zone) if at.has(day) else None
    return after_hours(moment + _jitter(job, day.isoformat()), job.quiet, zone) if moment else None


def _round_at(job: Job, every: Every, row: Slot) -> datetime:
    """When a job that is done over and over is to begin next: a failed try is made good earlier, never later."""
    if row.state == "due":
        return row.due_at
    regular = _begun(row) + timedelta(seconds=every.seconds) + _jitter(job, _begun(row).isoformat())
    return min(regular, row.retry_at or regular)


def _begun(row: Slot) -> datetime:
    return row.due_at if row.state == "due" else row.claimed_at or row.due_at


def _jitter(job: Job, slot: str) -> timedelta:
    """A part of the job's jitter that is the same whenever it is asked for."""
    if not job.jitter:
        return timedelta()
    digest = hashlib.sha256(f"{job.name} {slot}".encode()).digest()
    return timedelta(seconds=round(job.jitter * int.from_bytes(digest[:4], "big") / 2**32))


def _in_time(job: Job, due_at: datetime, now: datetime) -> bool:
    match job.missed:
        case RunIfWithin(seconds):
            return now - due_at <= timedelta(seconds=seconds)
        case SkipAndTell():
            return now - due_at <= PUNCTUAL
        case Merge():
            return True


def _is_quiet(job: Job, now: datetime, zone: ZoneInfo) -> bool:
    return job.quiet is not None and job.quiet.has(now.astimezone(zone).time())


def _may_begin(row: Slot, now: datetime) -> bool:
    """Whether a slot may be claimed: never while or after it runs well, and after a failure when its pause is over."""
    if row.state != "failed":
        return row.state not in _TAKEN
    # An end that lies ahead was written by another clock, and says nothing about how long ago it was.
    return row.retry_at is not None and not (row.ended_at or row.due_at) <= now < row.retry_at
