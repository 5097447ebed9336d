"""One target under atheris: `python tests/fuzz/fuzz_one.py TARGET [what libFuzzer takes]`."""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "servers"))

with atheris.instrument_imports(include=["tools", "butler.sandbox"]):
    from fuzz_targets import TARGETS


def main() -> None:
    """Fuzz until the time is over or something is found; libFuzzer writes that down and ends the process."""
    name, *rest = sys.argv[1:]
    target = TARGETS[name]
    target(b"")
    atheris.Setup([name, *rest], target)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
