"""Briefings by day, with where each line came from and how the day was left."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from butler.core.briefing import Briefing, Origin
from butler.core.calendar import Occurrence, Placed
from butler.core.refs import parse_ref
from butler.store.database import Database
from butler.store.sql import statements


@dataclass(frozen=True, slots=True)
class KeptBriefing:
    """A briefing as it was published; `written` is the SHA-256 (hex) of its Markdown file at `path` as we wrote it."""

    run: str
    briefing: Briefing
    origins: tuple[Origin, ...]
    snapshot: Mapping[str, Any]
    path: Path | None
    written: str


class Briefings:
    """Keeps and finds briefings."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._sql = statements("truth")

    def keep(self, kept: KeptBriefing) -> None:
        """Keep the briefing of its day; a later one of the same day takes its place."""
        origins = json.dumps([origin.model_dump(mode="json") for origin in kept.origins], ensure_ascii=False)
        self._database.run(
            self._sql["keep_briefing"],
            (
                *(kept.briefing.date.isoformat(), kept.run, kept.briefing.model_dump_json(), origins),
                *(json.dumps(kept.snapshot, ensure_ascii=False), str(kept.path) if kept.path else None, kept.written),
            ),
        )

    def get(self, day: date) -> KeptBriefing | None:
        """Find the briefing of a day."""
        row = self._database.row(self._sql["briefing"], (day.isoformat(),))
        if row is None:
            return None
        run, briefing, origins, snapshot, path, written = row
        return KeptBriefing(
            run,
            Briefing.model_validate_json(briefing),
            tuple(Origin.model_validate(origin) for origin in json.loads(origins)),
            json.loads(snapshot),
            Path(path) if path else None,
            written,
        )

    def latest(self) -> date | None:
        """Find the day of the latest briefing."""
        found = self._database.value(self._sql["latest_day"])
        return date.fromisoformat(found) if found else None

    def days_before(self, day: date, limit: int) -> list[date]:
        """Find the latest days before a day that have a briefing, newest first."""
        rows = self._database.rows(self._sql["days_before"], (day.isoformat(), limit))
        return [date.fromisoformat(found) for (found,) in rows]

    def day_after(self, day: date) -> date | None:
        """Find the first day after a day that has a briefing."""
        found = self._database.value(self._sql["day_after"], (day.isoformat(),))
        return date.fromisoformat(found) if found else None

    def remembered(self, ref: str) -> Placed | None:
        """Find an occurrence that is in no calendar any more as the latest briefing that knew it kept it."""
        row = self._database.row(self._sql["remembered"], (ref,))
        named = parse_ref(ref)
        if row is None or named.kind != "event":
            return None
        day, kept = row[0], json.loads(row[1])
        start = datetime.fromisoformat(kept["start"]) if len(kept["start"]) > len(day) else date.fromisoformat(kept["start"])
        end = start if isinstance(start, datetime) else start + timedelta(1)
        gone = f"It is in the calendar no more. The briefing of {day} knew this of it."
        return Placed(
            ref, named.place, Occurrence(named.key, named.part, kept["summary"], start, end, "", gone, "cancelled", busy=False)
        )

    def origins(self, ref: str) -> Sequence[tuple[date, Origin]]:
        """Find every line that rests on a reference or on a part of what it names, newest day first."""
        rows = self._database.rows(self._sql["origins_of"], (ref,))
        return [(date.fromisoformat(day), Origin.model_validate_json(origin)) for day, origin in rows]
