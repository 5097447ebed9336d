"""`butler version`: what is installed."""

from __future__ import annotations

import argparse
import platform
from importlib.metadata import version

from butler import __version__
from butler.cli import output

_PARTS = ("langgraph", "ollama", "pydantic", "imapclient", "caldav", "icalendar")


def run(options: argparse.Namespace) -> int:
    """Print the versions."""
    found = {
        "butler": __version__,
        "python": platform.python_version(),
        **{part: version(part) for part in _PARTS},
    }
    if options.json:
        output.show_json(found)
    else:
        output.show("\n".join(f"{name} {number}" for name, number in found.items()))
    return 0
