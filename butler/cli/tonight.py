"""What waits for the night: `butler do WORKFLOW --tonight` keeps it, `status` and `schedule` show it."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from butler.cli import beyond, opening, output
from butler.core.errors import StateError, UsageError
from butler.core.night import STATES, workflow_at_night
from butler.core.refs import parse_ref
from butler.core.requests import TAKES_REFERENCE
from butler.core.text import one_line

if TYPE_CHECKING:
    from butler.core.jobs import Slot
    from butler.settings import Settings

_BRIEFING, _MAINTENANCE = "briefing", "maintenance"
_LONGEST = 2000


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Keep a request for the night; where no daemon runs it waits for one, and that is said."""
    _refuse(options, settings)
    with opening.truth(settings) as truth:
        kept, is_new = truth.jobs.keep_for_night(options.workflow, options.about, datetime.now(UTC))
    is_heard = _tell(settings)
    if options.json:
        hours = list(settings.daemon.backlog_hours)
        output.show_json({"kept": as_json(kept), "new": is_new, "hours": hours, "daemon": is_heard})
        return 0
    output.show(f"{kept.slot}: {_what(kept)} {'runs' if is_new else 'was kept before, and runs'} {_when(settings)}.")
    if not is_heard:
        output.say(options, "No daemon runs. It is kept all the same, for the first night in which `butler run` does.")
    return 0


def as_json(slot: Slot) -> dict[str, Any]:
    """A request for the night, as JSON values."""
    return {
        "name": slot.slot,
        "workflow": workflow_at_night(slot.job),
        "subject": slot.subject or None,
        "state": slot.state,
        "since": slot.due_at.isoformat(),
        "note": slot.note or None,
    }


def lines(slots: Sequence[Slot], settings: Settings, zone: ZoneInfo) -> Iterator[str]:
    """What waits for the night, under a line that says when that is; nothing where nothing waits."""
    if slots:
        yield f"For the night, {_when(settings)}:"
    for slot in slots:
        since = f"since {slot.due_at.astimezone(zone):%Y-%m-%d %H:%M}"
        note = f": {one_line(slot.note, 100)}" if slot.note and slot.state == "failed" else ""
        yield f"  {slot.slot:<9} {STATES[slot.state]:<7} {_what(slot)}, {since}{note}"


def _refuse(options: argparse.Namespace, settings: Settings) -> None:
    """Say what cannot be kept for the night; what would only fail then is told now."""
    if options.workflow == _BRIEFING:
        raise UsageError(
            "A briefing is of its morning, not of the night.", advice="`jobs.briefing.at` says when it is written."
        )
    if options.no_sync or options.no_model:
        raise UsageError("--tonight goes with neither --no-sync nor --no-model.", advice="At night there is time for both.")
    if options.workflow != _MAINTENANCE:
        from butler.owned import named_by

        named_by(settings.workflows, options.workflow)
    if options.workflow in TAKES_REFERENCE:
        parse_ref(options.about)
    if len(options.about) > _LONGEST:
        raise UsageError(f"--about takes at most {_LONGEST} characters.")


def _tell(settings: Settings) -> bool:
    """Let the daemon look at once; whether one runs. Whatever hinders that, it looks by itself soon."""
    try:
        return beyond.ask(settings.state_dir, ask="look") is not None
    except StateError:
        return True


def _when(settings: Settings) -> str:
    hours = " or ".join(settings.daemon.backlog_hours)
    return f"in the hours {hours}" if hours else "as soon as nothing else waits"


def _what(slot: Slot) -> str:
    return one_line(f"{workflow_at_night(slot.job)} {slot.subject}".strip(), 160)
