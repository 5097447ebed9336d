"""What every calendar source keeps: CalDAV on Radicale and on Xandikos, and a folder of .ics files."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import count
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

import pytest
from dav_servers import DavServer, dav_server

from butler.core.accounts import CalendarAccount
from butler.core.calendar import CalendarObject, RawObject
from butler.core.errors import SourceError
from butler.core.sources import Batch, Collection, Frame, Raw, Source
from tools.calendar import TOOL

__all__ = ["dav_server"]

_calendars = count(1)
_revisions = count(1)


def event(uid: str, summary: str = "Meeting") -> str:
    """A calendar object with one event; two with the same words differ all the same."""
    return (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//butler//tests//EN\r\nBEGIN:VEVENT\r\n"
        f"UID:{uid}\r\nDTSTAMP:20261101T000000Z\r\nDTSTART:20261124T080000Z\r\nDTEND:20261124T090000Z\r\n"
        f"SUMMARY:{summary}\r\nX-REVISION:{next(_revisions)}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )


class Place(Protocol):
    """Where a source reads from, as the outside world may change it."""

    def account(self, *collections: str, alone: str = "") -> CalendarAccount:
        """An account for all of it, or for one calendar alone."""
        ...

    def make(self, name: str) -> None:
        """Make a calendar."""
        ...

    def put(self, calendar: str, key: str, content: str) -> None:
        """Store an object."""
        ...

    def delete(self, calendar: str, key: str) -> None:
        """Delete an object."""
        ...

    def drop(self, calendar: str) -> None:
        """Delete a calendar."""
        ...


@dataclass
class OnServer:
    server: DavServer

    def account(self, *collections: str, alone: str = "") -> CalendarAccount:
        path = self.server.home + (f"{alone}/" if alone else "")
        secret = self.server.password
        return CalendarAccount(
            "family", url=self.server.url + path, user=self.server.user, password=lambda: secret, collections=collections
        )

    def make(self, name: str) -> None:
        self.server.make_calendar(name)

    def put(self, calendar: str, key: str, content: str) -> None:
        self.server.put(f"{self.server.home}{calendar}/{quote(key)}", content)

    def delete(self, calendar: str, key: str) -> None:
        self.server.delete(f"{self.server.home}{calendar}/{quote(key)}")

    def drop(self, calendar: str) -> None:
        self.server.delete(f"{self.server.home}{calendar}/")


@dataclass
class InFolder:
    root: Path

    def account(self, *collections: str, alone: str = "") -> CalendarAccount:
        return CalendarAccount("family", path=self.root / alone, collections=collections)

    def make(self, name: str) -> None:
        (self.root / name).mkdir()

    def put(self, calendar: str, key: str, content: str) -> None:
        file = self.root / calendar / key
        before = file.stat().st_mtime_ns if file.exists() else 0
        file.write_text(content)
        # The clock of many file systems goes in steps of milliseconds, in which no person writes twice.
        os.utime(file, ns=(before + 1, max(file.stat().st_mtime_ns, before + 1)))

    def delete(self, calendar: str, key: str) -> None:
        (self.root / calendar / key).unlink()

    def drop(self, calendar: str) -> None:
        for file in (self.root / calendar).iterdir():
            file.unlink()
        (self.root / calendar).rmdir()


@dataclass
class Mirror:
    """Keeps what a source yields, as the real mirror does."""

    versions: dict[str, str] = field(default_factory=dict)
    contents: dict[str, bytes] = field(default_factory=dict)
    cursor: str | None = None
    asked: int = 0

    def known(self) -> dict[str, str]:
        self.asked += 1
        return dict(self.versions)

    def store(self, batch: Batch[Raw]) -> None:
        for raw in batch.added:
            assert isinstance(raw, RawObject)
            self.versions[raw.key] = raw.version
            self.contents[raw.key] = raw.content
        for key in batch.removed:
            self.versions.pop(key, None)
            self.contents.pop(key, None)
        self.cursor = batch.cursor

    def sync(self, source: Source[Raw], name: str) -> tuple[set[str], set[str]]:
        """Read what changed; the keys that were added and removed."""
        collection = find(source, name)
        added: set[str] = set()
        removed: set[str] = set()
        for batch in source.changes(collection, self.cursor, self.known):
            self.store(batch)
            added |= {raw.key for raw in batch.added}
            removed |= set(batch.removed)
        return added, removed


def find(source: Source[Raw], name: str) -> Collection:
    return next(each for each in source.collections() if each.name == name)


@pytest.fixture(params=["radicale", "xandikos", "vdir"])
def place(request: pytest.FixtureRequest, dav_server: Callable[[str], DavServer], tmp_path: Path) -> Place:
    return InFolder(tmp_path) if request.param == "vdir" else OnServer(dav_server(request.param))


@pytest.fixture
def work(place: Place) -> str:
    """A calendar of the test's own with three events."""
    name = f"work{next(_calendars)}"
    place.make(name)
    for number in range(3):
        place.put(name, f"{number}.ics", event(f"{name}-{number}"))
    return name


