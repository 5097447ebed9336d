"""Sources, hands and ears in real workers: what dies, breaks or lies there is one sentence here, and the rest goes on."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from daemon_process import until
from quiet_time import since

from butler.core import payloads as p
from butler.core.accounts import CalendarAccount, MailAccount, NotesFolder
from butler.core.effects import AppendMail, PutFile, Seen
from butler.core.errors import EffectError, LoginError, SourceError
from butler.core.owner import BriefingOptions, Owner
from butler.core.sources import Collection
from butler.dialing import StateLedger
from butler.house import Deeds, House
from butler.remote.ears import RemoteEar
from butler.remote.hands import RemoteHands
from butler.remote.sources import RemoteSource
from butler.remote.workers import Workers
from butler.sandbox.worker import Forkserver
from butler.store.database import DamagedError
from butler.watch.changes import changes
from butler.watch.signal import Signal

SERVERS = str(Path(__file__).parent.parent / "servers")
ODD = {"mail": "odd_tool:TOOL", "notes": "tools.files:TOOL", "calendar": "tools.calendar:TOOL"}
OWNER = Owner("Anna Berger", frozenset({"anna@berger.example"}), ZoneInfo("Europe/Berlin"))
LETTER = p.Letter(
    account="home",
    sender=p.Person(address="anna@berger.example"),
    to=(p.Person(address="tom@nordwind.example"),),
    subject="Lunch",
    body="Yes.",
    message_id="a@b",
    date=datetime(2026, 11, 24, tzinfo=UTC),
)
EFFECT = AppendMail(account="home", role="\\Drafts", letter=LETTER)
OPEN = Seen(state="open")


@pytest.fixture(scope="module")
def forkserver() -> Iterator[Forkserver]:
    with Forkserver(folders=(SERVERS,)) as forkserver:
        yield forkserver


@pytest.fixture
def workers(forkserver: Forkserver, tmp_path: Path) -> Iterator[Workers]:
    with closing(StateLedger(tmp_path / "butler.db")) as ledger:
        yield Workers(lambda: forkserver, ledger, ODD)  # type: ignore[arg-type]


def account(user: str = "", **more: object) -> MailAccount:
    return replace(MailAccount("home", "imap.berger.example", user=user, password=lambda: "hunter2"), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(("deed", "why"), [("killed", ""), ("broken", r" \(KeyError: 'a fault'\)")])
def test_a_reader_that_ends_is_told_of_and_started_anew(workers: Workers, deed: str, why: str) -> None:
    told = rf"^The process that reads mail.home ended unexpectedly{why}; the next sync tries it again\.$"
    with closing(RemoteSource(workers, account(f"collections {deed}"))) as source, pytest.raises(SourceError, match=told):
        source.collections()
    with closing(RemoteSource(workers, account(f"changes {deed}"))) as source:
        found = source.changes(Collection("INBOX"), None, dict)
        assert next(found).cursor == "1"
        with pytest.raises(SourceError, match=told):
            next(found)
        assert [each.cursor for each in source.changes(Collection("Sent"), None, dict)] == ["1", "2"]


def test_a_sync_goes_on_when_a_reader_ends(forkserver: Forkserver, tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    notes.mkdir()
    (notes / "a.md").write_text("Hello")
    accounts = (account("collections killed"), NotesFolder("notes", notes))
    deeds = Deeds(OWNER, accounts, BriefingOptions(), tmp_path / "state", found=ODD, forkserver=forkserver.descriptor)  # type: ignore[arg-type]
    with House(deeds) as house:
        states = house.sync()
        assert [(state.name, state.state) for state in states] == [("home", "failed"), ("notes", "fresh")]
        assert [found.ref for found in house.search("Hello")] == ["file:notes/a.md"]
    assert "ended unexpectedly" in str(states[0].error)


def test_what_the_mirror_knows_is_asked_for_and_its_own_failure_is_told(workers: Workers) -> None:
    def damaged() -> dict[str, str]:
        raise DamagedError("It is broken.")

    with closing(RemoteSource(workers, account())) as source:
        *_, last = source.changes(Collection("INBOX"), None, lambda: {"b": "1", "a": ""})
        assert last.removed == ["a", "b"]
        with pytest.raises(DamagedError, match="It is broken"):
            list(source.changes(Collection("INBOX"), None, damaged))


def test_who_stops_in_the_middle_may_go_on_with_something_else(workers: Workers) -> None:
    with closing(RemoteSource(workers, account())) as source:
        found = source.changes(Collection("INBOX"), None, dict)
        next(found)
        found.close()  # type: ignore[attr-defined]
        assert [each.name for each in source.collections()] == ["INBOX", "Sent"]


def test_a_secret_is_fetched_when_it_is_needed_and_not_before(workers: Workers) -> None:
    fetched = []

    def password() -> str:
        fetched.append("it")
        return "hunter2"

    with closing(RemoteSource(workers, account(password=password))) as source:
        source.collections()
    assert fetched == []
    with (
        closing(RemoteSource(workers, account("secret", password=password))) as source,
        pytest.raises(LoginError, match="hunter2"),
    ):
        source.collections()
    assert fetched == ["it"]


def test_a_worker_reaches_no_other_host_and_no_file_beside_its_own(workers: Workers, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("This is not to be read.")
    for deed, path in ((f"read {secret}", None), ("dial evil.example 993", None), (f"read {secret}", tmp_path / "mail")):
        with closing(RemoteSource(workers, account(deed, path=path))) as source, pytest.raises(SourceError, match="Permission"):
            source.collections()
    (tmp_path / "mail").mkdir()
    (tmp_path / "mail" / "a").write_text("This may be read.")
    mine = account(f"read {tmp_path}/mail/a", path=tmp_path / "mail")
    with closing(RemoteSource(workers, mine)) as source, pytest.raises(SourceError, match="may be read"):
        source.collections()


def test_folders_that_the_owner_linked_into_the_account_are_read(workers: Workers, tmp_path: Path) -> None:
    elsewhere, root = tmp_path / "elsewhere", tmp_path / "calendars"
    for folder in (elsewhere, root / "home"):
        folder.mkdir(parents=True)
        (folder / "1.ics").write_text("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")
    (root / "work").symlink_to(elsewhere)
    (tmp_path / "link").symlink_to(root)
    for path in (root, tmp_path / "link"):
        with closing(RemoteSource(workers, CalendarAccount("c", path=path))) as source:
            found = source.collections()
            assert [each.name for each in found] == ["c.home", "c.work"]
            assert [len(batch.added) for each in found for batch in source.changes(each, None, dict)] == [1, 1]


@pytest.mark.parametrize("deed", ["killed", "broken"])
def test_hands_that_end_may_have_done_it_only_when_they_were_to(workers: Workers, deed: str) -> None:
    for where, uncertain in (("look", False), ("act", True)):
        with closing(RemoteHands(workers, account(f"{where} {deed}"))) as hands:
            with pytest.raises(EffectError, match=r"The process that acts on mail.home ended unexpectedly") as told:
                hands.look(EFFECT) and hands.act(EFFECT, OPEN)
            assert (told.value.uncertain, told.value.permanent) == (uncertain, False)
            if where == "act":
                assert hands.look(EFFECT) == OPEN, "they are there again"


def test_what_takes_an_effect_back_is_of_its_kind(workers: Workers) -> None:
    with closing(RemoteHands(workers, account())) as hands:
        receipt = hands.act(EFFECT, OPEN)
        assert receipt.undo is not None
        assert receipt.undo.verb == "mail.remove"
        assert hands.renewed(p.MailDraft(letter=LETTER), EFFECT, OPEN) == p.MailDraft(letter=LETTER)
    for deed in ("sends", "elsewhere"):
        with closing(RemoteHands(workers, account(f"undo {deed}"))) as hands:
            with pytest.raises(EffectError, match="not of the same kind") as told:
                hands.act(EFFECT, OPEN)
            assert (told.value.uncertain, told.value.permanent) == (True, True)


def test_a_reader_that_waits_is_ended_at_once_when_whoever_reads_is_interrupted(workers: Workers) -> None:
    here = threading.get_ident()

    def soon() -> str:
        threading.Timer(0.2, lambda: signal.pthread_kill(here, signal.SIGINT)).start()
        return "hunter2"

    source = RemoteSource(workers, account("waits", password=soon))
    with pytest.raises(KeyboardInterrupt):
        source.collections()
    began = time.monotonic()
    source.close()
    assert since(began) < 2.0


def test_hands_keep_old_versions_in_a_folder_that_was_not_there(workers: Workers, tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.md").write_text("old")
    kept = tmp_path / "state" / "kept" / "notes"
    with closing(RemoteHands(workers, NotesFolder("notes", tmp_path / "notes", kept=kept))) as hands:
        effect = PutFile(account="notes", path="a.md", content="new", before=sha256(b"old").hexdigest())
        hands.act(effect, hands.look(effect))
    assert (tmp_path / "notes" / "a.md").read_text() == "new"
    assert (kept / sha256(b"old").hexdigest()).read_text() == "old"
    assert kept.stat().st_mode & 0o777 == 0o700


def listening(ear: RemoteEar, stop: Signal) -> tuple[threading.Thread, list[str]]:
    heard: list[str] = []

    def listen() -> None:
        for each in ear.listen(stop):
            heard.append(each)  # noqa: PERF402 - one after the other

    thread = threading.Thread(target=listen)
    thread.start()
    return thread, heard


def test_an_ear_is_ended_at_once_and_costs_nothing_until_then(workers: Workers) -> None:
    ear, stop = RemoteEar(workers, account(), "INBOX", 300.0, changes), Signal()
    thread, heard = listening(ear, stop)
    until(lambda: heard == ["there"], 20)
    seat = ear._seat
    assert seat is not None
    assert seat.worker.running
    # Of this process, the thread that listens: what other tests left to its others is none of the ear's.
    assert thread.ident is not None
    clock = time.pthread_getcpuclockid(thread.ident)
    before = time.clock_gettime(clock)
    time.sleep(1.0)
    assert time.clock_gettime(clock) - before < 0.05
    began = time.monotonic()
    stop.set()
    thread.join(20)
    assert since(began) < 1.0
    assert (thread.is_alive(), seat.worker.running) == (False, False)
    stop.close()


def test_an_ear_that_ends_is_told_of_and_listens_again(workers: Workers) -> None:
    stop = Signal()
    for deed in ("killed", "broken"):
        ear = RemoteEar(workers, account(f"listen {deed}"), "INBOX", 300.0, changes)
        for _ in range(2):
            with pytest.raises(SourceError, match=r"The process that listens to mail.home ended unexpectedly"):
                list(ear.listen(stop))
    stop.set()
    assert list(RemoteEar(workers, account(), "INBOX", 300.0, changes).listen(stop)) == []
    stop.close()


def test_an_ear_is_told_of_changes_in_its_own_folder_and_in_no_other(workers: Workers, tmp_path: Path) -> None:
    root, other = tmp_path / "mail", tmp_path / "other"
    (root / "deeper").mkdir(parents=True)
    other.mkdir()
    (root / "deeper" / "way-out").symlink_to(other)
    for folder in (other, root / ".." / "other", root / "deeper" / "way-out"):
        ear, stop = RemoteEar(workers, account(f"watch {folder}", path=root), "INBOX", 300.0, changes), Signal()
        with pytest.raises(SourceError, match="none of the account's folders"):
            list(ear.listen(stop))
        stop.set()
        stop.close()
    stop = Signal()
    thread, heard = listening(RemoteEar(workers, account(f"watch {root}", path=root), "INBOX", 300.0, changes), stop)
    until(lambda: "there" in heard, 20)
    # It is watched soon after it was first looked at.
    until(lambda: (root / "new").write_text(str(time.time())) and "arrived" in heard, 20)
    began = time.monotonic()
    stop.set()
    thread.join(20)
    assert since(began) < 2.0
    stop.close()
