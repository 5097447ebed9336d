"""Runs a workflow's graph from its first node or from where a killed run stopped, and keeps its row from start to end."""

from __future__ import annotations

import dataclasses
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from butler.core.context import Context
from butler.core.errors import ButlerError, ModelError
from butler.core.workflow import Workflow
from butler.environment import scrub_environment
from butler.store.database import DamagedError, os_told, told
from butler.store.runs import Run, Runs

if TYPE_CHECKING:
    from langgraph.checkpoint.sqlite import SqliteSaver

_STEPS = 16
"""A graph that takes more steps than this goes in circles."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Which run did the work, whether it went on with an interrupted one, and what it kept as its `result`, if anything."""

    run: Run
    resumed: bool
    result: Mapping[str, Any] = field(default_factory=dict)


class Runner:
    """Runs workflows one at a time; `checkpoints` is a file of its own, `clock` the wall clock."""

    def __init__(self, runs: Runs, checkpoints: Path, clock: Callable[[], datetime]) -> None:
        self._runs = runs
        self._checkpoints = checkpoints
        self._clock = clock

    def run(self, workflow: Workflow, subject: str, context: Callable[[Run], Context]) -> Outcome:
        """Go on with the subject's interrupted run (a day's briefing, say) or start one, to its end.

        What fails is written into the run's row and raised. A run that is interrupted (a signal, a kill, a power
        cut) stays open, and the next call for the same subject goes on with it.
        """
        with open_saver(self._checkpoints) as saver:
            run, resumed = self._open(workflow.name, subject, saver)
            try:
                made = context(run)
                self._go(workflow, run, made, saver)
                result = made.memory.kept("result") or {}
            except ModelError:
                # The model raises only when the butler is stopping: the run stays open.
                raise
            except Exception as error:
                saver.delete_thread(_thread(run))
                self._runs.fail(run.id, self._clock(), _sentence(error))
                raise
            # In this order: a kill in between leaves an open run without checkpoints, which ends at once when resumed.
            saver.delete_thread(_thread(run))
            self._runs.finish(run.id, self._clock())
        return Outcome(run, resumed, result)

    def _open(self, workflow: str, subject: str, saver: SqliteSaver) -> tuple[Run, bool]:
        """Find the subject's open run or start one; what else of the workflow is open, children too, is given up."""
        mine = self._runs.unfinished(workflow, subject)
        for run in self._runs.running():
            if run.workflow not in (workflow, _judging(workflow)) or (mine is not None and run.id == mine.id):
                continue
            saver.delete_thread(_thread(run))
            self._runs.abandon(run.id, self._clock(), "The butler was ended before this run was, and nothing goes on with it.")
        if mine is not None:
            return mine, True
        return self._runs.start(workflow, subject, self._clock()), False

    def _go(self, workflow: Workflow, run: Run, context: Context, saver: SqliteSaver) -> None:
        watched = dataclasses.replace(context, judging=partial(self._child, run))
        graph = workflow.graph(watched).compile(checkpointer=saver)
        config = {"configurable": {"thread_id": _thread(run)}, "recursion_limit": _STEPS}
        # A thread whose last node ended has nothing next: it starts anew over what its memory kept.
        begun = bool(graph.get_state(config).next)
        before = time.monotonic()
        start = None if begun else dict(workflow.start(watched))
        for passed in graph.stream(start, config, stream_mode="updates", durability="sync"):
            for node in passed:
                self._runs.passed(run.id, self._clock(), node, time.monotonic() - before)
            before = time.monotonic()

    @contextmanager
    def _child(self, run: Run, ref: str) -> Iterator[None]:
        child = self._runs.start(_judging(run.workflow), ref, self._clock(), run.id).id
        try:
            yield
        except ModelError:
            raise
        except Exception as error:  # noqa: BLE001 - the run boundary: whatever one mail breaks ends with its own run
            self._runs.fail(child, self._clock(), _sentence(error))
        else:
            self._runs.finish(child, self._clock())


def _judging(workflow: str) -> str:
    """The name under which the child runs of a workflow stand in the book."""
    return f"{workflow}.judge"


def _sentence(error: Exception) -> str:
    return str(error) if isinstance(error, ButlerError) else f"{type(error).__name__}: {error}"


def _thread(run: Run) -> str:
    return f"{run.workflow}:{run.subject}:{run.id}"


@contextmanager
def open_saver(path: Path) -> Iterator[SqliteSaver]:
    """Open the checkpoints, readable by their owner alone; raises StateError when they cannot be kept.

    A damaged file is thrown away: all that is in it can be done again from what the run's memory kept.
    """
    scrub_environment(os.environ)
    from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
    from langgraph.checkpoint.sqlite import SqliteSaver

    try:
        _reserve(path)
        _try(path)
    except DamagedError:
        for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
            path.with_name(name).unlink(missing_ok=True)
        _reserve(path)
    with told(path), SqliteSaver.from_conn_string(str(path)) as saver:
        saver.serde = JsonPlusSerializer(allowed_msgpack_modules=None)
        yield saver


def _try(path: Path) -> None:
    from langgraph.checkpoint.sqlite import SqliteSaver

    with told(path), SqliteSaver.from_conn_string(str(path)) as saver:
        saver.setup()
        if saver.conn.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            raise DamagedError(f"{path} is damaged.")


def _reserve(path: Path) -> None:
    """Create the file before SQLite does, which would let others read it."""
    with os_told(path):
        path.touch(mode=0o600)
        path.chmod(0o600)
