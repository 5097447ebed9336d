"""What programs that ask over MCP may bring in all: no more than their owner can look through, however often they come."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import card_case as case
import pytest

from butler.core import payloads as p
from butler.core.actions import Action
from butler.core.errors import BusyError
from butler.core.policy import Policy
from butler.gate import Gate
from butler.mcp.sessions import MOST_A_DAY, MOST_HELD, Session
from butler.store.truth import Truth


@dataclass
class Days:
    """A clock that is set by hand, and what programs proposed by it."""

    truth: Truth
    now: dt.datetime = case.NOW
    number: int = field(default=0)

    def visit(self) -> Session:
        return Session(lambda: self.now)

    def propose(self, visit: Session, path: str = "Plan.md") -> str:
        """Have a visit propose, as far as it may; the status that came of it."""
        visit.note(self.truth, "propose", "notebook")
        self.number += 1
        payload = p.FileAppend(root="vault", path=path, text=f"{self.number}\n")
        action = Action(payload, "It asks.", f"k{self.number}", (f"mcp:x/{self.number}",), workflow="mcp", run=visit.run)
        return Gate(self.truth.outbox, Policy(), lambda: self.now).propose(action).status


@pytest.fixture
def days(tmp_path: Path) -> Iterator[Days]:
    truth = Truth.open(tmp_path / "butler.db")
    yield Days(truth)
    truth.close()


def visits(days: Days, path: str, most: int) -> list[str]:
    """What comes of proposing over and over, ten times a visit, until it is refused."""
    found: list[str] = []
    while len(found) <= most:
        visit = days.visit()
        for _ in range(10):
            try:
                found.append(days.propose(visit, path))
            except BusyError:
                return found
    return found


def test_what_waits_of_all_visits_is_bounded_and_reading_goes_on(days: Days) -> None:
    assert visits(days, "Plan.md", MOST_HELD) == ["held"] * MOST_HELD
    days.visit().note(days.truth, "search", "notebook")
    days.now += dt.timedelta(days=2)
    with pytest.raises(BusyError, match="wait for the owner"):
        days.propose(days.visit())


def test_what_is_refused_at_once_is_bounded_for_each_day_too(days: Days) -> None:
    assert visits(days, "../outside.md", MOST_A_DAY) == ["rejected"] * MOST_A_DAY
    days.now += dt.timedelta(days=1, minutes=1)
    assert days.propose(days.visit(), "../outside.md") == "rejected"
