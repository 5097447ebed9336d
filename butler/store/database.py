"""One SQLite file: opened, migrated and read, with every failure turned into a StateError that says what to do."""

from __future__ import annotations

import os
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from butler.core.errors import StateError
from butler.store.sql import migrations

Row = tuple[Any, ...]

_BUSY_SECONDS = 5.0
_LEAST_ROOM = 65_536
_ADVICE = {
    sqlite3.SQLITE_FULL: ("The disk is full", "Free some space and try again."),
    sqlite3.SQLITE_READONLY: ("It is read-only", "Make the state folder writable for the user that the butler runs as."),
    sqlite3.SQLITE_CANTOPEN: ("It cannot be opened", "Check that its folder exists and is writable."),
    sqlite3.SQLITE_BUSY: ("Another program has locked it", "Close that program and try again."),
    sqlite3.SQLITE_LOCKED: ("Another program has locked it", "Close that program and try again."),
    sqlite3.SQLITE_IOERR: ("The disk reports an error", "Check the disk; restore from a backup if files are damaged."),
    sqlite3.SQLITE_CORRUPT: ("It is damaged", "Restore it from a backup."),
    sqlite3.SQLITE_NOTADB: ("It is not a database", "Restore it from a backup or move it away."),
}
DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
"""SQLite's codes for a file that is no database or a broken one."""


class DamagedError(StateError):
    """The file is no database or a broken one."""


class SchemaError(StateError):
    """The file was written by another version of the butler."""


class Database:
    """A connection that may be used from any thread, one at a time; made by `open_database`.

    `on_damage` is asked what to raise when the file turns out to be damaged.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self.on_damage: Callable[[DamagedError], StateError] = lambda error: error
        self._connection = connection
        self._lock = threading.RLock()

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """Run a query and fetch all of its rows."""
        with self._lock, self._told():
            return self._connection.execute(sql, values).fetchall()

    def row(self, sql: str, values: Sequence[Any] = ()) -> Row | None:
        """Run a query and fetch its first row."""
        found = self.rows(sql, values)
        return found[0] if found else None

    def value(self, sql: str, values: Sequence[Any] = ()) -> Any:
        """Run a query and fetch the first column of its first row, or None."""
        found = self.row(sql, values)
        return found[0] if found else None

    def run(self, sql: str, values: Sequence[Any] = ()) -> int:
        """Run a statement; return how many rows it changed."""
        with self._lock, self._told():
            return self._connection.execute(sql, values).rowcount

    def many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run a statement once for each row."""
        with self._lock, self._told():
            self._connection.executemany(sql, rows)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Keep all that is done inside, or nothing of it if anything is raised."""
        with self._lock:
            self.begin()
            try:
                yield
            except BaseException:
                self.roll_back()
                raise
            self.commit()

    @contextmanager
    def joined(self) -> Iterator[None]:
        """Be part of the transaction that this thread has open, or else one of its own."""
        with self._lock:
            if self.in_transaction:
                yield
                return
            with self.transaction():
                yield

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open."""
        return self._connection.in_transaction

    def begin(self) -> None:
        """Start a transaction that is going to write."""
        self.run("BEGIN IMMEDIATE")

    def commit(self) -> None:
        """Keep what the transaction wrote; on a failure everything is rolled back."""
        try:
            self.run("COMMIT")
        except StateError:
            self.roll_back()
            raise

    def roll_back(self) -> None:
        """Forget what the transaction wrote; harmless outside of one."""
        with self._lock, self._told():
            self._connection.rollback()

    def close(self) -> None:
        """Close the file; harmless when it is closed."""
        with self._lock, self._told():
            self._connection.close()

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            with told(self.path):
                yield
        except DamagedError as error:
            raise self.on_damage(error) from error


def open_database(path: Path, name: str, pragmas: Sequence[str]) -> Database:
    """Open or make the database `name` (the folder of its migrations) with mode 0600 and bring its schema up to date.

    Raises DamagedError, SchemaError when a newer butler wrote it, and StateError for everything else.
    """
    with told(path), os_told(path):
        # One that is there must not be opened beside SQLite: to close it again would drop all locks that this process has
        # on it, and another process would take the log away that this one still writes to.
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600))
        connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    database = Database(path, connection)
    try:
        for pragma in (*pragmas, "journal_mode = WAL"):
            database.run(f"PRAGMA {pragma}")
        _migrate(database, name)
    except BaseException:
        database.close()
        raise
    return database


def read_only(path: Path, read: Callable[[Database], Any]) -> Any:
    """Read the committed state of a database over a connection of its own, from any thread."""
    with told(path), closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=_BUSY_SECONDS)) as own:
        return read(Database(path, own))


def _migrate(database: Database, name: str) -> None:
    scripts = migrations(name)
    if database.value("PRAGMA user_version") == len(scripts):
        return
    with database.transaction():
        version = database.value("PRAGMA user_version")
        if version > len(scripts):
            raise SchemaError(
                f"{database.path} was written by a newer butler (schema {version}, this one knows {len(scripts)}).",
                advice="Run the newer butler, or give this one a state folder of its own.",
            )
        for script in scripts[version:]:
            for statement in _split(script):
                database.run(statement)
        database.run(f"PRAGMA user_version = {len(scripts)}")


def _split(script: str) -> Iterator[str]:
    """Split a script, for `executescript` would commit behind our back."""
    statement = ""
    for line in script.splitlines():
        statement += line + "\n"
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Turn SQLite's failures with a file into a StateError, DamagedError where the file is broken."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        if code == sqlite3.SQLITE_IOERR and _is_full(path):
            code = sqlite3.SQLITE_FULL
        reason, advice = _ADVICE.get(code, (f"SQLite says: {error}", "This is a fault in the butler; please report it."))
        kind = DamagedError if code in DAMAGED else StateError
        raise kind(f"{path} cannot be used. {reason}.", advice=advice) from error


def _is_full(path: Path) -> bool:
    """Whether there is no room beside a file: SQLite calls that an I/O error where it cannot extend its shared memory."""
    try:
        return shutil.disk_usage(path.parent).free < _LEAST_ROOM
    except OSError:
        return False


@contextmanager
def os_told(path: Path) -> Iterator[None]:
    """Turn the system's failures with a file into a StateError."""
    try:
        yield
    except OSError as error:
        raise StateError(
            f"{path} cannot be used: {error.strerror}.", advice="Check that its folder exists and is writable."
        ) from error
