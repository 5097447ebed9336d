"""Confines one process for each role and prints what is enforced, or what kept it from that."""

import os
import sys

from butler.core.errors import StateError
from butler.sandbox import jail
from butler.sandbox.profiles import PROFILES, Profile


def main() -> None:
    """Do it in the table's order."""
    for profile in PROFILES.values():
        sys.stdout.flush()
        if pid := os.fork():
            os.waitpid(pid, 0)
            continue
        print(f"{profile.role}: {told(profile)}", flush=True)
        os._exit(0)


def told(profile: Profile) -> str:
    """What came of confining this process."""
    try:
        return str(jail.confine(profile, jail.Reach()))
    except (StateError, OSError) as error:
        return repr(error)


if __name__ == "__main__":
    main()
