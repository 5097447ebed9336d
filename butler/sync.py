"""Brings the mirror up to date: reads each source's changes, has them parsed and stores them, all three at the same time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from butler.ahead import ahead
from butler.core.calendar import CalendarObject, RawObject
from butler.core.errors import ButlerError, LoadError, SourceError
from butler.core.prepared import Prepared, prepared_of
from butler.core.sources import Batch, Collection, Frame, Raw, Source, SourceState
from butler.plan import ENOUGH_TO_MISS, SuddenEmptyError, fingerprint, is_sudden, judge_state, plan, stand_in
from butler.sandbox.parser import Parser
from butler.store.calendars import EXPAND_AHEAD
from butler.store.mirror import KnownCollection, Mirror
from butler.store.writing import Place, Writing

_DEPTH = 2
_FAILS = (SourceError, LoadError)
"""What is about one source alone: it cannot be read, or its tool cannot be loaded."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the reading of a collection is; `total` is None where its source does not know."""

    source: str
    collection: str
    done: int
    total: int | None


@dataclass(frozen=True, slots=True)
class _Parsed:
    """A batch with what it was parsed into; `killed` are the keys and hashes of what killed the parser just now.

    `mended` are the keys of what did so once and does no more.
    """

    batch: Batch[Any]
    prepared: Sequence[Prepared]
    killed: Sequence[tuple[str, str]]
    mended: Sequence[str]


def sync(
    sources: Sequence[Source[Raw]],
    mirror: Mirror,
    parser: Parser,
    clock: Callable[[], datetime],
    frame: Frame,
    progress: Callable[[Progress], None] | None = None,
    allow_empty: bool = False,
) -> list[SourceState]:
    """Read every source's changes into the mirror; what fails in one stops no other.

    Raises StateError when the mirror cannot be written. An interruption leaves whole batches with their cursors.
    """
    return [_Sync(mirror, parser, clock(), frame, progress, allow_empty, source).run() for source in sources]


