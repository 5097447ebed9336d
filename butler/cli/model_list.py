"""`butler model list`: which model does what, and whether it is still the one that was chosen."""

from __future__ import annotations

import argparse

from butler.cli import opening, output


def run(options: argparse.Namespace) -> int:
    """Show each model by role."""
    settings = opening.settings(options)
    host = settings.model_host()
    if host is None:
        output.say(options, "No model is set. Set model.name, such as qwen3.5:9b.")
    return 0
