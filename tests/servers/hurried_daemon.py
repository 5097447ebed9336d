"""The real daemon with its real watchers and children, in whose life a day of waiting passes sooner.

python hurried_daemon.py HASTE FOLDER

What it waits for by itself is so many times shorter: rounds of jobs, looks at folders and calendars, IDLE cycles, heartbeats,
pulses, pauses after failures. What servers and runs take, and how long it waits for them, is as it is. How often it did each
is in `counted` of the folder, written anew every second.
"""

import json
import socket
import sys
import threading
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial, wraps
from pathlib import Path
from typing import Any

from butler import dialing, lane, triggers
from butler.cli import run
from butler.cli.arguments import read
from butler.cli.run import serve
from butler.core import planning
from butler.core.jobs import Every, Job
from butler.daemon import carrier, planner, systemd, whole
from butler.daemon.commands import program
from butler.sandbox.worker import Forkserver
from butler.settings.jobs import jobs_of
from butler.watch import mail, meetings
from butler.watch import thread as watcher_thread
from butler.watch.build import watchers

# Ears are in workers. Folders are looked at every five minutes where the settings say nothing, which is sooner than IDLE has
# to begin anew.
OF_EARS = """
from tools.mail import idle
idle.CYCLE = min(idle.CYCLE, 300.0) / {haste}
idle.STEP /= {haste}
"""
SHORTER: tuple[tuple[Any, str], ...] = (
    (watcher_thread, "LONGEST_PAUSE"),
    (watcher_thread, "STEADY"),
    (meetings, "LOOK"),
    (whole, "_PULSE"),
    (lane, "_PULSE"),
    (lane, "_LATER"),
    (carrier, "_EVERY"),
    (planning, "_FIRST_PAUSE"),
    (planning, "_LONGEST_PAUSE"),
)
COUNTED: tuple[tuple[Any, str, str], ...] = (
    (dialing.Dialer, "__call__", "connections"),
    (mail.MailWatcher, "is_well", "looks"),
    (meetings, "upcoming", "calendar looks"),
    (triggers.Triggers, "_tick", "heartbeats"),
    (systemd.Systemd, "status", "pulses"),
    (carrier.Carrier, "_is_wanted", "outbox looks"),
    (planner.Planner, "_plan", "plans"),
)
DONE: Counter[str] = Counter()


def hurry(haste: float) -> None:
    """Make all waiting shorter."""
    for place, name in SHORTER:
        setattr(place, name, getattr(place, name) / haste)

    def jobs(*settings: Any) -> tuple[Job, ...]:
        every = ((job, job.when) for job in jobs_of(*settings))
        return tuple(replace(job, when=Every(when.seconds / haste)) if isinstance(when, Every) else job for job, when in every)

    whole.__dict__["jobs_of"] = jobs
    whole.__dict__["Triggers"] = partial(triggers.Triggers, beat=triggers.BEAT / haste)


class HurriedForks(Forkserver):
    """Workers whose ears wait less, too."""

    def _start(self) -> socket.socket:
        orders = super()._start()
        orders.send(json.dumps(["hurried_ears"]).encode())
        return orders


def hurry_ears(folder: Path, haste: float) -> None:
    """Have ears wait less in their workers."""
    (folder / "hurried_ears.py").write_text(OF_EARS.format(haste=haste))
    run.__dict__["Forkserver"] = partial(HurriedForks, folders=[str(folder)])


def count(place: Any, name: str, what: str) -> None:
    """Count how often something is called."""
    plain = getattr(place, name)

    @wraps(plain)
    def counting(*args: Any, **named: Any) -> Any:
        DONE[what] += 1
        return plain(*args, **named)

    setattr(place, name, counting)


def tell(folder: Path) -> None:
    """Write down over and over how often it did what."""
    while not threading.Event().wait(1.0):
        (folder / "counting").write_text(json.dumps(dict(DONE)))
        (folder / "counting").replace(folder / "counted")


def main() -> int:
    folder = Path(sys.argv[2])
    hurry(float(sys.argv[1]))
    hurry_ears(folder, float(sys.argv[1]))
    for each in COUNTED:
        count(*each)
    threading.Thread(target=tell, args=(folder,), daemon=True).start()
    options = read(["--config", str(folder / "butler.toml"), "run"])
    return serve(options, program(), partial(watchers, clock=lambda: datetime.now(UTC)))


if __name__ == "__main__":
    sys.exit(main())
