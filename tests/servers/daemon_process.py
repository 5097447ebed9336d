"""A daemon as a process of its own, what it tells systemd, and what its children did."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from quiet_time import crowd, since

from butler.control import asking

TINY = Path(__file__).with_name("tiny_daemon.py")
QUIET = "\n".join(
    f"[jobs.{name}]\nenabled = false"
    for name in ("briefing", "lookahead", "weekly", "triage", "meeting", "documents", "followup", "sync", "maintenance")
)
ARRIVAL = '[jobs.arrival]\non = "file"\n'


def write_settings(folder: Path, more: str = ARRIVAL) -> Path:
    """Settings with no shipped job but those of `more`."""
    (folder / "notes").mkdir(exist_ok=True)
    file = folder / "butler.toml"
    text = f'state_dir = "state"\n[owner]\ntimezone = "Europe/Berlin"\n[notes.notes]\npath = "notes"\n{QUIET}\n{more}\n'
    file.write_text(text)
    return file


def until(true: Callable[[], Any], within: float = 60.0) -> Any:
    """Wait until something is so, and return it."""
    deadline = time.monotonic() + within * crowd()
    while not (found := true()):
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.02)
    return found


class DaemonProcess:
    """A daemon over the folder of `write_settings`; `argv` starts it, tiny children by default."""

    def __init__(self, folder: Path, argv: Sequence[str] = (), watchdog: float = 0.0, environ: Mapping[str, str] | None = None):
        self.folder = folder
        self.state = folder / "state"
        self._notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._notify.settimeout(0)
        place = folder / "notify"
        place.unlink(missing_ok=True)
        self._notify.bind(str(place))
        self.told: list[str] = []
        own = {"NOTIFY_SOCKET": str(place), "TINY": str(folder), "HOME": str(folder), "PATH": os.environ["PATH"]}
        if watchdog:
            own["WATCHDOG_USEC"] = str(int(watchdog * 1e6))
        self.log = (folder / "log").open("a")
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            argv or (sys.executable, str(TINY), str(folder)),
            env=own | dict(environ or {}),
            stderr=self.log,
            stdout=self.log,
            cwd=folder,
            start_new_session=True,
        )

    def __enter__(self) -> "DaemonProcess":
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._notify.close()
        self.log.close()

    def heard(self) -> list[str]:
        """All that it told systemd so far."""
        while True:
            try:
                self.told += self._notify.recv(8192).decode().splitlines()
            except BlockingIOError:
                return self.told

    def ready(self, within: float = 60.0) -> float:
        """Wait until it is ready; returns after how many seconds."""
        until(lambda: "READY=1" in self.heard() or self.process.poll() is not None, within)
        assert self.process.poll() is None, self.logged()
        return time.monotonic() - self.began

    def logged(self) -> str:
        """What it wrote to its log so far, in all its lives."""
        return (self.folder / "log").read_text()

    def ask(self, **question: Any) -> dict[str, Any]:
        """Ask its control socket something that has one answer."""
        with asking(self.state, question, patience=10) as answers:
            assert answers is not None
            return next(answers)

    def status(self) -> dict[str, Any]:
        """How it stands."""
        return self.ask(ask="status")

    def end(self, number: int = signal.SIGTERM) -> float:
        """Signal it and wait for its end; returns after how many seconds of a quiet machine that came."""
        began = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(60)
        return since(began)


def lines(file: Path) -> list[str]:
    """The lines of a file, none where it is not there."""
    return file.read_text().splitlines() if file.exists() else []


def children(pid: int) -> list[int]:
    """The processes that a daemon started and that go on, but for the one that is there as long as itself: it forks workers."""
    found = Path(f"/proc/{pid}/task/{pid}/children")
    return [each for each in map(int, found.read_text().split() if found.exists() else ()) if not forks_workers(each)]


def forks_workers(pid: int) -> bool:
    """Whether a process is a forkserver."""
    try:
        return b"butler.sandbox.forkserver" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
