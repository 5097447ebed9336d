"""Workers that something has taken over, at their worst: what they send, ask for and do harms nobody but themselves."""

from __future__ import annotations

import json
import socket
import sqlite3
import struct
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count, pairwise
from pathlib import Path
from unittest.mock import Mock

import pytest

from butler.core.accounts import MailAccount, NotesFolder, SmtpServer
from butler.core.briefing import Briefing, Evidence, Line, Section, Usage
from butler.core.calendar import CalendarObject, Occurrence, RawObject, Task
from butler.core.effects import AppendMail, Receipt
from butler.core.errors import EffectError, SourceError, UnknownRefError
from butler.core.mail import Address, Attachment, Message, RawMail
from butler.core.notes import Note, RawNote
from butler.core.prepared import prepare
from butler.core.sources import Collection
from butler.core.steps import ModelCall
from butler.dialing import StateLedger
from butler.dialing.allowance import Allowance, TooOftenError
from butler.dialing.counted import Counted
from butler.offers import BreachError, Offers
from butler.offers.parts import spans
from butler.remote.ears import RemoteEar
from butler.remote.hands import RemoteHands
from butler.remote.sources import RemoteSource
from butler.remote.workers import Workers, reach_of
from butler.sandbox.hints import UnfitError
from butler.sandbox.order import Order
from butler.sandbox.parsed import are_fair
from butler.sandbox.values import unpack
from butler.sandbox.wire import Parcel
from butler.sandbox.worker import Forkserver
from butler.thinker import prepared_folder
from butler.watch.signal import Signal

SERVERS = str(Path(__file__).parent.parent / "servers")
FOUND = {"mail": "taken_over:TOOL"}

MARK = "\\u0000"


@pytest.fixture(scope="module")
def forkserver() -> Iterator[Forkserver]:
    with Forkserver(folders=(SERVERS,)) as forkserver:
        yield forkserver


@pytest.fixture
def workers(forkserver: Forkserver, tmp_path: Path) -> Iterator[Workers]:
    with closing(StateLedger(tmp_path / "butler.db")) as ledger:
        yield Workers(lambda: forkserver, ledger, FOUND)  # type: ignore[arg-type]


