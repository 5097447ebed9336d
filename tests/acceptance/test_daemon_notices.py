"""Notices of the real daemon, as they arrive at a small HTTP server; and the maintenance that it has done at night."""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from butler_process import butler, document
from daemon_process import DaemonProcess, until, write_settings
from http_sink import http_sink

from butler.core.notices import Notice
from butler.store.truth import Truth

READY = '[jobs.mine]\nworkflow = "briefing"\nevery = 3600\n'


def where_it_is_noon() -> str:
    """A zone in which no day turns while a test runs: each day has a briefing to tell of."""
    behind = dt.datetime.now(dt.UTC).hour - 12
    return f"Etc/GMT{behind:+d}"


def waiting(state: Path) -> Sequence[Notice]:
    """The notices that were not told, or of which that is not noted yet."""
    with closing(Truth.open(state / "butler.db")) as truth:
        return truth.notices.waiting()


def test_a_briefing_is_told_of_once_however_often_the_daemon_begins_anew(tmp_path: Path) -> None:
    zone = where_it_is_noon()
    with http_sink() as sink:
        address = f'[notices]\nurls = "{sink.url("/")}"\n'
        for life in range(2):
            # Each life writes the day's briefing once.
            wanted = "".join(READY.replace("mine", f"mine{number}") for number in range(life + 1))
            settings = write_settings(tmp_path, wanted + address)
            settings.write_text(settings.read_text().replace("Europe/Berlin", zone))
            with DaemonProcess(tmp_path) as daemon:
                daemon.ready()
                until(lambda: sink.came, 60)
                until(lambda wanted=life: daemon.logged().count("Your briefing is ready.") > wanted)  # type: ignore[misc]
                # Whoever ends it has a notice that is on its way wait for no longer than a moment.
                until(lambda: not waiting(daemon.state))
                time.sleep(4 * life)
                assert daemon.end() < 5
        assert sink.messages() == ["Your briefing is ready."]
        assert sink.url("/") not in daemon.logged()


def test_the_daemon_dies_of_no_notice_that_cannot_be_sent(tmp_path: Path) -> None:
    write_settings(tmp_path, f'{READY}\n[notices]\nurls_command = "false"\n')
    with DaemonProcess(tmp_path) as daemon:
        daemon.ready()
        until(lambda: "notices cannot be kept or sent: The password command false ended" in daemon.logged(), 60)
        assert daemon.status()["sentence"].startswith("Idle.")
        assert daemon.end() < 5


@pytest.mark.parametrize("is_sound", [True, False])
def test_maintenance_is_a_run_that_tells_whether_all_is_well(tmp_path: Path, is_sound: bool) -> None:
    write_settings(tmp_path)
    (tmp_path / "state").mkdir(mode=0o700)
    if not is_sound:
        (tmp_path / "state" / "mirror.db").write_bytes(b"\xa5" * 5000)
    base = ("--config", tmp_path / "butler.toml")
    done = butler(tmp_path, *base, "do", "maintenance", "--json")
    assert done.returncode == (0 if is_sound else 1)
    told = document(done)
    assert Path(told["result"]["backup"]).is_file()
    assert bool(told["result"]["problems"]) is not is_sound
    runs = json.loads(butler(tmp_path, *base, "runs", "--json").stdout)
    (run,) = runs["runs"] if isinstance(runs, dict) else runs
    assert (run["workflow"], run["state"]) == ("maintenance", "done" if is_sound else "failed")
