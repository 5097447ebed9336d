"""What the daemon costs while nothing happens, beside OfflineIMAP kept running over the same mail."""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from bench_machine import found
from bench_memory import family, proportional
from bench_start import environment
from bench_table import Row, judged
from bench_world import Post, World
from daemon_process import DaemonProcess
from dovecot_server import PASSWORD, USER

_OTHER, _THIRD = "ben@berger.example", "carla@berger.example"
_MAIL = b"From: Carla <carla@example.org>\r\nSubject: Number %d\r\nMessage-ID: <%d@example.org>\r\n\r\nHello\r\n"
_FEW = 200
_EVERY = 300.0
"""Seconds between two syncs as they are shipped, of ours and of the reference."""
_LONGEST_FIRST = 900.0
_SYSTEM_PYTHON = "/usr/bin/python3"
"""Whose packages the reference is one of."""
_STEP = 2.0
_TICK = os.sysconf("SC_CLK_TCK")
_JOBS = ("briefing", "lookahead", "weekly", "followup", "maintenance")
"""What would run at its time of the day, whenever that is while this is measured."""


@dataclass(frozen=True, slots=True)
class Idle:
    """What a daemon took: megabytes (10⁶ bytes) between its syncs and at most, and seconds of processor time.

    `own` is the time in `seconds` of its own process and of those that go on beside it, `synced` that of those that ended, in
    `syncs` of them.
    """

    seconds: float
    megabytes: float
    peak: float
    own: float
    synced: float
    syncs: int

    @property
    def share(self) -> float:
        """Percent of one core, with a sync every five minutes."""
        return 100 * (self.own / self.seconds + (self.synced / self.syncs / _EVERY if self.syncs else 0.0))


class IdleRows:
    """The rows: two accounts, one of them with `count` mails, watched for `seconds`."""

    def __init__(self, world: World, count: int, seconds: float) -> None:
        self._world = world
        self._count = count
        self._seconds = seconds

    def memory(self) -> Row:
        """All processes together while nothing runs."""
        ours, theirs = self._ours, self._theirs
        row = Row(
            "idle-memory",
            "idle daemon, two accounts: memory of all its processes",
            "MB",
            ours.megabytes,
            theirs.megabytes if theirs else None,
            _against(theirs),
            "≤ 120 MB",
            note=f"PSS over {ours.seconds:.0f} s; {ours.peak:.0f} MB at most, while a sync ran",
        )
        return judged(row, lambda megabytes, _: megabytes <= 120)

    def processor(self) -> Row:
        """Its processor time, with that of the syncs."""
        ours, theirs = self._ours, self._theirs
        row = Row(
            "idle-cpu",
            "idle daemon, two accounts, synced every 5 minutes: share of one core",
            "%",
            ours.share,
            theirs.share if theirs else None,
            _against(theirs),
            "≤ 0.2 %",
            note=f"over {ours.seconds:.0f} s: {ours.own:.2f} s itself, {ours.synced:.2f} s in {ours.syncs} syncs",
        )
        return judged(row, lambda share, _: share <= 0.2)

    @cached_property
    def _post(self) -> Post:
        post = self._world.post(self._count)
        for user in (_OTHER, _THIRD):
            post.server.deliver(user, *(_MAIL % (number, number) for number in range(_FEW)))
        return post

    @cached_property
    def _ours(self) -> Idle:
        folder = self._world.fresh("idle")
        every = min(_EVERY, self._seconds / 2)
        (folder / "butler.toml").write_text(_settings(self._post.port, every), encoding="utf-8")
        program = Path(sys.executable).with_name("butler")
        argv = (sys.executable, "-P", str(program), "--config", str(folder / "butler.toml"), "run")
        with DaemonProcess(folder, argv, environ=environment(folder)) as daemon:
            daemon.ready()
            _wait(lambda: "sync ran after" in daemon.logged(), daemon.logged)
            time.sleep(5.0)
            before = daemon.logged().count("sync ran after")
            measured = _measure(daemon.process.pid, self._seconds)
            syncs = daemon.logged().count("sync ran after") - before
            daemon.end(signal.SIGTERM)
        return Idle(self._seconds, *measured, syncs)

    @cached_property
    def _theirs(self) -> Idle | None:
        program = found("offlineimap")
        if program is None:
            return None
        folder = self._world.fresh("offlineimap")
        (folder / "rc").write_text(_offlineimap(self._post.port, folder), encoding="utf-8")
        with _running([_SYSTEM_PYTHON, program, "-c", str(folder / "rc"), "-u", "basic"], folder) as (process, log):

            def are_synced() -> bool:
                if process.poll() is not None:
                    raise RuntimeError(log.read_text(errors="replace"))
                return all(f"Finished account '{name}'" in log.read_text(errors="replace") for name in ("home", "work"))

            _wait(are_synced, lambda: log.read_text(errors="replace"))
            time.sleep(5.0)
            return Idle(self._seconds, *_measure(process.pid, self._seconds), 0)


