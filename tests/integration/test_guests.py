"""Servers of the owner's choice in their jail: what they may do, what they may not, how they lie, and that nothing is left."""

from __future__ import annotations

import http.server
import json
import os
import socket
import threading
import time
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest
from foreign_case import Case
from quiet_time import crowd

from butler.core.errors import SourceError, UsageError
from butler.guests.guest import _Words
from butler.sandbox.apart import take_apart
from butler.sandbox.landlock import TCP_ABI, landlock_abi


def has_namespaces() -> bool:
    """Whether this machine lets a process have numbers and a network of its own."""
    if not (pid := os.fork()):
        made = take_apart()
        os._exit(0 if made.listening and landlock_abi() >= TCP_ABI else 1)
    return os.waitpid(pid, 0)[1] == 0


NAMESPACES = has_namespaces()


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return Case(tmp_path)


@pytest.fixture
def site() -> Iterator[int]:
    """A small site of this machine's, and its port."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler) as served:
        threading.Thread(target=served.serve_forever, daemon=True).start()
        yield served.server_port
        served.shutdown()


def gone(case: Case) -> list[str]:
    """What is left of guests after a moment, which may be a long one on a machine that is busy."""
    end = time.monotonic() + 5.0 * crowd()
    while (left := case.left_behind()) and time.monotonic() < end:
        time.sleep(0.05)
    return left


REFUSED = ("PermissionError", "ProcessLookupError")


def private(case: Case) -> dict[str, object]:
    """What no guest may do, each thing once."""
    return {
        "read": "/etc/shadow",
        "list": str(case.state),
        "connect": ["127.0.0.1", 22],
        "datagram": ["127.0.0.1", 53],
        "unix": str(case.state / "control"),
        "signal": os.getpid(),
        "trace": os.getpid(),
        "chmod": str(case.home / "butler.toml"),
        "unshare": None,
    }


@pytest.mark.skipif(not NAMESPACES, reason="no namespaces here")
def test_a_guest_reaches_its_folders_and_hosts_and_nothing_else_and_leaves_nothing_behind(case: Case, site: int) -> None:
    server = case.server(hosts=(("127.0.0.1", site),), secrets={"API_TOKEN": lambda: "s3cret"})
    with case.guests(server) as guests:
        assert guests.read("helper.echo", {"text": "hello"}) == "hello s3cret"
        found = case.attempt(guests, private(case) | {"proxied": ["127.0.0.1", site], "leave": None, "environment": None})
        told = {name: found.pop(name) for name in ("proxied", "leave", "environment")}
        assert [name for name, came in found.items() if came not in REFUSED] == []
        assert told["proxied"].startswith("done: HTTP/1.1 200 Connected then b'HTTP/1.0 200")
        assert told["leave"] == "done: left"
        running = [Path(f"/proc/{line.split()[0]}/status").read_text() for line in case.left_behind()]
        assert len(running) >= 2
        for status in running:
            assert "CapEff:\t0000000000000000\n" in status
            assert "Seccomp:\t2\n" in status
            assert "NoNewPrivs:\t1\n" in status
        assert not {"BUTLER_TEST", "USER", "SSH_AUTH_SOCK"} & set(told["environment"].split())
        elsewhere = case.attempt(
            guests,
            {
                "proxied": ["127.0.0.1", site + 1],
                "connect": ["127.0.0.1", site],
                "read": str(case.home / "butler.toml"),
                "list": str(Path.home()),
                "write": str(case.folder / "outside"),
            },
        )
        assert elsewhere.pop("proxied") == "done: HTTP/1.1 403 Not in the settings"
        assert [name for name, came in elsewhere.items() if came not in REFUSED] == []
        assert case.attempt(guests, {"write": str(case.out / "own")}) == {"write": f"done: {case.out / 'own'}"}
    assert gone(case) == []
    lines = case.truth.journal.lines()
    assert [line.facts["port"] for line in lines if line.what == "connected"] == [site]
    assert [line.facts["port"] for line in lines if line.what == "refused connection"] == [site + 1]


def test_where_nothing_has_numbers_of_its_own_a_guest_signals_nobody_and_still_leaves_nothing_behind(case: Case) -> None:
    with case.guests(case.server(), "no_namespaces") as guests:
        found = case.attempt(guests, private(case) | {"leave": None})
        assert found.pop("leave") == "done: left"
        assert [name for name, came in found.items() if came not in REFUSED] == []
        assert case.left_behind()
    assert gone(case) == []


def test_where_no_network_can_be_made_a_server_with_hosts_is_not_started(case: Case) -> None:
    with case.guests(case.server(hosts=(("127.0.0.1", 9),)), "no_namespaces") as guests:
        with pytest.raises(SourceError, match="a server with hosts is not started") as caught:
            guests.listed("helper")
        assert "Leave hosts out" in str(caught.value)
    assert gone(case) == []


# Only to the silent one nothing comes before its time is over; the others may need longer to begin to lie.
@pytest.mark.parametrize(
    ("mode", "seconds", "words"),
    [
        ("garbage", 60.0, "It writes what is no message of MCP."),
        ("endless", 60.0, "It sent a message of over 4,000,000 bytes."),
        ("dies", 60.0, r"It ended. It said: no licence was found\[2J"),
        ("silent", 2.0, "It did not answer within 2 seconds."),
    ],
)
def test_a_server_that_lies_is_ended_with_a_sentence(case: Case, mode: str, seconds: float, words: str) -> None:
    with case.guests(case.server(mode, seconds=seconds)) as guests, pytest.raises(SourceError, match=words):
        guests.listed("helper")
    assert gone(case) == []


def test_what_a_server_said_before_it_ended_is_told_though_the_thread_that_hears_it_did_not_run_yet(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(threading.Thread, "start", lambda _self: None)
    ours, theirs = socket.socketpair()
    words = _Words()
    with ours, theirs:
        words.listen(ours)
        assert words._heard is not None
        with words._heard:
            theirs.sendall(b"no licence")
            assert words.last() == "no licence"
            theirs.sendall(b" was found")
            theirs.close()
            assert [words.last() for _ in range(2)] == ["no licence was found"] * 2


def test_its_secret_stands_in_no_sentence_however_it_tells_of_it(case: Case) -> None:
    secret = "s3cr3t/with?marks"
    server = case.server("tells", secrets={"TOKEN": lambda: secret}, seconds=60.0)
    with case.guests(server) as guests, pytest.raises(SourceError) as caught:
        guests.listed("helper")
    said = str(caught.value)
    assert "It said:" in said
    assert "***" in said
    for form in (secret, secret[3:], quote_plus(secret), b64encode(secret.encode()).decode()):
        assert form not in said, form
    with (
        case.guests(case.server("fails", secrets={"API_TOKEN": lambda: secret})) as guests,
        pytest.raises(SourceError, match=r"echo failed: twice \*\*\*"),
    ):
        guests.read("helper.echo", {"text": "twice"})


def test_texts_become_what_the_schema_of_a_read_wants_or_nothing_is_called(case: Case) -> None:
    with case.guests(case.server("counts")) as guests:
        words = {"text": "12", "count": "3", "loud": "true"}
        assert json.loads(guests.read("helper.echo", words)) == {"text": "12", "count": 3, "loud": True}
        with pytest.raises(UsageError, match=r"echo of mcp\.helper does not take that: count is to be a whole number"):
            guests.read("helper.echo", {"text": "soup", "count": "many"})
    assert [line.what for line in case.truth.journal.lines()].count("mcp tool read") == 1


def test_odd_names_are_left_out_and_what_a_server_asks_for_is_refused(case: Case) -> None:
    with case.guests(case.server("odd")) as guests:
        listed = guests.listed("helper")
        assert [tool.name for tool in listed.tools] == ["echo", "write", "attempt", "clock"]
        assert listed.problems == [
            "2 of its tools have names that are none, and are left out.",
            "Its tools send-mail, send_mail look like one another, and are left out.",
        ]
        assert [word.split(":")[0] for word in json.loads(guests.read("helper.echo", {}))] == ["refused"] * 3
        for tool in ("write", "clock", "send_mail"):
            with pytest.raises(UsageError, match=r"is no tool of mcp[.]helper that only reads"):
                guests.read(f"helper.{tool}", {})


def test_a_tool_that_is_told_of_differently_is_not_used_before_its_owner_takes_it(case: Case) -> None:
    with case.guests(case.server("rug")) as guests:
        assert guests.read("helper.echo", {"text": "once"}) == "once"
    variables = {**case.server().variables, "VERSION": "2"}
    with case.guests(case.server("rug", variables=variables)) as guests:
        with pytest.raises(SourceError, match="tells something else of its tool echo than at first"):
            guests.read("helper.echo", {"text": "twice"})
        assert case.truth.foreign.changed() == [("helper", "echo")]
        assert case.truth.foreign.take("helper", "anna", case.truth.journal.lines()[0].at) == 1
        assert guests.read("helper.echo", {"text": "twice"}) == "twice"
    told = [line.what for line in case.truth.journal.lines()]
    assert (told.count("mcp tool changed"), told.count("mcp tool read")) == (1, 2)


def test_no_server_writes_where_rules_workflows_or_another_server_are(case: Case) -> None:
    place = case.folder / "conf"
    workflows, deep, shared = place / "workflows", place / "workflows" / "deep", case.folder / "shared" / "code"
    for each in (deep, shared):
        each.mkdir(parents=True)
    (case.folder / "link").symlink_to(deep)
    more: dict[str, Any] = {"without": place, "rules": (workflows, case.folder / "rules" / "policy.toml")}
    refused = {
        deep: "your settings, workflows or code",
        case.folder / "link": "your settings, workflows or code",
        place: "the butler's own files",
        case.folder / "shared": "a folder of mcp.other",
        shared: "a folder of mcp.other",
    }
    for folder, why in refused.items():
        server = case.server(writable=(folder,), beside={"other": (shared,)}, **more)
        with case.guests(server) as guests, pytest.raises(SourceError, match=why):
            guests.listed("helper")
    server = case.server(folders=(*case.server().folders, deep, shared), beside={"other": (shared,)}, **more)
    with case.guests(server) as guests:
        assert guests.read("helper.echo", {"text": "it reads there"}) == "it reads there"


def test_no_server_gets_a_folder_with_the_butlers_own_files(case: Case) -> None:
    for folder in (case.folder, case.state, case.state / "below", case.home):
        folder.mkdir(exist_ok=True)
        with case.guests(case.server(folders=(folder,))) as guests, pytest.raises(SourceError, match="the butler's own files"):
            guests.listed("helper")
    with (
        case.guests(case.server(command=("no-such-program",))) as guests,
        pytest.raises(SourceError, match="There is no program"),
    ):
        guests.listed("helper")
