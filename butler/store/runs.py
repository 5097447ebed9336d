"""Runs: one row each from start to end, and what a run keeps between its attempts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import uuid4

from butler.core.briefing import Usage
from butler.core.plain import moment_text, read_moment
from butler.store.database import Database, Row
from butler.store.journal import Journal
from butler.store.sql import statements

RunState = Literal["running", "done", "failed", "abandoned"]


@dataclass(frozen=True, slots=True)
class Run:
    """One execution of a workflow on a subject; `now` is its frozen time, the same after an interruption."""

    id: str
    workflow: str
    subject: str
    state: RunState
    started: datetime
    ended: datetime | None
    now: datetime
    error: str
    parent: str | None


class Runs:
    """Starts, ends and finds runs."""

    def __init__(self, database: Database, journal: Journal) -> None:
        self._database = database
        self._journal = journal
        self._sql = statements("truth")

    def start(self, workflow: str, subject: str, now: datetime, parent: str | None = None) -> Run:
        """Note that a run starts now."""
        at = moment_text(now)
        run = Run(str(uuid4()), workflow, subject, "running", now, None, now, "", parent)
        with self._database.joined():
            self._database.run(self._sql["start_run"], (run.id, workflow, subject, at, at, parent))
            about = {"workflow": workflow, "of": subject, "parent": parent}
            self._journal.append(now, "run started", f"run:{run.id}", **about)
        return run

    def finish(self, run: str, ended: datetime) -> bool:
        """End a run well; False when it had ended before."""
        return self._end(run, "done", ended, "")

    def fail(self, run: str, ended: datetime, error: str) -> bool:
        """End a run with the sentence that says why; False when it had ended before."""
        return self._end(run, "failed", ended, error)

    def abandon(self, run: str, ended: datetime, reason: str) -> bool:
        """Give up a run that nobody is going to take up again; False when it had ended before."""
        return self._end(run, "abandoned", ended, reason)

    def passed(self, run: str, at: datetime, node: str, seconds: float) -> None:
        """Note that a node of a run ended well, and how long it took."""
        with self._database.joined():
            self._journal.append(at, "node ended", f"run:{run}", node=node, seconds=round(seconds, 3))

    def below(self, run: str) -> list[Run]:
        """Find the runs that a run started, oldest first."""
        return [found for row in self._database.rows(self._sql["runs_below"], (run,)) if (found := _run(row))]

    def some_below(self, run: str, after: str = "", limit: int = 50) -> list[Run]:
        """Find some of them; `after` is the id of the last one already seen."""
        rows = self._database.rows(self._sql["some_runs_below"], (run, after, limit))
        return [found for row in rows if (found := _run(row))]

    def named(self, beginning: str) -> list[Run]:
        """Find the runs whose id begins so, at most two."""
        rows = self._database.rows(self._sql["runs_named"], (beginning, len(beginning)))
        return [found for row in rows if (found := _run(row))]

    def get(self, run: str) -> Run | None:
        """Find a run by its id."""
        return _run(self._database.row(self._sql["run"], (run,)))

    def unfinished(self, workflow: str, subject: str) -> Run | None:
        """Find the latest run of a workflow on a subject that has not ended, to take it up again."""
        return _run(self._database.row(self._sql["unfinished_run"], (workflow, subject)))

    def running(self) -> list[Run]:
        """Find all runs that have not ended, those below other runs too, oldest first."""
        return [run for row in self._database.rows(self._sql["running_runs"]) if (run := _run(row))]

    def recent(self, limit: int = 20) -> list[Run]:
        """Find the latest runs, newest first."""
        return [run for row in self._database.rows(self._sql["recent_runs"], (limit,)) if (run := _run(row))]

    def top(self, workflow: str = "", state: str = "", before: str = "", limit: int = 25) -> list[Run]:
        """Find the latest runs that no run started, newest first; `before` is the id of the last one already seen."""
        name = "top_runs_of_workflow" if workflow else "top_runs_in_state" if state else "top_runs"
        more = (workflow, state) if workflow else (state,) if state else ()
        rows = self._database.rows(self._sql[name], (before, limit, *more))
        return [run for row in rows if (run := _run(row))]

    def workflows(self) -> list[str]:
        """Name the workflows that ever ran."""
        return [row[0] for row in self._database.rows(self._sql["top_workflows"])]

    def _end(self, run: str, state: RunState, ended: datetime, error: str) -> bool:
        """End a run and drop its intermediate values, which quote mail and serve nobody any more."""
        with self._database.joined():
            self._database.run(self._sql["forget_values"], (run,))
            if self._database.run(self._sql["end_run"], (state, moment_text(ended), error, run)) != 1:
                return False
            self._journal.append(ended, "run ended", f"run:{run}", state=state, error=error)
            return True


class Memory:
    """What one run keeps; implements `butler.core.context.RunMemory`."""

    def __init__(self, database: Database, run: str) -> None:
        self._database = database
        self._sql = statements("truth")
        self._run = run

    def snapshot_before(self, day: date) -> Mapping[str, Any] | None:
        """Find the snapshot kept with the last briefing of an earlier day."""
        found = self._database.value(self._sql["snapshot_before"], (day.isoformat(),))
        return None if found is None else dict(json.loads(found))

    def keep(self, stage: str, value: Any) -> None:
        """Keep an intermediate JSON value of this run."""
        self._database.run(self._sql["keep_value"], (self._run, stage, json.dumps(value, ensure_ascii=False)))

    def kept(self, stage: str) -> Any | None:
        """Find what `keep` stored for this run, or None."""
        found = self._database.value(self._sql["kept_value"], (self._run, stage))
        return None if found is None else json.loads(found)

    def usage(self) -> Usage:
        """Sum up what the model calls of this run, and of the runs below it, cost so far."""
        calls, cached, tokens_in, tokens_out, seconds = self._database.rows(self._sql["usage"], (self._run,))[0]
        return Usage(model_calls=calls, cached=cached, tokens_in=tokens_in, tokens_out=tokens_out, seconds=seconds)


def _run(row: Row | None) -> Run | None:
    if row is None:
        return None
    name, workflow, subject, state, started, ended, now, error, parent = row
    return Run(name, workflow, subject, state, _time(started), _time(ended) if ended else None, _time(now), error, parent)


def _time(text: str) -> datetime:
    moment = read_moment(text)
    assert isinstance(moment, datetime)  # noqa: S101 - only times are written to these columns
    return moment
