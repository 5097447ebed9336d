"""The daemon's life, as the real process: start, a second one, signals, reload, watchdog, and what it costs."""

import signal
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from daemon_process import ARRIVAL, TINY, DaemonProcess, children, lines, until, write_settings

from butler.store.truth import Truth


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_settings(tmp_path)
    return tmp_path


def arrive(folder: Path, name: str) -> None:
    (folder / f"{name}.in").write_text("")


def slots(folder: Path) -> dict[str, tuple[str, str]]:
    with closing(sqlite3.connect(f"file:{folder}/state/butler.db?mode=ro", uri=True)) as own:
        return {slot: (state, note) for slot, state, note in own.execute("SELECT slot, state, note FROM job_slot")}


def after(told: list[str], what: str) -> list[str]:
    """What was told after something, nothing where that was not told yet."""
    return told[told.index(what) + 1 :] if what in told else []


def ignores(pid: int, number: signal.Signals) -> bool:
    """Whether a process does not hear of a signal."""
    (mask,) = (line.split()[1] for line in lines(Path(f"/proc/{pid}/status")) if line.startswith("SigIgn:"))
    return bool(int(mask, 16) >> (number - 1) & 1)


def test_it_serves_when_it_says_so_and_ends_in_time_when_idle(folder: Path) -> None:
    with DaemonProcess(folder) as daemon:
        daemon.ready()
        assert daemon.status()["sentence"].startswith("Idle.")
        assert (folder / "state" / "butler.pid").read_text() == f"{daemon.process.pid}\n"
        assert (folder / "state" / "butler.sock").stat().st_mode & 0o777 == 0o600
        assert daemon.end() < 2
        assert daemon.process.returncode == 0
        assert "STOPPING=1" in daemon.heard()
        assert any(each.startswith("STATUS=Idle.") for each in daemon.told)
    assert not (folder / "state" / "butler.sock").exists()


def test_a_second_daemon_leaves_with_a_sentence_and_disturbs_nothing(folder: Path) -> None:
    with DaemonProcess(folder) as daemon:
        daemon.ready()
        with DaemonProcess(folder, watchdog=0) as second:
            assert second.process.wait(20) == 75
        assert f"runs already, as process {daemon.process.pid}." in daemon.logged()
        assert daemon.status()["pid"] == daemon.process.pid
        assert daemon.end(signal.SIGINT) < 2


def test_what_arrives_runs_as_a_child_that_ends(folder: Path) -> None:
    with DaemonProcess(folder) as daemon:
        daemon.ready()
        for name in ("a", "b"):
            arrive(folder, name)
        until(lambda: slots(folder).get("a", ("",))[0] == slots(folder).get("b", ("",))[0] == "ran")
        assert [each.split()[1] for each in lines(folder / "started")] == ["a", "b"]
        until(lambda: not children(daemon.process.pid))
        # What came of a run can be read before the daemon is done with it.
        until(lambda: daemon.status()["running"] is None)
        assert daemon.status()["sentence"].startswith("Idle.")


def test_sighup_takes_new_settings(folder: Path) -> None:
    with DaemonProcess(folder) as daemon:
        daemon.ready()
        mail = '[mail.home]\nhost = "imap.berger.example"\nuser = "anna@berger.example"\npassword = "correct-horse"\n'
        write_settings(folder, f'{ARRIVAL}[jobs.tick]\nevery = "10s"\n{mail}')
        daemon.process.send_signal(signal.SIGHUP)
        until(lambda: any("tick" in each for each in lines(folder / "started")))
        # What is due by the new settings may begin before the daemon says that it has them.
        told = until(lambda: daemon.heard() if "READY=1" in after(daemon.heard(), "RELOADING=1") else [])
        assert any(each.startswith("MONOTONIC_USEC=") for each in told)
        # Its passwords are kept out of the log as those before them were.
        arrive(folder, "correct-horse")
        until(lambda: "arrival [hidden] ran" in daemon.logged())
        assert "correct-horse" not in daemon.logged()


