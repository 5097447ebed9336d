"""Whoever loads this forks workers that end as they start: those of a folder `doomed`, and the first of a folder `hapless`."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from butler.sandbox import jail
from butler.sandbox.profiles import Profile
from butler.sandbox.reach import Reach


def doom(is_doomed: Callable[[Profile, Reach], bool]) -> None:
    """End workers after they said that they were born, and before they are confined."""
    confine = jail.confine

    def end(profile: Profile, reach: Reach, **more: Any) -> jail.Enforced:
        if is_doomed(profile, reach):
            os.kill(os.getpid(), signal.SIGKILL)
        return confine(profile, reach, **more)

    jail.confine = end


def _of_a_folder(_profile: Profile, reach: Reach) -> bool:
    for path in map(Path, (*reach.read, *reach.write)):
        first = path.parent / "died"
        if path.name == "hapless" and not first.exists():
            first.touch()
            return True
        if path.name == "doomed":
            return True
    return False


doom(_of_a_folder)
