"""The butler as the benchmark drives it: its mirror, its sync and its tools, as the daemon puts them together."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from bench_memory import MemoryWatch
from dovecot_server import PASSWORD, USER

from butler.core.accounts import Account, CalendarAccount, MailAccount
from butler.core.errors import SourceError
from butler.core.owner import BriefingOptions, Owner
from butler.core.sources import Raw, Source
from butler.house import Deeds, House
from butler.plan import frame_for
from butler.staff import Staff
from butler.store.mirror import Mirror
from butler.sync import sync

DAY = dt.date(2026, 11, 24)
NOW = dt.datetime(2026, 11, 24, 6, tzinfo=dt.UTC)
FOLDERS = ("INBOX", "Archive", "Sent")
ZONE = "Europe/Berlin"


def account(port: int) -> MailAccount:
    """The account on a loopback port."""
    return MailAccount("bench", "127.0.0.1", port, USER, lambda: PASSWORD, tls="none", folders=FOLDERS, timeout=600.0)


def house(state: Path, port: int, calendar: Path) -> House:
    """A house over a mailbox on a loopback port and a folder of events, on the morning of the day."""
    owner = Owner("Anna Berger", frozenset({USER}), ZoneInfo(ZONE))
    accounts = (account(port), CalendarAccount("bench", path=calendar))
    return House(Deeds(owner, accounts, BriefingOptions(), state), lambda: NOW)


class Ours:
    """A state folder with a mirror, and the workers that bring it up to date."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.mirror = Mirror.open(state / "mirror.db", ZONE, frozenset({USER}), lambda: NOW)
        self._staff = Staff(state, {}, lambda: NOW, "enforced", None)
        self._parser = self._staff.parser()

    def source(self, account: Account) -> Source[Raw]:
        """Open a source; it connects when it is first read."""
        (source,) = self._staff.sources([account])
        return source

    def sync(self, *sources: Source[Raw]) -> None:
        """Bring the mirror up to date; raises SourceError when that failed."""
        states = sync(sources, self.mirror, self._parser, lambda: NOW, frame_for(DAY, ZONE))
        for state in states:
            if state.state != "fresh":
                raise SourceError(state.error or "The sync failed.")

    def mails(self) -> int:
        """How many mails the mirror holds."""
        return self.mirror.held(self.mirror.source("mail", "bench"), 10**9)

    def close(self) -> None:
        """Close everything."""
        self._parser.close()
        self._staff.close()
        self.mirror.close()


@dataclass(frozen=True, slots=True)
class FirstSync:
    """What a first sync took from the start of its process to the end; `peak` is in megabytes, of all its processes."""

    seconds: float
    mails: int
    peak: float


def first_sync(state: Path, port: int) -> FirstSync:
    """Sync an account into an empty state folder; raises RuntimeError when it failed."""
    command: Sequence[str] = [sys.executable, str(Path(__file__).with_name("bench_child.py")), str(state), str(port)]
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        watch = MemoryWatch(process.pid)
        out, errors = process.communicate()
        seconds, peak = time.perf_counter() - started, watch.stop()
    if process.returncode:
        raise RuntimeError(errors)
    return FirstSync(seconds, int(out), peak)
