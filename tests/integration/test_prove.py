"""`butler prove` over a real ledger and real processes, and notices that a confined worker sends."""

from __future__ import annotations

import json
import logging
import os
import shlex
import socket
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from butler_process import called, document
from echo_lines import lines
from http_sink import Sink, http_sink
from quiet_time import since
from watched import until

from butler.core.connections import PLAIN, UNSECURED, Connection
from butler.core.endpoints import Encryption
from butler.daemon.pidfile import PidFile, holder
from butler.dialing import Dialer, Endpoint, StateLedger
from butler.dialing.live import family, listening
from butler.remote.notices import Post
from butler.sandbox.worker import Forkserver
from butler.store.truth import Truth
from tools.lines import dialled

HERE = "127.0.0.1"
CONNECTS = """
import os, socket, sys
kept = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
print("connected", flush=True)
sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def own_logging() -> Iterator[None]:
    """Gives back what a command inside this process changes for all of it."""
    root = logging.getLogger()
    kept = (root.level, root.handlers[:])
    with warnings.catch_warnings():
        yield
    logging.captureWarnings(capture=False)
    root.setLevel(kept[0])
    root.handlers[:] = kept[1]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "state").mkdir(mode=0o700)
    return tmp_path


def settings(home: Path, port: int, more: str = "") -> Path:
    file = home / "butler.toml"
    file.write_text(
        f'state_dir = "state"\n[owner]\ntimezone = "Europe/Berlin"\naddresses = ["me@example.org"]\n'
        f'[mail.home]\nhost = "{HERE}"\nport = {port}\nuser = "me"\npassword = "x"\ntls = "none"\n{more}'
    )
    return file


def prove(home: Path, *more: str) -> subprocess.CompletedProcess[str]:
    return called(home, "--config", home / "butler.toml", "prove", *more)


def dial(
    home: Path,
    *places: tuple[str, int],
    use: Callable[[Dialer], None] = lambda _: None,
    encryption: Encryption = "unknown",
) -> None:
    """Connect to places as mail.home would, say something, and hang up."""
    with closing(StateLedger(home / "state" / "butler.db")) as ledger:
        dialer = Dialer([Endpoint(*place, "mail.home", encryption) for place in places], ledger)
        for place in places:
            with dialled(dialer, *place, 5.0) as connection:
                connection.sendall(b"x" * 50)
                connection.recv(1000)
        use(dialer)
        dialer.close()


def ask_elsewhere(dialer: Dialer) -> None:
    with pytest.raises(PermissionError):
        dialer("evil\x1b[31m.example", 443, 5.0)


def test_it_says_first_whether_all_is_well(home: Path) -> None:
    with lines() as heard:
        settings(home, heard.port)
        dial(home, (HERE, heard.port))
        done = prove(home, "--since", "yesterday")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == "Since yesterday the butler talked to 1 server, and your settings name it."
    assert f"mail.home: {HERE} port {heard.port}" in done.stdout
    assert "50 bytes sent" in done.stdout
    assert "What the kernel enforces" in done.stdout
    assert "butler journal --verify" in done.stdout
    # What it prints is about this very state, wherever it is pasted.
    (verify,) = (shlex.split(line) for line in done.stdout.splitlines() if "journal --verify" in line)
    elsewhere = home / "elsewhere"
    elsewhere.mkdir()
    assert "1 line" in called(elsewhere, *verify[1:]).stdout
    assert max(map(len, done.stdout.splitlines()[:-1])) <= 80 + len(str(home))


@pytest.mark.parametrize(
    ("encryption", "line", "tls", "trouble"),
    [
        ("tls", "⚠ ended before they were encrypted: no answer, a handshake that failed,", "", UNSECURED),
        ("none", "not encrypted, as your settings say", PLAIN, ""),
        ("unknown", "whether it was encrypted was not told", "", ""),
    ],
)
def test_what_was_not_encrypted_is_told_with_why(home: Path, encryption: Encryption, line: str, tls: str, trouble: str) -> None:
    with lines() as heard:
        settings(home, heard.port)
        dial(home, (HERE, heard.port), (HERE, heard.port), encryption=encryption)
        done = prove(home, "--since", "today")
        found = document(prove(home, "--since", "today", "--json"))
    told = " ".join(done.stdout.split())
    ended = " 2 connections ended before they were encrypted; `butler doctor` says why."
    assert found["verdict"] == (
        "Since today the butler talked to 1 server, and your settings name it." + (ended if trouble else "")
    )
    # It is not as it should be, but nobody was talked to who should not have been.
    assert (done.returncode, found["clean"]) == (0, True)
    assert line in told
    assert "as far as" not in told
    assert [(each["tls"], each["trouble"], each["times"]) for each in found["connections"]] == [(tls, trouble, 2)]
    assert found["ended_unencrypted"] == (2 if trouble else 0)


def test_one_line_is_one_line(home: Path) -> None:
    with lines() as heard:
        settings(home, heard.port)
        dial(home, (HERE, heard.port))
        assert "1 line in the journal, the last one is" in prove(home).stdout
        dial(home, (HERE, heard.port))
        assert "2 lines in the journal, the last one is" in prove(home).stdout


def test_a_host_that_left_the_settings_is_marked(home: Path) -> None:
    with lines() as heard:
        settings(home, 1)
        dial(home, (HERE, heard.port))
        done = prove(home)
        found = document(prove(home, "--json"))
    assert done.returncode == 1
    assert f"✗ {HERE} port {heard.port} is not in your settings of now." in done.stdout
    assert (found["clean"], found["not_in_settings"]) == (False, [{"host": HERE, "port": heard.port}])
    assert [each["is_named"] for each in found["connections"]] == [False]


def test_what_was_refused_is_marked_and_cannot_act_on_the_terminal(home: Path) -> None:
    settings(home, 1)
    dial(home, use=ask_elsewhere)
    done = prove(home)
    assert done.returncode == 1
    assert "port 443, once," in done.stdout
    assert "\x1b" not in done.stdout
    assert [each["port"] for each in document(prove(home, "--json"))["refused"]] == [443]


def test_what_was_before_is_not_told(home: Path) -> None:
    settings(home, 1)
    old = datetime.now(UTC) - timedelta(days=3)
    with closing(Truth.open(home / "state" / "butler.db")) as truth:
        connection = Connection("mail.home", "old.example", 993, old, ("192.0.2.1",), "192.0.2.1")
        truth.connections.end(truth.connections.begin(connection, ""), connection, old)
    assert document(prove(home, "--since", "2d", "--json"))["connections"] == []
    assert [each["host"] for each in document(prove(home, "--since", "4d", "--json"))["connections"]] == ["old.example"]


def test_a_journal_that_was_changed_is_told(home: Path) -> None:
    with lines() as heard:
        settings(home, heard.port)
        dial(home, (HERE, heard.port))
    with closing(Truth.open(home / "state" / "butler.db")) as truth:
        truth.journal._database.run("DROP TRIGGER journal_keeps")
        truth.journal._database.run("UPDATE journal SET facts = replace(facts, '127.0.0.1', '127.0.0.2')")
    done = prove(home)
    assert done.returncode == 1
    assert "The journal is not whole, so it proves little." in done.stdout
    assert "✗ Line 1 was changed or moved." in done.stdout


def test_a_day_that_is_none_is_a_wrong_usage(home: Path) -> None:
    settings(home, 1)
    done = prove(home, "--since", "soon")
    assert (done.returncode, done.stdout) == (2, "")
    assert "Write it like monday, yesterday, 2026-11-20, 12h or 7d." in done.stderr


def test_where_notices_go_may_be_a_secret_that_cannot_be_read(home: Path) -> None:
    settings(home, 1, '[notices]\nurls_command = "false"\n')
    done = prove(home)
    assert done.returncode == 0
    assert "Where notices go is not known:" in done.stdout


SYSTEMCTL = """#!/bin/sh
case "$*" in
*--user*) echo LoadState=not-found ;;
*) printf 'LoadState=loaded\\nIPAddressDeny=any\\nIPAddressAllow=192.0.2.7\\nDynamicUser=yes\\nProtectHome=\\nOdd' ;;
esac
"""


def test_what_systemd_says_of_the_unit_is_told(home: Path) -> None:
    settings(home, 1)
    (home / "bin").mkdir()
    (home / "bin" / "systemctl").write_text(SYSTEMCTL)
    (home / "bin" / "systemctl").chmod(0o755)
    done = called(home, "--config", home / "butler.toml", "prove", "--json", PATH=f"{home / 'bin'}:{os.environ['PATH']}")
    assert document(done)["systemd"] == [
        {"property": "IPAddressDeny", "value": "any"},
        {"property": "IPAddressAllow", "value": "192.0.2.7"},
        {"property": "DynamicUser", "value": "yes"},
    ]


@pytest.fixture
def connected() -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A process with a connection to a port."""
    with lines() as heard:
        command = [sys.executable, "-c", CONNECTS, str(heard.port)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout
            assert child.stdout.readline() == "connected\n"
            yield child, heard.port
            child.communicate("")


def test_the_connections_of_a_process_are_seen_as_the_kernel_has_them(connected: tuple[subprocess.Popen[str], int]) -> None:
    child, port = connected
    (found,) = family(child.pid)
    assert found.number == child.pid
    assert found.wires is not None
    assert [wire.remote for wire in found.wires] == [(HERE, port)]
    assert port in listening(child.pid)
    assert any(each.number == child.pid for each in family(os.getpid()))
    assert family(0) == []


def test_a_connection_that_nobody_accepted_yet_is_nobodys(connected: tuple[subprocess.Popen[str], int]) -> None:
    child, port = connected
    with socket.create_server((HERE, 0)) as server, socket.create_connection(server.getsockname()):
        (found,) = family(child.pid)
    assert found.wires is not None
    assert [wire.remote for wire in found.wires] == [(HERE, port)]


def test_over_ipv6_too() -> None:
    with lines("::1") as heard, socket.create_connection(("::1", heard.port)):
        (own, *_) = family(os.getpid())
        assert own.wires is not None
        assert ("::1", heard.port) in [wire.remote for wire in own.wires]


def test_a_connection_of_the_daemon_that_the_ledger_does_not_know_is_marked(home: Path) -> None:
    with lines() as heard, socket.create_connection((HERE, heard.port)) as own, PidFile(home / "state"):
        settings(home, heard.port)
        assert holder(home / "state") == os.getpid()
        # In a network where the daemon listens on that port itself, it would be taken for one that somebody made to it.
        done = called_elsewhere(home, own)
    assert done["clean"] is False
    assert any(f"to {HERE} port {heard.port}" in each for each in done["not_in_ledger"])
    assert holder(home / "state") == 0


def called_elsewhere(home: Path, own: socket.socket) -> Any:
    done = called(home, "--config", home / "butler.toml", "prove", "--json")
    assert own.fileno() >= 0
    return document(done)


@pytest.fixture
def sink() -> Iterator[Sink]:
    with http_sink() as found:
        yield found


def test_a_notice_is_sent_by_a_confined_worker_over_a_connection_that_is_written_down(tmp_path: Path, sink: Sink) -> None:
    with Forkserver() as forks, closing(StateLedger(tmp_path / "butler.db")) as ledger:
        post = Post(lambda: forks, ledger)
        took = post([sink.url("/a"), "nonsense", sink.url("/b")], (), "Butler", "Your briefing is ready.", 30.0)
    assert took == {0, 2}
    assert (sink.messages("/a"), sink.messages("/b")) == (["Your briefing is ready."], ["Your briefing is ready."])
    with closing(Truth.open(tmp_path / "butler.db")) as truth:
        told = list(truth.connections.since(datetime(2020, 1, 1, tzinfo=UTC)))
    assert [(line.what, line.connection.purpose, line.connection.port) for line in told] == [
        ("connected", "notices", sink.port)
    ] * 2
    assert all(line.connection.sent > 100 and line.connection.received > 10 for line in told)


def test_a_notice_that_leads_on_is_not_followed_and_one_that_hangs_keeps_no_other_one_back(tmp_path: Path, sink: Sink) -> None:
    sink.orders |= {"/on": 302, "/hang": "hang"}

    def let_go() -> None:
        until(lambda: sink.messages("/ok"))
        sink.over.set()

    with Forkserver() as forks, closing(StateLedger(tmp_path / "butler.db")) as ledger, ThreadPoolExecutor(1) as beside:
        letting_go = beside.submit(let_go)
        took = Post(lambda: forks, ledger)([sink.url("/on"), sink.url("/hang"), sink.url("/ok")], (), "Butler", "x", 60.0)
        letting_go.result()
    assert took == {2}
    assert [path for path, _ in sink.came] == ["/ok"]


def test_a_notice_that_hangs_is_ended(tmp_path: Path, sink: Sink) -> None:
    sink.orders["/hang"] = "hang"
    with Forkserver() as forks, closing(StateLedger(tmp_path / "butler.db")) as ledger:
        began = time.monotonic()
        assert Post(lambda: forks, ledger)([sink.url("/hang")], (), "Butler", "x", 3.0) == set()
    # Else it would have hung for half a minute.
    assert since(began) < 25


def test_the_document_is_one_that_can_be_read(home: Path) -> None:
    settings(home, 1)
    done = prove(home, "--json")
    found = json.loads(done.stdout)
    assert found["settings"] == [{"host": HERE, "port": 1}]
    assert set(found["kernel"]["roles"]) == {"parser", "files", "mcp", "reader", "hands", "thinker", "notice"}
    assert found["journal"]["whole"]
