"""The record of model calls, the answer cache, and what was learned about tokens."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any

from butler.core.models import ModelIdentity, ModelPin
from butler.core.plain import from_plain
from butler.core.steps import ModelCall
from butler.store.database import Database, Row
from butler.store.journal import Journal, when_text
from butler.store.pins import Pins
from butler.store.sql import statements

_RATIOS_KEPT = 200
_PERCENTILE = 0.95


class Book:
    """Keeps model calls; implements `butler.core.steps.CallBook`."""

    def __init__(self, database: Database, journal: Journal, pins: Pins) -> None:
        self._database = database
        self._journal = journal
        self._pins = pins
        self._sql = statements("truth")

    def answer(self, key: str) -> str | None:
        """Find the recorded JSON answer under a cache key."""
        found: str | None = self._database.value(self._sql["answer"], (key,))
        return found

    def record(self, call: ModelCall) -> None:
        """Keep a call once for each run and key, and its answer under its key unless it is a fallback."""
        at = when_text(call.at)
        with self._database.transaction():
            added = self._database.run(
                self._sql["record_call"],
                (
                    *(call.run, call.key, at, call.step, call.version, call.subject, call.model, call.digest, call.server),
                    *(int(call.cached), call.outcome, call.attempts, call.tokens_in, call.tokens_out, call.seconds),
                    *(call.prompt, call.answer, call.error, call.first),
                ),
            )
            if added:
                self._journal.append(call.at, "model asked", call.subject, **_without_text(call))
            if call.outcome != "fallback" and not call.cached:
                self._database.run(self._sql["keep_answer"], (call.key, call.answer, at))

    def about(self, subject: str, limit: int = 20) -> list[ModelCall]:
        """Find the latest calls about one reference, newest first."""
        rows = self._database.rows(self._sql["calls_about"], (subject, limit))
        return list(map(read_call, rows))

    def of_run(self, run: str) -> list[ModelCall]:
        """Find the calls of a run, oldest first."""
        rows = self._database.rows(self._sql["calls_of"], (run,))
        return list(map(read_call, rows))

    def tokens_per_byte(self, digest: str) -> float | None:
        """Compute the 95th percentile of the ratios of prompt tokens to bytes seen lately with a digest."""
        ratios = sorted(row[0] for row in self._database.rows(self._sql["ratios"], (digest, _RATIOS_KEPT)))
        return ratios[math.ceil(_PERCENTILE * len(ratios)) - 1] if ratios else None

    def learn(self, digest: str, tokens: int, size: int) -> None:
        """Note how many tokens a prompt of `size` bytes came to."""
        if tokens <= 0 or size <= 0:
            return
        with self._database.transaction():
            self._database.run(self._sql["learn_ratio"], (digest, tokens / size))
            self._database.run(self._sql["forget_ratios"], (digest, _RATIOS_KEPT))

    def met(self, url: str, name: str, seen: ModelIdentity, at: datetime) -> ModelPin | None:
        """Pin what a server has under a name where nothing is pinned, or note whether it is that; never without a digest."""
        return self._pins.meet(url, name, seen, at) if seen.digest or self._pins.get(url, name) else None


def read_call(row: Row) -> ModelCall:
    """Read a row of a model call, its columns in the order of the call's fields."""
    call: ModelCall = from_plain(ModelCall)([*row[:9], bool(row[9]), *row[10:]])
    return call


def _without_text(call: ModelCall) -> dict[str, Any]:
    """What the journal tells of a call: neither what was asked nor what was answered, which are quotes of mail."""
    names = ("run", "step", "version", "model", "digest", "cached", "outcome", "attempts", "tokens_in", "tokens_out")
    return {name: getattr(call, name) for name in names}
