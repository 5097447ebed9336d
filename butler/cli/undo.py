"""`butler undo`: takes back what an action did."""

from __future__ import annotations

import argparse

from butler.cli import deciding, opening


def run(options: argparse.Namespace) -> int:
    """Undo one action, as an action of its own."""
    wanted = deciding.named(options.id)
    with opening.house(opening.settings(options)) as house:
        told = [deciding.tried(wanted.number, lambda: house.gate.undo(wanted.number, deciding.owner(), deciding.VIA))]
        if not options.later:
            told = deciding.carried_out(house, told)
    return deciding.report(options, told)
