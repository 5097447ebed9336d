"""What servers of the owner's choice tell, judged purely: names, changes, calls as a person writes them, hosts and heads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from briefing_twins import Memory, Twin, context
from memory_book import MemoryBook
from memory_source import NOON

from butler.core.context import Context
from butler.core.foreign import ForeignTool, changed, read_call, usable
from butler.guests.guests import arguments_text
from butler.guests.proxy import target_of
from butler.offers import BreachError, Offers


def tool(name: str, description: str = "", schema: str = "{}") -> ForeignTool:
    return ForeignTool("helper", name, description, schema)


def test_names_that_look_alike_or_are_none_are_left_out() -> None:
    found, problems = usable(
        [tool("find"), tool("send_mail"), tool("SendMail"), tool("l0g"), tool("I0g"), tool(" "), tool("éa")]
    )
    assert [each.name for each in found] == ["find"]
    assert problems == [
        "2 of its tools have names that are none, and are left out.",
        "Its tools I0g, SendMail, l0g, send_mail look like one another, and are left out.",
    ]


@pytest.mark.parametrize("other", [tool("find", "b"), tool("find", "a", '{"type":"object"}')])
def test_whatever_is_told_differently_makes_another_tool(other: ForeignTool) -> None:
    first = tool("find", "a")
    assert changed([first], {"find": first.digest}) == []
    assert changed([other], {"find": first.digest}) == [other]
    assert changed([other], {}) == []


def test_a_call_is_read_as_a_person_writes_it() -> None:
    assert read_call('recipes.find word="pea soup" most=3') == ("recipes.find", {"word": "pea soup", "most": "3"})


@pytest.mark.parametrize(
    "text", ["", "recipes", "recipes.", ".find", "recipes.find soup", "recipes.find =x", 'recipes.find a="b']
)
def test_what_is_no_call_is_said_to_be_none(text: str) -> None:
    with pytest.raises(ValueError, match="A tool is called like recipes"):
        read_call(text)


@pytest.mark.parametrize(
    ("head", "target"),
    [
        (b"CONNECT api.example.org:443 HTTP/1.1\r\n\r\n", ("CONNECT", "api.example.org", 443)),
        (b"CONNECT [::1]:443 HTTP/1.1\r\n\r\n", ("CONNECT", "::1", 443)),
        (b"GET http://example.org/a HTTP/1.1\r\n\r\n", ("GET", "example.org", 80)),
        (b"GET http://example.org:8080/a HTTP/1.0\r\n\r\n", ("GET", "example.org", 8080)),
        (b"GET /a HTTP/1.1\r\n\r\n", ("GET", "", 0)),
        (b"CONNECT api.example.org HTTP/1.1\r\n\r\n", ("CONNECT", "", 0)),
        (b"CONNECT a@api.example.org:443 HTTP/1.1\r\n\r\n", ("CONNECT", "", 0)),
        (b"GET ftp://example.org/ HTTP/1.1\r\n\r\n", ("GET", "", 0)),
        (b"\x16\x03\x01\x02\x00\r\n\r\n", ("", "", 0)),
    ],
)
def test_the_head_of_a_request_names_a_host_and_a_port_or_nothing(head: bytes, target: tuple[str, str, int]) -> None:
    assert target_of(head) == target


def test_arguments_are_one_text_whatever_their_order() -> None:
    assert arguments_text({"b": 1, "a": ["ü"]}) == '{"a":["ü"],"b":1}'


def offered(given: Context) -> Callable[..., bytes]:
    offers = Offers(given, MemoryBook(), lambda: NOON, lambda _node, _seconds: None)
    found: Callable[..., bytes] = offers.table()["foreign"]
    return found


def test_a_thinker_may_call_what_only_reads_and_nothing_else_and_not_for_ever() -> None:
    called: list[tuple[str, Mapping[str, Any]]] = []

    def foreign(what: str, arguments: Mapping[str, Any]) -> str:
        called.append((what, arguments))
        return "pea soup \ud800"

    given = replace(context(Twin(), Memory()), foreign_reads=("recipes.find",), foreign=foreign)
    call = offered(given)
    assert call("recipes.find", '{"word":"soup"}') == b"pea soup ?"
    assert called == [("recipes.find", {"word": "soup"})]
    for what, arguments in (("recipes.delete", "{}"), ("recipes.find", "[]")):
        with pytest.raises(BreachError):
            offered(given)(what, arguments)
    for _ in range(49):
        call("recipes.find", "{}")
    with pytest.raises(BreachError):
        call("recipes.find", "{}")
    assert len(called) == 50