def _against(theirs: Idle | None) -> str:
    return f"OfflineIMAP, {_FEW} mails an account" if theirs else "OfflineIMAP is not installed"


def _wait(is_so: Callable[[], bool], log: Callable[[], str]) -> None:
    deadline = time.monotonic() + _LONGEST_FIRST
    while not is_so():
        if time.monotonic() > deadline:
            raise RuntimeError(f"The first sync did not end in time. {log()[-500:]}")
        time.sleep(1.0)


def _measure(pid: int, seconds: float) -> tuple[float, float, float, float]:
    """Megabytes in the middle and at most, seconds of processor time of what goes on, and of what ended."""
    own, synced = _times(pid)
    sizes: list[float] = []
    deadline = time.monotonic() + seconds
    while (rest := deadline - time.monotonic()) > 0:
        sizes.append(sum(map(proportional, family(pid))) / 1e6)
        time.sleep(min(_STEP, rest))
    own_after, synced_after = _times(pid)
    return statistics.median(sizes), max(sizes), own_after - own, synced_after - synced


def _times(pid: int) -> tuple[float, float]:
    """Seconds of processor time of a process and of those it started, and of those of them that ended."""
    found = [_spent(each) for each in family(pid)]
    return sum(own for own, _ in found), sum(ended for _, ended in found)


def _spent(pid: int) -> tuple[float, float]:
    """Seconds of processor time of a process itself, and of its children that ended, theirs included."""
    try:
        numbers = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return 0.0, 0.0
    user, system, children_user, children_system = (int(number) / _TICK for number in numbers[11:15])
    return user + system, children_user + children_system


@contextmanager
def _running(command: list[str], folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    log = folder / "log"
    environ = {**environment(folder), "HOME": str(folder)}
    # Its modules lie beside its script.
    del environ["PYTHONSAFEPATH"]
    with log.open("wb") as out, subprocess.Popen(command, stdout=out, stderr=out, cwd=folder, env=environ) as process:
        try:
            yield process, log
        finally:
            process.kill()


def _settings(port: int, every: float) -> str:
    accounts = "".join(
        f'[mail.{name}]\nhost = "127.0.0.1"\nport = {port}\ntls = "none"\nuser = "{user}"\npassword = "{PASSWORD}"\n'
        for name, user in (("home", USER), ("work", _OTHER))
    )
    off = "".join(f"[jobs.{name}]\nenabled = false\n" for name in _JOBS)
    quiet = '[jobs.triage]\nworkflow = "sync"\n'
    owner = '[owner]\nname = "Anna Berger"\ntimezone = "Europe/Berlin"\n'
    return f'state_dir = "state"\n{owner}{accounts}{off}{quiet}[jobs.sync]\nevery = "{every:.0f}s"\n'


def _offlineimap(port: int, folder: Path) -> str:
    """Its settings. Its first sync of a large mailbox takes the better part of an hour, so that it has small ones."""
    accounts = "".join(
        f"[Account {name}]\nlocalrepository = {name}-here\nremoterepository = {name}-there\n"
        f"autorefresh = {_EVERY / 60:g}\n"
        f"[Repository {name}-here]\ntype = Maildir\nlocalfolders = {folder}/{name}\n"
        f"[Repository {name}-there]\ntype = IMAP\nremotehost = 127.0.0.1\nremoteport = {port}\nremoteuser = {user}\n"
        f"remotepass = {PASSWORD}\nssl = no\nstarttls = no\nauth_mechanisms = LOGIN\nidlefolders = ['INBOX']\nkeepalive = 60\n"
        for name, user in (("home", _OTHER), ("work", _THIRD))
    )
    return f"[general]\naccounts = home,work\nmaxsyncaccounts = 2\nfsync = False\nmetadata = {folder}/meta\n{accounts}"
