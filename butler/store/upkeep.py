"""What is done to a database as a whole: copied while it is used, looked at without being changed, slimmed."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import monotonic

from butler.core.plain import moment_text
from butler.store.database import DAMAGED, DamagedError, Database, SchemaError, os_told, read_only, told
from butler.store.journal import when_text
from butler.store.sql import migrations, statements

_PATIENCE = 10.0
_STEPS = 10_000
_WORTH = 0.1
"""The share of empty pages that is worth rewriting the file."""


@dataclass(frozen=True, slots=True)
class Facts:
    """A `butler.db` from outside: the version of its schema, and the number and hash of its journal's last line."""

    schema: int
    seq: int = 0
    hash: str = ""


def copy_database(path: Path, target: Path) -> None:
    """Copy a database as it is at one moment, while others write to it; the copy is one file, its owner's alone."""
    with told(path), os_told(target):
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600))
        source = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=_PATIENCE)
        with closing(source), closing(sqlite3.connect(target)) as copy:
            # In one step: writers are not held up, for the file is in WAL mode, and none makes it begin anew.
            source.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")


def fold_log(path: Path) -> None:
    """Bring what is in a database's log into the file itself."""
    with told(path), closing(sqlite3.connect(path, timeout=_PATIENCE)) as own:
        own.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def facts_of(path: Path) -> Facts:
    """Look at a `butler.db` without changing it; raises DamagedError, and SchemaError where a newer butler wrote it."""
    found: Facts = read_only(path, _facts)
    return found


def has_line(path: Path, facts: Facts) -> bool:
    """Whether the last line of one journal is a line of the one in the database at `path`."""
    if not facts.seq:
        return True
    sql = statements("upkeep")["line_hash"]
    return bool(read_only(path, lambda own: own.value(sql, (facts.seq,)) == facts.hash))


def is_sound(path: Path, seconds: float | None = None) -> bool | None:
    """Whether a database of any kind is whole, as far as SQLite tells; None where that takes longer than so many seconds."""
    with told(path), closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=_PATIENCE)) as own:
        if seconds is not None:
            end = monotonic() + seconds
            own.set_progress_handler(lambda: monotonic() > end, _STEPS)
        try:
            return bool(own.execute("PRAGMA quick_check(1)").fetchone() == ("ok",))
        except sqlite3.DatabaseError as error:
            code = error.sqlite_errorcode & 0xFF
            if code == sqlite3.SQLITE_INTERRUPT:
                return None
            if code in DAMAGED:
                return False
            raise


def _facts(own: Database) -> Facts:
    schema, known = own.value("PRAGMA user_version"), len(migrations("butler"))
    if schema > known:
        raise SchemaError(
            f"It was written by a newer butler (schema {schema}, this one knows {known}).", advice="Run the newer butler."
        )
    if own.value("PRAGMA quick_check(1)") != "ok":
        raise DamagedError(f"{own.path} is damaged.")
    row = own.row(statements("upkeep")["journal_end"]) if schema >= 2 else None
    return Facts(schema, *(row or (0, "")))


class Upkeep:
    """Forgets what is old in a `butler.db`, and gives its room back."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._sql = statements("upkeep")

    def forget(self, before: datetime) -> int:
        """Forget words of mails that old questions and answers hold; returns how many rows were changed."""
        at = moment_text(before)
        with self._database.transaction():
            changed = self._database.run(self._sql["forget_run_values"], (at,))
            changed += self._database.run(self._sql["forget_prompts"], (at,))
            return changed + self._database.run(self._sql["forget_answers"], (when_text(before),))

    def slim(self) -> int:
        """Give room back where that is worth it; returns how many bytes."""
        pages, free = self._database.value("PRAGMA page_count"), self._database.value("PRAGMA freelist_count")
        if free <= pages * _WORTH:
            return 0
        self._database.run("VACUUM")
        self._database.rows("PRAGMA wal_checkpoint(TRUNCATE)")
        return int((pages - self._database.value("PRAGMA page_count")) * self._database.value("PRAGMA page_size"))
