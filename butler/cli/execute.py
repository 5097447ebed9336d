"""`butler execute`: carries out what is approved and due."""

from __future__ import annotations

import argparse

from butler.cli import deciding, opening, output


def run(options: argparse.Namespace) -> int:
    """Carry out everything that is approved and due, and tell what came of each."""
    with opening.house(opening.settings(options)) as house:
        told = [deciding.anew(house, kept.id) for kept in house.execute()]
        stopped = house.truth.outbox.stopped
    if stopped:
        output.fail(stopped)
    elif not told:
        output.say(options, "Nothing is approved and due.")
    return deciding.report(options, told)
