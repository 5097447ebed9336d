"""Reads calendars and task lists from a CalDAV server: discovery on that one host, sync tokens, ETags, multiget.

The caldav library's client does the talking (authentication, XML); requests are its plain `propfind` and `report`, since
its calendar objects parse every event again and again. Every request reads: PROPFIND and REPORT, nothing else is sent.
The cursor is `sync <token>` once a calendar was read whole by its sync token, `list <ctag>` where the server has none, and
`part` in the midst of a first reading: then, as after a token was refused, ETags are compared with what is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from butler.core.accounts import CalendarAccount
from butler.core.calendar import RawObject
from butler.core.dialing import Dial
from butler.core.errors import SourceError
from butler.core.sources import Batch, Collection, Known, SourceKind
from tools.calendar.dav import Connection, Refused, Resource
from tools.calendar.places import Seen, chosen, places

SCHEDULES = "schedules"
"""The role of calendars whose server sends invitations and answers by itself."""

_IN_BATCH = 100
_BYTES_IN_BATCH = 8_000_000
_MOST_PAGES = 1_000
_COMPONENTS = {"VEVENT", "VTODO"}


@dataclass(frozen=True, slots=True)
class _Calendar:
    """A calendar on the server: `sync` and `ctag` are its state, empty where the server does not tell."""

    path: str
    title: str
    sync: str
    ctag: str

    @property
    def segment(self) -> str:
        """The last part of its path."""
        return self.path.rstrip("/").rpartition("/")[2]

    @property
    def token(self) -> str:
        """What changes whenever anything in it does."""
        return f"sync {self.sync}" if self.sync else f"list {self.ctag}" if self.ctag else ""


@dataclass(frozen=True, slots=True)
class _Delta:
    """Paths by key with the ETags that the server tells, keys that are gone, and the state that this leads to."""

    present: Mapping[str, Resource]
    gone: Sequence[str]
    cursor: str


class CalDavSource:
    """The calendars of one CalDAV account; connects when first asked."""

    def __init__(self, account: CalendarAccount, dial: Dial | None = None) -> None:
        self._account = account
        self.server = Connection(account, dial)
        self._homes: list[str] | None = None
        self._wants_ctag = False
        self._calendars: dict[str, _Calendar] = {}

    @property
    def name(self) -> str:
        """The account's name."""
        return self._account.name

    @property
    def kind(self) -> SourceKind:
        """It holds calendar objects."""
        return "calendar"

    def collections(self) -> Sequence[Collection]:
        """List the calendars with their tokens: one PROPFIND once the account's home is known."""
        found, alone = self._list()
        seen = [Seen(each.segment, each.title) for each in found]
        names = [self.name] if alone else places(self.name, seen)
        kept = [0] if alone else chosen(self.name, self._account.collections, seen)
        self._calendars = {names[position]: found[position] for position in kept}
        role = SCHEDULES if self.server.schedules else ""
        return [Collection(name, each.token, role) for name, each in self._calendars.items()]

    def path(self, collection: str) -> str:
        """Find the path of a calendar on the server; raises SourceError where it is not there."""
        if collection not in self._calendars:
            self.collections()
        calendar = self._calendars.get(collection)
        if calendar is None:
            raise SourceError(f"The calendar {collection!r} is no longer on the server.", permanent=True)
        return calendar.path

    def changes(self, collection: Collection, cursor: str | None, known: Known) -> Iterator[Batch[RawObject]]:
        """Yield what changed, by sync token where the server has them, else by comparing ETags with what is known."""
        self.path(collection.name)
        calendar = self._calendars[collection.name]
        if cursor and cursor == collection.token:
            return
        delta, begun = self._since(calendar, cursor)
        versions = known() if delta is None or delta.present else {}
        if delta is None:
            delta, begun = self._compared(calendar, versions), "part"
        wanted = [each for key, each in delta.present.items() if not each.etag or versions.get(key) != each.etag]
        if not wanted and not delta.gone and delta.cursor == cursor:
            return
        yield from self._batches(collection.name, calendar, wanted, delta, begun)

    def close(self) -> None:
        """End the connection."""
        self.server.close()

    def _list(self) -> tuple[list[_Calendar], bool]:
        """Find the calendars, and whether the url is one; CTags, which cost a server as much as tokens, only without those."""
        found, alone = self._looked_up()
        if not self._wants_ctag and not all(each.sync for each in found):
            self._wants_ctag = True
            found, alone = self._looked_up()
        return found, alone

    def _looked_up(self) -> tuple[list[_Calendar], bool]:
        if self._homes is None:
            top = self.server.describe(self.server.path, 0, ctag=self._wants_ctag)
            own = [_calendar(each) for each in top if _is_calendar(each)]
            if own:
                return own[:1], True
            self._homes = self._find_homes(top)
        found = [each for home in self._homes for each in self.server.describe(home, 1, ctag=self._wants_ctag)]
        calendars = {each.path: _calendar(each) for each in found if _is_calendar(each)}
        if not calendars:
            raise SourceError(
                f"There is no calendar at {self.server.shown}.",
                permanent=True,
                advice=f"Set the url of the calendar {self.name!r} to a calendar, or to the folder that holds them.",
            )
        return sorted(calendars.values(), key=lambda each: each.path), False

    def _find_homes(self, top: Sequence[Resource]) -> list[str]:
        """From a home, a principal or the server's root to the folders that hold calendars."""
        homes = [home for each in top for home in each.homes]
        principal = next((each.principal for each in top if each.principal), "")
        if not homes and principal and principal.rstrip("/") != self.server.path.rstrip("/"):
            homes = [home for each in self.server.describe(principal, depth=0) for home in each.homes]
        below = self.server.path.rstrip("/")
        inside = any(below.startswith(home.rstrip("/") + "/") for home in homes)
        return [self.server.path] if inside or not homes else homes

    def _since(self, calendar: _Calendar, cursor: str | None) -> tuple[_Delta | None, str]:
        """Ask what changed since a token; None where there is none or it was refused."""
        word, _, token = (cursor or "").partition(" ")
        if word != "sync" or not token or not calendar.sync:
            return None, ""
        present: dict[str, Resource] = {}
        gone: dict[str, None] = {}
        for _ in range(_MOST_PAGES):
            try:
                found, token, more = self.server.changed(calendar.path, token)
            except Refused:
                return None, ""
            for each in found:
                key = _key(calendar, each)
                present.pop(key, None)
                gone.pop(key, None)
                if each.missing:
                    gone[key] = None
                elif key:
                    present[key] = each
            if not more:
                return _Delta(present, list(gone), f"sync {token}"), cursor or ""
        return None, ""

    def _compared(self, calendar: _Calendar, versions: Mapping[str, str]) -> _Delta:
        """List everything by ETag; the token was asked for before, so what changes meanwhile comes again next time."""
        found = self.server.members(calendar.path)
        present = {key: each for each in found if (key := _key(calendar, each)) and not each.is_collection}
        return _Delta(present, [key for key in versions if key not in present], calendar.token)

    def _batches(
        self, name: str, calendar: _Calendar, wanted: Sequence[Resource], delta: _Delta, begun: str
    ) -> Iterator[Batch[RawObject]]:
        total = len(delta.present) if begun == "part" else None
        pieces = [wanted[first : first + _IN_BATCH] for first in range(0, len(wanted), _IN_BATCH)] or [[]]
        for place, piece in enumerate(pieces, 1):
            *some, last = _parted(self._fetched(calendar, piece))
            yield from (Batch(name, begun, each) for each in some)
            if place < len(pieces):
                yield Batch(name, begun, last)
            else:
                yield Batch(name, delta.cursor, last, removed=delta.gone, total=total)

    def _fetched(self, calendar: _Calendar, wanted: Sequence[Resource]) -> list[RawObject]:
        """Fetch objects; what the server hands over broken is asked for one by one, so that it hides nothing else."""
        if not wanted:
            return []
        try:
            found = self.server.contents(calendar.path, wanted)
        except Refused:
            if len(wanted) == 1:
                return [RawObject(_key(calendar, wanted[0]), wanted[0].etag or "unreadable", b"")]
            return [raw for each in wanted for raw in self._fetched(calendar, [each])]
        return [_raw(_key(calendar, each), each) for each in found if not each.missing and each.content is not None]


