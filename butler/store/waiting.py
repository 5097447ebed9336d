"""What waits for its owner in the order of its need, how much there is of what, and what was decided last. Only reads."""

from __future__ import annotations

import json
import logging
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from butler.core.actions import Kept
from butler.core.floods import LOOKED_AT, Flood, Waits, floods
from butler.core.policy import ELSEWHERE
from butler.store.database import Database
from butler.store.journal import when_text
from butler.store.outbox import Outbox, UnreadableError
from butler.store.sql import statements

SOON = timedelta(days=2)
"""What is over within this time comes first."""
_LOOKED_BACK = 8
"""Decisions looked at for each action that is wanted: an action may be edited and answered often before it ends."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many held actions there are of one kind, for one account, from one workflow (empty: none proposed them)."""

    kind: str
    account: str
    workflow: str
    count: int


class Waiting:
    """Lists for the owner's eyes; what cannot be read of them is left out and logged."""

    def __init__(self, database: Database, outbox: Outbox) -> None:
        self._database = database
        self._outbox = outbox
        self._sql = statements("waiting")

    def needs(
        self,
        now: datetime,
        kind: str = "",
        account: str = "",
        workflow: str = "",
        *,
        limit: int = 20,
        skip: int = 0,
        without: Collection[int] = (),
    ) -> list[Kept]:
        """List held actions by need: what is over soon, whom somebody waits for, events and tasks, the rest; then newest."""
        values = (kind, account, workflow, when_text(now + SOON), limit, skip, json.dumps(sorted(without)))
        return self._all(row[0] for row in self._database.rows(self._sql["needs"], values))

    def tallies(self) -> Sequence[Tally]:
        """Count what is held."""
        return [Tally(*row) for row in self._database.rows(self._sql["tallies"])]

    def by_programs(self, since: datetime) -> tuple[int, int]:
        """Count what other programs proposed since a moment, whatever became of it, and what of theirs waits."""
        created, held = self._database.rows(self._sql["by_programs"], (when_text(since), ELSEWHERE))[0]
        return int(created), int(held)

    def floods(self, account: str = "") -> list[Flood]:
        """Find what came in floods among what was held last."""
        return floods([Waits(*row) for row in self._database.rows(self._sql["in_short"], (LOOKED_AT, account))])

    def decided(self, limit: int = 10) -> list[Kept]:
        """List what was decided last and is not held any more, the last decision first."""
        rows = self._database.rows(self._sql["last_decided"], (limit * _LOOKED_BACK,))
        return [kept for kept in self._all(row[0] for row in rows) if kept.status != "held"][:limit]

    def _all(self, numbers: Iterable[int]) -> list[Kept]:
        found = []
        for number in numbers:
            try:
                found.append(self._outbox.get(number))
            except UnreadableError as error:
                _log.warning("%s", error)
        return found
