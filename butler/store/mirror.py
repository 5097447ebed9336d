"""`mirror.db`: a cache of the sources that can be rebuilt; opened, thrown away when damaged, and asked about its sources."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from butler.core.calendar import Placed
from butler.core.errors import SourceError, StateError
from butler.core.queries import Found
from butler.core.sources import SourceKind, SourceState
from butler.store.calendars import Calendars
from butler.store.database import DamagedError, Database, SchemaError, open_database, os_told, read_only
from butler.store.mailbox import Mailbox
from butler.store.reads import MirrorReads, Shown, now
from butler.store.recalled import Recalled
from butler.store.search import Near, texts_of
from butler.store.sql import migrations, statements
from butler.store.writing import Place, Writing

_READING = "2"
"""What is taken from a mail; counted up when that is more than before, so that all mails are read again."""

_THINGS = 4_000
"""So many rows of the table of words are gone through at once."""
_PRAGMAS = ("synchronous = NORMAL", "cache_size = -16000", "wal_autocheckpoint = 4000", "trusted_schema = OFF")


@dataclass(frozen=True, slots=True)
class KnownCollection:
    """A collection as it was left: `token` when it was last read to its end, `cursor` where to go on."""

    place: Place
    name: str
    role: str
    token: str
    cursor: str | None


@dataclass(frozen=True, slots=True)
class KnownSource:
    """A source as it was left, with its collections by name."""

    number: int
    kind: SourceKind
    name: str
    as_of: datetime | None
    collections: Mapping[str, KnownCollection]


@dataclass(frozen=True, slots=True)
class Problem:
    """A sentence on something that could not be read well."""

    kind: SourceKind
    source: str
    collection: str
    key: str
    sentence: str


class Mirror:
    """The mirror; `warnings` says what was done to it at its opening."""

    def __init__(
        self,
        database: Database,
        zone: ZoneInfo,
        addresses: frozenset[str],
        warnings: tuple[str, ...],
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        database.on_damage = self._mark_damaged
        self._sql = statements("mirror")
        self._mailbox = Mailbox(database, addresses)
        self._calendars = Calendars(database, zone)
        self.reads = MirrorReads(database, zone, clock)
        self.recalled = Recalled(database, clock)
        self.warnings = warnings
        self._adapt(zone, addresses)

    @classmethod
    def open(
        cls, path: Path, zone_name: str, addresses: frozenset[str] = frozenset(), clock: Callable[[], datetime] = now
    ) -> Mirror:
        """Open the mirror for an owner with a zone and addresses (lower case); `clock` tells what "yesterday" is in a search.

        A mirror that is damaged, or was written by another version, is moved aside and started anew, with a warning.
        """
        warnings: tuple[str, ...] = ()
        try:
            _check_mark(path)
            database = _opened(path)
        except (DamagedError, SchemaError) as error:
            aside = _move_aside(path)
            warnings = (f"{error.sentence} The mirror is rebuilt from its sources; the old file is {aside}.",)
            database = _opened(path)
        return cls(database, ZoneInfo(zone_name), addresses, warnings, clock)

    def close(self) -> None:
        """Close the mirror."""
        self._database.close()

    def source(self, kind: SourceKind, name: str) -> KnownSource:
        """Find how a source was left; one seen for the first time is remembered."""
        found = self._database.row(self._sql["source"], (kind, name))
        if found is None:
            self._database.run(self._sql["add_source"], (kind, name))
            found = self._database.rows(self._sql["source"], (kind, name))[0]
        number, as_of = found
        collections = {
            row[1]: KnownCollection(Place(kind, number, row[0], row[2]), *row[1:])
            for row in self._database.rows(self._sql["collections"], (number,))
        }
        return KnownSource(number, kind, name, _time(as_of), collections)

    def collection(self, source: KnownSource, name: str, role: str) -> KnownCollection:
        """Find a collection, remembered from now on, with its present role."""
        known = source.collections.get(name)
        if known and known.role == role:
            return known
        with self._database.transaction():
            self._database.run(self._sql["add_collection"], (source.number, name, role))
            if known:
                self._mailbox.mark_owner()
        number = self._database.value(self._sql["collection"], (source.number, name))
        place = Place(source.kind, source.number, number, role)
        return KnownCollection(place, name, role, known.token if known else "", known.cursor if known else None)

    def known(self, place: Place) -> Mapping[str, str]:
        """Find all keys of a collection with their versions or flags, from any thread."""
        statement = self._sql[f"known_{place.kind}"]
        try:
            found: dict[str, str] = dict(read_only(self._database.path, lambda own: own.rows(statement, (place.collection,))))
        except DamagedError as error:
            raise self._mark_damaged(error) from error
        return found

    def held(self, source: KnownSource, most: int, without: Sequence[Place] = ()) -> int:
        """Count what the mirror has of a source, some collections left out, up to `most`."""
        left_out = json.dumps([place.collection for place in without])
        found: int = self._database.value(self._sql[f"count_{source.kind}"], (source.number, left_out, most))
        return found

    def present(self, place: Place, keys: Sequence[str]) -> int:
        """Count how many of some keys the mirror has of a collection."""
        values = (place.collection, json.dumps(list(keys)))
        found: int = self._database.value(self._sql[f"present_{place.kind}"], values)
        return found

    def quarantined(self, source: KnownSource) -> Mapping[tuple[str, str], str]:
        """Find what of a source is set aside: (collection, key) and the SHA-256 (hex) of its bytes."""
        rows = self._database.rows(self._sql["quarantined"], (source.number,))
        return {(collection, key): sha256 for collection, key, sha256 in rows}

    @contextmanager
    def writing(self) -> Iterator[Writing]:
        """Write in large transactions; what was applied before a SourceError is kept, anything else loses the last one."""
        writing = Writing(self._database, self._mailbox, self._calendars)
        try:
            yield writing
        except SourceError:
            writing.commit()
            raise
        except BaseException:
            self._database.roll_back()
            raise
        writing.commit()

    def keep_state(self, source: KnownSource, state: SourceState) -> None:
        """Note how a source fared."""
        as_of = None if state.as_of is None else int(state.as_of.timestamp())
        self._database.run(self._sql["keep_state"], (state.state, as_of, state.error, source.number))

    def sources(self) -> list[SourceState]:
        """List how each source fared at its last sync."""
        rows = self._database.rows(self._sql["sources"])
        return [SourceState(name, kind, state, _time(as_of), error) for _, kind, name, state, as_of, error in rows]

    @property
    def is_whole(self) -> bool:
        """Whether all its sources were read since it was made, so that what is not in it is gone."""
        return bool(found := self.sources()) and all(each.as_of for each in found)

    def keep_only(self, names: frozenset[tuple[SourceKind, str]]) -> None:
        """Forget the sources that are not in the settings any more."""
        for _, kind, name, *_ in self._database.rows(self._sql["sources"]):
            if (kind, name) in names:
                continue
            source = self.source(kind, name)
            with self.writing() as writing:
                for collection in source.collections.values():
                    writing.drop(collection.place)
                writing.sweep()
            self._database.run(self._sql["delete_source"], (source.number,))

    def problems(self, limit: int = 1000) -> list[Problem]:
        """List what could not be read well."""
        return [Problem(*row) for row in self._database.rows(self._sql["problems"], (limit,))]

    def search(self, text: str, limit: int = 20) -> list[Found]:
        """Find what a query asks for, best first; what holds only some of its words follows."""
        return list(self.reads.search(text, limit))

    def search_near(self, text: str, limit: int, near: Near) -> list[Found]:
        """Find what a query asks for also by its meaning; `near` tells what is near to that."""
        return list(self.reads.search_near(text, limit, near))

    def texts(self) -> Iterator[tuple[int, str, str]]:
        """Of all things their row in the table of words, title and text; they come in parts, so that few are held at once."""
        last = int(self._database.value(self._sql["last_thing"]) or 0)
        for start in range(0, last + 1, _THINGS):
            yield from self._database.rows(self._sql["texts"], (start, start + _THINGS))

    def texts_of(self, things: Sequence[int]) -> list[tuple[int, str, str]]:
        """The same of some things; those that are gone are left out."""
        return texts_of(self._database, things)

    def show(self, ref: str) -> Shown:
        """Find what a reference points at; raises UnknownRefError."""
        return self.reads.show(ref)

    def _mark_damaged(self, error: DamagedError) -> StateError:
        """Have the mirror rebuilt at its next opening."""
        with suppress(OSError):
            _mark(self._database.path).touch(mode=0o600)
        return StateError(error.sentence, advice="It is only a mirror: it is rebuilt from its sources at the next start.")

    def _adapt(self, zone: ZoneInfo, addresses: frozenset[str]) -> None:
        """Work out anew what depends on the owner's zone and addresses, and on what is taken from a mail, when that changed."""
        for name, value, adapt in (
            ("reading", _READING, self._forget_mails),
            ("zone", zone.key, self._calendars.expand_all),
            ("addresses", " ".join(sorted(addresses)), self._mailbox.mark_owner),
        ):
            if self._database.value(self._sql["setting"], (name,)) != value:
                with self._database.transaction():
                    adapt()
                    self._database.run(self._sql["keep_setting"], (name, value))

    def _forget_mails(self) -> None:
        """Have all mails read again from their sources by the next sync."""
        for _, kind, name, *_ in self._database.rows(self._sql["sources"]):
            collections = self.source(kind, name).collections if kind == "mail" else {}
            for known in collections.values():
                self._mailbox.forget(known.place.folder)
                self._database.run(self._sql["keep_cursor"], (None, known.place.collection))
                self._database.run(self._sql["keep_token"], ("", known.place.collection))
        self._mailbox.sweep()


