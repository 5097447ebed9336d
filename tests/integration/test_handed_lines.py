"""Whatever talks to a server does so over connections that it is handed: it looks up no name and connects no socket itself."""

from __future__ import annotations

import json
import socket
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from dav_servers import PASSWORD as DAV_PASSWORD
from dav_servers import USER as DAV_USER
from dav_servers import running
from dovecot_server import PASSWORD, USER, Dovecot, running_dovecot
from gateway_case import GOOD, NOW, ask
from handed_lines import Handed, no_other_way
from http_sink import http_sink
from mail_boxes import letter
from memory_book import MemoryBook
from ollama_script import Hangs, Says
from scripted_dav import CAL, calendar, multistatus, scripted, self_signed
from scripted_ollama import ScriptedOllama
from smtp_sink import running_sink

from butler.core.accounts import CalendarAccount, MailAccount, ModelHost, SmtpServer
from butler.core.effects import PutObject, SendMail
from butler.core.errors import SourceError
from butler.core.sources import Collection
from butler.model import Gateway
from butler.model.report import inspect
from butler.sending import send_all
from butler.watch.changes import changes
from tools.calendar import TOOL as CALENDARS
from tools.mail import TOOL as MAIL

HOST = "mail.berger.example"
"""A name that no name server knows."""
MAIL_1 = b"From: tom@nordwind.example\r\nSubject: one\r\nMessage-ID: <1@nordwind.example>\r\n\r\nText\r\n"
EVENT = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//t//EN\r\nBEGIN:VEVENT\r\nUID:one\r\nDTSTAMP:20261101T090000Z\r\n"
    "DTSTART:20261124T090000Z\r\nDTEND:20261124T100000Z\r\nSUMMARY:Dentist\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)

# What apprise imports is its own affair.
apprise_is_old = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture(scope="module")
def dovecot() -> Any:
    with running_dovecot(hosts=f"DNS:{HOST}") as server:
        server.deliver(USER, MAIL_1)
        yield server


def mail(server: Dovecot, tls: Any) -> MailAccount:
    port = server.tls_port if tls == "implicit" else server.port
    host = "localhost" if tls == "none" else HOST
    return MailAccount("home", host, port, USER, lambda: PASSWORD, tls, server.ca_file, timeout=10.0)


def test_the_guard_of_these_tests_bites() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, no_other_way():
        with pytest.raises(AssertionError):
            socket.create_connection(server.getsockname())
        with pytest.raises(AssertionError), socket.socket() as made:
            made.connect(server.getsockname())
        with pytest.raises(AssertionError):
            socket.getaddrinfo("localhost", 80)
        Handed()(HOST, server.getsockname()[1], 1.0).close()


@pytest.mark.parametrize("tls", ["implicit", "starttls", "none"])
def test_mail_is_read_over_a_handed_line(dovecot: Dovecot, tls: str) -> None:
    at, dial = mail(dovecot, tls), Handed()
    with no_other_way(), closing(MAIL.open(at, dial=dial)) as source:
        assert "INBOX" in [each.name for each in source.collections()]
        batches = list(source.changes(Collection("INBOX"), None, dict))
    assert [raw.key for batch in batches for raw in batch.added]
    assert dial.asked == [(at.host, at.port)]
    secured = [(host, port, version) for host, port, version, _ in dial.certificates]
    assert secured == ([] if tls == "none" else [(HOST, at.port, "TLSv1.3")])


def test_new_mail_is_heard_of_over_a_handed_line(dovecot: Dovecot) -> None:
    at, dial, stop = mail(dovecot, "implicit"), Handed(), _Set()
    with no_other_way():
        heard = list(MAIL.ear(at, "INBOX", 60.0, changes, dial=dial).listen(stop))
    assert heard == ["arrived"]
    assert dial.asked == [(HOST, at.port)]


class _Set:
    """Stops after the first look."""

    def __init__(self) -> None:
        self._looks = 0
        self._end, self._other = socket.socketpair()
        self._other.close()

    def is_set(self) -> bool:
        self._looks += 1
        return self._looks > 1

    def wait(self, seconds: float) -> bool:
        return True

    def fileno(self) -> int:
        return self._end.fileno()

    def then(self, call: Any) -> None:
        raise NotImplementedError

    def __del__(self) -> None:
        self._end.close()


@pytest.mark.parametrize("tls", ["implicit", "starttls", "none"])
def test_a_letter_is_sent_over_a_handed_line(tmp_path: Path, tls: Any) -> None:
    dial = Handed()
    with running_sink(tmp_path, tls) as sink:
        server = SmtpServer("localhost", sink.port, USER, lambda: PASSWORD, tls, sink.ca_file, timeout=3.0)
        effect = SendMail(account="home", letter=letter())
        with no_other_way(), closing(MAIL.hands(MailAccount("home", smtp=server), dial=dial)) as hands:
            receipt = hands.act(effect, hands.look(effect))
    assert "sent" in receipt.sentence
    assert len(sink.letters) == 1
    assert dial.asked == [("localhost", sink.port)]
    assert [each[:3] for each in dial.certificates] == ([] if tls == "none" else [("localhost", sink.port, "TLSv1.3")])


