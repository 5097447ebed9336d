"""The model's connection where somebody else dials: encrypted as ever, hung up for all who hold it."""

from __future__ import annotations

import asyncio
import hashlib
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpcore
import pytest
from gateway_case import NOW, ask
from handed_lines import Handed
from memory_book import MemoryBook
from ollama_script import Hangs
from scripted_dav import Reply, scripted, self_signed
from scripted_ollama import ScriptedOllama

from butler.core.accounts import ModelHost
from butler.core.errors import ModelError
from butler.model import Gateway, line
from butler.model.client import Client
from butler.model.failures import FailureKind, ServerError
from butler.model.line import Dialled
from butler.model.report import inspect


class Holding(Handed):
    """Keeps a copy of each connection, as whoever counts what goes over them does."""

    def __init__(self) -> None:
        super().__init__()
        self.held: list[socket.socket] = []

    def __call__(self, host: str, port: int, seconds: float) -> socket.socket:
        made = super().__call__(host, port, seconds)
        self.held.append(made.dup())
        return made

    def close(self) -> None:
        for each in self.held:
            each.close()


@pytest.fixture
def holding() -> Iterator[Holding]:
    dial = Holding()
    yield dial
    dial.close()


def test_cancelling_hangs_up_though_whoever_dialled_holds_the_connection(holding: Holding) -> None:
    with ScriptedOllama(script=lambda chat: Hangs()) as server:
        host = ModelHost(url=server.url, name=server.models[0].name, deadline=20.0)
        with Gateway(host, MemoryBook(), "run-1", lambda: NOW, holding) as model:
            thread = threading.Thread(target=_asking, args=(model,))
            thread.start()
            while not server.chats:
                time.sleep(0.01)
            model.cancel()
            thread.join(10)
            assert server.disconnected.wait(10)


def _asking(model: Gateway) -> None:
    with pytest.raises(ModelError):
        ask(model)


def test_each_request_hangs_up_its_connection(holding: Holding) -> None:
    with ScriptedOllama() as server:
        assert inspect(ModelHost(url=server.url, name=server.models[0].name), dial=holding).reachable
        assert holding.held
        for each in holding.held:
            with pytest.raises(BrokenPipeError):
                each.send(b"x")


def get(url: str, context: ssl.SSLContext, dial: Handed) -> bytes:
    async def asked() -> bytes:
        async with httpcore.AsyncConnectionPool(context, network_backend=Dialled(dial)) as pool:
            return (await pool.request("GET", url)).content

    with asyncio.Runner() as runner:
        return runner.run(asked())


def test_an_encrypted_connection_is_checked_and_told_of(tmp_path: Path) -> None:
    dial = Handed()
    folder = self_signed(tmp_path, "DNS:model.example")
    trusting = ssl.create_default_context(cafile=str(folder / "cert.pem"))
    with scripted(lambda _: Reply(200, "hello"), folder) as (url, asked):
        port = int(url.rpartition(":")[2])
        assert get(f"https://model.example:{port}/", trusting, dial) == b"hello"
        with pytest.raises(httpcore.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            get(f"https://other.example:{port}/", trusting, dial)
        assert len(asked) == 1
    ((host, at, version, certificate),) = dial.certificates
    assert (host, at, version) == ("model.example", port, "TLSv1.3")
    assert (
        hashlib.sha256(certificate).digest()
        == hashlib.sha256(ssl.PEM_cert_to_DER_cert((folder / "cert.pem").read_text())).digest()
    )


def test_a_model_server_that_nobody_vouches_for_gets_no_question(tmp_path: Path) -> None:
    dial = Handed()
    with scripted(lambda _: Reply(200, "{}"), self_signed(tmp_path, "DNS:model.example")) as (url, asked):
        port = int(url.rpartition(":")[2])
        report = inspect(ModelHost(url=f"https://model.example:{port}", name="good"), dial=dial)
    assert not report.reachable
    assert report.failure is not None
    assert report.failure.sentence == f"No model server answers at https://model.example:{port}."
    assert (asked, dial.certificates) == ([], [])


@pytest.mark.parametrize(
    "failure",
    [
        PermissionError(13, "the settings do not name it"),
        socket.gaierror(socket.EAI_NONAME, "Name or service not known"),
        ConnectionRefusedError(111, "Connection refused"),
        TimeoutError("too late"),
    ],
)
def test_whatever_keeps_a_dial_from_connecting_is_told_as_ever(failure: OSError) -> None:
    def dial(host: str, port: int, seconds: float) -> socket.socket:
        raise failure

    told: Any = dial

    async def version() -> str:
        async with Client(ModelHost(url="http://model.example:1"), told) as client:
            said: str = await client.version()
            return said

    with asyncio.Runner() as runner, pytest.raises(ServerError) as caught:
        runner.run(version())
    assert caught.value.kind == FailureKind.UNREACHABLE


def test_a_connection_that_comes_too_late_is_hung_up(monkeypatch: pytest.MonkeyPatch) -> None:
    came: list[socket.socket] = []
    given_up = threading.Event()
    dialled = line._dialled

    async def noted(*asked: Any) -> socket.socket:
        try:
            return await dialled(*asked)
        except asyncio.CancelledError:
            given_up.set()
            raise

    def slow(host: str, port: int, seconds: float) -> socket.socket:
        assert given_up.wait(60)
        came.append(Handed()(host, port, seconds))
        return came[0]

    monkeypatch.setattr(line, "_dialled", noted)
    dial: Any = slow
    with ScriptedOllama() as server:
        # A busy machine has to come as far as to dial in this time.
        assert not inspect(ModelHost(url=server.url, name="good"), 1.0, dial).reachable
    assert [each.fileno() for each in came] == [-1]