def _opened(path: Path) -> Database:
    """Open the file; raises SchemaError where another schema made it, for there is no migration but to read all again."""
    database = open_database(path, "mirror", _PRAGMAS)
    sql, schema = statements("mirror"), hashlib.sha256("".join(migrations("mirror")).encode()).hexdigest()
    try:
        known = database.value(sql["setting"], ("schema",))
        if known is None and database.value(sql["setting"], ("zone",)) is None:
            database.run(sql["keep_setting"], ("schema", schema))
        elif known != schema:
            raise SchemaError(f"{path} was written by another version of the butler.")
    except BaseException:
        database.close()
        raise
    return database


def _mark(path: Path) -> Path:
    return path.with_name(f"{path.name}.damaged")


def _check_mark(path: Path) -> None:
    mark = _mark(path)
    if mark.exists():
        with os_told(mark):
            mark.unlink()
        raise DamagedError(f"{path} was found damaged.")


def _move_aside(path: Path) -> Path:
    """Keep one damaged mirror for whoever wants to look; the one before it is overwritten."""
    aside = path.with_name(f"{path.name}.aside")
    with os_told(path):
        for suffix in ("-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        path.replace(aside)
    return aside


def _time(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def upcoming(path: Path, start: datetime, end: datetime) -> Sequence[Placed]:
    """Read the occurrences that overlap a window from a mirror that others write; none where there is no mirror yet."""
    if not path.exists():
        return ()
    found: Sequence[Placed] = read_only(path, lambda own: MirrorReads(own).occurrences(start, end))
    return found
