"""Reads the collections of a DAV server: discovery on that one host, sync tokens, ETags, multiget.

The caldav library's client does the talking (authentication, XML); requests are its plain `propfind` and `report`, since
its calendar objects parse every event again and again. Every request reads: PROPFIND and REPORT, nothing else is sent.
The cursor is `sync <token>` once a collection was read whole by its sync token, `list <ctag>` where the server has none, and
`part` in the midst of a first reading: then, as after a token was refused, ETags are compared with what is known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Generic, TypeVar

from butler.core.accounts import DavAccount
from butler.core.calendar import RawObject
from butler.core.contacts import RawCards
from butler.core.errors import SourceError
from butler.core.sources import Batch, Collection, Known
from tools.dav.connection import Connection, Refused, Resource
from tools.places import Seen, chosen, places

R = TypeVar("R", bound=RawObject | RawCards)

_IN_BATCH = 100
_BYTES_IN_BATCH = 8_000_000
_MOST_PAGES = 1_000


@dataclass(frozen=True, slots=True)
class _Folder:
    """A collection on the server: `sync` and `ctag` are its state, empty where the server does not tell."""

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


class DavSource(Generic[R]):
    """The collections of one account; connects when first asked. `make` makes what is handed over of key, version and bytes."""

    def __init__(self, account: DavAccount, server: Connection, make: Callable[[str, str, bytes], R]) -> None:
        self._account = account
        self._server = server
        self._noun = server.speech.noun
        self._make = make
        self._homes: list[str] | None = None
        self._wants_ctag = False
        self._folders: dict[str, _Folder] = {}

    @property
    def name(self) -> str:
        """The account's name."""
        return self._account.name

    @property
    def role(self) -> str:
        """The role of all of its collections, as far as the server told by now."""
        return ""

    def collections(self) -> Sequence[Collection]:
        """List the collections with their tokens: one PROPFIND once the account's home is known."""
        found, alone = self._list()
        seen = [Seen(each.segment, each.title) for each in found]
        names = [self.name] if alone else places(self.name, seen, self._noun)
        kept = [0] if alone else chosen(self.name, self._account.collections, seen, self._noun)
        self._folders = {names[position]: found[position] for position in kept}
        return [Collection(name, each.token, self.role) for name, each in self._folders.items()]

    def path(self, collection: str) -> str:
        """Find the path of a collection on the server; raises SourceError where it is not there."""
        if collection not in self._folders:
            self.collections()
        folder = self._folders.get(collection)
        if folder is None:
            raise SourceError(f"The {self._noun} {collection!r} is no longer on the server.", permanent=True)
        return folder.path

    def changes(self, collection: Collection, cursor: str | None, known: Known) -> Iterator[Batch[R]]:
        """Yield what changed, by sync token where the server has them, else by comparing ETags with what is known."""
        self.path(collection.name)
        folder = self._folders[collection.name]
        if cursor and cursor == collection.token:
            return
        delta, begun = self._since(folder, cursor)
        versions = known() if delta is None or delta.present else {}
        if delta is None:
            delta, begun = self._compared(folder, versions), "part"
        wanted = [each for key, each in delta.present.items() if not each.etag or versions.get(key) != each.etag]
        if not wanted and not delta.gone and delta.cursor == cursor:
            return
        yield from self._batches(collection.name, folder, wanted, delta, begun)

    def close(self) -> None:
        """End the connection."""
        self._server.close()

    def is_read(self, resource: Resource) -> bool:
        """Whether something that was found is a collection to be read."""
        return resource.is_wanted

    def _list(self) -> tuple[list[_Folder], bool]:
        """Find the collections, and whether the url is one; CTags, which cost as much as tokens, only without those."""
        found, alone = self._looked_up()
        if not self._wants_ctag and not all(each.sync for each in found):
            self._wants_ctag = True
            found, alone = self._looked_up()
        return found, alone

    def _looked_up(self) -> tuple[list[_Folder], bool]:
        if self._homes is None:
            top = self._server.describe(self._server.path, 0, ctag=self._wants_ctag)
            own = [_folder(each) for each in top if self.is_read(each)]
            if own:
                return own[:1], True
            self._homes = self._find_homes(top)
        found = [each for home in self._homes for each in self._server.describe(home, 1, ctag=self._wants_ctag)]
        folders = {each.path: _folder(each) for each in found if self.is_read(each)}
        if not folders:
            raise SourceError(
                f"There is no {self._noun} at {self._server.shown}.",
                permanent=True,
                advice=f"Set the url of the {self._noun} {self.name!r} to one, or to the folder that holds them.",
            )
        return sorted(folders.values(), key=lambda each: each.path), False

    def _find_homes(self, top: Sequence[Resource]) -> list[str]:
        """From a home, a principal or the server's root to the folders that hold collections."""
        homes = [home for each in top for home in each.homes]
        principal = next((each.principal for each in top if each.principal), "")
        if not homes and principal and principal.rstrip("/") != self._server.path.rstrip("/"):
            homes = [home for each in self._server.describe(principal, depth=0) for home in each.homes]
        below = self._server.path.rstrip("/")
        inside = any(below.startswith(home.rstrip("/") + "/") for home in homes)
        return [self._server.path] if inside or not homes else homes

    def _since(self, folder: _Folder, cursor: str | None) -> tuple[_Delta | None, str]:
        """Ask what changed since a token; None where there is none or it was refused."""
        word, _, token = (cursor or "").partition(" ")
        if word != "sync" or not token or not folder.sync:
            return None, ""
        present: dict[str, Resource] = {}
        gone: dict[str, None] = {}
        for _ in range(_MOST_PAGES):
            try:
                found, token, more = self._server.changed(folder.path, token)
            except Refused:
                return None, ""
            for each in found:
                key = _key(folder, each)
                present.pop(key, None)
                gone.pop(key, None)
                if each.missing:
                    gone[key] = None
                elif key:
                    present[key] = each
            if not more:
                return _Delta(present, list(gone), f"sync {token}"), cursor or ""
        return None, ""

    def _compared(self, folder: _Folder, versions: Mapping[str, str]) -> _Delta:
        """List everything by ETag; the token was asked for before, so what changes meanwhile comes again next time."""
        found = self._server.members(folder.path)
        present = {key: each for each in found if (key := _key(folder, each)) and not each.is_collection}
        return _Delta(present, [key for key in versions if key not in present], folder.token)

    def _batches(self, name: str, folder: _Folder, wanted: Sequence[Resource], delta: _Delta, begun: str) -> Iterator[Batch[R]]:
        total = len(delta.present) if begun == "part" else None
        pieces = [wanted[first : first + _IN_BATCH] for first in range(0, len(wanted), _IN_BATCH)] or [[]]
        for place, piece in enumerate(pieces, 1):
            *some, last = _parted(self._fetched(folder, piece))
            yield from (Batch(name, begun, each) for each in some)
            if place < len(pieces):
                yield Batch(name, begun, last)
            else:
                yield Batch(name, delta.cursor, last, removed=delta.gone, total=total)

    def _fetched(self, folder: _Folder, wanted: Sequence[Resource]) -> list[R]:
        """Fetch objects; what the server hands over broken is asked for one by one, so that it hides nothing else."""
        if not wanted:
            return []
        try:
            found = self._server.contents(folder.path, wanted)
        except Refused:
            if len(wanted) == 1:
                return [self._make(_key(folder, wanted[0]), wanted[0].etag or "unreadable", b"")]
            return [raw for each in wanted for raw in self._fetched(folder, [each])]
        return [self._raw(_key(folder, each), each) for each in found if not each.missing and each.content is not None]

    def _raw(self, key: str, resource: Resource) -> R:
        return self._make(key, version_of(resource), _content(resource))


def _parted(raws: Iterable[R]) -> list[list[R]]:
    """Objects in parts of bounded size, unless one alone is larger; at least one part."""
    parts: list[list[R]] = [[]]
    size = 0
    for raw in raws:
        size += len(raw.content)
        if size > _BYTES_IN_BATCH and parts[-1]:
            parts.append([])
            size = len(raw.content)
        parts[-1].append(raw)
    return parts


def version_of(resource: Resource) -> str:
    """An object's version: its ETag, or where the server tells none the hash of its content."""
    return resource.etag or f"sha-{sha256(_content(resource)).hexdigest()[:24]}"


def _content(resource: Resource) -> bytes:
    return (resource.content or "").encode("utf-8", "surrogatepass")


def _key(folder: _Folder, resource: Resource) -> str:
    """A resource's name below its collection; empty for the collection itself."""
    return resource.path.removeprefix(folder.path.rstrip("/") + "/").strip("/") if resource.path != folder.path else ""


def _folder(resource: Resource) -> _Folder:
    return _Folder(resource.path, resource.title, resource.sync_token, resource.ctag)
