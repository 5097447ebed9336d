"""What the model cost: a day, a run, and each call with what was asked and answered."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from butler.core.steps import ModelCall
from butler.store.book import read_call
from butler.store.database import Database, Row
from butler.store.journal import when_text
from butler.store.sql import statements


@dataclass(frozen=True, slots=True)
class Cost:
    """What questions to the model cost: `calls` counts each try, `cached` those that were answered from before."""

    calls: int = 0
    cached: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    seconds: float = 0.0

    def __add__(self, other: Cost) -> Cost:
        """Sum up two."""
        tokens = (self.tokens_in + other.tokens_in, self.tokens_out + other.tokens_out)
        return Cost(self.calls + other.calls, self.cached + other.cached, *tokens, self.seconds + other.seconds)

    @property
    def tokens(self) -> int:
        """Those of the questions and of the answers."""
        return self.tokens_in + self.tokens_out


@dataclass(frozen=True, slots=True)
class Share:
    """What one step of a workflow cost with one model in a span of time; of `uncounted` askings the tokens are not known."""

    span: int
    workflow: str
    model: str
    step: str
    cost: Cost
    uncounted: int = 0


@dataclass(frozen=True, slots=True)
class Below:
    """How many runs a run started, and how many of them failed."""

    runs: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class Asking:
    """A model call by its number, without what was asked and answered."""

    number: int
    run: str
    at: datetime
    step: str
    version: str
    subject: str
    model: str
    digest: str
    cached: bool
    outcome: str
    attempts: int
    tokens_in: int
    tokens_out: int
    seconds: float
    error: str


class Spending:
    """Sums up and lists model calls."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._sql = statements("spending")

    def by_span(self, spans: Sequence[tuple[datetime, datetime]]) -> list[dict[str, Cost]]:
        """Sum up what each workflow cost in each of some spans of time; calls of no run stand under an empty name."""
        text = json.dumps([(when_text(start), when_text(end)) for start, end in spans])
        found: list[dict[str, Cost]] = [{} for _ in spans]
        for place, workflow, *sums in self._database.rows(self._sql["by_span"], (text,)):
            found[place][workflow] = Cost(*sums)
        return found

    def by_part(self, spans: Sequence[tuple[datetime, datetime]]) -> list[Share]:
        """Sum up what each step cost in each of some spans of time, by workflow and model."""
        text = json.dumps([(when_text(start), when_text(end)) for start, end in spans])
        return [
            Share(span, workflow, model, step, Cost(*sums), uncounted)
            for span, workflow, model, step, *sums, uncounted in self._database.rows(self._sql["by_part"], (text,))
        ]

    def spared(self, since: datetime) -> tuple[int, int]:
        """Count the tokens of questions and of answers that were not needed since, the answer being known before."""
        asked, answered = self._database.rows(self._sql["spared"], (when_text(since),))[0]
        return asked, answered

    def last_call(self) -> int:
        """The number of the latest call: while it is the same, so are all sums."""
        found: int = self._database.value(self._sql["last_call"])
        return found

    def of_runs(self, runs: Sequence[str]) -> Mapping[str, Cost]:
        """Sum up what some runs cost, with all below them; one that asked nothing is left out."""
        return {row[0]: Cost(*row[1:]) for row in self._database.rows(self._sql["of_runs"], (json.dumps(runs),))}

    def below(self, runs: Sequence[str]) -> Mapping[str, Below]:
        """Count the runs below some runs; one with none is left out."""
        return {row[0]: Below(*row[1:]) for row in self._database.rows(self._sql["below"], (json.dumps(runs),))}

    def calls(self, run: str, after: int = 0, limit: int = 100) -> list[Asking]:
        """List calls of a run and of those below it, oldest first; `after` is the number of the last one already seen."""
        return [_asking(row) for row in self._database.rows(self._sql["calls"], (run, after, limit))]

    def call(self, run: str, number: int) -> ModelCall | None:
        """Find a call of a run, or of one below it, with what was asked and answered."""
        row = self._database.row(self._sql["call"], (run, number))
        return read_call(row) if row else None


def _asking(row: Row) -> Asking:
    number, run, at, step, version, subject, model, digest, cached, *rest = row
    return Asking(number, run, datetime.fromisoformat(at), step, version, subject, model, digest, bool(cached), *rest)
