"""Runs workflows over the sample household as the butler does, with pages kept in a folder and everything held."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from butler.core.actions import Kept
from butler.core.context import Context
from butler.core.owner import BriefingOptions
from butler.core.policy import Policy
from butler.core.workflow import Workflow
from butler.desk import Desk, Drafting, Folders
from butler.gate import Gate
from butler.house import Deeds, House
from butler.runner import Runner
from butler.sample.household import Household, write_household
from butler.store.runs import Run
from butler.thinking.graphs import Graphs

DAY = dt.date(2026, 11, 24)


@dataclass
class Rig:
    """The household's house, brought up to date, at a time that a test sets."""

    household: Household
    house: House
    state: Path
    now: dt.datetime
    proposed: list[Kept] = field(default_factory=list)

    def run(self, workflow: Workflow, subject: str = "", **more: Any) -> Mapping[str, Any]:
        """Run a workflow to its end; `more` goes into its context."""
        runner = Runner(self.house.truth.runs, Graphs(self.state / "checkpoints.db"), lambda: self.now)
        name = subject or self.now.date().isoformat()
        return runner.run(workflow, name, lambda run: self._context(run, workflow.name, subject, more)).result

    @property
    def gate(self) -> Gate:
        """The gate, with no policy: everything is held."""
        return Gate(self.house.truth.outbox, Policy(), lambda: self.now)

    def page(self, result: Mapping[str, Any]) -> str:
        """The page that a run has saved."""
        return Path(result["path"]).read_text(encoding="utf-8")

    def _context(self, run: Run, workflow: str, subject: str, more: Mapping[str, Any]) -> Context:
        owner, outbox = self.household.owner, self.house.truth.outbox
        given = Context(
            run=run.id,
            now=run.now,
            day=run.now.astimezone(owner.zone).date(),
            owner=owner,
            options=BriefingOptions(),
            reads=self.house.mirror.reads,
            memory=self.house.truth.memory(run.id),
            model=None,
            sync=self.house.states,
        )
        desk = Desk(self.gate, outbox, self.household.accounts, Drafting())
        self.proposed = desk.proposed
        furnished = desk.equip(dataclasses.replace(given, subject=subject), workflow, Folders(self.state / "pages"))
        return dataclasses.replace(furnished, **more)


@contextmanager
def rig(folder: Path, hour: int = 18, day: dt.date = DAY) -> Iterator[Rig]:
    """Make the household and read it once; it is `hour` in Berlin on the day."""
    household = write_household(folder / "household", day)
    deeds = Deeds(household.owner, household.accounts, household.options, folder / "state")
    now = dt.datetime.combine(day, dt.time(hour), household.owner.zone)
    with House(deeds, lambda: household.now) as house:
        house.sync()
        yield Rig(household, house, folder / "state", now)
