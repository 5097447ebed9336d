"""How long a step took is its own time: the sync that was made ahead counts, the wait for whoever thinks does not."""

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from unittest.mock import Mock
from zoneinfo import ZoneInfo

import pytest
from briefing_twins import Memory, Twin

from butler.core.context import Context
from butler.core.owner import BriefingOptions, Owner
from butler.core.sources import SourceState
from butler.offers import Offers
from butler.runner import Passed, Runner, Way
from butler.store.runs import Run
from butler.store.truth import Truth

NOON = dt.datetime(2026, 11, 24, 12, 0, tzinfo=dt.UTC)
SYNC, START, THOUGHT = 0.2, 2.0, 0.3


@dataclass
class Briefing:
    """A workflow by name."""

    name: str = "briefing"


class Clock:
    """A clock that goes only when somebody sleeps."""

    def __init__(self) -> None:
        self._now = 1_000.0

    def monotonic(self) -> float:
        return self._now

    def sleep(self, seconds: float) -> None:
        self._now += seconds


@dataclass
class SlowStart:
    """Thinks over what a run offers, but takes its time to be there."""

    clock: Clock
    ahead: bool

    def go(self, _workflow: Briefing, _way: Way, context: Context, passed: Passed) -> None:
        offers = Offers(context, Mock(), lambda: NOON, passed)
        if self.ahead:
            offers.sync_ahead()
        self.clock.sleep(START)
        table = offers.table()
        table["sync"]()
        table["passed"]("sync")
        self.clock.sleep(THOUGHT)
        table["passed"]("think")


def context(clock: Clock, run: Run) -> Context:
    def synced() -> Sequence[SourceState]:
        clock.sleep(SYNC)
        return []

    owner = Owner("Anna Berger", frozenset({"anna@berger.example"}), ZoneInfo("Europe/Berlin"))
    return Context(
        *(run.id, run.now, NOON.date(), owner, BriefingOptions(), Twin(), Memory()),
        model=None,
        sync=synced,
        publish=lambda _briefing, _origins, _snapshot: None,
    )


@pytest.fixture
def truth(tmp_path: Path) -> Iterator[Truth]:
    with closing(Truth.open(tmp_path / "butler.db")) as truth:
        yield truth


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    for module in ("butler.runner", "butler.offers.offers"):
        monkeypatch.setattr(f"{module}.time", clock)
    return clock


@pytest.mark.parametrize("ahead", [True, False])
def test_the_wait_for_the_thinker_is_no_step(truth: Truth, clock: Clock, ahead: bool) -> None:
    runner = Runner(truth.runs, SlowStart(clock, ahead), lambda: NOON)
    run = runner.run(Briefing(), "2026-11-24", partial(context, clock)).run
    took = {
        line.facts["node"]: float(str(line.facts["seconds"]))
        for line in truth.journal.about(f"run:{run.id}")
        if line.what == "node ended"
    }
    assert list(took) == ["sync", "think"]
    assert took == pytest.approx({"sync": SYNC, "think": THOUGHT})
