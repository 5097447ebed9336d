"""What the daemon runs, as the real process: in turn, cancelled, held, given way to, and never lost nor done twice."""

import json
import os
import random
import signal
import sqlite3
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from butler_process import PROGRAM, environment
from daemon_process import ARRIVAL, DaemonProcess, children, lines, until, write_settings
from quiet_time import since

from butler.control import asking
from butler.core.actions import Action
from butler.core.payloads import MailAt, MailKeyword
from butler.core.policy import Policy
from butler.gate import Gate
from butler.store.truth import Truth

ARRIVED = "SELECT slot, state, note FROM job_slot WHERE job = 'arrival'"
DONE = "SELECT count(*) FROM run WHERE state = 'done'"
LONG = 300 if os.environ.get("BUTLER_TEST_LONG") else 8


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_settings(tmp_path)
    return tmp_path


def arrive(folder: Path, name: str, order: str = "0") -> None:
    (folder / name).write_text(order)
    (folder / f"{name}.in").write_text("")


def slots(folder: Path) -> dict[str, tuple[str, str]]:
    with closing(sqlite3.connect(f"file:{folder}/state/butler.db?mode=ro", uri=True)) as own:
        return {slot: (state, note) for slot, state, note in own.execute(ARRIVED)}


def state_of(folder: Path, slot: str) -> str:
    return slots(folder).get(slot, ("",))[0]


