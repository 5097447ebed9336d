"""Maintenance: nightly backups that come and go, words that are forgotten, files that are slimmed; and schemas of all ages."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from butler.backup import back_up
from butler.core.errors import StateError
from butler.maintenance import Maintenance, outlived
from butler.restore import restore
from butler.settings.retention import RetentionPart
from butler.store import database as database_module
from butler.store.sql import migrations
from butler.store.truth import Truth

NIGHT = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
CALL = (
    "INSERT INTO model_call (run, key, at, step, version, subject, model, digest, server, cached, outcome, attempts, tokens_in,"
    " tokens_out, seconds, prompt, answer, error) VALUES"
    " ('r', ?1, ?2, 's', '1', 'ref', 'm', 'd', '', 0, 'ok', 1, 7, 5, 1.0, 'Dear Anna', 'So be it', '')"
)


@pytest.fixture
def truth(tmp_path: Path) -> Iterator[Truth]:
    found = Truth.open(tmp_path / "butler.db")
    yield found
    found.close()


def names(folder: Path) -> list[str]:
    return [file.name for file in folder.iterdir()]


def keep(truth: Truth, now: datetime = NIGHT, **part: object) -> object:
    return Maintenance(truth._database.path.parent, RetentionPart.model_validate(part), BERLIN).run(truth, now)


def test_each_night_has_one_backup_and_the_old_ones_go(truth: Truth, tmp_path: Path) -> None:
    for night in range(5):
        keep(truth, NIGHT + timedelta(days=night), backups=3)
        keep(truth, NIGHT + timedelta(days=night, minutes=10), backups=3)
    (tmp_path / "backups" / "mine.tar.gz").write_text("not the butler's")
    keep(truth, NIGHT + timedelta(days=5), backups=3)
    assert sorted(names(tmp_path / "backups")) == [
        *(f"butler-2026-11-{day}.tar.gz" for day in (27, 28, 29)),
        "mine.tar.gz",
    ]
    restore(tmp_path / "backups" / "butler-2026-11-29.tar.gz", tmp_path, NIGHT, force=True)


def test_the_last_backup_stays_however_old_and_a_clock_that_is_wrong_removes_none_that_is_later(tmp_path: Path) -> None:
    for day in ("2026-01-01", "2026-01-02"):
        (tmp_path / f"butler-{day}.tar.gz").touch()
    assert [file.name for file in outlived(tmp_path, date(2026, 11, 24), 3)] == ["butler-2026-01-01.tar.gz"]
    assert outlived(tmp_path, date(1970, 1, 1), 3) == []


def test_no_nightly_backup_is_made_where_none_is_wanted(truth: Truth, tmp_path: Path) -> None:
    report = Maintenance(tmp_path, RetentionPart(backups=0), BERLIN).run(truth, NIGHT)
    assert (report.backup, report.problems) == (None, [])
    assert not (tmp_path / "backups").exists()


def test_old_words_are_forgotten_and_what_they_cost_is_kept(truth: Truth, tmp_path: Path) -> None:
    for key, age in (("old", 91), ("new", 89)):
        truth._database.run(CALL, (key, (NIGHT - timedelta(days=age)).isoformat()))
        truth._database.run("INSERT INTO answer VALUES (?, 'So be it', ?)", (key, (NIGHT - timedelta(days=age)).isoformat()))
    report = Maintenance(tmp_path, RetentionPart(), BERLIN).run(truth, NIGHT)
    assert report.forgotten == 2
    assert truth._database.rows("SELECT key, prompt, answer, tokens_in FROM model_call ORDER BY id") == [
        ("old", "", "", 7),
        ("new", "Dear Anna", "So be it", 7),
    ]
    assert truth._database.rows("SELECT key FROM answer") == [("new",)]


def test_room_is_given_back_where_that_is_worth_it(truth: Truth, tmp_path: Path) -> None:
    with truth._database.transaction():
        for number in range(300):
            truth._database.run("INSERT INTO answer VALUES (?, ?, '2020-01-01')", (str(number), "x" * 4000))
    report = Maintenance(tmp_path, RetentionPart(), BERLIN).run(truth, NIGHT)
    assert report.freed > 1_000_000
    assert (tmp_path / "butler.db").stat().st_size < 400_000
    assert Maintenance(tmp_path, RetentionPart(), BERLIN).run(truth, NIGHT).freed == 0


def test_a_damaged_state_is_told_and_no_backup_is_made_or_dropped(tmp_path: Path) -> None:
    truth = Truth.open(tmp_path / "butler.db")
    back_up(tmp_path, tmp_path / "safe.tar.gz", NIGHT)
    with truth._database.transaction():
        for number in range(300):
            truth._database.run("INSERT INTO answer VALUES (?, ?, '2026-11-24')", (str(number), "x" * 4000))
    truth.close()
    (tmp_path / "backups").mkdir()
    (tmp_path / "backups" / "butler-2020-01-01.tar.gz").touch()
    (tmp_path / "backups" / "butler-2020-01-02.tar.gz").touch()
    content = bytearray((tmp_path / "butler.db").read_bytes())
    content[500_000:600_000] = b"\xa5" * 100_000
    (tmp_path / "butler.db").write_bytes(content)
    truth = Truth.open(tmp_path / "butler.db")
    report = Maintenance(tmp_path, RetentionPart(), BERLIN).run(truth, NIGHT)
    truth.close()
    assert "damaged" in " ".join(report.problems)
    assert len(names(tmp_path / "backups")) == 2
    restore(tmp_path / "safe.tar.gz", tmp_path, NIGHT, force=True)


def test_a_backup_that_cannot_be_written_is_told_and_the_rest_is_done(truth: Truth, tmp_path: Path) -> None:
    truth._database.run("INSERT INTO answer VALUES ('old', 'x', '2020-01-01')")
    (tmp_path / "taken").write_text("a file")
    (tmp_path / "mirror.db").write_bytes(b"\xa5" * 5000)
    report = Maintenance(tmp_path, RetentionPart(folder=tmp_path / "taken"), BERLIN).run(truth, NIGHT)
    assert report.problems[0].startswith("The mirror is damaged")
    assert "taken cannot be used" in report.problems[1]
    assert report.forgotten == 1


def test_what_a_killed_backup_left_behind_is_swept_away_a_day_later(truth: Truth, tmp_path: Path) -> None:
    for name in ("backup-old", "restore-new", "briefings"):
        (tmp_path / name).mkdir()
    long_ago = time.time() - 100_000
    os.utime(tmp_path / "backup-old", (long_ago, long_ago))
    os.utime(tmp_path / "briefings", (long_ago, long_ago))
    Maintenance(tmp_path, RetentionPart(backups=0), BERLIN).run(truth, NIGHT)
    assert {"restore-new", "briefings"} <= set(names(tmp_path))
    assert not (tmp_path / "backup-old").exists()


def test_the_key_for_nightly_backups_is_checked_when_it_is_set() -> None:
    with pytest.raises(ValueError, match="must be a public key"):
        RetentionPart(age="secret")


def schema_of(path: Path) -> list[tuple[str, ...]]:
    connection = sqlite3.connect(path)
    found = connection.execute("SELECT type, name, sql FROM sqlite_schema ORDER BY type, name").fetchall()
    connection.close()
    return found


def released(path: Path, version: int) -> None:
    """A database as the butler of that version left it, with a run in it."""
    connection = sqlite3.connect(path)
    for script in migrations("butler")[:version]:
        connection.executescript(script)
    connection.execute(f"PRAGMA user_version = {version}")
    connection.execute(
        "INSERT INTO run (id, workflow, subject, state, started, now) VALUES"
        " ('r', 'briefing', '2026-11-24', 'done', '2026-11-24T07:00:00+00:00', '2026-11-24T07:00:00+00:00')"
    )
    connection.commit()
    connection.close()


VERSIONS = range(1, len(migrations("butler")) + 1)


@pytest.mark.parametrize("version", VERSIONS)
def test_every_released_schema_is_brought_up_to_date_with_what_is_in_it(tmp_path: Path, version: int) -> None:
    released(tmp_path / "butler.db", version)
    truth = Truth.open(tmp_path / "butler.db")
    assert [run.id for run in truth.runs.recent()] == ["r"]
    truth.runs.start("sync", "", NIGHT)
    assert (truth.journal.verify(), truth.jobs.history(NIGHT), truth.notices.waiting()) == ([], [], [])
    truth.examine()
    truth.close()
    Truth.open(tmp_path / "fresh.db").close()
    assert schema_of(tmp_path / "butler.db") == schema_of(tmp_path / "fresh.db")


@pytest.mark.parametrize("version", VERSIONS)
def test_a_backup_of_every_released_schema_can_be_restored(tmp_path: Path, version: int) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    old.mkdir()
    new.mkdir()
    released(old / "butler.db", version)
    back_up(old, tmp_path / "backup.tar.gz", NIGHT)
    restore(tmp_path / "backup.tar.gz", new, NIGHT)
    truth = Truth.open(new / "butler.db")
    assert [run.id for run in truth.runs.recent()] == ["r"]
    truth.close()


@pytest.mark.parametrize("version", VERSIONS)
def test_an_older_butler_refuses_every_newer_schema_and_changes_nothing(
    tmp_path: Path, version: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    released(tmp_path / "butler.db", version)
    before = schema_of(tmp_path / "butler.db")
    monkeypatch.setattr(database_module, "migrations", lambda name: migrations(name)[: version - 1])
    with pytest.raises(StateError, match="newer butler"):
        Truth.open(tmp_path / "butler.db")
    assert schema_of(tmp_path / "butler.db") == before


@pytest.mark.parametrize("version", VERSIONS[:-1])
def test_a_migration_that_breaks_off_is_rolled_back_as_a_whole(
    tmp_path: Path, version: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    released(tmp_path / "butler.db", version)
    before = schema_of(tmp_path / "butler.db")
    with monkeypatch.context() as broken:
        broken.setattr(database_module, "migrations", lambda name: (*migrations(name), "SELECT nothing_of_that_name;\n"))
        with pytest.raises(StateError):
            Truth.open(tmp_path / "butler.db")
    assert schema_of(tmp_path / "butler.db") == before
    Truth.open(tmp_path / "butler.db").close()
