"""The real daemon over a network that comes and goes, and over a model that is away: nothing grows or is lost.

The network flaps for an hour of the daemon's life, which is 25 seconds of ours; with BUTLER_TEST_LONG=1 for a day. With that
it is also killed for five minutes, over real mails and a model.
"""

from __future__ import annotations

import json
import os
import random
import re
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from pathlib import Path
from typing import get_args
from zoneinfo import ZoneInfo

import pytest
from daemon_process import QUIET, DaemonProcess, children, until
from dav_servers import PASSWORD as DAV_PASSWORD
from dav_servers import USER as DAV_USER
from dav_servers import running
from dovecot_server import PASSWORD, Dovecot, running_dovecot
from flapping_proxy import FlappingProxy, Weather, flapping_proxy
from free_ports import free_port
from scripted_ollama import ScriptedOllama
from slopes import WHAT, Sample, sample, slope, thirds

from butler.core.actions import Status
from butler.core.payloads import MailDraft
from butler.core.policy import Policy
from butler.gate import Gate
from butler.store.truth import Truth

USER = "anna@berger.example"
HOURS = 24 if os.environ.get("BUTLER_TEST_LONG") else 1
HASTE = 144.0
"""A day in ten minutes."""
HOURLY = {
    "syncs": 12,
    "looks": 12,
    "calendar looks": 180,
    "heartbeats": 120,
    "pulses": 360,
    "outbox looks": 60,
    "connections": 5,
}
"""What the daemon does in an hour with the settings that ship; a connection is one that a folder is watched over."""
KILLED_SECONDS = 300.0 if os.environ.get("BUTLER_TEST_LONG") else 8.0
MOST_SECONDS = HOURS * 75.0 + 60.0
SOURCES = ("mail.home", "calendar.family")
TOLERANCE = {"megabytes": 4.0, "descriptors": 2.0, "threads": 1.0, "connections": 1.0}
MAIL = (
    "From: {0} <{1}@example.org>\r\nTo: Anna Berger <anna@berger.example>\r\nSubject: Question {2}\r\nDate: {3}\r\n"
    "Message-ID: <{1}-{2}@example.org>\r\n\r\nHello Anna,\r\n\r\ncould you please send me the plan for room {2}?\r\n\r\n{0}\r\n"
)
_PEOPLE = ("Ben", "Carla", "Dario", "Edith", "Frank", "Gerda")


def letter(number: int) -> bytes:
    who = _PEOPLE[number % len(_PEOPLE)]
    when = time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime(time.time() - 14_400 + 60 * number))
    return MAIL.format(who, who.lower(), number, when).encode()


def mail_settings(port: int, more: str = "") -> str:
    return f'[mail.home]\nhost = "127.0.0.1"\nport = {port}\ntls = "none"\nuser = "{USER}"\npassword = "{PASSWORD}"\n{more}'


def written(folder: Path, jobs: str, more: str) -> Path:
    (folder / "notes").mkdir(exist_ok=True)
    owner = '[owner]\nname = "Anna Berger"\ntimezone = "Europe/Berlin"\n'
    (folder / "butler.toml").write_text(f'state_dir = "state"\n{owner}{jobs}\n{more}')
    return folder / "butler.toml"


def hurried_daemon(folder: Path) -> DaemonProcess:
    """The same, but that it waits less."""
    program = Path(__file__).parents[1] / "servers/hurried_daemon.py"
    return DaemonProcess(folder, (sys.executable, "-P", str(program), str(HASTE), str(folder)))


def real_daemon(folder: Path, environ: dict[str, str] | None = None) -> DaemonProcess:
    """The program as it is installed, with its real children."""
    program = Path(sys.executable).with_name("butler")
    argv = (sys.executable, "-P", str(program), "--config", str(folder / "butler.toml"), "run")
    return DaemonProcess(folder, argv, watchdog=2.0, environ=environ)


def enabled(*names: str) -> str:
    """The settings of no job but these, which keep their own."""
    off = (table for table in QUIET.split("[jobs.") if table and table.partition("]")[0] not in names)
    return "".join(f"[jobs.{table.strip()}\n" for table in off)


class Flapping:
    """Changes the weather of networks and looks at the daemon meanwhile; always fair again at the end."""

    def __init__(self, networks: list[FlappingProxy], server: Dovecot, daemon: DaemonProcess) -> None:
        self._networks = networks
        self._server = server
        self._daemon = daemon
        self.samples: list[Sample] = []
        self.outages = 0
        self.delivered = 0

    def last(self, hours: int) -> float:
        """Until the daemon did what it does in so many hours of its life; returns how many seconds that took."""
        dice = random.Random(11)
        began = time.monotonic()
        while self.missing(hours) and time.monotonic() < began + MOST_SECONDS:
            bad: Weather = dice.choice(("refuses", "stalls", "drops"))
            self._all(bad, dice.uniform(0.5, 2.5))
            self.outages += 1
            # Mostly for a few minutes of its life, now and then for long enough that IDLE is begun anew.
            self._all("fair", dice.uniform(1.0, 3.0) if dice.random() < 0.75 else dice.uniform(4.0, 12.0))
            self._server.deliver(USER, letter(1000 + self.delivered))
            self.delivered += 1
        return time.monotonic() - began

    def counted(self) -> dict[str, int]:
        """How often it did what so far."""
        file = self._daemon.folder / "counted"
        own: dict[str, int] = json.loads(file.read_text()) if file.exists() else {}
        return own | {"syncs": len(re.findall(r"sync began", self._daemon.logged()))}

    def missing(self, hours: int) -> dict[str, int]:
        """What it did not do as often as in so many hours, with how often that would be."""
        counted = self.counted()
        return {what: times * hours for what, times in HOURLY.items() if counted.get(what, 0) < times * hours}

    def _all(self, weather: Weather, seconds: float) -> None:
        for network in self._networks:
            network.weather = weather
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if weather == "fair":
                self.samples.append(sample(self._daemon.process.pid, sum(network.open for network in self._networks)))
            time.sleep(0.1)


