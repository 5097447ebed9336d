"""One SQLite file: its failures are sentences, its transactions whole, its SQL files in order."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest

from butler.core.errors import StateError
from butler.store import database as database_module
from butler.store.database import DamagedError, Database, open_database, read_only
from butler.store.sql import migrations, parse_statements, statements

STORE = Path(str(files("butler.store")))
PRAGMAS = ("synchronous = OFF",)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = open_database(tmp_path / "mirror.db", "mirror", PRAGMAS)
    yield database
    database.close()


def keep(database: Database, name: str, value: str = "1") -> None:
    database.run("INSERT INTO setting VALUES (?, ?)", (name, value))


def test_what_is_raised_in_a_transaction_undoes_it(database: Database) -> None:
    def interrupted() -> None:
        with database.transaction():
            keep(database, "a")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    with database.transaction():
        keep(database, "b")
    assert database.rows("SELECT name FROM setting") == [("b",)]


def test_a_full_disk_is_a_sentence_and_nothing_is_half_written(database: Database) -> None:
    pages = database.value("PRAGMA page_count")
    database.run(f"PRAGMA max_page_count = {pages}")

    def fill() -> None:
        with database.transaction():
            for number in range(50):
                keep(database, str(number), "x" * 5000)

    with pytest.raises(StateError, match=r"disk is full.*Free some space"):
        fill()
    database.run("PRAGMA max_page_count = 1000000")
    assert database.value("SELECT count(*) FROM setting") == 0


def test_a_locked_file_is_a_sentence(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    database.begin()
    monkeypatch.setattr(database_module, "_BUSY_SECONDS", 0.01)
    with pytest.raises(StateError, match="locked"):
        open_database(database.path, "mirror", PRAGMAS).begin()
    database.roll_back()


def test_a_commit_that_fails_leaves_no_transaction_open(database: Database) -> None:
    database.run("PRAGMA foreign_keys = ON")
    database.run("PRAGMA defer_foreign_keys = ON")
    database.begin()
    database.run("PRAGMA defer_foreign_keys = ON")
    database.run("INSERT INTO collection (source, name) VALUES (99, 'x')")
    with pytest.raises(StateError):
        database.commit()
    with database.transaction():
        keep(database, "a")
    assert database.value("SELECT count(*) FROM collection") == 0


def test_threads_take_turns(database: Database) -> None:
    def add(name: str) -> None:
        for number in range(20):
            with database.transaction():
                keep(database, f"{name}{number}")

    threads = [threading.Thread(target=add, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert database.value("SELECT count(*) FROM setting") == 80


def test_a_read_over_a_connection_of_its_own_sees_what_is_committed(database: Database) -> None:
    keep(database, "a")
    database.begin()
    keep(database, "b")
    assert read_only(database.path, lambda own: own.rows("SELECT name FROM setting")) == [("a",)]
    database.roll_back()


def test_damage_in_the_middle_of_a_file_is_told_from_other_failures(tmp_path: Path) -> None:
    path = tmp_path / "mirror.db"
    database = open_database(path, "mirror", PRAGMAS)
    with database.transaction():
        for number in range(200):
            keep(database, str(number), "x" * 500)
    database.close()
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xa5" * (len(content) - 4096)
    path.write_bytes(content)
    with pytest.raises(DamagedError, match="damaged"):
        open_database(path, "mirror", PRAGMAS).rows("SELECT * FROM setting")


def test_a_statement_of_ours_that_is_wrong_says_whose_fault_it_is(database: Database) -> None:
    with pytest.raises(StateError, match="fault in the butler"):
        database.run("SELECT nothing")


SCHEMAS = {
    **dict.fromkeys(("mirror", "mailbox", "calendars", "addressbook", "notebook", "reads", "recalled", "search"), "mirror"),
    "meaning": "meaning",
}


@pytest.mark.parametrize("path", sorted(STORE.glob("*.sql")), ids=lambda path: path.stem)
def test_every_statement_is_used_and_fits_the_schema(path: Path) -> None:
    schema = SCHEMAS.get(path.stem, "butler")
    connection = sqlite3.connect(":memory:")
    connection.executescript("".join(migrations(schema)))
    code = "".join(module.read_text() for module in STORE.glob("*.py"))
    for name, sql in statements(path.stem).items():
        numbered = re.findall(r"\?(\d+)", sql)
        count = max(map(int, numbered), default=0) or sql.count("?")
        connection.execute(f"EXPLAIN {sql}", ["x"] * count)
        family = re.sub(r"_(mail|calendar|contacts|notes|event|task|file)$", "_{", name)
        assert f'"{name}"' in code or f'f"{family}' in code, name
    connection.close()


def test_a_statement_needs_a_name_of_its_own_and_a_description() -> None:
    with pytest.raises(ValueError, match="twice"):
        parse_statements("-- name: a\n-- One.\nSELECT 1;\n-- name: a\n-- Two.\nSELECT 2;\n")
    with pytest.raises(ValueError, match="no description"):
        parse_statements("-- name: a\nSELECT 1;\n")
    assert parse_statements("-- name: a\n-- One.\nSELECT 1;\n") == {"a": "SELECT 1"}


def test_a_process_that_has_a_database_open_twice_still_shares_it_with_others(tmp_path: Path) -> None:
    path = tmp_path / "mirror.db"
    first, second = (open_database(path, "mirror", PRAGMAS) for _ in range(2))
    other = (
        "import pathlib, sys; from butler.store.database import open_database\n"
        "own = open_database(pathlib.Path(sys.argv[1]), 'mirror', ('synchronous = OFF',))\n"
        "own.run('INSERT INTO setting VALUES (?, ?)', ('theirs', '1')); own.close()"
    )
    subprocess.run([sys.executable, "-c", other, str(path)], check=True)
    keep(second, "ours")
    assert (tmp_path / "mirror.db-wal").exists()
    assert first.rows("SELECT name FROM setting ORDER BY name") == [("ours",), ("theirs",)]
    second.close()
    first.close()
    again = open_database(path, "mirror", PRAGMAS)
    assert again.value("SELECT count(*) FROM setting") == 2
    again.close()
