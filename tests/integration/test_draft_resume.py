"""Drafting killed with SIGKILL anywhere and started again ends with the same drafts, each once, and asks nothing twice."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from briefing_nursery import Job
from draft_model import drafting_model, is_draft
from draft_nursery import POINTS, DraftNursery
from scripted_ollama import ScriptedOllama

from butler.core.actions import payload_text
from butler.store.truth import Truth

End = tuple[list[tuple[str, str, str]], Counter[str]]


@pytest.fixture(scope="module")
def nursery() -> Iterator[DraftNursery]:
    with DraftNursery() as nursery:
        yield nursery


def end(folder: Path, server: ScriptedOllama) -> End:
    """The actions that were proposed, and what the model was asked."""
    truth = Truth.open(folder / "butler.db")
    kept = truth.outbox.find(statuses=["held"], limit=50)
    running = [run for run in truth.runs.recent(100) if run.state == "running"]
    truth.close()
    assert running == []
    actions = sorted((one.action.key, str(one.status), payload_text(one.action.payload)) for one in kept)
    return actions, Counter(f"{is_draft(chat)}{chat.text}" for chat in server.chats)


@pytest.fixture(scope="module")
def undisturbed(nursery: DraftNursery, tmp_path_factory: pytest.TempPathFactory) -> End:
    folder = tmp_path_factory.mktemp("undisturbed")
    with ScriptedOllama(script=drafting_model) as server:
        assert nursery.run(Job(str(folder), server.url)) == 0
        return end(folder, server)


def test_the_undisturbed_run_drafts_both_mails_with_one_call_each(
    undisturbed: End,
) -> None:
    actions, asked = undisturbed
    assert [key for key, _, _ in actions] == ["draft|home|asks@nordwind.example|1", "draft|home|meets@nordwind.example|1"]
    assert sorted(asked.values()) == [1, 1, 1, 1]


@pytest.mark.parametrize("point", POINTS)
def test_a_run_killed_anywhere_ends_with_the_same_drafts_once(
    nursery: DraftNursery, tmp_path: Path, undisturbed: End, point: str
) -> None:
    with ScriptedOllama(script=drafting_model) as server:
        assert nursery.run(Job(str(tmp_path), server.url, point)) == -signal.SIGKILL
        assert nursery.run(Job(str(tmp_path), server.url)) == 0
        assert end(tmp_path, server) == undisturbed


def test_a_run_killed_again_and_again_gets_there(nursery: DraftNursery, tmp_path: Path, undisturbed: End) -> None:
    with ScriptedOllama(script=drafting_model) as server:
        for point in ("after keep choice", "after ask 1", "before propose 1", "after propose 1", "before keep result"):
            assert nursery.run(Job(str(tmp_path), server.url, point)) == -signal.SIGKILL
        assert nursery.run(Job(str(tmp_path), server.url)) == 0
        assert end(tmp_path, server) == undisturbed
