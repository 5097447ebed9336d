"""Writes notes into the mirror. Runs inside the caller's transaction."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from butler.core.notes import Note
from butler.store.database import Database
from butler.store.sql import statements


class Notebook:
    """Adds and forgets notes."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._sql = statements("notebook")

    def add(self, collection: int, notes: Sequence[Note]) -> None:
        """Add notes to a root, or put them in the place of those with the same keys."""
        self.remove(collection, [note.key for note in notes])
        for note in notes:
            content_hash = hashlib.sha256(note.text.encode()).hexdigest()
            values = (collection, note.key, note.version, note.modified, content_hash)
            number = self._database.value(self._sql["add_note"], values)
            self._database.run(self._sql["add_note_text"], (number, note.key, note.text))

    def remove(self, collection: int, keys: Sequence[str]) -> None:
        """Forget some notes."""
        self._delete(self._sql["note_ids"], (collection, json.dumps(list(keys))))

    def forget(self, collection: int) -> None:
        """Forget all notes of a root."""
        self._delete(self._sql["all_note_ids"], (collection,))

    def _delete(self, which: str, values: Sequence[object]) -> None:
        numbers = self._database.rows(which, values)
        self._database.many(self._sql["delete_note_text"], numbers)
        self._database.many(self._sql["delete_note"], numbers)
