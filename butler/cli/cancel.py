"""`butler cancel`: gives up a run, or what waits for its turn or for the night."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from butler.cli import beyond, opening, output
from butler.core.errors import UsageError
from butler.core.text import one_line

if TYPE_CHECKING:
    from butler.settings import Settings


def run(options: argparse.Namespace) -> int:
    """Ask the daemon to give it up; it is over a moment later. What is kept for the night needs no daemon."""
    settings = opening.settings(options)
    found = beyond.ask(settings.state_dir, ask="cancel", run=options.wanted)
    if found is None:
        found = _take_back(options.wanted, settings)
    if options.json:
        output.show_json(found)
    else:
        output.say(options, f"Cancelled: {found['cancelled']}.")
    return 0


def _take_back(name: str, settings: Settings) -> dict[str, Any]:
    """Let what is kept for the night be, where no daemon runs that could have begun with it."""
    from butler.core.night import is_night_name, workflow_at_night

    if not is_night_name(name):
        raise UsageError("No daemon runs, so nothing can be cancelled.", advice="A run in a terminal ends with Ctrl-C.")
    with opening.truth(settings) as truth:
        kept = truth.jobs.take_back(name, datetime.now(UTC))
    if kept is None:
        raise UsageError(f"{name} does not wait any more, or never did.", advice="`butler schedule` tells what waits.")
    return {"cancelled": one_line(f"{workflow_at_night(kept.job)} {kept.subject}".strip(), 120), "was_running": False}
