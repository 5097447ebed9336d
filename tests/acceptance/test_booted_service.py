"""The shipped unit under a real systemd: started, watched, frozen, killed, reloaded, upgraded, stopped."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from booted_systemd import Booted, drop_in, why_not
from butler_process import PROGRAM
from daemon_process import QUIET, until
from quiet_time import since

from butler.install import UNIT, Call, shipped, user_plan
from butler.store.sql import migrations

REASON, IS_PACKAGE = why_not()
pytestmark = [
    pytest.mark.skipif(bool(REASON) and not (IS_PACKAGE and "CI" in os.environ), reason=REASON),
    pytest.mark.timeout(240),
]
STATE = "/var/lib/private/butler"
SYSTEM = "/etc/systemd/system"
SETTINGS = f"""
[owner]
timezone = "Europe/Berlin"
[notes.notes]
path = "/srv/notes"
[notices]
urls_file = "/etc/butler/secret"
{QUIET}
"""
AN_OLD_STATE = """
import os, sqlite3, sys
from butler.store.sql import migrations
place = sys.argv[1]
for name in ("butler.db", "butler.db-wal", "butler.db-shm"):
    if os.path.exists(f"{place}/{name}"):
        os.unlink(f"{place}/{name}")
database = sqlite3.connect(f"{place}/butler.db")
for script in migrations("butler")[:2]:
    database.executescript(script)