def test_sighup_with_wrong_settings_tells_all_problems_and_keeps_the_old_ones(folder: Path) -> None:
    with DaemonProcess(folder) as daemon:
        daemon.ready()
        file = write_settings(
            folder, ARRIVAL + '[jobs.tick]\nevery = "1s"\n[daemon]\nrun_limit = 0\nbusy_hours = ["25:00-26:00"]\n'
        )
        file.write_text(file.read_text().replace('"state"', '"elsewhere"'))
        daemon.process.send_signal(signal.SIGHUP)
        problems = until(lambda: daemon.status()["problems"])
        for word in ("tick", "run_limit", "busy_hours", "state_dir"):
            assert any(word in problem for problem in problems), (word, problems)
            assert word in daemon.logged()
        arrive(folder, "a")
        # Its children go by the old settings too.
        until(lambda: slots(folder).get("a", ("",))[0] == "ran")
        write_settings(folder)
        daemon.process.send_signal(signal.SIGHUP)
        until(lambda: not daemon.status()["problems"])


def test_sigterm_during_a_run_ends_in_time_and_the_run_goes_on_later(folder: Path) -> None:
    (folder / "a").write_text("stay")
    with DaemonProcess(folder) as daemon:
        daemon.ready()
        arrive(folder, "a")
        (child,) = until(lambda: children(daemon.process.pid))
        until(lambda: daemon.status()["run"])
        assert daemon.end() < 5
        assert not Path(f"/proc/{child}").exists()
    assert slots(folder)["a"][0] == "due"
    (folder / "a").write_text("0")
    with DaemonProcess(folder) as daemon:
        until(lambda: slots(folder)["a"][0] == "ran")
    with closing(Truth.open(folder / "state" / "butler.db")) as truth:
        runs = truth.runs.recent()
    assert [(run.workflow, run.subject, run.state) for run in runs] == [("arrival", "a", "done")]


def test_a_child_that_hears_nothing_is_made_to_end_in_time(folder: Path) -> None:
    (folder / "a").write_text("hang")
    with DaemonProcess(folder) as daemon:
        daemon.ready()
        arrive(folder, "a")
        until(lambda: daemon.status()["run"])
        (child,) = children(daemon.process.pid)
        until(lambda: ignores(child, signal.SIGTERM))
        assert daemon.end() < 5
        until(lambda: not Path(f"/proc/{child}").exists())


def test_a_state_that_cannot_be_written_is_told_until_it_can_and_nothing_is_lost(folder: Path) -> None:
    (folder / "a").write_text("stay")
    with DaemonProcess(folder) as daemon:
        daemon.ready()
        arrive(folder, "a")
        until(lambda: daemon.status()["run"])
        with closing(sqlite3.connect(folder / "state" / "butler.db", isolation_level=None)) as own:
            own.execute("ALTER TABLE job_slot RENAME TO job_slot_aside")
            (folder / "a").unlink()
            until(lambda: "What came of arrival a cannot be kept:" in daemon.status()["sentence"])
            own.execute("ALTER TABLE job_slot_aside RENAME TO job_slot")
        until(lambda: slots(folder)["a"][0] == "ran")
        until(lambda: "cannot be" not in daemon.status()["sentence"])


def test_children_end_with_a_daemon_that_is_killed(folder: Path) -> None:
    (folder / "a").write_text("30")
    with DaemonProcess(folder) as daemon:
        daemon.ready()
        arrive(folder, "a")
        until(lambda: daemon.status()["run"])
        (child,) = children(daemon.process.pid)
        daemon.end(signal.SIGKILL)
        until(lambda: not Path(f"/proc/{child}").exists(), within=3)


def test_the_watchdog_hears_of_it_only_while_loop_and_watchers_are_alive(folder: Path) -> None:
    with DaemonProcess(folder, (*argv(folder), "--block"), watchdog=0.5) as daemon:
        daemon.ready()
        until(lambda: daemon.heard().count("WATCHDOG=1") > 3)
        (folder / "block").touch()
        until((folder / "blocked").exists)
        during = daemon.heard().count("WATCHDOG=1")
        time.sleep(1.2)
        assert daemon.heard().count("WATCHDOG=1") == during
        (folder / "block").unlink()
        until(lambda: daemon.heard().count("WATCHDOG=1") > during + 2)
        (folder / "dead").write_text("")
        until(lambda: "not alive any more: spool" in daemon.logged())
        before = daemon.heard().count("WATCHDOG=1")
        time.sleep(1)
        assert daemon.heard().count("WATCHDOG=1") == before
        assert daemon.status()["dead"] == ["spool"]


def argv(folder: Path) -> tuple[str, ...]:
    return (sys.executable, str(TINY), str(folder))