def account(user: str, **more: object) -> MailAccount:
    return replace(MailAccount("home", "127.0.0.1", user=user, password=lambda: "hunter2"), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", [b'["\xed\xa0\x80"]', json.dumps(["\ud800"]).encode("utf-16-le"), b'["\\\\\\ud800"]'])
def test_half_a_character_does_not_cross_in_any_disguise(text: bytes) -> None:
    with pytest.raises(UnfitError):
        unpack(Parcel(text))


def test_a_small_frame_is_not_made_into_more_than_there_is_memory_for() -> None:
    twice = f'[{{"{MARK}":["bytes",0,4]}},{{"{MARK}":["bytes",0,4]}}]'.encode()
    with pytest.raises(UnfitError, match="no such bytes"):
        unpack(Parcel(twice, (b"abcd",)))


def test_a_set_is_of_texts_whose_hashes_nobody_can_choose() -> None:
    alike = f'{{"{MARK}":["set",{{"{MARK}":["Attachment","","",1]}}]}}'.encode()
    with pytest.raises(UnfitError, match="no set of texts"):
        unpack(Parcel(alike))


def test_who_reads_gets_nothing_that_sends(workers: Workers) -> None:
    smtp = SmtpServer("127.0.0.1", 465, password=lambda: "sesame")
    with closing(RemoteSource(workers, account("tells", smtp=smtp))) as source:
        told = [each.name for each in source.collections()]
    assert told == [
        "smtp: None",
        "password: hunter2",
        "secret: ",
        "port 465: PermissionError",
        "port 993: ConnectionRefusedError",
    ]


@pytest.mark.parametrize(("user", "what"), [("asks for secrets", "a secret"), ("dials", "a connection")])
def test_who_asks_without_end_is_ended(
    workers: Workers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, user: str, what: str
) -> None:
    monkeypatch.setattr("butler.dialing.dialer._MOST_AT_ONCE", 30)
    with socket.create_server(("127.0.0.1", 0)) as server:
        source = RemoteSource(workers, account(user, port=server.getsockname()[1]))
        with closing(source), pytest.raises(SourceError, match=f"ended unexpectedly .*{what} was asked for too often"):
            source.collections()
    with closing(sqlite3.connect(tmp_path / "butler.db")) as ledger:
        tables = [name for (name,) in ledger.execute("SELECT name FROM sqlite_master WHERE name = 'journal'")]
        rows = [ledger.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in tables]
    assert all(number <= 40 for number in rows)


def test_what_the_mirror_knows_is_not_told_without_end(workers: Workers) -> None:
    with closing(RemoteSource(workers, account("asks what is known"))) as source, pytest.raises(SourceError, match="too often"):
        list(source.changes(Collection("INBOX"), None, dict))


def test_an_ear_that_hears_without_end_is_ended(workers: Workers) -> None:
    stop, heard, began = Signal(), count(), time.monotonic()
    ear = RemoteEar(workers, account("hears"), "INBOX", 60.0, lambda _folders, _stop: iter(()))
    with pytest.raises(SourceError, match="too often"):
        all(next(heard) >= 0 for _ in ear.listen(stop))
    assert next(heard) <= 520 + 2 * (time.monotonic() - began)
    stop.close()


def test_an_allowance_comes_back_with_time() -> None:
    now = 0.0
    allowed = Allowance("it", 2, 10.0, lambda: now)
    for _ in range(2):
        allowed.take()
    with pytest.raises(TooOftenError, match="it was asked for too often"):
        allowed.take()
    now = 10.0
    allowed.take()
    now = 1000.0
    for _ in range(2):
        allowed.take()
    with pytest.raises(TooOftenError):
        allowed.take()


RAW = RawMail("7", frozenset(), 1_764_000_000, 10)
NOW = datetime(2026, 11, 26, 8, tzinfo=UTC)
PEOPLE = (Address("A", "a@x"), Address("", "b@x"))
MAIL = prepare(
    Message(
        *("7", frozenset({"\\seen"}), 1_764_000_000, 10, "a@x", NOW, "Hello", PEOPLE[0], PEOPLE, PEOPLE, PEOPLE),
        *("b@x", ("c@x", "b@x"), "list.x", True, True, "Text", True, "BEGIN", (Attachment("a", "b/c", 1),), ("Odd.",), PEOPLE),
    )
)
ENVELOPES = [
    *("", "{", "[]", "1", "[" * 100_000, '{"more":1}', '{"from":5}', '{"from":["a","b","c"]}', '{"from":["a",1]}'),
    *('{"date":"today"}', '{"date":5}', '{"date":"2026-11-26"}', '{"date":"2026-11-26T08:00:00"}'),
    *('{"date":"0001-01-01T00:00:00+14:00"}', '{"to":[["a"]]}', '{"cc":{"a":"b"}}', '{"subject":["a"]}', '{"subject":NaN}'),
    *('{"attachments":[["a","b","c"]]}', '{"references":[1]}', '{"bulk":1}', '{"subject":"\\ud800"}'),
]


def test_what_an_honest_parser_makes_is_kept() -> None:
    occurrences = (Occurrence("u", "", "S", NOW, NOW), Occurrence("u", "", "S", NOW.date(), NOW.date()))
    assert are_fair([RAW], [MAIL])
    assert are_fair([RawObject("k", "v", b"")], [CalendarObject("k", "v", occurrences)])
    assert are_fair([RawNote("k", "v", 1, b"")], [Note("k", "v", 1, "Text")])


@pytest.mark.parametrize(
    "change",
    [
        *({"envelope": each} for each in ENVELOPES),
        *({name: number} for name in ("moment", "received", "size") for number in (-1, 2**62)),
        *({"links": [1] * 63}, {"content_hash": "a"}, {"identity": ""}, {"identity": "a\0b"}, {"identity": "x" * 1001}),
        *({"sender": "a\0b"}, {"key": "8"}),
    ],
    ids=lambda change: str(change)[:40],
)
def test_a_parser_cannot_make_what_nobody_can_read_or_speak_of_another_mail(change: dict[str, object]) -> None:
    assert not are_fair([RAW], [MAIL._replace(**change)])  # type: ignore[arg-type]


def test_a_parser_answers_for_what_it_was_given_and_in_kind() -> None:
    odd = Occurrence("u", "", "S", NOW, date(2026, 11, 26))
    event, note = RawObject("k", "v", b""), RawNote("k", "v", 1, b"")
    assert not are_fair([event], [CalendarObject("k", "v", (odd,))])
    assert not are_fair([event], [CalendarObject("k", "w")])
    assert not are_fair([event], [CalendarObject("k", "v", (replace(odd, end=NOW, uid="a\0"),))])
    assert not are_fair([event], [CalendarObject("k", "v", (replace(odd, end=date.min, start=date.min),))])
    assert not are_fair([event], [CalendarObject("k", "v", tasks=(Task("t", "S", due=date.max),))])
    assert not are_fair([note], [Note("l", "v", 1, "")])
    assert not are_fair([note], [Note("k", "v", 2, "")])
    assert not are_fair([RAW], [Note("7", "v", 1, "")])
    assert not are_fair([RAW], [])
    assert not are_fair([RAW], [None])


def test_who_leaves_a_connection_that_waits_to_be_sent_holds_nobody_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        line = socket.create_connection(server.getsockname())
        other, _ = server.accept()
        counted = Counted(line)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 5))
        line.settimeout(0.0)
        with suppress(BlockingIOError):
            while True:
                line.send(b"x" * 65_536)
        line.close()
        began = time.monotonic()
        counted.close()
        assert time.monotonic() - began < 2
        other.close()


