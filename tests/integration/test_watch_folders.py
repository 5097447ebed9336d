"""Folders and calendars are watched in the real file system and mirror; sources that go and come back are told of once."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from memory_source import raw_object
from watched import until, watching

from butler.core.calendar import Attendee, CalendarObject, Occurrence
from butler.core.jobs import Job, On
from butler.core.sources import Batch
from butler.core.upcoming import EventWish
from butler.daemon.watching import Watching, troubles
from butler.dialing import StateLedger
from butler.remote.workers import Workers
from butler.sandbox.worker import Forkserver
from butler.settings import Places, Settings, read
from butler.store.mirror import Mirror
from butler.watch import SourceWatcher
from butler.watch import changes as changes_module
from butler.watch import files as files_module
from butler.watch import meetings as meetings_module
from butler.watch import thread as watcher_thread
from butler.watch.build import watchers
from butler.watch.files import FilesWatcher
from butler.watch.meetings import MeetingsWatcher

DOCUMENTS = Job("documents", "documents", On("file"), model=True)
MEETING = Job("meeting", "meeting", On("event", 30))
PATTERNS = ("*.pdf", "*.txt")
NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes_module, "TICK", 300)
    monkeypatch.setattr(watcher_thread, "LONGEST_PAUSE", 0.1)


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    (tmp_path / "scans").mkdir()
    return tmp_path / "scans"


def files_watcher(scans: Path) -> FilesWatcher:
    return FilesWatcher("scans", scans, PATTERNS, [DOCUMENTS], scans.parent / "state" / "scans")


class Clock:
    """The time by which a watcher knows that a file is written to its end: it goes on when a test says so."""

    time_ns = staticmethod(time.time_ns)

    def __init__(self) -> None:
        self._now = 0.0
        self._looks = 0

    def monotonic(self) -> float:
        """What it is; the watcher asks once after each look at its folder."""
        self._looks += 1
        return self._now

    def goes_on(self, seconds: float) -> None:
        """Go on, once the watcher has seen all that is there by now, where something waits there."""
        looks = self._looks
        # The first look may have begun before.
        until(lambda: self._looks >= looks + 2)
        self._now += seconds


def test_a_file_that_is_written_slowly_is_told_of_once_when_it_is_whole(scans: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (scans / "before.pdf").write_text("was there")
    time.sleep(0.02)
    clock = Clock()
    monkeypatch.setattr(files_module, "time", clock)
    for name in ("STEP", "TICK"):
        monkeypatch.setattr(changes_module, name, 50)
    watcher = files_watcher(scans)
    with watching(watcher) as reports:
        until(lambda: watcher.trouble == "")
        with (scans / "a.pdf").open("w") as file:
            for _ in range(5):
                file.write("page")
                file.flush()
                clock.goes_on(0.9)
        clock.goes_on(0.0)
        assert reports.more(0.0) == []
        clock.goes_on(0.2)
        request = reports.next()
        assert (request.workflow, request.subject, request.trigger) == ("documents", "file:scans/a.pdf", "file:scans/a.pdf")
        assert request.slot.startswith("file:scans/a.pdf @")
        for name in ("b.pdf.part", ".c.pdf", "d.png"):
            (scans / name).write_text("x")
        (scans / "link.pdf").symlink_to(scans / "a.pdf")
        (scans / "folder.pdf").mkdir()
        os.mkfifo(scans / "pipe.pdf")
        (scans / "b.pdf.part").rename(scans / "b.pdf")
        clock.goes_on(1.0)
        assert reports.next().subject == "file:scans/b.pdf"
        (scans / "a.pdf").write_text("another scan")
        clock.goes_on(1.0)
        # What is told of comes in its order: nothing else was told of before this.
        again = reports.next()
        assert again.subject == request.subject
        assert again.slot != request.slot
    assert reports.more(0.0) == []


def test_what_comes_while_nobody_watches_is_told_of_later_and_what_lay_there_before_never(scans: Path) -> None:
    (scans / "before.pdf").write_text("was there")
    time.sleep(0.02)
    watcher = files_watcher(scans)
    with watching(watcher):
        until(lambda: watcher.trouble == "")
    (scans.parent / "a.pdf").write_text("x")
    os.utime(scans.parent / "a.pdf", (1, 1))
    time.sleep(0.02)
    (scans.parent / "a.pdf").rename(scans / "a.pdf")
    slots = []
    for _ in range(2):
        with watching(files_watcher(scans)) as reports:
            slots.append(reports.next().slot)
            assert reports.more(0.1) == []
    assert slots[0] == slots[1]


def test_a_folder_that_goes_and_comes_back_is_told_of(scans: Path) -> None:
    watcher = files_watcher(scans)
    with watching(watcher):
        until(lambda: watcher.trouble == "")
        scans.rmdir()
        until(lambda: "cannot be read" in (watcher.trouble or ""))
        scans.mkdir()
        until(lambda: watcher.trouble == "")


def meeting(uid: str, start: datetime) -> Occurrence:
    return Occurrence(
        uid, "", "Talk", start, start + timedelta(hours=1), attendees=(Attendee("", "ben@x.example", "accepted"),)
    )


def put(mirror: Mirror, *occurrences: Occurrence) -> None:
    known = mirror.collection(mirror.source("calendar", "dav"), "family", "")
    objects = [CalendarObject(each.uid, "1", (each,)) for each in occurrences]
    raws = tuple(raw_object(each.key) for each in objects)
    with mirror.writing() as writing:
        writing.apply(known.place, Batch("family", "1", raws), objects, date(2027, 12, 29))


def test_an_event_of_the_mirror_is_asked_for_when_its_time_comes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meetings_module, "LOOK", 0.05)
    now = [NOON]
    wish = EventWish(frozenset({"anna@x.example"}))
    watcher = MeetingsWatcher(tmp_path / "mirror.db", wish, [MEETING], lambda: now[0])
    with watching(watcher) as reports:
        assert reports.more(0.2) == []
        mirror = Mirror.open(tmp_path / "mirror.db", "Europe/Berlin")
        put(mirror, meeting("a", NOON + timedelta(minutes=45)), meeting("b", NOON + timedelta(minutes=20)))
        assert reports.next().subject == "event:family/b"
        assert reports.more(0.3) == []
        now[0] += timedelta(minutes=15)
        assert reports.next().subject == "event:family/a"
        mirror.close()
        # The watcher may have it open just now, so that its log stays: put in its place, and without a log of what was there.
        (tmp_path / "broken").write_bytes(b"no database" * 1000)
        (tmp_path / "broken").replace(tmp_path / "mirror.db")
        for beside in tmp_path.glob("mirror.db-*"):
            beside.unlink(missing_ok=True)
        until(lambda: "not a database" in (watcher.trouble or ""))
        assert watcher.alive()


def settings_of(tmp_path: Path, more: str = "") -> Settings:
    file = tmp_path / "butler.toml"
    file.write_text(
        '[owner]\naddresses = "anna@x.example"\n[mail.home]\npath = "mail"\nwatch = "INBOX, Work"\n'
        '[mail.work]\nhost = "imap.x.example"\nuser = "anna"\npassword = "x"\n'
        '[watch.scans]\npath = "scans"\n[calendar.family]\npath = "family"\n' + more
    )
    loaded = read(Places(environ={"HOME": str(tmp_path)}, config=file, folder=tmp_path))
    assert loaded.problems == ()
    return loaded.settings


def test_there_is_a_watcher_for_all_that_is_set_and_none_for_a_job_that_is_switched_off(tmp_path: Path) -> None:
    def names(more: str = "") -> list[str]:
        workers = Workers(Forkserver, StateLedger(tmp_path / "butler.db"))
        found = watchers(settings_of(tmp_path, more), workers, lambda: NOON)
        for each in found:
            each.stop()
        return [each.name for each in found]

    assert names() == ["mail:home/INBOX", "mail:home/Work", "mail:work/INBOX", "files:scans", "events"]
    off = "".join(f"[jobs.{name}]\nenabled = false\n" for name in ("triage", "meeting", "documents"))
    assert names(off) == []


def test_nothing_is_watched_while_there_is_nothing_to_read(tmp_path: Path) -> None:
    file = tmp_path / "butler.toml"
    file.write_text('[watch.scans]\npath = "scans"\n')
    found = read(Places(environ={"HOME": str(tmp_path)}, config=file, folder=tmp_path)).settings
    assert watchers(found, Workers(Forkserver, StateLedger(tmp_path / "butler.db")), lambda: NOON) == []


class Fixed:
    """A watcher that says what it is told to."""

    def __init__(self, source: str, trouble: str | None) -> None:
        self.name, self.source, self.trouble = source, source, trouble

    def start(self, report: Callable[..., Any]) -> None: ...

    def stop(self) -> None: ...

    def alive(self) -> bool:
        return True


def test_a_source_is_away_when_one_of_its_watchers_says_so_and_there_when_all_do() -> None:
    assert isinstance(Fixed("home", ""), SourceWatcher)
    assert troubles([Fixed("home", ""), Fixed("home", "Gone."), Fixed("work", ""), Fixed("", "x")]) == {
        "home": "Gone.",
        "work": "",
    }
    assert troubles([Fixed("home", ""), Fixed("home", None)]) == {}


async def changes_of(*troubles_in_turn: str | None) -> list[list[str]]:
    watcher = Fixed("home", None)
    watching = Watching(lambda _request: None, lambda _settings: [watcher])
    await watching.use(Settings.model_construct())
    found = []
    for trouble in troubles_in_turn:
        watcher.trouble = trouble
        found.append([each["state"] for each in watching.changed()])
    return found


def test_that_a_source_went_or_is_back_is_told_once() -> None:
    import asyncio

    told = asyncio.run(changes_of(None, "", "", "Gone.", "Gone still.", None, "", "", "Gone."))
    assert told == [[], ["fresh"], [], ["failed"], [], [], ["fresh"], [], ["failed"]]
