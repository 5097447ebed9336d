"""The real program and its children with a clock that is moved, so that a page is looked at on the sample's own morning.

python dated_butler.py SECONDS ARGUMENTS …   (SECONDS are added to the machine's time)
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Self

CLOCKS = {
    "run": ("butler.cli.run",),
    "edit": ("butler.house", "butler.cli.edit"),
    "do": ("butler.house", "butler.cli.brief", "butler.cli.do", "butler.cli.maintaining"),
    "doctor": ("butler.house", "butler.cli.doctor"),
}
"""The modules that ask the machine for the time, by command; of all others the house does."""
ACCOUNT = "anna"
"""The account that it runs under, as far as it knows: no picture tells whose machine it was taken on."""


def moved(seconds: float) -> type[datetime]:
    """A clock that is so far ahead of the machine's."""

    class Moved(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            return super().now(tz) + timedelta(seconds=seconds)

    return Moved


def argv(seconds: float) -> tuple[str, ...]:
    """What starts the program with a clock that is moved."""
    return (sys.executable, "-P", str(Path(__file__)), str(seconds))


def main(seconds: float, arguments: Sequence[str]) -> int:
    """Run a command."""
    from butler import environment

    environment.__dict__["account"] = lambda: ACCOUNT
    from butler.cli import main as run
    from butler.cli.arguments import read

    options = read(arguments)
    for name in CLOCKS.get(options.command, ("butler.house",)):
        import_module(name).__dict__["datetime"] = moved(seconds)
    if options.command == "doctor":
        _install_as_much_earlier(seconds)
    if options.command != "run":
        return run(arguments)
    from butler.cli.run import _wall_clock, serve
    from butler.watch.build import watchers

    return serve(options, argv(seconds), partial(watchers, clock=_wall_clock))


def _install_as_much_earlier(seconds: float) -> None:
    """Else the doctor says that the clock is before the time at which the butler was installed."""
    from butler import doctor

    plain = doctor.check_clock
    doctor.__dict__["check_clock"] = lambda now, installed: plain(now, installed + seconds)


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]), sys.argv[2:]))
