"""Whom the dialer connects to, whom it refuses, what it writes down, and how it counts."""

import logging
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from echo_lines import ANSWER, Heard, lines, silent
from left_open import descriptors, swept
from scripted_dav import self_signed

from butler.core.connections import CONNECTED, KILLED, PLAIN, REFUSED, UNCONNECTED, UNSECURED, Told
from butler.core.errors import SourceError, StateError
from butler.dialing import Connection, Dialer, Endpoint, StateLedger
from butler.dialing import dialer as dialer_module
from butler.store.connections import Connections
from butler.store.truth import Truth
from tools.lines import dialled, encryption

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
HERE = "127.0.0.1"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "butler.db"


@pytest.fixture
def ledger(file: Path) -> Iterator[StateLedger]:
    opened = StateLedger(file)
    yield opened
    opened.close()


def told(file: Path) -> list[Told]:
    """All lines about connections, and the journal is whole."""
    truth = Truth.open(file)
    try:
        assert truth.journal.verify() == []
        return sorted(truth.connections.since(LONG_AGO), key=lambda line: line.seq)
    finally:
        truth.close()


def under_way(file: Path) -> list[Connection]:
    truth = Truth.open(file)
    try:
        return [each.connection for each in truth.connections.open_ones()]
    finally:
        truth.close()


def talk(connection: socket.socket, words: bytes = b"x" * 50) -> None:
    """Say something and hear the whole answer."""
    connection.sendall(words)
    left = len(ANSWER)
    while left:
        left -= len(connection.recv(left))


def talked_first(heard: Heard, before: int = 0) -> None:
    """Nobody connected to a server but so many: who connects is taken in turn, so that others would have been before this."""
    with socket.create_connection((HERE, heard.port)) as last:
        talk(last)
    assert heard.connections == before + 1


def test_a_connection_is_written_down_before_it_is_made_and_once_when_it_ends(file: Path, ledger: StateLedger) -> None:
    with lines() as heard:
        dialer = Dialer([Endpoint(HERE, heard.port, "mail.home")], ledger)
        connection = dialled(dialer, HERE, heard.port, 5.0)
        (begun,) = under_way(file)
        assert (begun.purpose, begun.host, begun.port, begun.addresses) == ("mail.home", HERE, heard.port, (HERE,))
        assert told(file) == []
        local = connection.getsockname()[1]
        talk(connection)
        connection.close()
        dialer.close()
        dialer.close()
    (line,) = told(file)
    found = line.connection
    assert (line.what, found.purpose, found.host, found.port) == (CONNECTED, "mail.home", HERE, heard.port)
    assert (found.address, found.local, found.sent, found.received) == (HERE, local, 50, len(ANSWER))
    assert (found.tls, found.certificate, found.trouble) == ("", "", "")
    assert 0 < found.seconds < 5
    assert under_way(file) == []


def test_nobody_else_is_connected_to(file: Path, ledger: StateLedger) -> None:
    with lines() as heard, lines() as other:
        dialer = Dialer([Endpoint(HERE, heard.port, "mail.home"), Endpoint("localhost", heard.port, "model")], ledger)
        for host, port in ((HERE, other.port), ("::1", heard.port), ("evil.example", heard.port), (HERE, 0)):
            with pytest.raises(PermissionError, match=f"the settings name no {host} with port {port}"):
                dialer(host, port, 5.0)
        for each in (heard, other):
            talked_first(each)
    refused = [(line.what, line.connection.purpose, line.connection.host, line.connection.port) for line in told(file)]
    assert refused == [
        (REFUSED, "mail.home, model", HERE, other.port),
        (REFUSED, "mail.home, model", "::1", heard.port),
        (REFUSED, "mail.home, model", "evil.example", heard.port),
        (REFUSED, "mail.home, model", HERE, 0),
    ]


