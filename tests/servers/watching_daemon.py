"""The real daemon with its real watchers, and tiny children: python watching_daemon.py FOLDER."""

import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from butler.cli.arguments import read
from butler.cli.run import serve
from butler.watch.build import watchers


def main() -> int:
    options = read(["--config", str(Path(sys.argv[1]) / "butler.toml"), "run"])
    child = (sys.executable, str(Path(__file__).with_name("tiny_child.py")))
    return serve(options, child, partial(watchers, clock=lambda: datetime.now(UTC)))


if __name__ == "__main__":
    sys.exit(main())