def test_a_calendar_is_read_and_written_over_a_handed_line(tmp_path: Path) -> None:
    dial = Handed()
    with running("radicale", tmp_path) as server:
        path = server.make_calendar("family")
        at = CalendarAccount("family", f"http://localhost:{server.port}{path}", DAV_USER, lambda: DAV_PASSWORD, timeout=10.0)
        with no_other_way(), closing(CALENDARS.hands(at, dial=dial)) as hands:
            effect = PutObject(account="family", calendar="family", uid="one", key="one.ics", after=EVENT)
            hands.act(effect, hands.look(effect))
        with no_other_way(), closing(CALENDARS.open(at, dial=dial)) as source:
            (found,) = source.collections()
            batches = list(source.changes(found, None, dict))
    assert [raw.key for batch in batches for raw in batch.added] == ["one.ics"]
    assert set(dial.asked) == {("localhost", server.port)}
    assert dial.certificates == []


def test_an_encrypted_calendar_is_read_over_a_handed_line(tmp_path: Path) -> None:
    dial = Handed()
    with scripted(lambda _: multistatus(calendar()), self_signed(tmp_path, f"DNS:{HOST}")) as (url, _):
        port = int(url.rpartition(":")[2])
        at = CalendarAccount("work", f"https://{HOST}:{port}{CAL}", ca_file=tmp_path / "cert.pem", timeout=10.0)
        with no_other_way(), closing(CALENDARS.open(at, dial=dial)) as source:
            assert [each.name for each in source.collections()] == ["work"]
    assert set(dial.asked) == {(HOST, port)}
    assert {each[:3] for each in dial.certificates} == {(HOST, port, "TLSv1.3")}


def test_a_dial_that_finds_no_host_is_told_as_ever() -> None:
    def nobody(host: str, port: int, seconds: float) -> socket.socket:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    nobody.secured = None  # type: ignore[attr-defined]
    dial: Any = nobody
    with no_other_way():
        with pytest.raises(SourceError, match=f"The mail server {HOST} cannot be found"):
            MAIL.open(MailAccount("home", HOST, user=USER, password=lambda: PASSWORD), dial=dial).collections()
        with pytest.raises(SourceError, match="could not be found"):
            CALENDARS.open(CalendarAccount("work", f"https://{HOST}/"), dial=dial).collections()


def test_the_model_is_asked_over_a_handed_line() -> None:
    dial = Handed()
    with ScriptedOllama(lambda chat: Says(json.dumps(GOOD))) as server:
        port = int(server.url.rpartition(":")[2])
        host = ModelHost(url=f"http://{HOST}:{port}", name=server.models[0].name)
        with no_other_way():
            assert inspect(host, dial=dial).reachable
            with Gateway(host, MemoryBook(), "run-1", lambda: NOW, dial) as gateway:
                assert ask(gateway).answer is not None
    assert set(dial.asked) == {(HOST, port)}


def test_the_deadline_also_ends_a_dial_that_takes_too_long() -> None:
    over = threading.Event()

    def slow(host: str, port: int, seconds: float) -> socket.socket:
        # From here on, so that the deadline is over before that, whenever this is begun.
        threading.Timer(1.0, over.set).start()
        over.wait(20)
        return Handed()(host, port, seconds)

    dial: Any = slow
    with ScriptedOllama(lambda chat: Hangs()) as server, no_other_way():
        host = ModelHost(url=server.url, name=server.models[0].name)
        began = time.monotonic()
        report = inspect(host, 0.3, dial)
    assert not report.reachable
    assert time.monotonic() - began < 5


@apprise_is_old
def test_notices_go_over_handed_lines_and_nothing_is_left_behind() -> None:
    before = socket.create_connection, socket.getaddrinfo
    dial = Handed()
    with http_sink() as sink, no_other_way():
        inside = socket.create_connection
        urls = [f"json://{HOST}:{sink.port}/a", f"json://{HOST}:{sink.port}/b", "json://127.0.0.1:1/"]
        took = sorted(send_all({"urls": urls, "title": "t", "body": "hello", "seconds": 5.0}, dial))
        assert socket.create_connection is inside
    assert took == [0, 1]
    assert sink.messages("/a") == sink.messages("/b") == ["hello"]
    assert set(dial.asked) == {(HOST, sink.port), ("127.0.0.1", 1)}
    assert (socket.create_connection, socket.getaddrinfo) == before


@apprise_is_old
def test_a_notice_by_mail_goes_over_a_handed_line(tmp_path: Path) -> None:
    dial = Handed()
    with running_sink(tmp_path) as sink, no_other_way():
        log_in = f"{USER.replace('@', '%40')}:{PASSWORD}"
        url = f"mailto://{log_in}@{HOST}:{sink.port}/?smtp={HOST}&mode=insecure&to={USER}&from={USER}"
        took = list(send_all({"urls": [url], "title": "t", "body": "hello", "seconds": 5.0}, dial))
    assert dial.asked == [(HOST, sink.port)]
    assert took == [0]
    assert len(sink.letters) == 1
