"""The lane over real slots: what is named again while it is about to be claimed runs once, what comes later runs again."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from butler.children import Child, Ended
from butler.core.jobs import Outcome
from butler.core.requests import Request
from butler.core.turns import Conditions
from butler.daemon.ledger import Desk, SlotLedger
from butler.lane import Errand, Lane
from butler.store.truth import Truth

TRIAGE = Request("triage", "mail:home/INBOX", job="triage")
BY_PLAN = Request("triage", "mail", job="triage")
"""The same work as the plan names it, which knows the row alone."""


def now() -> datetime:
    return datetime.now(UTC)


class Named:
    """The ledger, and what is done just before it claims, as by a plan that was made a moment ago."""

    def __init__(self, ledger: SlotLedger, before: Callable[[], object]) -> None:
        self._ledger = ledger
        self._before = before

    async def begin(self, requests: Sequence[Request]) -> bool:
        self._before()
        return await self._ledger.begin(requests)

    async def end(self, requests: Sequence[Request], outcome: Outcome, note: str) -> None:
        await self._ledger.end(requests, outcome, note)

    async def give_up(self, workflow: str, sentence: str) -> None:
        await self._ledger.give_up(workflow, sentence)


async def runs(folder: Path, later: Sequence[Request]) -> int:
    """How often triage runs that is named again just before it is claimed, and once more while it runs by `later`."""
    desk = Desk(Truth.open(folder / "butler.db"))
    started: list[str] = []
    is_begun, is_over = asyncio.Event(), asyncio.Event()

    def start(errand: Errand) -> Child:
        started.append(errand.name)
        is_begun.set()
        return Child(["sleep", "0.3"], {"PATH": "/usr/bin:/bin"}, lambda _line: None)

    async def fair(_wants_model: bool) -> Conditions:
        return Conditions(now())

    def finished(_errand: Errand, _ended: Ended) -> None:
        if not lane.waiting:
            is_over.set()

    ledger = Named(SlotLedger(desk, now, lambda *_: None), lambda: lane.add(BY_PLAN, []) if not started else None)
    lane = Lane(ledger, start, fair, now, finished, 60.0)
    await desk.ask(lambda truth: truth.jobs.arrive("triage", "", now()))
    lane.add(TRIAGE, [])
    work = asyncio.ensure_future(lane.work())
    async with asyncio.timeout(20):
        await is_begun.wait()
        for each in later:
            lane.add(each, [])
        await is_over.wait()
    lane.close()
    await work
    state = await desk.ask(lambda truth: truth.jobs.get("triage"))
    desk.close()
    assert state is not None
    assert state.state == "ran"
    return len(started)


def test_what_is_named_again_while_it_is_about_to_be_claimed_runs_once(tmp_path: Path) -> None:
    assert asyncio.run(runs(tmp_path, ())) == 1


def test_what_comes_while_it_runs_is_for_a_run_of_its_own(tmp_path: Path) -> None:
    assert asyncio.run(runs(tmp_path, (TRIAGE, BY_PLAN))) == 2
