"""`butler do maintenance`: the backup, the pruning and the looking through that is done at night."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from butler.cli import opening, output
from butler.core.errors import EXIT_FAILED
from butler.maintenance import Maintenance, Report
from butler.store.mirror import Mirror
from butler.store.state import StateLock, state_folder

if TYPE_CHECKING:
    from butler.settings import Settings

NAME = "maintenance"


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Look after the state folder, in a run of its own; fails when something in it is wrong."""
    now, zone = datetime.now(UTC), settings.person().zone
    with StateLock(state_folder(settings.state_dir)), opening.truth(settings) as truth:
        kept = truth.runs.start(NAME, now.astimezone(zone).date().isoformat(), now)
        mirror = partial(Mirror.open, settings.state_dir / "mirror.db", zone.key, settings.person().addresses)
        report = Maintenance(settings.state_dir, settings.retention, zone, mirror).run(truth, now)
        if report.problems:
            truth.runs.fail(kept.id, datetime.now(UTC), " ".join(report.problems))
        else:
            truth.runs.finish(kept.id, datetime.now(UTC))
    if options.json:
        output.show_json({"run": kept.id, "workflow": NAME, "proposed": [], "result": as_json(report)})
    else:
        output.show("\n".join(_lines(report)))
    return EXIT_FAILED if report.problems else 0


def as_json(report: Report) -> dict[str, Any]:
    """What was done, as JSON values."""
    return {
        "backup": str(report.backup) if report.backup else None,
        "dropped": report.dropped,
        "forgotten": report.forgotten,
        "freed": report.freed,
        "problems": report.problems,
    }


def _lines(report: Report) -> list[str]:
    lines = [f"Backed up to {report.backup}."] if report.backup else []
    lines.append(f"{report.dropped} old backups dropped, {report.forgotten} rows forgotten, {report.freed:,} bytes freed.")
    return [*lines, *report.problems]