@pytest.fixture
def source(place: Place) -> Iterator[Source[Raw]]:
    made = TOOL.open(place.account())
    yield made
    made.close()


def test_the_first_reading_yields_every_object_whole(source: Source[Raw], work: str) -> None:
    mirror = Mirror()
    assert mirror.sync(source, f"family.{work}") == ({"0.ics", "1.ics", "2.ics"}, set())
    assert b"UID:" + work.encode() + b"-1" in mirror.contents["1.ics"]
    assert all(mirror.versions.values())


def test_what_is_handed_over_can_be_parsed(source: Source[Raw], work: str) -> None:
    batches = list(source.changes(find(source, f"family.{work}"), None, dict))
    parsed = TOOL.parse([raw for batch in batches for raw in batch.added], Frame("UTC", date(2026, 11, 1), date(2026, 12, 1)))
    uids = {each.occurrences[0].uid for each in parsed if isinstance(each, CalendarObject)}
    assert uids == {f"{work}-0", f"{work}-1", f"{work}-2"}


def test_the_last_batch_of_the_first_reading_tells_the_total(source: Source[Raw], work: str) -> None:
    batches = list(source.changes(find(source, f"family.{work}"), None, dict))
    assert batches[-1].total == 3


def test_nothing_is_yielded_when_nothing_changed(source: Source[Raw], work: str) -> None:
    mirror = Mirror()
    mirror.sync(source, f"family.{work}")
    assert list(source.changes(find(source, f"family.{work}"), mirror.cursor, mirror.known)) == []


def test_only_what_changed_is_yielded(place: Place, source: Source[Raw], work: str) -> None:
    mirror = Mirror()
    mirror.sync(source, f"family.{work}")
    place.put(work, "1.ics", event(f"{work}-1", "Moved"))
    place.put(work, "3.ics", event(f"{work}-3"))
    place.delete(work, "2.ics")
    assert mirror.sync(source, f"family.{work}") == ({"1.ics", "3.ics"}, {"2.ics"})
    assert b"Moved" in mirror.contents["1.ics"]


def test_names_may_hold_spaces_and_letters_of_all_kinds(place: Place, source: Source[Raw], work: str) -> None:
    mirror = Mirror()
    mirror.sync(source, f"family.{work}")
    place.put(work, "zürich @ 5%.ics", event(f"{work}-odd"))
    assert mirror.sync(source, f"family.{work}") == ({"zürich @ 5%.ics"}, set())
    place.delete(work, "zürich @ 5%.ics")
    assert mirror.sync(source, f"family.{work}") == (set(), {"zürich @ 5%.ics"})


def test_a_token_changes_with_each_change_and_only_then(place: Place, source: Source[Raw], work: str) -> None:
    tokens = [find(source, f"family.{work}").token, find(source, f"family.{work}").token]
    place.put(work, "0.ics", event(f"{work}-0", "Changed"))
    tokens.append(find(source, f"family.{work}").token)
    place.delete(work, "0.ics")
    tokens.append(find(source, f"family.{work}").token)
    assert tokens[0] == tokens[1]
    assert len(set(tokens)) == 3


def test_reading_changes_nothing_at_the_source(source: Source[Raw], work: str) -> None:
    before = find(source, f"family.{work}").token
    Mirror().sync(source, f"family.{work}")
    assert find(source, f"family.{work}").token == before


@pytest.mark.parametrize("cursor", ["sync http://radicale.org/ns/sync/0000", "sync nonsense", "list 7", "part", "garbage"])
def test_a_cursor_that_is_not_understood_leads_to_a_comparison(
    place: Place, source: Source[Raw], work: str, cursor: str
) -> None:
    mirror = Mirror()
    mirror.sync(source, f"family.{work}")
    place.put(work, "1.ics", event(f"{work}-1", "Changed"))
    place.delete(work, "2.ics")
    mirror.cursor = cursor
    assert mirror.sync(source, f"family.{work}") == ({"1.ics"}, {"2.ics"})


