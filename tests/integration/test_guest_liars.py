"""Servers that lie in single answers, and a name of the world that leads to this machine: each comes to a sentence."""

from __future__ import annotations

import socket
import sys
from pathlib import Path
from typing import Any

import pytest
from foreign_case import SERVERS, Case
from pydantic import ValidationError

from butler.core.errors import SourceError
from butler.core.foreign import fitted, misfit
from butler.guests.proxy import Proxy, is_misled, target_of
from butler.mcp.wanted import TOOLS

SCHEMA = '{"additionalProperties":false,"properties":{"count":{"type":"integer"},"word":{"type":"string"}},"required":["word"]}'


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return Case(tmp_path)


def told(case: Case, mode: str, **more: Any) -> str:
    """What a server in a mode gives, or the sentence on it."""
    server = case.server(command=(sys.executable, "-P", str(SERVERS / "foreign_liar.py"), mode), **more)
    with case.guests(server) as guests:
        try:
            return guests.read("helper.echo", {"text": "a"})
        except SourceError as error:
            return str(error)


@pytest.mark.parametrize("mode", ["infinite", "infinite-result", "odd-result", "empty-result"])
def test_an_answer_that_is_none_is_told_in_a_sentence(case: Case, mode: str) -> None:
    assert "The server mcp.helper: It answers with what is no answer (" in told(case, mode)


@pytest.mark.parametrize("mode", ["others", "chatty", "deep"])
def test_answers_to_nobody_second_ones_and_many_complaints_change_nothing(case: Case, mode: str) -> None:
    assert told(case, mode) == "soup"


def test_a_script_that_it_may_not_read_is_named_with_what_to_do(case: Case) -> None:
    sentence = told(case, "plain", folders=())
    assert f"It may not read {SERVERS / 'foreign_liar.py'}: name the folder of that in mcp.helper.folders." in sentence


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1", "169.254.169.254", "fe80::1%eth0"])
def test_a_name_of_the_world_that_leads_to_this_machine_is_not_followed(address: str) -> None:
    assert is_misled("api.example.org", address)
    assert is_misled("API.EXAMPLE.ORG.", address)
    assert not is_misled("localhost", address)
    assert not is_misled(address, address)
    assert not is_misled("api.example.org", "192.0.2.7")


@pytest.mark.parametrize(
    ("request_line", "place"),
    [
        ("CONNECT [::1]:443", ("::1", 443)),
        ("CONNECT api.example.org@evil.example:443", ("", 0)),
        ("CONNECT api.example.org:443:22", ("", 0)),
        ("CONNECT api.example.org", ("", 0)),
        ("GET http://api.example.org:443@evil.example/", ("evil.example", 80)),
        ("GET http://api.example.org\\@evil.example/", ("evil.example", 80)),
        ("GET https://api.example.org/", ("", 0)),
        ("GET /only/a/path", ("", 0)),
        ("connect api.example.org:443", ("", 0)),
    ],
)
def test_whom_a_request_is_for_is_read_as_it_is_connected(request_line: str, place: tuple[str, int]) -> None:
    assert target_of(f"{request_line} HTTP/1.1\r\n\r\n".encode())[1:] == place


def test_arguments_are_held_against_what_a_tool_takes() -> None:
    assert fitted(SCHEMA, {"word": "12", "count": "3"}) == {"word": "12", "count": 3}
    assert fitted("{}", {"deep": "[" * 100_000, "quoted": '"soup"'}) == {"deep": "[" * 100_000, "quoted": "soup"}
    assert misfit(SCHEMA, {"word": "soup", "count": 3}) == ""
    assert misfit(SCHEMA, {"count": 3}) == "word is missing."
    assert misfit(SCHEMA, {"word": "soup", "count": True}) == "count is to be of the type integer."
    assert misfit(SCHEMA, {"word": "a", "wrod": "b"}) == "it has no wrod; it has count, word."
    assert misfit('{"properties":[],"required":7}', {"word": "a"}) == ""


@pytest.mark.parametrize(
    ("tool", "asked"),
    [
        ("agenda", {"first": "9999-12-31"}),
        ("agenda", {"first": "0001-01-01"}),
        ("propose", {"kind": "task.create", "title": "a", "because": "why not", "due": "9999-12-31T23:59:59-14:00"}),
    ],
)
def test_a_program_cannot_ask_for_days_that_no_calendar_reckons_with(tool: str, asked: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="the year of a day is from 1900 to 2200"):
        TOOLS[tool][0].model_validate(asked)


class Misled:
    """Leads every name to one address."""

    def __init__(self, address: tuple[str, int]) -> None:
        self._address = address

    def __call__(self, host: str, port: int, seconds: float) -> socket.socket:
        return socket.create_connection(self._address)

    def secured(self, host: str, port: int, version: str, certificate: bytes) -> None:
        """Nothing is encrypted here."""


@pytest.mark.parametrize(("host", "comes"), [("localhost", b"hello"), ("api.example.org", b"")])
def test_what_follows_a_request_at_once_goes_there_and_to_no_service_behind_a_strange_name(host: str, comes: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as there, socket.create_server(("127.0.0.1", 0)) as listening:
        proxy = Proxy(listening, Misled(there.getsockname()))
        proxy.start()
        with socket.create_connection(listening.getsockname()) as guest:
            guest.sendall(f"CONNECT {host}:443 HTTP/1.1\r\nHost: x\r\n\r\nhello".encode())
            served, _ = there.accept()
            with served:
                served.settimeout(5)
                assert served.recv(100) == comes
                assert guest.recv(100).startswith(b"HTTP/1.1 200" if comes else b"HTTP/1.1 403")
        proxy.close()