class _Sync:
    """The sync of one source."""

    def __init__(
        self,
        mirror: Mirror,
        parser: Parser,
        now: datetime,
        frame: Frame,
        progress: Callable[[Progress], None] | None,
        allow_empty: bool,
        source: Source[Raw],
    ) -> None:
        self._mirror = mirror
        self._parser = parser
        self._now = now
        self._frame = frame
        self._progress = progress
        self._source = source
        self._known = mirror.source(source.kind, source.name)
        self._had = 0 if allow_empty else mirror.held(self._known, ENOUGH_TO_MISS)
        self._aside: list[str] = []

    def run(self) -> SourceState:
        """Read what changed and note how that went."""
        errors = self._read_all()
        state = judge_state(self._source.name, self._source.kind, errors, self._now, self._known.as_of)
        self._mirror.keep_state(self._known, state)
        return replace(state, aside=tuple(self._aside))

    def _read_all(self) -> list[ButlerError]:
        try:
            listed = self._source.collections()
        except _FAILS as error:
            self._expand()
            return [error]
        planned = plan(listed, {name: known.token for name, known in self._known.collections.items()})
        errors = self._read_each(planned.read)
        # What seems to be lost may have moved to a collection that was read after it: look again.
        sudden = [collection for collection, error in errors if isinstance(error, SuddenEmptyError)]
        errors = [each for each in errors if each[0] not in sudden] + self._read_each(sudden)
        failures = [error for _, error in errors]
        try:
            self._drop(planned.drop)
        except SourceError as error:
            failures.append(error)
        self._expand()
        with self._mirror.writing() as writing:
            writing.sweep()
        return failures

    def _read_each(self, collections: Sequence[Collection]) -> list[tuple[Collection, ButlerError]]:
        errors: list[tuple[Collection, ButlerError]] = []
        for collection in collections:
            try:
                self._read(collection)
            except _FAILS as error:
                errors.append((collection, error))
        return errors

    def _read(self, collection: Collection) -> None:
        source = self._mirror.source(self._known.kind, self._known.name)
        known = self._mirror.collection(source, collection.name, collection.role)
        done = 0
        with self._mirror.writing() as writing:
            for parsed in self._parsed(collection, known):
                self._refuse_sudden(known.place, parsed.batch)
                writing.apply(known.place, parsed.batch, parsed.prepared, self._frame.end)
                self._set_aside(writing, collection.name, known.place, parsed)
                done += len(parsed.prepared)
                if self._progress:
                    self._progress(Progress(self._source.name, collection.name, done, parsed.batch.total))
            writing.finish(known.place, collection.token)

    def _set_aside(self, writing: Writing, collection: str, place: Place, parsed: _Parsed) -> None:
        """Remember what killed the parser, and forget it of what did so before its bytes changed."""
        if parsed.mended:
            writing.take_back(place, parsed.mended)
        for key, sha256 in parsed.killed:
            writing.set_aside(place, key, sha256, self._now)
            self._aside.append(f"{collection}/{key}")

    def _parsed(self, collection: Collection, known: KnownCollection) -> Iterator[_Parsed]:
        """Parse the batches; at a first reading the source is read, and batches are parsed, ahead of the writing."""
        aside = {key: sha for (name, key), sha in self._mirror.quarantined(self._known).items() if name == collection.name}
        batches = self._source.changes(collection, known.cursor, partial(self._mirror.known, known.place))
        if known.token:
            return map(partial(self._parse, aside), batches)
        return ahead(map(partial(self._parse, aside), ahead(batches, _DEPTH)), _DEPTH)

    def _parse(self, aside: dict[str, str], batch: Batch[Raw]) -> _Parsed:
        kind = self._source.kind
        if batch.reset:
            # What had a key before has nothing to do with what has it now.
            aside.clear()
        added = list({raw.key: raw for raw in batch.added}.values())
        tried = [raw for raw in added if raw.key not in aside or aside[raw.key] != fingerprint(raw)]
        parsed = {raw.key: each for raw, each in zip(tried, self._parser.parse(kind, tried, self._frame), strict=True)}
        killed = [(raw.key, fingerprint(raw)) for raw in tried if parsed[raw.key] is None]
        prepared = [parsed.get(raw.key) or prepared_of(kind, [stand_in(raw)])[0] for raw in added]
        mended = [raw.key for raw in tried if raw.key in aside and parsed[raw.key] is not None]
        return _Parsed(replace(batch, added=added), prepared, killed, mended)

    def _refuse_sudden(self, place: Place, batch: Batch[Raw]) -> None:
        if batch.reset or batch.added or not batch.removed or self._had < ENOUGH_TO_MISS:
            return
        have = self._mirror.held(self._known, len(batch.removed) + 1)
        if have <= len(batch.removed) and is_sudden(self._had, have - self._mirror.present(place, batch.removed)):
            raise SuddenEmptyError(self._source.kind, self._source.name)

    def _drop(self, names: Sequence[str]) -> None:
        places = [self._known.collections[name].place for name in names]
        if places and is_sudden(self._had, self._mirror.held(self._known, 1, places)):
            raise SuddenEmptyError(self._source.kind, self._source.name)
        with self._mirror.writing() as writing:
            for place in places:
                writing.drop(place)

    def _expand(self) -> None:
        """Work out the recurrences anew whose known occurrences end too soon."""
        today = self._now.astimezone(ZoneInfo(self._frame.zone)).date()
        if self._source.kind != "calendar" or self._frame.end - EXPAND_AHEAD <= today:
            return
        with self._mirror.writing() as writing:
            for collection in self._mirror.source(self._known.kind, self._known.name).collections.values():
                while objects := writing.to_expand(collection.place, today, self._frame.end):
                    self._expand_some(writing, collection, objects)

    def _expand_some(self, writing: Writing, collection: KnownCollection, objects: Sequence[RawObject]) -> None:
        parsed = self._parse({}, Batch(collection.name, "", objects))
        values = [each for each in parsed.prepared if isinstance(each, CalendarObject)]
        contents = [(each, raw.content) for each, raw in zip(values, objects, strict=True)]
        writing.expand(collection.place, contents, self._frame.end)
        self._set_aside(writing, collection.name, collection.place, parsed)
