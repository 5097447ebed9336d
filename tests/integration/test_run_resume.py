"""A briefing killed with SIGKILL anywhere and started again ends the same, and asks the model nothing that it had answered."""

from __future__ import annotations

import os
import re
import signal
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from briefing_nursery import POINTS, Job, Nursery
from briefing_twins import NOW
from good_model import good_model
from ollama_script import Chat
from scripted_ollama import ScriptedOllama

from butler.store.truth import Truth
from butler.thinking.graphs import open_saver


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    with Nursery() as nursery:
        yield nursery


@dataclass(frozen=True)
class End:
    """What a finished run left: the kept briefing, its file, the files beside it, the runs, and what the model was asked."""

    briefing: Mapping[str, Any]
    page: str
    files: list[str]
    runs: Sequence[tuple[str, str]]
    asked: Counter[str]


def end(folder: Path, server: ScriptedOllama | None) -> End:
    truth = Truth.open(folder / "butler.db")
    kept = truth.briefings.get(NOW.date())
    runs = sorted((run.subject, run.state) for run in truth.runs.recent(100))
    truth.close()
    assert kept is not None
    assert kept.path is not None
    briefing = kept.briefing.model_dump(mode="json")
    # How long the model took is measured, and never the same twice.
    briefing["usage"]["seconds"] = 0.0
    page = re.sub(r", \d+ s$", "", kept.path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    asked = Counter(chat.text for chat in server.chats) if server else Counter[str]()
    return End(briefing, page, sorted(file.name for file in kept.path.parent.iterdir()), runs, asked)


def left_in_checkpoints(folder: Path) -> int:
    with open_saver(folder / "checkpoints.db") as saver:
        return len(list(saver.list(None)))


@pytest.fixture(scope="module")
def undisturbed(nursery: Nursery, tmp_path_factory: pytest.TempPathFactory) -> End:
    folder = tmp_path_factory.mktemp("undisturbed")
    with ScriptedOllama() as server:
        assert nursery.run(Job(str(folder), server.url)) == 0
        return end(folder, server)


def test_the_undisturbed_run_is_composed_by_the_model(undisturbed: End) -> None:
    assert undisturbed.briefing["composed_by"] == "model"
    assert undisturbed.briefing["usage"]["model_calls"] == 3
    assert set(undisturbed.asked.values()) == {1}
    assert undisturbed.files == ["2026-11-24.md"]


@pytest.mark.parametrize("point", POINTS)
def test_a_run_killed_anywhere_ends_the_same_and_asks_nothing_twice(
    nursery: Nursery, tmp_path: Path, undisturbed: End, point: str
) -> None:
    with ScriptedOllama() as server:
        assert nursery.run(Job(str(tmp_path), server.url, point)) == -signal.SIGKILL
        assert nursery.run(Job(str(tmp_path), server.url)) == 0
        ended = end(tmp_path, server)
    assert (ended.briefing, ended.page, ended.files, ended.asked) == (
        undisturbed.briefing,
        undisturbed.page,
        undisturbed.files,
        undisturbed.asked,
    )
    assert ("2026-11-24", "done") in ended.runs
    assert "running" not in {state for _, state in ended.runs}
    assert left_in_checkpoints(tmp_path) == 0


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGKILL, -signal.SIGKILL), (signal.SIGINT, 130)])
def test_a_run_ended_while_the_model_answers_asks_only_that_again(
    nursery: Nursery, tmp_path: Path, undisturbed: End, sent: signal.Signals, code: int
) -> None:
    gone = threading.Event()

    def ends_it(chat: Chat) -> str | Mapping[str, Any]:
        if chat.number == 1:
            os.kill(int((tmp_path / "pid").read_text()), sent)
            # Answers only when nobody is there to hear it.
            gone.wait(20)
        return good_model(chat)

    with ScriptedOllama(script=ends_it) as server:
        assert nursery.run(Job(str(tmp_path), server.url)) == code
        gone.set()
        assert nursery.run(Job(str(tmp_path), server.url)) == 0
        ended = end(tmp_path, server)
    assert (ended.briefing, ended.page) == (undisturbed.briefing, undisturbed.page)
    assert sorted(ended.asked.values()) == [1, 1, 2]


def test_a_run_killed_again_and_again_gets_there(nursery: Nursery, tmp_path: Path, undisturbed: End) -> None:
    with ScriptedOllama() as server:
        for point in ("after keep sources", "after ask 1", "after ask 1", "before keep judged", "before publish"):
            assert nursery.run(Job(str(tmp_path), server.url, point)) == -signal.SIGKILL
        assert nursery.run(Job(str(tmp_path), server.url)) == 0
        ended = end(tmp_path, server)
    assert (ended.briefing, ended.page, ended.asked) == (undisturbed.briefing, undisturbed.page, undisturbed.asked)


def test_the_next_briefing_of_the_day_asks_nothing_at_all(nursery: Nursery, tmp_path: Path, undisturbed: End) -> None:
    with ScriptedOllama() as server:
        for _ in range(2):
            assert nursery.run(Job(str(tmp_path), server.url)) == 0
        ended = end(tmp_path, server)
    assert ended.asked == undisturbed.asked
    assert ended.briefing["sections"] == undisturbed.briefing["sections"]
    assert (ended.briefing["usage"]["model_calls"], ended.briefing["usage"]["cached"]) == (0, 3)


def test_a_model_that_is_not_there_leaves_the_rules_and_the_first_line_says_so(nursery: Nursery, tmp_path: Path) -> None:
    assert nursery.run(Job(str(tmp_path), "http://127.0.0.1:9")) == 0
    ended = end(tmp_path, None)
    assert (ended.briefing["composed_by"], ended.briefing["model"]) == ("rules", None)
    assert re.search(r"---\n\n\*Composed by rules alone: the model did not answer: ", ended.page)
    assert ended.runs.count(("2026-11-24", "done")) == 1
