"""A database that is damaged, anywhere: found at the start, put aside, its last backup restored, and nothing done twice."""

from __future__ import annotations

import datetime as dt
import os
import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from butler_process import butler
from daemon_process import DaemonProcess, until, write_settings

from butler.backup import back_up
from butler.core import payloads as p
from butler.core.actions import Action
from butler.core.policy import Policy
from butler.gate import Gate
from butler.mending import ENOUGH, is_damaged
from butler.store.truth import Truth

NOW = dt.datetime(2026, 11, 24, 9, 0, tzinfo=dt.UTC)
PAGE = 4096


def hold(state: Path, name: str) -> int:
    """Keep a note to be written; returns the action's number."""
    truth = Truth.open(state / "butler.db")
    try:
        payload = p.FileWrite(root="notes", path=f"{name}.md", content=f"{name}\n" * 400)
        return truth.outbox.add(Action(payload=payload, key=name, reason="You asked for it."), dt.datetime.now(dt.UTC)).id
    finally:
        truth.close()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with a backup of two held actions, and one that was held later."""
    write_settings(tmp_path, "")
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    for name in ("first", "second"):
        hold(state, name)
    (state / "backups").mkdir()
    back_up(state, state / "backups" / "butler-2026-11-23.tar.gz", NOW)
    hold(state, "later")
    return tmp_path


def overwritten(file: Path, at: int, size: int = PAGE) -> None:
    """Write noise over a part of a file."""
    with file.open("r+b") as opened:
        opened.seek(at)
        opened.write(random.Random(at).randbytes(size))


def everywhere(file: Path) -> None:
    """Write noise over every page but the first."""
    overwritten(file, PAGE, file.stat().st_size - PAGE)


DAMAGES: dict[str, Callable[[Path], object]] = {
    "its head": lambda file: overwritten(file, 0, 100),
    "its first page": lambda file: overwritten(file, 0),
    "its schema's roots": lambda file: overwritten(file, PAGE, 8 * PAGE),
    "all but the first page": everywhere,
    "cut off": lambda file: os.truncate(file, file.stat().st_size // 2),
    "lost": lambda file: os.truncate(file, 0),
    "another file": lambda file: file.write_text("This is no database.\n" * 500),
}


@contextmanager
def truth_of(home: Path) -> Iterator[Truth]:
    truth = Truth.open(home / "state" / "butler.db")
    try:
        yield truth
    finally:
        truth.close()


def held(home: Path) -> list[str]:
    with truth_of(home) as truth:
        return sorted(kept.action.key + ".md" for kept in truth.outbox.find())


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_database_is_put_aside_for_its_last_backup_when_the_daemon_starts(home: Path, damage: str) -> None:
    state = home / "state"
    for side in ("butler.db-wal", "butler.db-shm"):
        (state / side).unlink(missing_ok=True)
    DAMAGES[damage](state / "butler.db")
    spoilt = (state / "butler.db").read_bytes()
    with DaemonProcess(home) as daemon:
        daemon.ready()
        assert "was damaged" in daemon.logged()
        assert held(home) == ["first.md", "second.md"]
        assert daemon.end() < 5
    (aside,) = state.glob("before-restore-*")
    assert (aside / "butler.db").read_bytes() == spoilt
    with truth_of(home) as truth:
        assert truth.journal.verify() == []
        assert [notice.sentence[:32] for notice in truth.notices.waiting() if notice.kind == "state"] == [
            "The butler's database was damage"
        ]


def test_a_sound_database_stays_as_it_is(home: Path) -> None:
    with DaemonProcess(home) as daemon:
        daemon.ready()
        assert held(home) == ["first.md", "later.md", "second.md"]
    assert list((home / "state").glob("before-restore-*")) == []


def test_a_backup_that_is_damaged_too_gives_way_to_the_one_before(home: Path) -> None:
    state = home / "state"
    shutil.copy(state / "backups" / "butler-2026-11-23.tar.gz", state / "backups" / "butler-2026-11-24.tar.gz")
    overwritten(state / "backups" / "butler-2026-11-24.tar.gz", 300, 400)
    everywhere(state / "butler.db")
    with DaemonProcess(home) as daemon:
        daemon.ready()
        assert held(home) == ["first.md", "second.md"]
        assert "butler-2026-11-24.tar.gz cannot take its place" in daemon.logged()


def test_without_a_backup_the_daemon_does_not_start_and_says_what_to_do(home: Path) -> None:
    shutil.rmtree(home / "state" / "backups")
    everywhere(home / "state" / "butler.db")
    spoilt = (home / "state" / "butler.db").read_bytes()
    with DaemonProcess(home) as daemon:
        until(lambda: daemon.process.poll() is not None)
        assert daemon.process.returncode == 1
        assert "`butler restore FILE`" in daemon.logged()
    assert (home / "state" / "butler.db").read_bytes() == spoilt


def test_what_was_approved_in_the_backup_and_done_since_is_not_done_again(home: Path) -> None:
    state = home / "state"
    with truth_of(home) as truth:
        Gate(truth.outbox, Policy(), lambda: NOW).approve(1, truth.outbox.get(1).hash, "anna", "cli")
    back_up(state, state / "backups" / "butler-2026-11-24.tar.gz", NOW)
    assert butler(home, "--config", "butler.toml", "execute").returncode == 0
    note = home / "notes" / "first.md"
    assert note.read_text().startswith("first\n")
    note.write_text("Mine now.\n")
    everywhere(state / "butler.db")
    with DaemonProcess(home) as daemon:
        daemon.ready()
    done = butler(home, "--config", "butler.toml", "execute")
    assert (done.returncode, done.stdout.splitlines()[-1].strip()) == (1, "first.md was changed since.")
    assert note.read_text() == "Mine now.\n"
    with truth_of(home) as truth:
        assert truth.outbox.get(1).status == "held"


def test_a_look_is_given_up_after_its_time_and_nothing_is_taken_for_damaged(home: Path) -> None:
    assert not is_damaged(home / "state" / "butler.db", ENOUGH)
    assert not is_damaged(home / "state" / "butler.db", 0.0)
    everywhere(home / "state" / "butler.db")
    assert is_damaged(home / "state" / "butler.db", ENOUGH)
