"""Looks through the whole journal beside all else, once at a time, and keeps what came of it."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from butler.core.errors import ButlerError
from butler.store.journal import Journal

_MOST_TOLD = 50


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of it: how the journal was at a time, its lines and the hash of the last, and what is wrong with how many.

    `problem` says why it could not be looked through.
    """

    at: datetime
    lines: int = 0
    head: str = ""
    problems: Sequence[str] = ()
    count: int = 0
    problem: str = ""


class Verifying:
    """Begins when it is told to; `verdict` is the last one, `since` when the one that goes on was begun."""

    def __init__(self) -> None:
        self.verdict: Verdict | None = None
        self.since: datetime | None = None
        self._lock = threading.Lock()

    def begin(self, journal: Journal, now: datetime) -> None:
        """Look through it, unless somebody does; returns at once."""
        with self._lock:
            if self.since is not None:
                return
            self.since = now
        # Nothing is lost when the process ends meanwhile, so it need not wait for this thread.
        threading.Thread(target=self._look, args=(journal, now), name="journal", daemon=True).start()

    def _look(self, journal: Journal, now: datetime) -> None:
        try:
            found = journal.examined()
            count = len(found.problems)
            self.verdict = Verdict(now, found.lines, found.head, found.problems[:_MOST_TOLD], count)
        except ButlerError as error:
            self.verdict = Verdict(now, problem=str(error))
        finally:
            self.since = None
