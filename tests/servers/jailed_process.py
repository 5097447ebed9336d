"""A process with a parent of its own user, which confines itself as a role does and tells what it could do.

python jailed_process.py '{"role": …, "user": …, "reach": {…}, "world": {…}, "abi": …, "filters": …, "alone": …, "deeds": …}'
"""

import json
import os
import socket
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests/servers")]

from jail_attempts import ATTEMPTS, DEATHS, World  # noqa: E402 - the path has to be set before
from jail_needs import NEEDS  # noqa: E402

from butler.sandbox import jail, profiles  # noqa: E402
from butler.sandbox.syscalls import call  # noqa: E402

_SOCKETS = ("tcp", "fast", "faster", "bound", "listening")
_SET_DUMPABLE = 4
_DEEDS: Mapping[str, Mapping[str, Callable[[World], object]]] = {"attempts": ATTEMPTS, "needs": NEEDS, "deaths": DEATHS}


def main(told: dict[str, Any]) -> None:
    """Become the user, then the parent of the process that is confined, and pass on what that one tells."""
    known = jail.prepare()
    world = World(**told["world"])
    if told["user"]:
        os.setgroups([])
        os.setgid(told["user"])
        os.setuid(told["user"])
    call("prctl", _SET_DUMPABLE, 1, 0, 0, 0)
    os.setpgid(0, 0)
    world.handed = {name: socket.socket() for name in _SOCKETS}
    world.handed |= {name: socket.socket(socket.AF_UNIX) for name in ("unix", "abstract")}
    if told["deeds"] == "needs":
        world.handed["connected"] = socket.create_connection(("127.0.0.1", world.tcp))
    world.namespace = os.open("/proc/self/ns/net", os.O_RDONLY)
    deeds = _DEEDS[told["deeds"]]
    alone = [{name: deed} for name, deed in deeds.items()] if told["alone"] else [deeds]
    for each in alone:
        _in_a_fork(partial(_confined, told, known, each, world))


def _in_a_fork(deed: Callable[[], None]) -> None:
    sys.stdout.flush()
    if pid := os.fork():
        _, status = os.waitpid(pid, 0)
        print(json.dumps(["exit", os.waitstatus_to_exitcode(status)]))
        return
    try:
        deed()
    finally:
        sys.stdout.flush()
        os._exit(0)


def _confined(told: dict[str, Any], known: jail.Support, deeds: Mapping[str, Callable[[World], object]], world: World) -> None:
    if told["role"]:
        least = jail.Support(min(known.abi, told["abi"]), known.seccomp and told["filters"], known.machine)
        reach = jail.Reach(**{name: tuple(paths) for name, paths in told["reach"].items()})
        enforced = jail.confine(profiles.PROFILES[told["role"]], reach, known=least, degraded=not least.suffices)
        print(json.dumps(["enforced", str(enforced)]), flush=True)
    for name, deed in deeds.items():
        _do(name, deed, world)


def _do(name: str, deed: Callable[[World], object], world: World) -> None:
    # Told beforehand as well: what replaces or ends the process says nothing more.
    print(json.dumps([name, "begun"]), flush=True)
    print(json.dumps([name, *_outcome(deed, world)]), flush=True)


def _outcome(deed: Callable[[World], object], world: World) -> Iterator[str | int]:
    try:
        deed(world)
    except OSError as error:
        yield from (error.errno or 0, str(error))
    except Exception as error:  # noqa: BLE001 - whatever it is, the test is told
        yield from (-1, repr(error))
    else:
        yield "done"


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