def test_a_run_cannot_fill_the_disk_with_records(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("butler.offers.offers._MOST_WRITTEN", 1000)
    book = Mock()
    ask = Offers(Mock(most_drafts=1, run="1"), book, lambda: NOW, lambda *_: None).table()["record"]
    call = ModelCall(*("1", NOW, "s", "1", "", "k", "m", "d", "o"), *(False, "ok", 1, 1, 1, 0.5, "x" * 300, "y" * 80))
    for _ in range(2):
        ask(call)
    with pytest.raises(BreachError, match="too much"):
        ask(call)
    assert book.record.call_count == 2


@pytest.mark.parametrize("name", ["checkpoints.db", "checkpoints.db-wal", "anything"])
def test_what_a_thinker_left_does_not_keep_the_next_one_from_its_work(tmp_path: Path, name: str) -> None:
    folder = prepared_folder(tmp_path)
    (folder / name / "deep").mkdir(parents=True)
    assert not list(prepared_folder(tmp_path).iterdir())


def test_a_thinker_cannot_quote_what_stands_nowhere() -> None:
    texts = {"mail:home/a@x": "Please  send the plan\nby Friday.", "mail:home/b@x": "Nothing."}

    def mail(ref: str) -> Mock:
        if ref not in texts:
            raise UnknownRefError("There is none.")
        return Mock(message=Mock(subject="The plan", text=texts[ref], calendar=""))

    quotes = [("mail:home/a@x", "send the plan by Friday"), ("mail:home/a@x", "The plan"), ("event:x", "Room 2")]
    forged = [("mail:home/b@x", "send the plan"), ("mail:home/c@x", "Pay mallory"), ("mail:home/a@x", "send it to mallory")]
    evidence = tuple(Evidence(ref=ref, quote=quote) for ref, quote in quotes + forged)
    section = Section(name="reply", lines=(Line(text="Send it", by="model", evidence=evidence),))
    briefing = Briefing(
        date=NOW.date(),
        timezone="UTC",
        generated_at=NOW,
        composed_by="rules",
        model=None,
        sources=(),
        sections=(section,),
        dropped=(),
        quiet=False,
        usage=Usage(),
    )
    context = Mock(most_drafts=1, day=NOW.date(), reads=Mock(mail=mail))
    Offers(context, Mock(), lambda: NOW, lambda *_: None).table()["publish"](briefing.model_dump_json(), [], "{}")
    (published, *_), _ = context.publish.call_args
    told = [(each.ref, each.quote) for each in published.sections[0].lines[0].evidence]
    assert told == quotes + [(ref, None) for ref, _ in forged]


def test_hands_tell_no_more_than_fits() -> None:
    for field in ("sentence", "answer", "place"):
        receipt = Receipt(sentence="It is done.").model_copy(update={field: "x" * 10_001})
        hands = RemoteHands(Mock(seat=Mock(return_value=Mock(side=Mock(ask=Mock(return_value=receipt))))), account("hands"))
        with pytest.raises(EffectError, match="tells more") as caught:
            hands.act(Mock(spec=AppendMail), Mock())
        assert caught.value.uncertain


def test_a_thinker_gets_no_more_at_once_than_there_is_memory_for() -> None:
    offered = Offers(Mock(most_drafts=1), Mock(), lambda: NOW, lambda *_: None).table()
    with pytest.raises(BreachError):
        list(offered["letters_from"]("a@x", 1001))
    with pytest.raises(BreachError):
        list(offered["search"]("kind:mail", 1001))


def test_whoever_asks_for_all_time_gets_it_month_by_month() -> None:
    windows: list[tuple[datetime, datetime]] = []

    def received(since: datetime, until: datetime) -> list[int]:
        windows.append((since, until))
        return [until.toordinal()]

    first, last = datetime(1, 1, 2, tzinfo=UTC), datetime(3, 1, 1, tzinfo=UTC)
    found = list(spans(received)(first, last))
    assert found == sorted(found, reverse=True)
    assert windows[0][1] == last
    assert windows[-1][0] == first
    assert all(later[0] == earlier[1] for later, earlier in pairwise(windows))
    assert all(until - since <= timedelta(days=30) for since, until in windows)
    assert list(spans(received)(last, first)) == []


def test_threads_are_read_some_at_a_time() -> None:
    reads = Mock(threads=Mock(return_value={}))
    offered = Offers(Mock(most_drafts=1, reads=reads), Mock(), lambda: NOW, lambda *_: None).table()
    list(offered["threads"](list(range(450))))
    assert [len(call.args[0]) for call in reads.threads.call_args_list] == [200, 200, 50]


def test_a_folder_with_the_butlers_own_state_in_it_is_open_but_for_that(forkserver: Forkserver, tmp_path: Path) -> None:
    home, state = tmp_path / "home", tmp_path / "home" / "local" / "butler"
    (home / "notes").mkdir(parents=True)
    (state / "kept" / "notes").mkdir(parents=True)
    elsewhere = tmp_path / "elsewhere"
    for path in (home / "a.md", home / "notes" / "b.md", home / "local" / "c.md", state / "butler.db", elsewhere):
        path.write_text("Hello")
    (home / "link.md").symlink_to(elsewhere)
    folder = NotesFolder("notes", home, kept=state / "kept" / "notes", without=(state, tmp_path / "home" / "briefings"))
    reaches = {"reader": reach_of("reader", folder), "hands": reach_of("hands", folder)}
    order = Order("files", "reading_worker:serve", ("reading_worker",))
    for station, reach in reaches.items():
        with forkserver.order(replace(order, reach=reach)) as worker:
            found = worker.side({}).ask("readable", str(home), gives=list[str], seconds=20.0)
        assert sorted(found) == ["a.md", "local/c.md", "notes/b.md"], station
    assert str(state / "kept" / "notes") in reaches["hands"].write
    plain = reach_of("reader", replace(folder, without=()))
    assert plain.read == (str(home),)


def test_what_a_worker_tells_of_its_failure_is_one_harmless_line(workers: Workers) -> None:
    with closing(RemoteSource(workers, account("shouts"))) as source, pytest.raises(SourceError) as caught:
        source.collections()
    assert caught.value.sentence.startswith("[2Jdone butler: approved 1!")
    assert len(caught.value.sentence) == 2000
    assert caught.value.advice == "[31mRun it now"