def butler(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    argv = [str(PROGRAM), "--config", str(folder / "butler.toml"), *arguments]
    return subprocess.run(argv, cwd=folder, env=environment(folder), capture_output=True, encoding="utf-8", check=False)


def order_of(folder: Path) -> list[str]:
    return [line.split()[1] if line.split()[1:-1] else line.split()[0] for line in lines(folder / "started")]


def test_a_run_and_what_waits_can_be_cancelled(folder: Path) -> None:
    with DaemonProcess(folder) as daemon:
        daemon.ready()
        arrive(folder, "a", "300")
        run = until(lambda: daemon.status()["run"])
        arrive(folder, "b", "300")
        (waiting,) = until(lambda: daemon.status()["waiting"])
        assert daemon.ask(ask="cancel", run=str(waiting["number"])) == {"cancelled": "arrival b", "was_running": False}
        done = butler(folder, "cancel", run[:8])
        assert (done.returncode, done.stderr) == (0, "Cancelled: arrival a.\n")
        until(lambda: state_of(folder, "a") == state_of(folder, "b") == "failed")
        assert slots(folder)["a"][1] == slots(folder)["b"][1] == "Its owner cancelled it."
        shown = json.loads(butler(folder, "runs", "--json").stdout)["runs"]
        assert [(each["subject"], each["state"]) for each in shown] == [("a", "abandoned")]
        done = butler(folder, "cancel", run[:8])
        assert done.returncode == 2
        assert done.stderr.startswith(f"butler: The run {run[:8]} has ended, or is none of the daemon's.")


def test_effects_are_stopped_at_once_while_a_run_goes_on_and_go_on_after_resume(folder: Path) -> None:
    with DaemonProcess(folder) as daemon:
        daemon.ready()
        arrive(folder, "a", "60")
        until(lambda: daemon.status()["run"])
        began = time.monotonic()
        assert butler(folder, "stop", "--because", "on the road").returncode == 0
        assert since(began) < 5
        approve_something(folder)
        daemon.ask(ask="look")
        time.sleep(1)
        assert "execute" not in order_of(folder)
        status = json.loads(butler(folder, "status", "--json").stdout)
        assert status["stopped"].endswith(": on the road.")
        assert (status["approved"], status["daemon"]["running"]["subject"]) == (1, "a")
        assert butler(folder, "resume").stderr == "Effects go on.\n"
        until(lambda: "execute" in order_of(folder))


def approve_something(folder: Path) -> None:
    with closing(Truth.open(folder / "state" / "butler.db")) as truth:
        gate = Gate(truth.outbox, Policy(), lambda: datetime.now(UTC))
        at = MailAt(ref="mail:home/a@b.example", message_id="a@b.example", key="1", validity="1")
        payload = MailKeyword(account="home", messages=(at,), folder="INBOX", add=("done",))
        kept = gate.propose(Action(payload, "A test.", "test", ("mail:home/a@b.example",)))
        gate.approve(kept.id, kept.hash, "owner", "cli")


def test_a_person_goes_before_a_batch_which_goes_on_later(folder: Path) -> None:
    write_settings(folder, ARRIVAL + "[daemon]\nbacklog_hours = []\n")
    with DaemonProcess(folder) as daemon:
        daemon.ready()
        # It would go on for as long as a slow machine needs to ask; what is begun again is told anew how long it takes.
        arrive(folder, "batch", "60")
        until(lambda: daemon.status()["run"])
        told = []
        with asking(daemon.state, {"ask": "run", "command": "do", "workflow": "question"}, 20) as answers:
            assert answers is not None
            for each in answers:
                told.append(each)
                if "started" in each:
                    (folder / "batch").write_text("0")
        assert told[0] == {"waits": "It waits for batch batch to end."}
        assert next(each for each in told if "out" in each or "err" in each) == {"err": "did question"}
        assert told[-1] == {"ended": 0, "why": ""}
        until(lambda: not daemon.status()["running"] and not daemon.status()["waiting"])
    assert order_of(folder) == ["batch", "question", "batch"]
    with closing(Truth.open(folder / "state" / "butler.db")) as truth:
        assert sorted((run.workflow, run.state) for run in truth.runs.recent()) == [("batch", "done"), ("question", "done")]


def test_what_needs_the_model_waits_while_a_command_says_busy_and_a_person_does_not(folder: Path) -> None:
    write_settings(folder, ARRIVAL.replace("[jobs", '[daemon]\nbusy_command = "test -e game"\n[jobs', 1))
    (folder / "game").write_text("")
    with DaemonProcess(folder) as daemon:
        daemon.ready()
        arrive(folder, "model-1")
        arrive(folder, "plain")
        until(lambda: state_of(folder, "plain") == "ran")
        (waiting,) = daemon.status()["waiting"]
        assert (waiting["subject"], waiting["why"]) == ("model-1", "waits while `test -e game` says busy")
        with asking(daemon.state, {"ask": "run", "command": "do", "workflow": "question"}, 20) as answers:
            assert list(answers or ())[-1]["ended"] == 0
        assert state_of(folder, "model-1") == "due"


def test_whoever_goes_away_does_not_leave_a_run_behind(folder: Path) -> None:
    (folder / "question").write_text("30")
    with DaemonProcess(folder) as daemon:
        daemon.ready()
        with asking(daemon.state, {"ask": "run", "command": "do", "workflow": "question"}, 20) as answers:
            assert "started" in next(answers or iter(()))
        until(lambda: not children(daemon.process.pid), within=5)
        # The daemon notes what came of it a moment after it is gone.
        until(lambda: daemon.status()["running"] is None)


def test_a_run_that_takes_too_long_is_ended_and_failed(folder: Path) -> None:
    write_settings(folder, ARRIVAL + "[daemon]\nrun_limit = 2\n")
    with DaemonProcess(folder) as daemon:
        daemon.ready()
        arrive(folder, "a", "60")
        until(lambda: state_of(folder, "a") == "failed", within=25)
        assert slots(folder)["a"][1] == "It took longer than 2 seconds and was ended."


def test_hundreds_that_wait_hold_nothing_up_and_are_all_told_of(folder: Path) -> None:
    (folder / "first").write_text("600")
    (folder / "first.in").write_text("")
    with DaemonProcess(folder) as daemon:
        daemon.ready()
        until(lambda: daemon.status()["running"])
        for number in range(300):
            arrive(folder, f"n{number:03d}")
        until(lambda: len(daemon.status()["waiting"]) == 300, within=30)
        found = butler(folder, "status", "--json")
        assert found.returncode == 0, found.stderr
        assert len(json.loads(found.stdout)["daemon"]["waiting"]) == 300
        daemon.ask(ask="cancel", run=str(daemon.status()["running"]["number"]))
        until(lambda: state_of(folder, "n001") == "ran")
        assert daemon.end() < 5


@contextmanager
def arriving(folder: Path, dice: random.Random) -> Iterator[list[str]]:
    """Let work arrive for the length of a block; yields its names."""
    over = threading.Event()
    made: list[str] = []

    def bring() -> None:
        while not over.wait(dice.uniform(0.3, 1.2) if LONG < 60 else dice.uniform(1, 4)):
            arrive(folder, f"n{len(made)}", str(dice.choice((0, 0, 0.3, 1))))
            made.append(f"n{len(made)}")

    bringing = threading.Thread(target=bring)
    bringing.start()
    try:
        yield made
    finally:
        over.set()
        bringing.join()


@pytest.mark.timeout(5 * LONG + 300)
def test_nothing_is_lost_or_done_twice_however_often_it_is_killed(folder: Path) -> None:
    dice = random.Random(7)
    deadline = time.monotonic() + LONG
    lives = killed = 0
    with arriving(folder, random.Random(8)) as made:
        # However slow the machine is, some lives are taken.
        while lives < 4 or time.monotonic() < deadline:
            lives += 1
            with DaemonProcess(folder) as daemon:
                daemon.ready()
                if dice.random() < 0.4:
                    await_done(folder, 3.0)
                else:
                    killed += kill_runs(daemon, dice)
                daemon.end(signal.SIGKILL)
    began = progress = time.monotonic()
    fewest = len(made)
    with DaemonProcess(folder) as daemon:
        daemon.ready()
        # However slow the machine is; a death is followed by a pause of a minute or two at most.
        while (left := not_run(folder, made)) and (left < fewest or time.monotonic() < progress + 120):
            fewest, progress = min(left, fewest), time.monotonic() if left < fewest else progress
            time.sleep(0.1)
        daemon.end()
    with closing(Truth.open(folder / "state" / "butler.db")) as truth:
        runs = truth.runs.recent(10_000)
        done = Counter(run.subject for run in runs if run.state == "done")
        assert truth.journal.verify() == []
        truth.examine()
    print(f"{lives} daemons and {killed} runs killed, {len(made)} arrived, done {time.monotonic() - began:.0f} s later")
    assert done == Counter(made)
    assert made


def not_run(folder: Path, made: list[str]) -> int:
    return len(made) - sum(state == "ran" for state, _ in slots(folder).values())


def await_done(folder: Path, patience: float) -> None:
    """Wait until another run is done: the daemon does not know of that for a moment, and the worst time to die is then."""
    deadline = time.monotonic() + patience
    with closing(sqlite3.connect(f"file:{folder}/state/butler.db?mode=ro", uri=True)) as own:
        before = own.execute(DONE).fetchall()
        while own.execute(DONE).fetchall() == before and time.monotonic() < deadline:
            time.sleep(0.002)


def kill_runs(daemon: DaemonProcess, dice: random.Random) -> int:
    """Kill what runs, now and then, for a moment; returns how often."""
    killed = 0
    for _ in range(dice.randrange(3)):
        time.sleep(dice.uniform(0.1, 0.7))
        for child in children(daemon.process.pid)[:1]:
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
                killed += 1
    return killed
