"""The connection to a real Radicale cut at each byte of a PUT and of its answer: no event lost, none doubled."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable

import pytest
from calendar_worlds import OnServer, event
from cutting_proxy import CuttingProxy, Direction, cutting_proxy
from dav_servers import DavServer, dav_server

from butler.core.effects import PutObject, Seen
from butler.core.errors import EffectError
from tools.calendar import TOOL

__all__ = ["dav_server"]

STEP = 1 if os.environ.get("BUTLER_TEST_LONG") else 5
"""Every byte where there is time for it; every fifth says the same sooner."""


@pytest.fixture
def world(dav_server: Callable[[str], DavServer]) -> OnServer:
    server = dav_server("radicale")
    return OnServer(server, server.make_calendar("cuts"))


def tried(world: OnServer, proxy: CuttingProxy, place: tuple[Direction, int | None], effect: PutObject) -> str:
    """Try to make an event over a connection that is cut; how that ended."""
    hands = TOOL.hands(OnServer(world.server, world.path, proxy.port).account())
    proxy.plan(*place)
    try:
        hands.act(effect, Seen(state="open", key="whole.ics"))
    except EffectError as error:
        return "doubt" if error.uncertain else error.sentence
    finally:
        hands.close()
        proxy.settle()
    return "done"


def finished(world: OnServer, effect: PutObject) -> str:
    """Do what the executor does after doubt: look, and act only where it is open."""
    hands = TOOL.hands(world.account())
    try:
        seen = hands.look(effect)
        if seen.state == "open":
            hands.act(effect, seen)
        else:
            assert seen.state == "done"
        return seen.state
    finally:
        hands.close()


def put() -> PutObject:
    return PutObject(account="family", calendar="family", uid="whole", after=event("whole"))


@pytest.mark.timeout(400)
def test_a_put_cut_at_any_byte_makes_one_event(world: OnServer, capsys: pytest.CaptureFixture[str]) -> None:
    stored = world.server.base / "store" / "collection-root" / world.path.strip("/")
    ends: Counter[tuple[str, str]] = Counter()
    with cutting_proxy(world.server.port, b"PUT ") as proxy:
        assert tried(world, proxy, ("up", None), put()) == "done"
        world.delete("whole.ics")
        sizes = dict(proxy.counted)
        cuts = [(way, place) for way in sizes for place in range(1, sizes[way], STEP)]
        for way, place in cuts:
            first = tried(world, proxy, (way, place), put())
            ends[first, finished(world, put())] += 1
            assert [file.name for file in stored.glob("*.ics")] == ["whole.ics"]
            (stored / "whole.ics").unlink()
        assert proxy.cuts == len(cuts)
    assert {first for first, _ in ends} <= {"doubt", "done"}
    assert ends["done", "open"] == 0
    assert ends["doubt", "done"]
    assert ends["doubt", "open"]
    with capsys.disabled():
        print(f"\n{len(cuts)} cuts of a PUT: 0 lost, 0 doubled; {dict(ends)}")
