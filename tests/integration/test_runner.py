"""The runner over real checkpoints: an interruption anywhere goes on, a failure is told, and the file stays small."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypedDict
from zoneinfo import ZoneInfo

import pytest
from briefing_twins import Memory, Twin

from butler.core.context import Context
from butler.core.errors import ModelError, StateError
from butler.core.owner import BriefingOptions, Owner
from butler.core.workflow import Graph
from butler.runner import Runner
from butler.store.runs import Run, Runs
from butler.store.truth import Truth
from butler.thinking.graphs import Graphs, open_saver

DAY = dt.date(2026, 11, 24)
NOON = dt.datetime(2026, 11, 24, 12, 0, tzinfo=dt.UTC)


class Steps(TypedDict, total=False):
    run: str
    done: list[str]


@dataclass
class ThreeNodes:
    """A workflow of three nodes; `act` sees each name as it begins and may raise."""

    act: Callable[[str, Context], None]
    name: str = "three"
    began: list[str] = field(default_factory=list)

    def graph(self, context: Context) -> Graph:
        from langgraph.graph import END, START, StateGraph

        graph: StateGraph[Steps, None, Steps, Steps] = StateGraph(Steps)

        def node(name: str) -> Any:
            def call(state: Steps) -> Steps:
                self.began.append(name)
                self.act(name, context)
                return {"done": [*state.get("done", []), name]}

            return call

        before = START
        for name in ("one", "two", "three"):
            graph.add_node(name, node(name))
            graph.add_edge(before, name)
            before = name
        graph.add_edge(before, END)
        return graph

    def start(self, context: Context) -> Mapping[str, Any]:
        return {"run": context.run}


def nothing(_name: str, _context: Context) -> None:
    """Let every node pass."""


class Interrupts:
    """Interrupts once, as the given node begins."""

    def __init__(self, at: str, error: BaseException) -> None:
        self.at = at
        self.error: BaseException | None = error

    def __call__(self, name: str, _context: Context) -> None:
        if name == self.at and self.error is not None:
            error, self.error = self.error, None
            raise error


@pytest.fixture
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runs]:
    truth = Truth.open(tmp_path_factory.mktemp("state") / "butler.db")
    yield truth.runs
    truth.close()


def states(runs: Runs) -> list[tuple[str, str]]:
    """Subject and state of all runs, oldest first."""
    return [(run.subject, run.state) for run in reversed(runs.recent(1000))]


def context(run: Run) -> Context:
    owner = Owner("Anna Berger", frozenset({"anna@berger.example"}), ZoneInfo("Europe/Berlin"))
    return Context(
        run=run.id,
        now=run.now,
        day=DAY,
        owner=owner,
        options=BriefingOptions(),
        reads=Twin(),
        memory=Memory(),
        model=None,
        sync=list,
        publish=lambda _briefing, _origins, _snapshot: None,
    )


def make_runner(runs: Runs, tmp_path: Path) -> Runner:
    return Runner(runs, Graphs(tmp_path / "checkpoints.db"), lambda: NOON)


def threads(path: Path) -> set[str]:
    with open_saver(path) as saver:
        return {found.config["configurable"]["thread_id"] for found in list(saver.list(None))}


def test_a_run_goes_through_its_nodes_and_leaves_nothing_in_the_checkpoints(tmp_path: Path, runs: Runs) -> None:
    workflow = ThreeNodes(nothing)
    outcome = make_runner(runs, tmp_path).run(workflow, DAY.isoformat(), context)
    assert (outcome.resumed, workflow.began) == (False, ["one", "two", "three"])
    assert states(runs) == [("2026-11-24", "done")]
    assert threads(tmp_path / "checkpoints.db") == set()


@pytest.mark.parametrize(("at", "again"), [("one", ["one", "two", "three"]), ("two", ["two", "three"]), ("three", ["three"])])
@pytest.mark.parametrize("error", [KeyboardInterrupt(), ModelError("The asking was ended because the butler is stopping.")])
def test_an_interrupted_run_stays_open_and_goes_on_at_its_node(
    tmp_path: Path, runs: Runs, at: str, again: list[str], error: BaseException
) -> None:
    workflow = ThreeNodes(Interrupts(at, error))
    with pytest.raises(type(error)):
        make_runner(runs, tmp_path).run(workflow, DAY.isoformat(), context)
    assert states(runs) == [("2026-11-24", "running")]
    workflow.began.clear()
    outcome = make_runner(runs, tmp_path).run(workflow, DAY.isoformat(), context)
    assert (outcome.resumed, workflow.began) == (True, again)
    assert states(runs) == [("2026-11-24", "done")]


def test_a_run_that_ended_but_was_not_closed_is_closed_by_the_next(tmp_path: Path, runs: Runs) -> None:
    runs.start("three", "2026-11-24", NOON)
    assert make_runner(runs, tmp_path).run(ThreeNodes(nothing), DAY.isoformat(), context).resumed
    assert states(runs) == [("2026-11-24", "done")]


def test_an_open_run_of_another_day_is_given_up_with_its_checkpoints(tmp_path: Path, runs: Runs) -> None:
    with pytest.raises(KeyboardInterrupt):
        make_runner(runs, tmp_path).run(ThreeNodes(Interrupts("two", KeyboardInterrupt())), DAY.isoformat(), context)
    assert threads(tmp_path / "checkpoints.db") == {f"three:2026-11-24:{runs.running()[0].id}"}
    make_runner(runs, tmp_path).run(ThreeNodes(nothing), (DAY + dt.timedelta(days=1)).isoformat(), context)
    assert states(runs) == [("2026-11-24", "abandoned"), ("2026-11-25", "done")]
    assert threads(tmp_path / "checkpoints.db") == set()


def test_a_failure_is_written_into_the_row_and_raised(tmp_path: Path, runs: Runs) -> None:
    full = ThreeNodes(Interrupts("two", StateError("The disk is full.")))
    with pytest.raises(StateError, match="full"):
        make_runner(runs, tmp_path).run(full, DAY.isoformat(), context)
    assert states(runs) == [("2026-11-24", "failed")]
    assert runs.recent()[0].error == "The disk is full."
    assert threads(tmp_path / "checkpoints.db") == set()


def test_what_breaks_the_judging_of_one_thing_ends_in_its_own_run(tmp_path: Path, runs: Runs) -> None:

    def judge(name: str, given: Context) -> None:
        if name == "two":
            with given.judging("mail:home/good@x"):
                pass
            with given.judging("mail:home/bad@x"):
                raise ZeroDivisionError("one bad mail")

    make_runner(runs, tmp_path).run(ThreeNodes(judge), DAY.isoformat(), context)
    assert states(runs) == [("2026-11-24", "done"), ("mail:home/good@x", "done"), ("mail:home/bad@x", "failed")]
    bad, good, parent = runs.recent()
    assert bad.error == "ZeroDivisionError: one bad mail"
    assert bad.parent == good.parent == parent.id


def test_a_stop_while_judging_leaves_both_runs_open(tmp_path: Path, runs: Runs) -> None:

    def judge(_name: str, given: Context) -> None:
        with given.judging("mail:home/a@x"):
            raise ModelError("The asking was ended because the butler is stopping.")

    with pytest.raises(ModelError):
        make_runner(runs, tmp_path).run(ThreeNodes(judge), DAY.isoformat(), context)
    assert states(runs) == [("2026-11-24", "running"), ("mail:home/a@x", "running")]
    make_runner(runs, tmp_path).run(ThreeNodes(nothing), DAY.isoformat(), context)
    assert states(runs) == [("2026-11-24", "done"), ("mail:home/a@x", "abandoned")]


def test_the_checkpoints_do_not_grow_over_fifty_runs(tmp_path: Path, runs: Runs) -> None:
    path = tmp_path / "checkpoints.db"
    sizes = []
    for _ in range(50):
        make_runner(runs, tmp_path).run(ThreeNodes(nothing), DAY.isoformat(), context)
        sizes.append(path.stat().st_size)
    assert sizes[-1] == sizes[1]
    assert not path.with_name("checkpoints.db-wal").exists()


def test_the_checkpoints_are_readable_by_their_owner_alone(tmp_path: Path, runs: Runs) -> None:
    modes: list[int] = []

    def look(_name: str, _context: Context) -> None:
        modes.extend(file.stat().st_mode & 0o777 for file in tmp_path.iterdir())

    make_runner(runs, tmp_path).run(ThreeNodes(look), DAY.isoformat(), context)
    assert len(modes) >= 3
    assert set(modes) == {0o600}


def test_a_damaged_checkpoint_file_is_made_anew(tmp_path: Path, runs: Runs) -> None:
    (tmp_path / "checkpoints.db").write_bytes(b"this is no database" * 500)
    workflow = ThreeNodes(nothing)
    make_runner(runs, tmp_path).run(workflow, DAY.isoformat(), context)
    assert workflow.began == ["one", "two", "three"]


def test_checkpoints_that_cannot_be_read_are_made_anew(tmp_path: Path, runs: Runs) -> None:
    with pytest.raises(KeyboardInterrupt):
        make_runner(runs, tmp_path).run(ThreeNodes(Interrupts("two", KeyboardInterrupt())), DAY.isoformat(), context)
    with closing(sqlite3.connect(tmp_path / "checkpoints.db")) as other, other:
        assert other.execute("UPDATE checkpoints SET checkpoint = x'c1ff'").rowcount
    workflow = ThreeNodes(nothing)
    make_runner(runs, tmp_path).run(workflow, DAY.isoformat(), context)
    assert workflow.began == ["one", "two", "three"]


def test_checkpoints_that_cannot_be_kept_end_with_a_sentence(tmp_path: Path, runs: Runs) -> None:
    (tmp_path / "checkpoints.db").mkdir()
    with pytest.raises(StateError, match=r"checkpoints\.db cannot be used"):
        make_runner(runs, tmp_path).run(ThreeNodes(nothing), DAY.isoformat(), context)


@dataclass
class Tampered:
    """What a tampered checkpoint would have built: any class that can be imported."""

    command: str


def test_a_checkpoint_cannot_make_the_butler_build_or_call_anything(tmp_path: Path, runs: Runs) -> None:
    from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

    evil = JsonPlusSerializer(allowed_msgpack_modules=True).dumps_typed(Tampered("id"))
    with open_saver(tmp_path / "checkpoints.db") as saver:
        assert not isinstance(saver.serde.loads_typed(evil), Tampered)
