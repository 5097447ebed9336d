"""The list of all workflows: what ships and what is the owner's, as code and as files, with when, gate and problems."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from butler.cli import opening, output
from butler.core.text import one_line
from butler.core.timetable import job_words, timetable

if TYPE_CHECKING:
    from butler.settings import Settings
    from butler.settings.own import Shelf

_HIDDEN = frozenset({"own", "brief"})


@dataclass(frozen=True, slots=True)
class Listed:
    """One workflow: `origin` is shipped, own, or code (`own code` in a file); `when` in words, `next` the moment."""

    name: str
    title: str
    origin: str
    file: str = ""
    when: str = ""
    next: datetime | None = None
    gate: Sequence[str] = ()
    problems: Sequence[str] = ()


def listed(settings: Settings, shelf: Shelf) -> list[Listed]:
    """All of them by name: files first, then code."""
    times = _times(settings)
    found = []
    for file in shelf.files:
        definition = file.definition
        when, moment = times.get(file.name, ("", None)) if definition else ("-", None)
        found.append(
            Listed(
                name=file.name,
                title=definition.title if definition else "",
                origin=file.origin,
                file=str(file.path),
                when=when or "by hand",
                next=moment,
                gate=definition.gate if definition else (),
                problems=[f"{problem.line}: {problem.sentence}" for problem in file.problems],
            )
        )
    code = settings.workflows.code()
    own = code.places("workflows")
    for name in sorted(code.workflows() - _HIDDEN):
        when, moment = times.get(name, ("by hand", None))
        found.append(Listed(name, "", "own code" if name in own else "code", own.get(name, ""), when, moment))
    return found


def _times(settings: Settings) -> dict[str, tuple[str, datetime | None]]:
    """When each workflow runs, in words, and next."""
    from butler.house import wall_clock

    zone, now = settings.person().zone, wall_clock()
    with opening.truth(settings) as truth:
        history = truth.jobs.history(now)
    entries = timetable(settings.every_job(), history, now, zone)
    return {entry.job.workflow: (job_words(entry.job), entry.next) for entry in entries if entry.job.enabled}


def lines(found: Sequence[Listed], zone: ZoneInfo) -> Iterator[str]:
    """The list as it is printed."""
    wide = max([4, *(len(each.name) for each in found)])
    when_wide = max([4, *(len(each.when) for each in found)])
    yield f"{'NAME':<{wide}}  {'FROM':<8}  {'WHEN':<{when_wide}}  {'NEXT':<16}  TITLE"
    for each in found:
        ahead = f"{each.next.astimezone(zone):%Y-%m-%d %H:%M}" if each.next else "-"
        row = f"{each.name:<{wide}}  {each.origin:<8}  {each.when:<{when_wide}}  {ahead:<16}  {one_line(each.title, 80)}"
        yield row.rstrip()
        if each.gate:
            yield f"{'':<{wide}}  may propose {', '.join(each.gate)}"
        if each.problems:
            count = len(each.problems)
            told = f"has {count} {'problem' if count == 1 else 'problems'}, so it does not run: line {each.problems[0]}"
            yield from output.hanging(f"{'':<{wide}}  ", one_line(told, 400))


def as_json(each: Listed) -> dict[str, Any]:
    """One of them as a JSON value."""
    return {
        "name": each.name,
        "title": each.title or None,
        "from": each.origin,
        "file": each.file or None,
        "when": each.when,
        "next": each.next.isoformat() if each.next else None,
        "gate": list(each.gate),
        "problems": list(each.problems),
    }