def _parted(raws: Iterable[RawObject]) -> list[list[RawObject]]:
    """Objects in parts of bounded size, unless one alone is larger; at least one part."""
    parts: list[list[RawObject]] = [[]]
    size = 0
    for raw in raws:
        size += len(raw.content)
        if size > _BYTES_IN_BATCH and parts[-1]:
            parts.append([])
            size = len(raw.content)
        parts[-1].append(raw)
    return parts


def _raw(key: str, resource: Resource) -> RawObject:
    content = (resource.content or "").encode("utf-8", "surrogatepass")
    return RawObject(key, version_of(resource), content)


def version_of(resource: Resource) -> str:
    """An object's version: its ETag, or where the server tells none the hash of its content."""
    content = (resource.content or "").encode("utf-8", "surrogatepass")
    return resource.etag or f"sha-{sha256(content).hexdigest()[:24]}"


def _key(calendar: _Calendar, resource: Resource) -> str:
    """A resource's name below its calendar; empty for the calendar itself."""
    return resource.path.removeprefix(calendar.path.rstrip("/") + "/").strip("/") if resource.path != calendar.path else ""


def _is_calendar(resource: Resource) -> bool:
    return resource.is_calendar and (not resource.components or bool(_COMPONENTS & set(resource.components)))


def _calendar(resource: Resource) -> _Calendar:
    return _Calendar(resource.path, resource.title, resource.sync_token, resource.ctag)
