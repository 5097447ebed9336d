"""`butler stop`: holds all effects at once, whether a daemon runs or not."""

from __future__ import annotations

import argparse
import os
import pwd

from butler.cli import beyond, opening, output
from butler.core.record import stop_sentence


def run(options: argparse.Namespace) -> int:
    """Stop all effects."""
    from butler.house import wall_clock

    settings = opening.settings(options)
    now = wall_clock()
    sentence = stop_sentence(options.because, now.astimezone(settings.person().zone))
    with opening.house(settings) as house:
        house.truth.outbox.stop(sentence, owner(), now)
    beyond.look(settings.state_dir)
    if options.json:
        output.show_json({"stopped": sentence})
    else:
        output.say(options, "All effects are stopped. `butler resume` lets them go on; reading and preparing go on meanwhile.")
    return 0


def owner() -> str:
    """Who calls, as the system knows them."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return f"uid {os.geteuid()}"
