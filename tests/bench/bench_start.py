"""How long commands take to start, against an empty Python."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from bench_table import Row, judged
from bench_world import World

PROGRAM = Path(sys.executable).with_name("butler")


def environment(state: Path) -> dict[str, str]:
    """A clean environment whose state lies in a folder of the benchmark."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "LC_ALL") if name in os.environ}
    return {**kept, "STATE_DIRECTORY": str(state), "XDG_CONFIG_HOME": str(state), "PYTHONSAFEPATH": "1"}


def fastest(command: Sequence[str], state: Path, repeat: int) -> float:
    """The quickest of some runs in milliseconds; raises when the command fails."""
    times = []
    for _ in range(repeat):
        started = time.perf_counter()
        subprocess.run(command, env=environment(state), cwd=state, check=True, capture_output=True)
        times.append((time.perf_counter() - started) * 1e3)
    return min(times)


def help_row(world: World, repeat: int) -> Row:
    """`butler --help`."""
    return _row(world, "start-help", ["--help"], 5, repeat)


def actions_row(world: World, repeat: int) -> Row:
    """`butler actions`."""
    return _row(world, "start-list", ["actions"], 12, repeat)


def _row(world: World, name: str, arguments: list[str], limit: int, repeat: int) -> Row:
    state = world.fresh("start")
    subprocess.run([PROGRAM, *arguments], env=environment(state), cwd=state, check=True, capture_output=True)
    return judged(
        Row(
            name,
            f"`butler {' '.join(arguments)}`",
            "ms",
            fastest([str(PROGRAM), *arguments], state, max(repeat, 5)),
            fastest([sys.executable, "-c", "pass"], state, max(repeat, 5)),
            "`python -c pass`",
            f"≤ {limit}×",
        ),
        lambda ours, reference: ours <= limit * reference,
    )
