"""Notices are sent, and models asked, by processes that can look up no name and have no socket of their own."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import confined_sender
import pytest
from dovecot_server import PASSWORD, USER
from handed_lines import Handed
from http_sink import http_sink
from ollama_script import Says
from scripted_ollama import ScriptedOllama
from smtp_sink import running_sink

from butler.sandbox.order import Order
from butler.sandbox.profiles import Role
from butler.sandbox.seam import Side
from butler.sandbox.worker import Forkserver

HOST = "nowhere.example"


@pytest.fixture(scope="module")
def forkserver() -> Iterator[Forkserver]:
    with Forkserver(folders=[str(Path(__file__).parents[1] / "servers")]) as started:
        yield started


@pytest.fixture
def dial() -> Handed:
    return Handed()


@pytest.fixture
def worker(forkserver: Forkserver, dial: Handed, request: pytest.FixtureRequest) -> Iterator[Side]:
    role: Role = getattr(request, "param", "notice")
    with forkserver.order(Order(role, "confined_sender:main")) as ordered:
        yield ordered.side({"dial": dial, "secured": dial.secured})


def sent(worker: Side, *urls: str) -> list[int]:
    order = {"urls": list(urls), "title": "t", "body": "hello", "seconds": 5.0}
    took: list[int] = worker.ask("send", order, gives=list[int], seconds=30)
    return took


def test_notices_go_out_over_handed_lines(worker: Side, dial: Handed) -> None:
    with http_sink() as sink:
        assert sent(worker, f"json://{HOST}:{sink.port}/a", f"json://{HOST}:1/", f"json://{HOST}:{sink.port}/b") == [0, 2]
        assert sink.messages("/a") == sink.messages("/b") == ["hello"]
        assert set(dial.asked) == {(HOST, sink.port), (HOST, 1)}


def test_a_notice_by_mail_goes_out_over_a_handed_line(worker: Side, dial: Handed, tmp_path: Path) -> None:
    with running_sink(tmp_path) as sink:
        log_in = f"{USER.replace('@', '%40')}:{PASSWORD}"
        assert sent(worker, f"mailto://{log_in}@{HOST}:{sink.port}/?smtp={HOST}&mode=insecure&to={USER}&from={USER}") == [0]
        assert len(sink.letters) == 1
        assert dial.asked == [(HOST, sink.port)]


def test_where_nobody_may_be_connected_to_nothing_is_sent(worker: Side, dial: Handed, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Handed, host: str, port: int, seconds: float) -> socket.socket:
        raise PermissionError(13, "the settings do not name it")

    monkeypatch.setattr(Handed, "__call__", refuse)
    with http_sink() as sink:
        assert sent(worker, f"json://127.0.0.1:{sink.port}/a") == []
        assert sink.came == []


@pytest.mark.parametrize("worker", ["thinker"], indirect=True)
def test_a_model_is_asked_over_handed_lines(worker: Side, dial: Handed) -> None:
    with ScriptedOllama(lambda chat: Says("x")) as server:
        port = int(server.url.rpartition(":")[2])
        assert worker.ask("examine", f"http://{HOST}:{port}", server.models[0].name, gives=str, seconds=30) == server.version
        assert set(dial.asked) == {(HOST, port)}


@pytest.mark.parametrize("worker", ["reader", "hands", "thinker", "notice"], indirect=True)
def test_whoever_talks_to_servers_knows_the_systems_authorities(worker: Side) -> None:
    known = worker.ask("authorities", gives=list[str], seconds=30)
    assert known == confined_sender.authorities()
    assert len(known) > 10