def test_who_asks_for_thousands_of_hosts_does_not_fill_the_journal(file: Path, ledger: StateLedger) -> None:
    dialer = Dialer([Endpoint(HERE, 1, "mail.home")], ledger)
    for number in (*range(100), *range(100)):
        with pytest.raises(PermissionError):
            dialer(f"{number}.evil.example", 443, 5.0)
    assert len(told(file)) == dialer_module._MOST_REFUSALS


def test_a_refused_name_from_the_world_is_one_visible_line(file: Path, ledger: StateLedger) -> None:
    dialer = Dialer([Endpoint(HERE, 1, "mail.home")], ledger)
    with pytest.raises(PermissionError) as refused:
        dialer("evil\x1b[2J\n\ud800.example" + "x" * 5000, 443, 5.0)
    (line,) = told(file)
    assert len(line.connection.host) <= 253
    for shown in (line.connection.host, str(refused.value)):
        assert shown.isprintable() or "\ud800" in shown
        assert "\x1b" not in shown
        assert "\n" not in shown


@pytest.mark.parametrize("asked", ["LOCALHOST", "localhost.", "Localhost"])
def test_a_name_is_the_same_however_it_is_spelled(asked: str, file: Path, ledger: StateLedger) -> None:
    with lines() as heard:
        dialer = Dialer([Endpoint("localhost", heard.port, "model")], ledger)
        dialled(dialer, asked, heard.port, 5.0).close()
        dialer.close()
    assert [line.connection.host for line in told(file)] == ["localhost"]


def test_over_ipv6_with_and_without_brackets(file: Path, ledger: StateLedger) -> None:
    with lines("::1") as heard:
        dialer = Dialer([Endpoint("[::1]", heard.port, "model")], ledger)
        for host in ("::1", "[::1]"):
            with dialled(dialer, host, heard.port, 5.0) as connection:
                talk(connection)
        dialer.close()
    assert [(line.connection.address, line.connection.sent) for line in told(file)] == [("::1", 50), ("::1", 50)]


def test_a_name_that_nobody_knows(file: Path, ledger: StateLedger) -> None:
    dialer = Dialer([Endpoint("nobody.invalid", 993, "mail.home"), Endpoint("a" * 70 + ".example", 1, "model")], ledger)
    with pytest.raises(socket.gaierror):
        dialer("nobody.invalid", 993, 20.0)
    with pytest.raises(socket.gaierror):
        dialer("a" * 70 + ".example", 1, 20.0)
    known, nonsense = told(file)
    assert (known.what, known.connection.host, known.connection.address) == (UNCONNECTED, "nobody.invalid", "")
    assert known.connection.trouble
    assert nonsense.connection.trouble == "this is no name of a host"


def test_a_port_on_which_nobody_listens(file: Path, ledger: StateLedger) -> None:
    with socket.socket() as taken:
        taken.bind((HERE, 0))  # Bound but not listening: nobody else can listen there meanwhile.
        port = taken.getsockname()[1]
        dialer = Dialer([Endpoint(HERE, port, "model")], ledger)
        with pytest.raises(ConnectionRefusedError):
            dialer(HERE, port, 5.0)
    (line,) = told(file)
    assert (line.what, line.connection.addresses, line.connection.trouble) == (UNCONNECTED, (HERE,), "Connection refused")
    assert under_way(file) == []


def test_a_host_that_does_not_answer_takes_no_longer_than_the_time(file: Path, ledger: StateLedger) -> None:
    with silent() as port:
        dialer = Dialer([Endpoint(HERE, port, "model")], ledger)
        began = time.monotonic()
        with pytest.raises(TimeoutError):
            dialer(HERE, port, 0.4)
        assert 0.3 < time.monotonic() - began < 3
    assert [line.what for line in told(file)] == [UNCONNECTED]


@pytest.mark.parametrize("seconds", [0.0, -1.0, float("inf"), float("nan"), 1e9])
def test_a_time_that_is_none_is_not_waited_for(seconds: float, ledger: StateLedger) -> None:
    with lines() as heard:
        dialer = Dialer([Endpoint(HERE, heard.port, "model")], ledger)
        with dialer(HERE, heard.port, seconds) as connection:
            assert 0 < (connection.gettimeout() or 0) <= 300
            talk(connection)
        dialer.close()


