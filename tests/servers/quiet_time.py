"""Time in tests: how long to wait for what will come, longer where others work as well; and what passed, as it is."""

from __future__ import annotations

import os
import time


def crowd() -> float:
    """How many processes want each of the machine's cores now, at least one; the tests' own are among them."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def since(began: float) -> float:
    """The seconds since then by `time.monotonic`: a promise of quickness is held on a busy machine, too."""
    return time.monotonic() - began
