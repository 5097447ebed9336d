"""`butler resume`: lets effects go on."""

from __future__ import annotations

import argparse

from butler.cli import beyond, opening, output
from butler.cli.stop import owner


def run(options: argparse.Namespace) -> int:
    """Let effects go on; the daemon carries out what was approved meanwhile."""
    from butler.house import wall_clock

    settings = opening.settings(options)
    with opening.house(settings) as house:
        was_stopped = bool(house.truth.outbox.stopped)
        if was_stopped:
            house.truth.outbox.stop("", owner(), wall_clock())
    beyond.look(settings.state_dir)
    if options.json:
        output.show_json({"stopped": None, "was_stopped": was_stopped})
    else:
        output.say(options, "Effects go on." if was_stopped else "Effects were not stopped.")
    return 0
