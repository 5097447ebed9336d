"""What is kept for the night, as the real process: it waits over deaths, runs one after the other, and can be taken back."""

import json
import signal
import subprocess
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from butler_process import PROGRAM, environment
from daemon_process import ARRIVAL, DaemonProcess, lines, until, write_settings

from butler.cli import main
from butler.core.night import of_tonight, workflow_at_night
from butler.store.truth import Truth

ZONE = ZoneInfo("Europe/Berlin")


def butler(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    argv = [str(PROGRAM), "--config", str(folder / "butler.toml"), *arguments]
    return subprocess.run(argv, cwd=folder, env=environment(folder), capture_output=True, encoding="utf-8", check=False)


def night(folder: Path, begins: int, ends: int) -> str:
    """Settings in which the night is between hours from now."""
    now = datetime.now(ZONE)
    hours = f"{now + timedelta(hours=begins):%H:%M}-{now + timedelta(hours=ends):%H:%M}"
    write_settings(folder, f'{ARRIVAL}[daemon]\nbacklog_hours = "{hours}"\n')
    return hours


def names(folder: Path) -> list[tuple[str, str, str]]:
    with closing(Truth.open(folder / "state" / "butler.db")) as truth:
        kept = of_tonight(truth.jobs.history(datetime.now(UTC)))
    return [(each.slot, workflow_at_night(each.job), each.subject) for each in kept]


def order_of(folder: Path) -> list[str]:
    return [" ".join(line.split()[:-1]) for line in lines(folder / "started")]


def test_what_is_kept_for_the_night_waits_for_it_over_deaths_and_runs_one_after_the_other(tmp_path: Path) -> None:
    hours = night(tmp_path, 2, 4)
    done = butler(tmp_path, "do", "weekly", "--tonight")
    assert (done.returncode, done.stdout) == (0, f"night-1: weekly runs in the hours {hours}.\n")
    run = f"butler --config {tmp_path / 'butler.toml'} run"
    assert done.stderr == f"No daemon runs. It is kept all the same, for the first night in which `{run}` does.\n"
    with DaemonProcess(tmp_path) as daemon:
        daemon.ready()
        until(lambda: daemon.status()["waiting"])
        done = butler(tmp_path, "do", "meeting", "--about", "event:family/x", "--tonight", "--json")
        assert json.loads(done.stdout)["daemon"] is True
        for workflow in ("triage", "followup", "weekly"):
            assert main(["--config", str(tmp_path / "butler.toml"), "do", workflow, "--tonight"]) == 0
        until(lambda: len(daemon.status()["waiting"]) == 4)
        assert {each["why"] for each in daemon.status()["waiting"]} == {"waits for the night"}
        assert "4 for the night." in daemon.status()["sentence"]
        (tmp_path / "spool").write_text("0")
        (tmp_path / "spool.in").write_text("")
        until(lambda: order_of(tmp_path) == ["arrival spool"])
        assert butler(tmp_path, "cancel", "night-3").stderr == "Cancelled: triage.\n"
        until(lambda: len(daemon.status()["waiting"]) == 3)
        assert butler(tmp_path, "cancel", "night-3").returncode == 2
        daemon.end(signal.SIGKILL)
    assert butler(tmp_path, "cancel", "night-4").stderr == "Cancelled: followup.\n"
    assert names(tmp_path) == [("night-1", "weekly", ""), ("night-2", "meeting", "event:family/x")]
    with DaemonProcess(tmp_path) as daemon:
        daemon.ready()
        until(lambda: len(daemon.status()["waiting"]) == 2)
        shown = butler(tmp_path, "status").stdout
        assert [each["name"] for each in json.loads(butler(tmp_path, "schedule", "--json").stdout)["night"]] == [
            "night-1",
            "night-2",
        ]
        assert f"For the night, in the hours {hours}:\n  night-1   waits   weekly, since " in shown
        (tmp_path / "event:family").mkdir()
        (tmp_path / "event:family" / "x").write_text("30")
        night(tmp_path, -1, 2)
        daemon.process.send_signal(signal.SIGHUP)
        until(lambda: daemon.status()["running"])
        # It is the newest that goes first, and while it runs nothing else does.
        until(lambda: order_of(tmp_path)[1:] == ["meeting event:family/x"])
        assert [each["why"] for each in daemon.status()["waiting"]] == [None]
        daemon.end(signal.SIGKILL)
    (tmp_path / "event:family" / "x").write_text("0")
    with DaemonProcess(tmp_path) as daemon:
        daemon.ready()
        until(lambda: names(tmp_path) == [], 30)
        assert sorted(order_of(tmp_path)[1:]) == ["meeting event:family/x", "meeting event:family/x", "weekly"]
        until(lambda: daemon.status()["waiting"] == [])
        assert daemon.end() < 4
    found = json.loads(butler(tmp_path, "runs", "--json").stdout)["runs"]
    assert sorted((each["workflow"], each["state"]) for each in found if each["workflow"] != "arrival") == [
        ("meeting", "done"),
        ("weekly", "done"),
    ]
