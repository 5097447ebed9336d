"""`butler schedule`: each job with its next time, its last one and what came of that."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from butler.cli import opening, output, tonight
from butler.core.night import of_tonight
from butler.core.text import one_line
from butler.core.timetable import Entry, job_words, missed_lately, missed_words, notes, time_of, timetable

if TYPE_CHECKING:
    from butler.core.jobs import Slot, Streak


def run(options: argparse.Namespace) -> int:
    """Print the schedule; it is read from the butler's own database, so that no butler needs to run for it."""
    from butler.house import wall_clock

    settings = opening.settings(options)
    zone, now = settings.person().zone, wall_clock()
    with opening.house(settings) as house:
        history = house.truth.jobs.history(now)
        entries = timetable(settings.every_job(), history, now, zone)
        streaks = {entry.job.name: house.truth.jobs.streak(entry.job.name) for entry in entries}
    missed, kept = missed_lately(history, now), of_tonight(history)
    if options.json:
        jobs = [_as_json(entry, streaks[entry.job.name]) for entry in entries]
        late, night = list(map(_slot_json, missed)), list(map(tonight.as_json, kept))
        output.show_json({"timezone": zone.key, "now": now.isoformat(), "jobs": jobs, "missed": late, "night": night})
    else:
        output.show("\n".join(_page(entries, streaks, missed, zone)))
        if kept:
            output.show("\n".join(["", *tonight.lines(kept, settings, zone)]))
    return 0


def _page(entries: Sequence[Entry], streaks: dict[str, Streak], missed: Sequence[Slot], zone: ZoneInfo) -> Iterator[str]:
    wide = max(len(entry.job.name) for entry in entries)
    yield f"{'JOB':<{wide}}  {'WHEN':<18}  {'NEXT':<16}  {'LAST':<16}  OUTCOME"
    for entry in entries:
        yield _line(entry, wide, zone)
        yield from (f"{'':{wide}}  {one_line(note, 100)}" for note in notes(entry, streaks[entry.job.name], zone))
    if missed:
        yield "\nMissed in the last 7 days:"
        yield from (f"  {slot.job:<{wide}}  {_moment(slot.due_at, zone)}" for slot in missed)


def _line(entry: Entry, wide: int, zone: ZoneInfo) -> str:
    ahead = entry.now or _moment(entry.next, zone)
    last = entry.last
    outcome = last.state if last else ""
    when = job_words(entry.job)
    line = f"{entry.job.name:<{wide}}  {when:<18}  {ahead:<16}  {_moment(time_of(last) if last else None, zone):<16}  {outcome}"
    return line.rstrip()


def _moment(moment: datetime | None, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}" if moment else "-"


def _as_json(entry: Entry, streak: Streak) -> dict[str, Any]:
    job = entry.job
    quiet = job.quiet
    return {
        "name": job.name,
        "workflow": job.workflow,
        "when": job_words(job),
        "missed": missed_words(job.missed),
        "quiet": f"{quiet.start:%H:%M}-{quiet.end:%H:%M}" if quiet else None,
        "enabled": job.enabled,
        "now": entry.now or None,
        "next": entry.next.isoformat() if entry.next else None,
        "failures": streak.failures,
        "last": _slot_json(entry.last) if entry.last else None,
    }


def _slot_json(slot: Slot) -> dict[str, Any]:
    times = {name: getattr(slot, f"{name}_at") for name in ("due", "claimed", "ended", "retry")}
    return {
        "job": slot.job,
        "slot": slot.slot,
        "state": slot.state,
        **{name: moment.isoformat() if moment else None for name, moment in times.items()},
        "run": slot.run or None,
        "attempts": slot.attempts,
        "note": slot.note or None,
    }
