"""What a process holds, sampled over time, and whether it grows."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Sample:
    """What a process holds at a moment: megabytes, descriptors, threads, and connections to servers."""

    at: float
    megabytes: float
    descriptors: float
    threads: float
    connections: float


WHAT = ("megabytes", "descriptors", "threads", "connections")


def sample(pid: int, connections: int) -> Sample:
    """Look at a process."""
    status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":" in line)
    megabytes = int(status["VmRSS"].split()[0]) * 1024 / 1e6
    descriptors = 0
    with suppress(FileNotFoundError):
        descriptors = sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
    return Sample(time.monotonic(), megabytes, descriptors, int(status["Threads"]), connections)


def thirds(samples: Sequence[Sample], what: str) -> tuple[float, float]:
    """What is held in the quietest tenth of the first and of the last third, so without the pipes of children."""
    values = [float(getattr(each, what)) for each in samples]
    third = max(len(values) // 3, 1)
    return statistics.quantiles(values[:third], n=10)[0], statistics.quantiles(values[-third:], n=10)[0]


def slope(samples: Sequence[Sample], what: str) -> float:
    """How much it grows an hour, by least squares."""
    times = [each.at for each in samples]
    return statistics.linear_regression(times, [float(getattr(each, what)) for each in samples]).slope * 3600