def test_an_interrupted_first_reading_goes_on_where_it_was(
    source: Source[Raw], work: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tools.dav.source._IN_BATCH", 1)
    monkeypatch.setattr("tools.vdir._IN_BATCH", 1)
    mirror = Mirror()
    mirror.store(next(source.changes(find(source, f"family.{work}"), None, mirror.known)))
    assert len(mirror.versions) == 1
    first = set(mirror.versions)
    assert mirror.sync(source, f"family.{work}") == ({"0.ics", "1.ics", "2.ics"} - first, set())


def test_an_interrupted_later_reading_loses_nothing(
    place: Place, source: Source[Raw], work: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tools.dav.source._IN_BATCH", 1)
    monkeypatch.setattr("tools.vdir._IN_BATCH", 1)
    mirror = Mirror()
    mirror.sync(source, f"family.{work}")
    for number in range(2):
        place.put(work, f"{number}.ics", event(f"{work}-{number}", "Changed"))
    place.delete(work, "2.ics")
    mirror.store(next(source.changes(find(source, f"family.{work}"), mirror.cursor, mirror.known)))
    mirror.sync(source, f"family.{work}")
    assert set(mirror.contents) == {"0.ics", "1.ics"}
    assert all(b"Changed" in content for content in mirror.contents.values())


def test_an_empty_calendar_is_read_once(place: Place, source: Source[Raw]) -> None:
    name = f"empty{next(_calendars)}"
    place.make(name)
    batches = list(source.changes(find(source, f"family.{name}"), None, dict))
    assert [len(batch.added) for batch in batches] == [0]
    assert list(source.changes(find(source, f"family.{name}"), batches[0].cursor, dict)) == []


def test_a_new_source_goes_on_with_the_cursor_of_an_old_one(place: Place, source: Source[Raw], work: str) -> None:
    mirror = Mirror()
    mirror.sync(source, f"family.{work}")
    place.put(work, "1.ics", event(f"{work}-1", "Changed"))
    other = TOOL.open(place.account())
    added: set[str] = set()
    for batch in other.changes(Collection(f"family.{work}"), mirror.cursor, mirror.known):
        added |= {raw.key for raw in batch.added}
    other.close()
    assert added == {"1.ics"}


def test_an_account_for_one_calendar_gives_it_its_own_name(place: Place, work: str) -> None:
    source = TOOL.open(place.account(alone=work))
    assert [each.name for each in source.collections()] == ["family"]
    assert Mirror().sync(source, "family")[0] == {"0.ics", "1.ics", "2.ics"}
    source.close()


def test_only_the_calendars_that_were_named_are_read(place: Place, work: str) -> None:
    place.make(f"{work}-other")
    source = TOOL.open(place.account(work.upper()))
    assert [each.name for each in source.collections()] == [f"family.{work}"]
    source.close()


def test_a_named_calendar_that_is_not_there_is_an_error_that_says_what_is(place: Place, work: str) -> None:
    source = TOOL.open(place.account(work, "choir"))
    with pytest.raises(SourceError, match=f"(?s)choir.*{work}") as caught:
        source.collections()
    source.close()
    assert caught.value.permanent


def test_a_calendar_that_vanished_is_an_error(place: Place, source: Source[Raw], work: str) -> None:
    mirror = Mirror()
    mirror.sync(source, f"family.{work}")
    gone = find(source, f"family.{work}")
    place.drop(work)
    place.make(f"left{next(_calendars)}")
    fresh = TOOL.open(place.account())
    with pytest.raises(SourceError):
        list(fresh.changes(gone, mirror.cursor, mirror.known))
    with pytest.raises(SourceError):
        list(source.changes(gone, "part", mirror.known))
    fresh.close()


def test_closing_twice_is_fine_and_a_closed_source_opens_itself_again(source: Source[Raw], work: str) -> None:
    source.close()
    source.close()
    assert f"family.{work}" in [each.name for each in source.collections()]


def test_a_source_knows_its_name_and_kind(source: Source[Raw]) -> None:
    assert (source.name, source.kind) == ("family", "calendar")


def test_a_folder_tells_a_change_by_its_time_alone(tmp_path: Path) -> None:
    place = InFolder(tmp_path)
    place.make("work")
    place.put("work", "0.ics", event("a"))
    source = TOOL.open(place.account())
    mirror = Mirror()
    mirror.sync(source, "family.work")
    os.utime(tmp_path / "work" / "0.ics", ns=(1, 1))
    assert mirror.sync(source, "family.work") == ({"0.ics"}, set())
