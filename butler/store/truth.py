"""`butler.db`: the truth, opened with everything on disk before it counts."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from butler.store.book import Book
from butler.store.connections import PRAGMAS as _PRAGMAS
from butler.store.connections import Connections
from butler.store.database import DamagedError, Database, open_database
from butler.store.foreign import Foreign
from butler.store.jobs import Slots
from butler.store.journal import Journal
from butler.store.notices import Board
from butler.store.outbox import Outbox
from butler.store.pins import Pins
from butler.store.runs import Memory, Runs
from butler.store.upkeep import Upkeep
from butler.store.waiting import Waiting

if TYPE_CHECKING:
    from butler.store.access import Access
    from butler.store.briefings import Briefings
    from butler.store.conversations import Conversations
    from butler.store.exams import Exams
    from butler.store.spending import Spending


class Truth:
    """The butler's own database: `runs`, `book`, `spending`, `briefings`, `outbox`, `jobs`, `notices`, `access`, `journal`,
    `upkeep`, `memory`, `connections`, `foreign`, `conversations`, `pins`, `exams`.

    What few commands need is loaded when it is needed.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self.journal = Journal(database)
        self.outbox = Outbox(database, self.journal)
        self.waiting = Waiting(database, self.outbox)
        self.runs = Runs(database, self.journal)
        self.notices = Board(database)
        self.pins = Pins(database, self.journal, self.notices)
        self.book = Book(database, self.journal, self.pins)
        self.jobs = Slots(database, self.journal)
        self.upkeep = Upkeep(database)
        self.connections = Connections(database, self.journal)
        self.foreign = Foreign(database, self.journal)

    @cached_property
    def access(self) -> Access:
        """Who may look at the page."""
        from butler.store.access import Access

        return Access(self._database, self.journal)

    @cached_property
    def briefings(self) -> Briefings:
        """The briefings that were made."""
        from butler.store.briefings import Briefings

        return Briefings(self._database)

    @cached_property
    def conversations(self) -> Conversations:
        """What the owner asked and was answered."""
        from butler.store.conversations import Conversations

        return Conversations(self._database, self.journal)

    @cached_property
    def exams(self) -> Exams:
        """Exams of models."""
        from butler.store.exams import Exams

        return Exams(self._database, self.journal)

    @cached_property
    def spending(self) -> Spending:
        """What models cost."""
        from butler.store.spending import Spending

        return Spending(self._database)

    @classmethod
    def open(cls, path: Path) -> Truth:
        """Open or make the database; raises StateError, also when a newer butler wrote it."""
        return cls(open_database(path, "butler", _PRAGMAS))

    def memory(self, run: str) -> Memory:
        """What the run `run` keeps."""
        return Memory(self._database, run)

    def examine(self) -> None:
        """Look through the whole file; raises DamagedError when it is not sound."""
        if self._database.value("PRAGMA quick_check(1)") != "ok":
            raise DamagedError(f"{self._database.path} is damaged.", advice="Restore it from a backup.")

    def close(self) -> None:
        """Close the database."""
        self._database.close()
