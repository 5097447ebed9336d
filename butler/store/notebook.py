"""Writes notes into the mirror. Runs inside the caller's transaction."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence

from butler.core.documents import DOCUMENTS
from butler.core.folding import beside, with_beside
from butler.core.notes import Note
from butler.store.database import Database
from butler.store.match import kind_mark
from butler.store.sql import statements

_HEADING = re.compile(r"(?:---\n(?:[^\n]{0,500}\n){0,100}?---\n)?\s{0,20}#{1,2} ([^\n]{1,300})")


class Notebook:
    """Adds and forgets notes."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._sql = statements("notebook")

    def add(self, collection: int, notes: Sequence[Note]) -> None:
        """Add notes to a root, or put them in the place of those with the same keys."""
        self.remove(collection, [note.key for note in notes])
        mark = kind_mark("document" if self._database.value(self._sql["role"], (collection,)) == DOCUMENTS else "note")
        for note in notes:
            content_hash = hashlib.sha256(note.text.encode()).hexdigest()
            values = (collection, note.key, note.version, note.modified, content_hash)
            number = self._database.value(self._sql["add_note"], values)
            words = (with_beside(_title(note)), note.text, beside(note.text), mark)
            self._database.run(self._sql["add_note_text"], (number, *words))

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


def _title(note: Note) -> str:
    """The words of a note's path, and of its heading."""
    heading = _HEADING.match(note.text)
    return f"{note.key}\n{heading[1]}" if heading else note.key
