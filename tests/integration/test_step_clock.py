"""How long a step took is its own time: the sync that was made ahead counts, the wait for whoever thinks does not."""

import datetime as dt
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
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


@dataclass
class SlowStart:
    """Thinks over what a run offers, but takes its time to be there."""

    ahead: bool

    def go(self, _workflow: Briefing, _way: Way, context: Context, passed: Passed) -> None:
        offers = Offers(context, Mock(), lambda: NOON, passed)
        if self.ahead:
            offers.sync_ahead()
        time.sleep(START)
        table = offers.table()
        table["sync"]()
        table["passed"]("sync")
        time.sleep(THOUGHT)
        table["passed"]("think")


def synced() -> Sequence[SourceState]:
    time.sleep(SYNC)
    return []


def context(run: Run) -> Context:
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


@pytest.mark.parametrize("ahead", [True, False])
def test_the_wait_for_the_thinker_is_no_step(truth: Truth, ahead: bool) -> None:
    run = Runner(truth.runs, SlowStart(ahead), lambda: NOON).run(Briefing(), "2026-11-24", context).run
    took = {
        line.facts["node"]: float(str(line.facts["seconds"]))
        for line in truth.journal.about(f"run:{run.id}")
        if line.what == "node ended"
    }
    assert list(took) == ["sync", "think"]
    assert SYNC <= took["sync"] < START
    assert THOUGHT <= took["think"] < START
