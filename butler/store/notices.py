"""Notices: how each subject is, and what its owner was told of it."""

from __future__ import annotations

from datetime import datetime

from butler.core.notices import Notice
from butler.store.database import Database, Row
from butler.store.journal import when_text
from butler.store.sql import statements


class Board:
    """Keeps notices; each change is one statement that changes nothing where the same was known."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._sql = statements("notices")

    def note(self, kind: str, subject: str, state: str, now: datetime, sentence: str, words: str = "") -> bool:
        """Note how a subject is now (empty: nothing worth telling); False when that was known."""
        values = (kind, _clean(subject), _clean(state), _clean(sentence), _clean(words), when_text(now))
        return self._database.run(self._sql["note"], values) == 1

    def look(self, now: datetime) -> None:
        """Note what can be seen here: actions that are held, those that are not any more, and a model that changed."""
        with self._database.transaction():
            self._database.run(self._sql["note_held"], (when_text(now),))
            self._database.run(self._sql["drop_decided"])
            model, digest = self._database.row(self._sql["latest_digest"]) or ("", "")
            if model:
                if self._database.value(self._sql["is_chosen"], (digest,)):
                    # Its owner took it themselves, or went back to it.
                    self._database.run(self._sql["settle_other"], ("model", model, digest))
                self._database.run(self._sql["adopt"], ("model", model, digest, when_text(now)))
                sentence = f"The model {model} is another one than before; what it says may change."
                self.note("model", model, digest, now, sentence)

    def settle(self, kind: str, subject: str) -> None:
        """Forget a subject, of which its owner need not be told any more."""
        self._database.run(self._sql["settle"], (kind, _clean(subject)))

    def lasting(self, kind: str) -> dict[str, str]:
        """The subjects of a kind that are as nobody wants them, each with its words."""
        return {row[0]: row[1] for row in self._database.rows(self._sql["lasting"], (kind,))}

    def waiting(self) -> list[Notice]:
        """List what waits to be told, oldest first."""
        return [_notice(row) for row in self._database.rows(self._sql["waiting_notices"])]

    def told(self, notice: Notice, now: datetime) -> None:
        """Note that the state in a notice was told; if it is another one by now, that one still waits."""
        self._database.run(self._sql["tell"], (notice.kind, notice.subject, notice.now, when_text(now)))

    def forget(self, before: datetime) -> int:
        """Forget what was told before a time and cannot come again; returns of how many subjects."""
        return self._database.run(self._sql["forget_notices"], (when_text(before),))


def _clean(text: str) -> str:
    """A text without halves of characters, which no database takes."""
    return text.encode("utf-8", "replace").decode()


def _notice(row: Row) -> Notice:
    kind, subject, state, told, sentence, words, since, told_at = row
    when = datetime.fromisoformat(told_at) if told_at else None
    return Notice(kind, subject, state, told, sentence, words, datetime.fromisoformat(since), when)