def test_the_server_sees_the_end_when_the_tool_closes_though_the_dialer_counts(ledger: StateLedger) -> None:
    with lines() as heard:
        dialer = Dialer([Endpoint(HERE, heard.port, "mail.home")], ledger)
        connection = dialled(dialer, HERE, heard.port, 5.0)
        talk(connection)
        connection.close()
        assert heard.ended.acquire(timeout=10)
        dialer.close()


def test_encrypted_connections_end_and_tell_what_they_were_encrypted_with(
    file: Path, ledger: StateLedger, tmp_path: Path
) -> None:
    self_signed(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    with lines(context=context) as heard:
        dialer = Dialer([Endpoint(HERE, heard.port, "mail.home")], ledger)
        secure = encryption(dialer, HERE, heard.port, ca_file=tmp_path / "cert.pem")
        connection = secure.wrap_socket(dialled(dialer, HERE, heard.port, 5.0), server_hostname=HERE)
        talk(connection)
        connection.close()
        assert heard.ended.acquire(timeout=10)
        dialer.close()
    (line,) = told(file)
    der = ssl.PEM_cert_to_DER_cert((tmp_path / "cert.pem").read_text())
    printed = subprocess.run(["sha256sum"], input=der, capture_output=True, check=True).stdout.decode().split()[0]
    assert (line.connection.tls, line.connection.certificate) == ("TLSv1.3", printed)
    assert line.connection.sent > 50
    assert line.connection.received > len(ANSWER)


def test_what_is_told_of_the_encryption_is_taken_for_the_latest_connection_there_only(file: Path, ledger: StateLedger) -> None:
    with lines() as heard:
        dialer = Dialer([Endpoint(HERE, heard.port, "mail.home")], ledger)
        both = [dialled(dialer, HERE, heard.port, 5.0) for _ in range(2)]
        dialer.secured(HERE, heard.port, "Tea\x1b[2J", b"")
        dialer.secured("evil.example", 1, "TLSv1.3", b"")
        for each in both:
            each.close()
        dialer.close()
    assert [line.connection.tls for line in told(file)] == ["", "unknown"]


def test_a_certificate_that_is_refused_and_a_server_that_never_answers_are_no_plain_text(
    file: Path, ledger: StateLedger, tmp_path: Path
) -> None:
    self_signed(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    with lines(context=context) as heard, socket.create_server((HERE, 0)) as never:
        port = never.getsockname()[1]
        dialer = Dialer([Endpoint(HERE, each, "mail.home", "tls") for each in (heard.port, port)], ledger)
        untrusted = encryption(dialer, HERE, heard.port)
        wrong_pin = encryption(dialer, HERE, heard.port, pins=["ab" * 32])
        mute = encryption(dialer, HERE, port)
        trusted = encryption(dialer, HERE, heard.port, ca_file=tmp_path / "cert.pem")
        for secure, refusal, place, seconds in (
            (untrusted, ssl.SSLCertVerificationError, heard.port, 10.0),
            (wrong_pin, SourceError, heard.port, 10.0),
            (mute, TimeoutError, port, 1.0),
        ):
            with pytest.raises(refusal):
                secure.wrap_socket(dialled(dialer, HERE, place, seconds), server_hostname=HERE)
        trusted.wrap_socket(dialled(dialer, HERE, heard.port, 5.0), server_hostname=HERE).close()
        dialer.close()
    found = [(line.what, line.connection.tls, line.connection.trouble) for line in told(file)]
    assert found == [(CONNECTED, "", UNSECURED)] * 3 + [(CONNECTED, "TLSv1.3", "")]


def test_what_is_in_plain_text_by_the_settings_is_told_so_and_what_is_not_known_is_not(file: Path, ledger: StateLedger) -> None:
    with lines() as heard:
        for plain in (Endpoint(HERE, heard.port, "mail.home", "none"), Endpoint(HERE, heard.port, "notices")):
            dialer = Dialer([plain], ledger)
            with dialled(dialer, HERE, heard.port, 5.0) as connection:
                talk(connection)
            dialer.close()
    found = [(line.connection.tls, line.connection.trouble) for line in told(file)]
    assert found == [(PLAIN, ""), ("", "")]


def test_of_two_connections_made_at_once_both_are_told_of(file: Path, ledger: StateLedger) -> None:
    with lines() as heard:
        dialer = Dialer([Endpoint(HERE, heard.port, "mail.home", "tls")], ledger)
        both = [dialled(dialer, HERE, heard.port, 5.0) for _ in range(2)]
        for _ in both:
            dialer.secured(HERE, heard.port, "TLSv1.3", b"x")
        for each in both:
            each.close()
        dialer.close()
    assert [(line.connection.tls, line.connection.trouble) for line in told(file)] == [("TLSv1.3", "")] * 2


def test_a_connection_that_ended_is_written_down_at_the_next_one(file: Path, ledger: StateLedger) -> None:
    with lines() as heard:
        dialer = Dialer([Endpoint(HERE, heard.port, "mail.home")], ledger)
        with dialled(dialer, HERE, heard.port, 5.0) as first:
            talk(first)
        second = dialled(dialer, HERE, heard.port, 5.0)
        assert [(line.connection.sent, line.connection.received) for line in told(file)] == [(50, len(ANSWER))]
        second.close()
        dialer.close()
    assert len(told(file)) == 2


def test_a_server_that_ends_or_breaks_the_connection_is_counted_all_the_same(file: Path, ledger: StateLedger) -> None:
    for broken in (False, True):
        with socket.create_server((HERE, 0)) as server:
            dialer = Dialer([Endpoint(HERE, server.getsockname()[1], "model")], ledger)
            connection = dialled(dialer, HERE, server.getsockname()[1], 5.0)
            connection.sendall(b"x" * 10)
            other, _ = server.accept()
            assert other.recv(100) == b"x" * 10
            other.sendall(b"y" * 20)
            assert connection.recv(100) == b"y" * 20
            if broken:
                other.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            other.close()
            time.sleep(0.05)
            dialer.close()
            connection.close()
    assert [(line.connection.sent, line.connection.received) for line in told(file)] == [(10, 20), (10, 20)]


def test_of_many_connections_the_oldest_are_let_go(file: Path, ledger: StateLedger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dialer_module, "_MOST_OPEN", 3)
    with lines() as heard:
        dialer = Dialer([Endpoint(HERE, heard.port, "mail.home")], ledger)
        kept = [dialled(dialer, HERE, heard.port, 5.0) for _ in range(5)]
        assert len(told(file)) == 2
        for each in kept:
            talk(each)
            each.close()
        dialer.close()
    assert [line.connection.sent for line in told(file)] == [0, 0, 50, 50, 50]


DIES = """
import os, sys, time
from pathlib import Path
from butler.dialing import Dialer, Endpoint, StateLedger
port = int(sys.argv[2])
dialer = Dialer([Endpoint("127.0.0.1", port, "mail.home")], StateLedger(Path(sys.argv[1])))
kept = dialer("127.0.0.1", port, 5.0)
print("connected", flush=True)
time.sleep(60)
"""


def test_what_a_killed_process_talked_to_is_not_lost(file: Path, ledger: StateLedger) -> None:
    with lines() as heard:
        command = [sys.executable, "-c", DIES, str(file), str(heard.port)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
            assert child.stdout
            assert child.stdout.readline() == b"connected\n"
            assert [each.port for each in under_way(file)] == [heard.port]
            other = Dialer([Endpoint(HERE, heard.port, "model")], StateLedger(file))
            dialled(other, HERE, heard.port, 5.0).close()
            other.close()
            assert [each.purpose for each in under_way(file)] == ["mail.home"]
            child.send_signal(signal.SIGKILL)
            child.wait(10)
        dialer = Dialer([Endpoint(HERE, heard.port, "model")], ledger)
        dialled(dialer, HERE, heard.port, 5.0).close()
        dialer.close()
    _, killed, last = told(file)
    assert (killed.what, killed.connection.purpose, killed.connection.trouble) == (CONNECTED, "mail.home", KILLED)
    assert (killed.connection.address, killed.connection.port) == (HERE, heard.port)
    assert last.connection.purpose == "model"
    assert under_way(file) == []


def test_where_the_ledger_cannot_be_opened_nobody_is_connected_to(tmp_path: Path) -> None:
    (tmp_path / "butler.db").mkdir()
    with lines() as heard:
        dialer = Dialer([Endpoint(HERE, heard.port, "mail.home")], StateLedger(tmp_path / "butler.db"))
        for port in (heard.port, 1):
            with pytest.raises(StateError):
                dialer(HERE, port, 5.0)
        talked_first(heard)
        dialer.close()


def test_where_the_disk_is_full_nobody_is_connected_to_and_what_was_open_stays_known(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, logger="butler")
    ledger = StateLedger(file)
    with lines() as heard:
        dialer = Dialer([Endpoint(HERE, heard.port, "mail.home")], ledger)
        first = dialled(dialer, HERE, heard.port, 5.0)
        _fill(ledger._connections())
        with pytest.raises(StateError, match="The disk is full"):
            dialer(HERE, heard.port, 5.0)
        first.close()
        dialer.close()
        assert heard.ended.acquire(timeout=10)
        talked_first(heard, before=1)
    ledger.close()
    assert "cannot be written down" in caplog.text
    assert [each.port for each in under_way(file) if each.purpose == "mail.home"] == [heard.port]


def _fill(connections: Connections) -> None:
    """Leave no room for a single connection or line."""
    pages = connections._database.value("PRAGMA page_count")
    connections._database.run(f"PRAGMA max_page_count = {pages + 1}")
    now = datetime.now(UTC)
    for write in (
        lambda: connections.begin(Connection("model", HERE, 1, now, ("x" * 400,)), ""),
        lambda: connections.begin(Connection("model", HERE, 1, now), ""),
        lambda: connections.refuse("model", HERE, 1, now),
    ):
        with suppress(StateError):
            for _ in range(1000):
                write()
            pytest.fail("there is always room")


def test_threads_may_share_a_dialer(file: Path, ledger: StateLedger) -> None:
    with lines() as heard:
        dialer = Dialer([Endpoint(HERE, heard.port, "mail.home")], ledger)

        def several() -> None:
            for _ in range(10):
                with dialled(dialer, HERE, heard.port, 10.0) as connection:
                    talk(connection)

        with ThreadPoolExecutor(4) as threads:
            for each in [threads.submit(several) for _ in range(4)]:
                each.result()
        dialer.close()
    found = told(file)
    assert [(line.connection.sent, line.connection.received) for line in found] == [(50, len(ANSWER))] * 40
    assert len({line.connection.local for line in found}) == 40


def test_no_descriptor_is_left_over(ledger: StateLedger) -> None:
    with lines() as heard:
        dialer = Dialer([Endpoint(HERE, heard.port, "mail.home"), Endpoint(HERE, 1, "model")], ledger)
        dialled(dialer, HERE, heard.port, 5.0).close()
        dialer.close()
        # The server has closed its own, too, which would else be counted before and not after.
        assert heard.ended.acquire(timeout=10)
        swept()
        before = descriptors()
        for _ in range(5):
            dialled(dialer, HERE, heard.port, 5.0).close()
            with pytest.raises(ConnectionRefusedError):
                dialer(HERE, 1, 5.0)
            dialer.close()
        assert _settled(before, heard, 5) == before


def _settled(wanted: int, heard: Heard, connections: int) -> int:
    """How many descriptors there are once the server has closed its own of so many connections."""
    for _ in range(connections):
        assert heard.ended.acquire(timeout=10)
    for _ in range(100):
        if descriptors() == wanted:
            break
        time.sleep(0.02)
    return descriptors()