database.execute("PRAGMA user_version = 2")
database.execute("UPDATE switch SET stopped = 'Stopped by the old one.'")
database.commit()
owner = os.stat(place)
os.chown(f"{place}/butler.db", owner.st_uid, owner.st_gid)
"""


@pytest.fixture(scope="module")
def booted() -> Iterator[Booted]:
    files = {
        f"{SYSTEM}/{UNIT}": re.sub(r"^ExecStart=\S+", f"ExecStart={PROGRAM}", shipped(), flags=re.MULTILINE),
        f"{SYSTEM}/{UNIT}.d/10-installed.conf": "[Service]\nLoadCredential=butler_notices__urls:/etc/butler/secret\n",
        f"{SYSTEM}/{UNIT}.d/20-test.conf": drop_in(),
        "/etc/butler/butler.toml": SETTINGS,
        "/etc/butler/user.toml": SETTINGS.replace("/etc/butler/secret", "/root/.config/butler/secret"),
        "/etc/butler/secret": "json://127.0.0.1:9/token\n",
        "/srv/notes/a.md": "Hello\n",
    }
    with Booted(files) as found:
        yield found


def is_up(booted: Booted, restarts: int) -> bool:
    return booted.shows("NRestarts") == str(restarts) and booted.shows("ActiveState") == "active"


def wait_up(booted: Booted, restarts: int, within: float = 40) -> int:
    """Wait until it is up after so many restarts; returns its process."""
    try:
        until(lambda: is_up(booted, restarts), within)
    except AssertionError:
        pytest.fail(booted.told())
    return int(booted.shows("MainPID"))


def butler(booted: Booted, *command: str) -> str:
    return booted.run(str(PROGRAM), "--config", "/etc/butler/butler.toml", "--state-dir", STATE, *command)


def test_it_lives_under_systemd_from_start_to_stop(booted: Booted) -> None:
    first = wait_up(booted, 0)
    until(lambda: booted.shows("StatusText").startswith("Idle"))
    user = booted.run("stat", "-c", "%U %a", f"/proc/{first}", f"{STATE}/butler.sock", f"{STATE}/butler.db").splitlines()
    owner = user[0].split()[0]
    assert owner not in {"root", "nobody"}
    assert user[1:] == [f"{owner} 600", f"{owner} 600"]
    assert "token" not in booted.run("cat", f"/proc/{first}/environ", f"/proc/{first}/cmdline")
    # What is said comes to the journal through a process of its own, a moment later.
    until(lambda: "ready" in booted.run("journalctl", "--no-pager", "-u", "butler", "-p", "6"))

    # Frozen: nothing but the watchdog can tell.
    booted.run("kill", "-STOP", str(first))
    second = wait_up(booted, 1)
    assert second != first
    until(lambda: "watchdog" in booted.run("journalctl", "--no-pager", "-u", "butler").lower())

    booted.run("kill", "-KILL", str(second))
    third = wait_up(booted, 2)
    assert third not in {first, second}

    # What its owner says reaches it, and a reload leaves it the same process.
    butler(booted, "stop", "--because", "a test")
    booted.run("systemctl", "reload", "butler")
    until(lambda: "Effects are stopped" in booted.shows("StatusText"))
    assert wait_up(booted, 2) == third

    began = time.monotonic()
    booted.run("systemctl", "stop", "butler")
    assert since(began) < 8
    assert (booted.shows("ActiveState"), booted.shows("Result")) == ("inactive", "success")

    # Upgraded: the state of an old version is brought up to date and holds what it held.
    booted.run(sys.executable, "-c", AN_OLD_STATE, STATE)
    booted.run("systemctl", "start", "butler")
    until(lambda: "Effects are stopped" in booted.shows("StatusText"))
    version = booted.run(
        *(sys.executable, "-c", "import sqlite3, sys; print(*sqlite3.connect(sys.argv[1]).execute('PRAGMA user_version'))"),
        f"{STATE}/butler.db",
    )
    assert version == f"({len(migrations('butler'))},)"

    # Settings that are wrong end it, and it is not started again for that.
    booted.run("sh", "-c", "echo nonsense=1 >> /etc/butler/butler.toml")
    booted.run("systemctl", "restart", "butler", check=False)
    assert booted.shows("ExecMainStatus") == "78"
    time.sleep(2.5)
    assert booted.shows("ActiveState") == "failed"


def test_a_user_s_own_service_lives_under_their_manager(booted: Booted) -> None:
    # Root's own manager: nobody else may read a checkout and a Python below /root.
    until(lambda: booted.run("systemctl", "is-system-running", check=False) in {"running", "degraded"}, 40)
    booted.run("systemctl", "start", "user@0.service")
    as_user = ("env", "HOME=/root", "XDG_RUNTIME_DIR=/run/user/0")

    def shows(name: str) -> str:
        return booted.run(*as_user, "systemctl", "--user", "show", "butler", "-p", name, "--value", check=False)

    def wait_for(restarts: int) -> str:
        try:
            until(lambda: (shows("ActiveState"), shows("NRestarts")) == ("active", str(restarts)), 40)
        except AssertionError:
            pytest.fail(booted.run("journalctl", "--no-pager", "-n", "40", "_SYSTEMD_USER_UNIT=butler.service", check=False))
        return shows("MainPID")

    booted.run("mkdir", "-p", "/root/.config/butler")
    booted.run("cp", "/etc/butler/user.toml", "/root/.config/butler/butler.toml")
    booted.run("cp", "-p", "/etc/butler/secret", "/root/.config/butler/secret")
    booted.run(*as_user, str(PROGRAM), "install-service", "--user")
    for command in user_plan(Call(PROGRAM), Path("/root")).commands[:2]:
        booted.run(*as_user, *command.split())
    first = wait_for(0)
    until(lambda: shows("StatusText").startswith("Idle"))

    booted.run("kill", "-KILL", first)
    assert wait_for(1) != first
    booted.run(*as_user, str(PROGRAM), "stop", "--because", "a test")
    booted.run(*as_user, "systemctl", "--user", "reload", "butler")
    until(lambda: "Effects are stopped" in shows("StatusText"))
    booted.run(*as_user, "systemctl", "--user", "stop", "butler")
    assert (shows("ActiveState"), shows("Result")) == ("inactive", "success")


def test_nothing_of_it_is_left_on_this_machine() -> None:
    assert not Path(SYSTEM, "butler-test.target").exists()
