"""Tools of servers as actions: held whatever is allowed, called once when approved, and never twice when nobody can know."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from foreign_case import Case, now

from butler.cards.card import make_card
from butler.cards.contents import Beside
from butler.cards.page import as_text
from butler.core.actions import Action, Kept
from butler.core.foreign import ForeignServer
from butler.core.owner import BriefingOptions, Owner
from butler.core.payloads import McpCall
from butler.core.policy import Policy, Rule
from butler.house import Deeds, House

ALLOWING = Policy((Rule("all", "allow"),))
OWNER = Owner("Anna Berger", frozenset({"anna@berger.example"}), ZoneInfo("Europe/Berlin"))


def house(case: Case, server: ForeignServer) -> House:
    return House(Deeds(OWNER, (), BriefingOptions(), case.state, policy=ALLOWING, servers=(server,)))


def call(digest: str, text: str = "soup") -> Action:
    payload = McpCall(
        server="helper", tool="write", arguments=f'{{"text":"{text}"}}', digest=digest, told="Write a text down.", takes="{}"
    )
    return Action(payload, "You asked for it.", f"call|{text}|{now().isoformat()}", (f"person:anna:{text}",))


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return Case(tmp_path)


def digest_of(case: Case, server: ForeignServer) -> str:
    with case.guests(server) as guests:
        tool = guests.listed("helper").tool("write")
    assert tool
    return tool.digest


def carried_out(opened: House, kept: Kept) -> Kept:
    """What comes of an action that is approved."""
    assert kept.status == "held"
    opened.gate.approve(kept.id, kept.hash, "anna", "test")
    opened.execute()
    return opened.truth.outbox.get(kept.id)


def test_a_call_is_held_whatever_is_allowed_done_once_and_uncertain_when_no_answer_comes(case: Case) -> None:
    server = case.server()
    digest = digest_of(case, server)
    with house(case, server) as opened:
        done = carried_out(opened, opened.gate.propose(call(digest)))
        assert (done.status, done.done[0].answer) == ("done", "It is written.")
        opened.execute()
        assert (case.out / "written.txt").read_text() == "soup\n"
    with house(case, replace(server, command=(*server.command[:-1], "dies-after"))) as opened:
        unknown = carried_out(opened, opened.gate.propose(call(digest, "bread")))
        assert unknown.status == "uncertain"
        assert "It ended" in unknown.note
        opened.execute()
        assert (case.out / "written.txt").read_text() == "soup\nbread\n"
    assert case.left_behind() == []


def test_a_call_of_a_tool_that_is_not_what_was_shown_is_held_again(case: Case) -> None:
    with house(case, case.server()) as opened:
        other = carried_out(opened, opened.gate.propose(call("0" * 64)))
        assert other.status == "held"
        assert "tells something else of write" in other.note
        assert not (case.out / "written.txt").exists()


def test_its_card_shows_server_tool_and_every_argument_to_the_letter() -> None:
    action = call("0" * 64, "so\\u202eup")
    kept = Kept(1, action, "held", "0" * 64, 1, now(), now())
    shown = as_text(make_card(kept, Beside()), width=100, colour=False, zone=OWNER.zone)
    for words in ("mcp.call", "Server", "helper", "Tool", "write", "Arguments", '"text": "so', "What the server says of it"):
        assert words in shown
    assert "\u202e" not in shown
