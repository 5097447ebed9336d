"""Writes calendar objects, their occurrences and tasks into the mirror. Runs inside the caller's transaction."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from butler.core.calendar import Attendee, CalendarObject, Occurrence, RawObject, Task
from butler.core.folding import beside, with_beside
from butler.core.plain import to_plain
from butler.store.database import Database
from butler.store.match import kind_mark
from butler.store.sql import statements

LONG_SECONDS = 32 * 86_400
EXPAND_AHEAD = timedelta(days=60)
_CLOCK_SLACK = timedelta(days=2)
_EXPAND_AT_ONCE = 200
_MOST_PEOPLE = 100

_occurrence = to_plain(Occurrence)
_task = to_plain(Task)


def instant(moment: datetime | date, zone: ZoneInfo) -> int:
    """Place a moment, or the midnight at which a day begins in the owner's zone, in seconds."""
    whole_day = not isinstance(moment, datetime)
    placed = datetime.combine(moment, time(), zone) if whole_day else moment
    assert isinstance(placed, datetime)  # noqa: S101 - a date was made one above
    return int((placed if placed.tzinfo else placed.replace(tzinfo=zone)).timestamp())


class Calendars:
    """Adds, expands and forgets calendar objects."""

    def __init__(self, database: Database, zone: ZoneInfo) -> None:
        self._database = database
        self._sql = statements("calendars")
        self._zone = zone

    def add(self, collection: int, objects: Sequence[tuple[CalendarObject, bytes]], until: date) -> None:
        """Add objects with their raw content, expanded until a day, or put them in the place of those with the same keys."""
        self.remove(collection, [parsed.key for parsed, _ in objects])
        for parsed, content in objects:
            again = parsed.recurs or not (parsed.occurrences or parsed.tasks or parsed.problems)
            expand_after = (until - EXPAND_AHEAD).isoformat() if again else None
            packed = zlib.compress(content)
            number = self._database.value(
                self._sql["add_object"], (collection, parsed.key, parsed.version, expand_after, packed)
            )
            self._add_occurrences(number, parsed.occurrences)
            self._add_tasks(number, parsed.tasks)
            self._add_text(number, parsed)

    def remove(self, collection: int, keys: Sequence[str]) -> None:
        """Forget some objects."""
        self._delete(self._sql["object_ids"], (collection, json.dumps(list(keys))))

    def forget(self, collection: int) -> None:
        """Forget all objects of a calendar."""
        self._delete(self._sql["all_object_ids"], (collection,))

    def to_expand(self, collection: int, today: date, until: date) -> list[RawObject]:
        """Find some of the objects whose occurrences are to be worked out anew until a day, with their raw content."""
        ahead = until - EXPAND_AHEAD + _CLOCK_SLACK
        values = (collection, today.isoformat(), ahead.isoformat(), _EXPAND_AT_ONCE)
        rows = self._database.rows(self._sql["to_expand"], values)
        return [RawObject(key, version, zlib.decompress(content)) for key, version, content in rows]

    def expand_all(self) -> None:
        """Have every object expanded anew at the next sync, because the owner's zone changed."""
        self._database.run(self._sql["expand_all"])

    def _delete(self, which: str, values: Sequence[object]) -> None:
        numbers = self._database.rows(which, values)
        for statement in ("delete_occurrences", "delete_tasks", "delete_event_text", "delete_object"):
            self._database.many(self._sql[statement], numbers)

    def _add_occurrences(self, number: int, occurrences: Sequence[Occurrence]) -> None:
        rows = []
        for occurrence in occurrences:
            starts = instant(occurrence.start, self._zone)
            ends = max(instant(occurrence.end, self._zone), starts + 1)
            value = json.dumps(_occurrence(occurrence), ensure_ascii=False)
            long = int(ends - starts > LONG_SECONDS)
            rows.append((number, occurrence.uid, occurrence.recurrence_id, starts, ends, long, value))
        self._database.many(self._sql["add_occurrence"], rows)

    def _add_tasks(self, number: int, tasks: Sequence[Task]) -> None:
        rows = []
        for task in tasks:
            due = instant(task.due, self._zone) if task.due else None
            is_open = int(not (task.completed or task.cancelled))
            rows.append((number, task.uid, is_open, due, json.dumps(_task(task), ensure_ascii=False)))
        self._database.many(self._sql["add_task"], rows)

    def _add_text(self, number: int, parsed: CalendarObject) -> None:
        if not (parsed.occurrences or parsed.tasks):
            return
        things: Sequence[Occurrence | Task] = (*parsed.occurrences, *parsed.tasks)
        titles = _joined(each.summary for each in things)
        organizers = _joined(_person(each.organizer) for each in parsed.occurrences if each.organizer)
        invited = _joined(_person(one) for each in parsed.occurrences for one in each.attendees[:_MOST_PEOPLE])
        places = _joined(each.location for each in parsed.occurrences)
        text = _joined(each.description for each in things)
        fields = map(with_beside, (titles, organizers, invited, places))
        mark = kind_mark("event" if parsed.occurrences else "task")
        self._database.run(self._sql["add_event_text"], (number, *fields, text, beside(text), mark))


def _joined(texts: Iterable[str]) -> str:
    """Texts that occurrences share, each once."""
    return "\n".join(dict.fromkeys(texts))


def _person(person: Attendee) -> str:
    return f"{person.name} {person.address}"
