"""Runs briefings in processes of their own that can be killed anywhere: `Nursery` starts one that imported everything,
and it forks a child for each job, so that a hundred kills do not cost a hundred imports.
"""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from briefing_twins import NOW, Twin, context, letter
from pydantic import BaseModel

from butler.core.accounts import ModelHost
from butler.core.briefing import Briefing, Origin
from butler.core.context import Context
from butler.core.mail import Mail
from butler.core.steps import Asked, Step
from butler.model import Gateway
from butler.publish import Publisher
from butler.runner import Runner
from butler.store.briefings import Briefings, KeptBriefing
from butler.store.runs import Memory, Run
from butler.store.truth import Truth
from butler.thinking.graphs import Graphs
from workflows.briefing import WORKFLOW

A = TypeVar("A", bound=BaseModel)
Reach = Callable[[str], None]

MAILS = (
    letter("asks@nordwind.example", "Hallo Anna,\n\nkannst du mir bis Freitag die Zahlen schicken?\n\nTom"),
    letter(
        "tells@nordwind.example",
        "Hallo Anna,\n\ndas Treffen gestern war gut. Schön wäre es, das zu wiederholen.\n\nTom",
        days=2,
    ),
    letter("promises@berger.example", "Hi Tom,\n\nI will send you the drawings by Thursday.\n\nAnna", sent=True, days=3),
)

POINTS = (
    *("before sync", "before keep sources", "after keep sources", "gather"),
    *("after ask 1", "after ask 2", "after ask 3", f"before keep judged:{MAILS[0].ref}", f"after keep judged:{MAILS[0].ref}"),
    *("before keep judged", "after keep judged", "before keep briefing", "after keep briefing"),
    *("before publish", "written", "after publish"),
)
"""Where a child can be told to die."""


@dataclass(frozen=True)
class Job:
    """One attempt at the briefing in `folder` with the model at `url` (empty: none), killed at a point (empty: nowhere)."""

    folder: str
    url: str = ""
    die_at: str = ""


@dataclass
class _Reads(Twin):
    reach: Reach = print

    def received(self, since: Any, until: Any) -> Sequence[Mail]:
        self.reach("gather")
        return super().received(since, until)


class WatchedMemory(Memory):
    """A run's memory with a point before and after each value that it keeps."""

    def __init__(self, truth: Truth, run: str, reach: Reach) -> None:
        whole = truth.memory(run)
        self.__dict__.update(whole.__dict__)
        self._reach = reach

    def keep(self, stage: str, value: Any) -> None:
        self._reach(f"before keep {stage}")
        super().keep(stage, value)
        self._reach(f"after keep {stage}")


class _Briefings(Briefings):
    def __init__(self, truth: Truth, reach: Reach) -> None:
        self.__dict__.update(truth.briefings.__dict__)
        self._reach = reach

    def keep(self, kept: KeptBriefing) -> None:
        if kept.written:
            self._reach("written")
        super().keep(kept)


class WatchedModel:
    """A gateway whose answers are followed by a point."""

    def __init__(self, gateway: Gateway, reach: Reach) -> None:
        self._gateway = gateway
        self._reach = reach
        self._count = 0

    @property
    def name(self) -> str:
        return self._gateway.name

    @property
    def digest(self) -> str:
        return self._gateway.digest

    def ask(self, step: Step[A], *, subject: str, facts: str, text: str) -> Asked[A]:
        asked = self._gateway.ask(step, subject=subject, facts=facts, text=text)
        self._count += 1
        self._reach(f"after ask {self._count}")
        return asked


def work(job: Job) -> None:
    """Make the briefing, or die on the way as a power cut would have it."""

    def reach(point: str) -> None:
        if point == job.die_at:
            os.kill(os.getpid(), signal.SIGKILL)

    folder = Path(job.folder)
    (folder / "pid").write_text(str(os.getpid()))
    truth = Truth.open(folder / "butler.db")
    briefings = _Briefings(truth, reach)

    def made(run: Run) -> Context:
        publisher = Publisher(run.id, briefings, folder / "vault")

        def publish(briefing: Briefing, origins: Sequence[Origin], snapshot: Mapping[str, Any]) -> None:
            reach("before publish")
            publisher(briefing, origins, snapshot)
            reach("after publish")

        def sync() -> list[Any]:
            reach("before sync")
            return list(given.sync())

        gateway = Gateway(ModelHost(url=job.url, name="good"), truth.book, run.id, lambda: NOW) if job.url else None
        model = WatchedModel(gateway, reach) if gateway else None
        given = context(_Reads(MAILS, reach=reach), WatchedMemory(truth, run.id, reach), model, run.id)
        return dataclasses.replace(given, now=run.now, publish=publish, sync=sync)

    Runner(truth.runs, Graphs(folder / "checkpoints.db"), lambda: NOW).run(WORKFLOW, NOW.date().isoformat(), made)
    truth.close()


class Nursery:
    """The process that forks the children; to be used in a `with`."""

    script = __file__

    def __enter__(self) -> Self:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
        self._process = subprocess.Popen(
            [sys.executable, self.script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._process.communicate()

    def run(self, job: Job) -> int:
        """Do a job in a child; the child's exit code, negative for the signal that killed it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(dataclasses.asdict(job)) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


def _exit_code(job: Job, of: Callable[[Job], None]) -> int:
    try:
        of(job)
    except KeyboardInterrupt:
        return 130
    return 0


def main(of: Callable[[Job], None] = work) -> None:
    """Fork a child for each line, and do its job there."""
    import langgraph.checkpoint.sqlite
    import langgraph.graph  # noqa: F401

    for line in sys.stdin:
        child = os.fork()
        if not child:
            os._exit(_exit_code(Job(**json.loads(line)), of))
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main()