@pytest.mark.timeout(int(MOST_SECONDS) + 180)
def test_nothing_grows_while_the_network_flaps(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with ExitStack() as stack:
        server = stack.enter_context(running_dovecot(tls=False))
        calendars = stack.enter_context(running("radicale", tmp_path / "dav"))
        path = calendars.make_calendar("home")
        server.deliver(USER, letter(0))
        networks = [stack.enter_context(flapping_proxy(port)) for port in (server.port, calendars.port)]
        calendar = (
            f'[calendar.family]\nurl = "http://127.0.0.1:{networks[1].port}{path}"\nuser = "{DAV_USER}"\n'
            f'password = "{DAV_PASSWORD}"\ntimeout = 3\n'
        )
        jobs = enabled("sync", "meeting") + '[jobs.arrival]\non = "mail"\nworkflow = "sync"\n'
        written(tmp_path, jobs, mail_settings(networks[0].port, "timeout = 3\n") + calendar)
        daemon = stack.enter_context(hurried_daemon(tmp_path))
        daemon.ready()
        until(lambda: "sync ran" in daemon.logged(), 30)
        flapping = Flapping(networks, server, daemon)
        seconds = flapping.last(HOURS)
        log = until(lambda: settled(daemon), 60)
        until(lambda: len(children(daemon.process.pid)) <= 1, 30)
        with capsys.disabled():
            print(f"\n{HOURS} h of its life in {seconds:.0f} s, {flapping.outages} outages, {flapping.delivered} mails")
            print(
                f"  {len(flapping.samples)} samples, {flapping.counted()}, {[network.dialled for network in networks]} dialled"
            )
            for what in WHAT:
                first, last = thirds(flapping.samples, what)
                print(f"  {what}: {first:.1f} -> {last:.1f}, slope {slope(flapping.samples, what):+.1f} in an hour of ours")
        assert flapping.missing(HOURS) == {}
        assert daemon.status()["dead"] == []
        assert daemon.end() < 5.0
        for what in WHAT:
            first, last = thirds(flapping.samples, what)
            assert last <= first + TOLERANCE[what], what
        for source in SOURCES:
            told = list(news_of(log, source))
            assert told == ["gone", "back"] * (len(told) // 2), (source, told)
            assert len(told) <= 2 * flapping.outages


def settled(daemon: DaemonProcess) -> str:
    """Its log, once nothing is gone and nothing runs that may have begun in an outage; nothing before."""
    status, log = daemon.status(), daemon.logged()
    is_busy = status["gone"] or status["running"] or status["waiting"]
    return "" if is_busy or any(len(list(news_of(log, source))) % 2 for source in SOURCES) else log


def news_of(log: str, source: str) -> Iterator[str]:
    """What its owner was told of a source, in order."""
    yield from re.findall(rf"notice \(source (gone|back), {re.escape(source)}\)", log)


def drafted(folder: Path) -> list[str]:
    """The threads of the drafts, whatever became of them, in the order in which they were made."""
    with closing(Truth.open(folder / "state" / "butler.db")) as truth:
        kept = sorted(truth.outbox.find(statuses=get_args(Status), limit=1000), key=lambda each: each.id)
    assert all(finding.check != "skeleton" for each in kept for finding in each.action.findings)
    return [each.action.payload.letter.thread for each in kept if isinstance(each.action.payload, MailDraft)]


def night(begins: int, ends: int) -> str:
    """The setting of a night between hours from now."""
    now = datetime.now(ZoneInfo("Europe/Berlin"))
    return f'[daemon]\nbacklog_hours = "{now + timedelta(hours=begins):%H:%M}-{now + timedelta(hours=ends):%H:%M}"\n'


@pytest.mark.timeout(240)
def test_what_waited_for_a_model_is_done_when_it_is_back_newest_first_and_the_rest_at_night(tmp_path: Path) -> None:
    port = free_port()
    model = f'[model]\nurl = "http://127.0.0.1:{port}"\nname = "good"\n[drafting]\nlimit = 3\n'
    with running_dovecot(tls=False) as server:
        server.deliver(USER, *(letter(number) for number in range(7)))
        written(tmp_path, enabled("triage"), mail_settings(server.port) + model + night(2, 4))
        with real_daemon(tmp_path) as daemon:
            daemon.ready()
            until(lambda: "triage failed" in daemon.logged(), 60)
            assert "Something waits for the model" in daemon.logged()
            assert drafted(tmp_path) == []
            with ScriptedOllama(port=port):
                server.deliver(USER, letter(7))
                until(lambda: len(drafted(tmp_path)) == 3, 60)
                assert drafted(tmp_path) == [f"Question {number}" for number in (7, 6, 5)]
                until(lambda: [each["night"] for each in daemon.status()["waiting"]] == ["night-1"], 30)
                assert daemon.status()["waiting"][0]["why"] == "waits for the night"
                # At night the rest is done, run after run, until nothing is left.
                written(tmp_path, enabled("triage"), mail_settings(server.port) + model + night(-1, 2))
                daemon.process.send_signal(signal.SIGHUP)
                until(lambda: len(drafted(tmp_path)) == 8, 90)
                until(lambda: daemon.status()["running"] is None and not children(daemon.process.pid), 30)
                assert drafted(tmp_path)[3:] == [f"Question {number}" for number in (4, 3, 2, 1, 0)]
                until(lambda: daemon.status()["waiting"] == [])
            assert json.dumps(daemon.status()["gone"]) == "{}"
            assert daemon.end() < 5.0


class Owner:
    """Gets mail and approves every draft, in a thread of its own, whatever becomes of the daemon meanwhile."""

    def __init__(self, folder: Path, server: Dovecot) -> None:
        self._folder = folder
        self._server = server
        self._dice = random.Random(5)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._live)
        self.delivered = 0

    def __enter__(self) -> Owner:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def approve(self) -> None:
        """Approve what is held."""
        with closing(Truth.open(self._folder / "state" / "butler.db")) as truth:
            gate = Gate(truth.outbox, Policy(), lambda: datetime.now(UTC))
            for kept in truth.outbox.find(statuses=["held"], limit=1000):
                gate.approve(kept.id, kept.hash, "owner", "test")

    def _live(self) -> None:
        while not self._over.wait(self._dice.uniform(1.0, 4.0)):
            self._server.deliver(USER, letter(self.delivered))
            self.delivered += 1
            self.approve()


def kill_for(seconds: float, folder: Path) -> Counter[str]:
    """Start the daemon and kill it or its runs, over and over; returns how often which."""
    dice = random.Random(3)
    killed: Counter[str] = Counter()
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with real_daemon(folder) as daemon:
            daemon.ready()
            for _ in range(dice.randrange(1, 4)):
                time.sleep(dice.uniform(0.2, 4.0))
                for child in children(daemon.process.pid) if dice.random() < 0.4 else ():
                    with suppress(ProcessLookupError):
                        os.kill(child, signal.SIGKILL)
                        killed["run"] += 1
            daemon.end(signal.SIGKILL)
            killed["daemon"] += 1
    return killed


def in_drafts(server: Dovecot) -> Counter[str]:
    """The subjects of the drafts on the server."""
    found = (server.maildir_of(USER) / ".Drafts").glob("[cn][ue][rw]/*")
    return Counter(str(message_from_bytes(file.read_bytes())["Subject"]) for file in found)


@pytest.mark.timeout(int(KILLED_SECONDS) + 600)
def test_killed_over_and_over_every_mail_gets_one_draft_and_every_draft_is_put_there_once(tmp_path: Path) -> None:
    with running_dovecot(tls=False) as server, ScriptedOllama() as ollama:
        server.deliver(USER, letter(9999))
        model = f'[model]\nurl = "{ollama.url}"\nname = "good"\n[drafting]\nlimit = 100\n'
        written(tmp_path, enabled("triage"), mail_settings(server.port) + model)
        with real_daemon(tmp_path) as daemon:
            daemon.ready()
            until(lambda: "triage began" in daemon.logged())
        with Owner(tmp_path, server) as owner:
            killed = kill_for(KILLED_SECONDS, tmp_path)
        began = time.monotonic()
        asked = [f"Question {number}" for number in (9999, *range(owner.delivered))]
        with real_daemon(tmp_path) as daemon:
            daemon.ready()
            until(lambda: set(drafted(tmp_path)) == set(asked), 240)
            until(lambda: daemon.status()["running"] is None, 60)
            owner.approve()
            daemon.ask(ask="look")
            until(lambda: set(in_drafts(server)) == {f"Re: {subject}" for subject in asked}, 120)
            until(lambda: not daemon.status()["carrying_out"], 30)
            assert daemon.end() < 5.0
        took = time.monotonic() - began
        print(f"{killed['daemon']} daemons and {killed['run']} runs killed, {len(asked)} mails, done {took:.0f} s later")
        assert Counter(drafted(tmp_path)) == Counter(asked)
        assert set(in_drafts(server).values()) == {1}
        with closing(Truth.open(tmp_path / "state" / "butler.db")) as truth:
            assert {kept.status for kept in truth.outbox.find(statuses=get_args(Status), limit=1000)} == {"done"}
            assert truth.journal.verify() == []
            truth.examine()
