"""Runs a workflow, and keeps its row from start to end; its graph goes on elsewhere: see `butler.thinker`."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Protocol, TypeVar

from butler.core.context import Context, RunMemory
from butler.core.definitions import Definition
from butler.core.errors import ButlerError, ModelError, StateError, UsageError
from butler.store.runs import Run, Runs

_CUT_SHORT = "cut short"


class Named(Protocol):
    """A workflow, as far as its run has to know it."""

    @property
    def name(self) -> str:
        """Its name, as in the entry point and in each run's row."""
        ...


W = TypeVar("W", bound=Named)
W_contra = TypeVar("W_contra", bound=Named, contravariant=True)


@dataclass(frozen=True, slots=True)
class Way:
    """Where a graph starts: `thread` names the checkpoints of its run, which go on with those of a run that is `resumed`.

    `others` are the threads of the runs that have not ended either; what else is kept serves nobody any more.
    """

    thread: str
    others: tuple[str, ...] = ()
    resumed: bool = False


@dataclass(frozen=True, slots=True)
class Workflow:
    """A workflow by its name; what is behind it is loaded where it runs.

    `entry` is the entry point or the file that it is loaded from, where that is another one than its name says; `reads` are
    files and folders of code that it needs. `definition` is what a workflow of the owner's own does.
    """

    name: str
    entry: str = ""
    reads: tuple[str, ...] = ()
    definition: Definition | None = None


def workflow(name: str) -> Workflow:
    """Find a workflow by its entry point; raises UsageError that names those there are."""
    from importlib.metadata import entry_points

    points = {point.name for point in entry_points(group="butler.workflows")}
    if name not in points:
        # `butler do` also takes maintenance and meaning, which are no graphs.
        known = ", ".join(sorted({*points, "maintenance", "meaning"}))
        raise UsageError(f"There is no workflow {name!r}.", advice=f"There are: {known}.")
    return Workflow(name)


class Passed(Protocol):
    """Hears of each node that ended well, and how many seconds went by before it that are none of its own."""

    def __call__(self, node: str, waited: float = 0.0) -> None:
        """Hear of one."""
        ...


class Graphs(Protocol[W_contra]):
    """Takes a workflow from where it stands to its end."""

    def go(self, workflow: W_contra, way: Way, context: Context, passed: Passed) -> None:
        """Run each node over the context, and tell the name of each that `passed`; raises what ended it."""
        ...


class CutShortError(StateError):
    """The process that a graph ran in ended before its work was done; what it had done is kept."""


class FaultError(Exception):
    """A workflow broke: its sentence names the error as Python does, and its note says where it was."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Which run did the work, whether it went on with an interrupted one, and what it kept as its `result`, if anything."""

    run: Run
    resumed: bool
    result: Mapping[str, Any] = field(default_factory=dict)


class Runner:
    """Runs workflows one at a time; `clock` is the wall clock."""

    def __init__(self, runs: Runs, graphs: Graphs[W], clock: Callable[[], datetime]) -> None:
        self._runs = runs
        self._graphs: Graphs[Any] = graphs
        self._clock = clock

    def run(self, workflow: Named, subject: str, context: Callable[[Run], Context]) -> Outcome:
        """Go on with the subject's interrupted run (a day's briefing, say) or start one, to its end.

        What fails is written into the run's row and raised. A run that is interrupted (a signal, a kill, a power
        cut) stays open, and the next call for the same subject goes on with it.
        """
        run, resumed = self._open(workflow.name, subject)
        try:
            made = context(run)
            self._go(workflow, run, made, resumed=resumed)
            result = made.memory.kept("result") or {}
        except ModelError:
            # The model raises only when the butler is stopping: the run stays open.
            raise
        except Exception as error:
            if not (isinstance(error, CutShortError) and _is_first(made.memory)):
                self._runs.fail(run.id, self._clock(), _sentence(error))
            raise
        self._runs.finish(run.id, self._clock())
        return Outcome(run, resumed, result)

    def _open(self, workflow: str, subject: str) -> tuple[Run, bool]:
        """Find the subject's open run or start one; what else of the workflow is open, children too, is given up."""
        mine = self._runs.unfinished(workflow, subject)
        for run in self._runs.running():
            if run.workflow not in (workflow, _judging(workflow)) or (mine is not None and run.id == mine.id):
                continue
            self._runs.abandon(run.id, self._clock(), "The butler was ended before this run was, and nothing goes on with it.")
        if mine is not None:
            return mine, True
        return self._runs.start(workflow, subject, self._clock()), False

    def _go(self, workflow: Named, run: Run, context: Context, *, resumed: bool) -> None:
        before = time.monotonic()

        def passed(node: str, waited: float = 0.0) -> None:
            nonlocal before
            self._runs.passed(run.id, self._clock(), node, max(time.monotonic() - before - waited, 0.0))
            before = time.monotonic()

        watched = dataclasses.replace(context, judging=partial(self._child, run))
        others = tuple(thread_of(other) for other in self._runs.running() if other.id != run.id)
        self._graphs.go(workflow, Way(thread_of(run), others, resumed), watched, passed)

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


def thread_of(run: Run) -> str:
    """The name under which a run's checkpoints are kept."""
    return f"{run.workflow}:{run.subject}:{run.id}"


def _judging(workflow: str) -> str:
    """The name under which the child runs of a workflow stand in the book."""
    return f"{workflow}.judge"


def _is_first(memory: RunMemory) -> bool:
    """Whether a run was cut short for the first time: then it stays open; what does it again would do it for ever."""
    if memory.kept(_CUT_SHORT) is not None:
        return False
    memory.keep(_CUT_SHORT, value=True)
    return True


def _sentence(error: Exception) -> str:
    return str(error) if isinstance(error, (ButlerError, FaultError)) else f"{type(error).__name__}: {error}"
