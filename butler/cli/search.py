"""`butler search`: full text over the mirror."""

from __future__ import annotations

import argparse

from butler.cli import opening, output
from butler.core.text import one_line


def run(options: argparse.Namespace) -> int:
    """Print what holds all the words, best first."""
    settings = opening.settings(options)
    with opening.house(settings) as house:
        found = house.search(" ".join(options.text), options.limit)
    if options.json:
        output.show_json(
            {
                "found": [
                    {
                        "ref": each.ref,
                        "title": each.title,
                        "when": each.when.isoformat() if each.when else None,
                        "excerpt": each.excerpt,
                    }
                    for each in found
                ]
            }
        )
        return 0
    for each in found:
        when = f"{each.when.astimezone(settings.person().zone):%Y-%m-%d}" if each.when else " " * 10
        output.show(f"{when}  {one_line(each.title, 120)}\n{'':12}{one_line(each.excerpt)}\n{'':12}{one_line(each.ref, 1000)}")
    if not found:
        output.say(options, "Nothing in the mirror holds all of these words. `butler sync` brings it up to date.")
    return 0
