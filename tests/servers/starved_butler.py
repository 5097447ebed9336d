"""The real program, but what parses has so little memory that large things kill it.

python starved_butler.py MEGABYTES ARGUMENTS …
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path


def argv(megabytes: int) -> tuple[str, ...]:
    """What starts the program so."""
    return (sys.executable, "-P", str(Path(__file__)), str(megabytes))


def main(megabytes: int, arguments: Sequence[str]) -> int:
    """Run a command."""
    from butler.cli import main as run
    from butler.sandbox import parser
    from butler.sandbox.order import Limits

    parser.__dict__["Limits"] = lambda: Limits(memory=megabytes << 20)
    return run(arguments)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2:]))
