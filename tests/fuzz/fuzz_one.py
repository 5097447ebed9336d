"""One target under atheris for so many seconds: `python tests/fuzz/fuzz_one.py TARGET SECONDS [what libFuzzer takes]`."""

from __future__ import annotations

import faulthandler
import sys
import time
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "servers"))

with atheris.instrument_imports(include=["tools", "butler.sandbox"]):
    from fuzz_targets import TARGETS

    # What is only imported when it is needed is not to be missed.
    for _target in TARGETS.values():
        _target(b"")


_GRACE = 120
MOST_SECONDS = 10
"""Of processor time for one input, as the worker that parses has."""


class TooLongError(Exception):
    """One input took more than its time."""


def main() -> None:
    """Fuzz until the time is over or something is found; libFuzzer writes that down and ends the process."""
    name, seconds, *rest = sys.argv[1:]
    # libFuzzer ends by itself; where it does not, this tells why.
    faulthandler.dump_traceback_later(float(seconds) + _GRACE, exit=True)
    target = TARGETS[name]

    def measured(content: bytes) -> None:
        began = time.process_time()
        target(content)
        if time.process_time() - began > MOST_SECONDS:
            raise TooLongError

    atheris.Setup([name, f"-max_total_time={seconds}", *rest], measured)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
