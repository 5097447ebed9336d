"""`butler model` as a person has it: it is pinned when it is first used; a moved tag is held, accepted, or gone back from."""

from __future__ import annotations

import os
import pty
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from butler_process import PROGRAM, called, document, environment
from scripted_ollama import ScriptedOllama, ServedModel

from butler.core.models import ModelIdentity, ModelPin
from butler.core.notices import Notice
from butler.core.pins import template_hash
from butler.store.state import state_folder
from butler.store.truth import Truth

NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)

OLD, NEW = "ab" * 32, "cd" * 32
COPY, NEWER_COPY = "butler/good:abababababab", "butler/good:cdcdcdcdcdcd"
MAIL = """From: Tom <tom@nordwind.example>
To: anna@berger.example
Subject: Venue
Date: Tue, 24 Nov 2026 08:00:00 +0000
Message-ID: <1@nordwind.example>

Hello Anna, the venue is booked. Can you confirm by Friday?
"""


@pytest.fixture
def server() -> Iterator[ScriptedOllama]:
    with ScriptedOllama() as server:
        yield server


@pytest.fixture
def home(server: ScriptedOllama, tmp_path: Path) -> Path:
    for folder in ("cur", "new", "tmp"):
        (tmp_path / "mail" / folder).mkdir(parents=True)
    (tmp_path / "mail" / "cur" / "1:2,").write_text(MAIL)
    (tmp_path / "butler.toml").write_text(
        f'state_dir = "{tmp_path / "state"}"\n[owner]\nname = "Anna Berger"\naddresses = ["anna@berger.example"]\n'
        f'timezone = "Europe/Berlin"\n[mail.home]\npath = "{tmp_path / "mail"}"\n[model]\nurl = "{server.url}"\nname = "good"\n'
    )
    return tmp_path


def run(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return called(home, "--config", "butler.toml", *arguments)


def brief(home: Path, day: int) -> Any:
    return document(run(home, "brief", "--date", f"2026-11-{day}", "--json"))


def model(home: Path) -> Any:
    (found,) = document(run(home, "model", "--json"))["models"]
    return found


def names(server: ScriptedOllama) -> dict[str, str]:
    return {each.name: each.digest for each in server.models}


def keep(home: Path, use: Callable[[Truth], Any]) -> Any:
    """Use the butler's own database."""
    with closing(Truth.open(state_folder(home / "state") / "butler.db")) as truth:
        return use(truth)


def pin(home: Path, server: ScriptedOllama) -> ModelPin:
    """Pin the model as a run does that uses it first."""
    template = template_hash(server.models[0].template)
    seen = ModelIdentity("good:latest", OLD, template, f"ollama {server.version}")
    found: ModelPin = keep(home, lambda truth: truth.pins.meet(server.url, "good", seen, NOW))
    return found


def notices(home: Path) -> list[str]:
    keep(home, lambda truth: truth.notices.look(NOW))
    waiting: list[Notice] = keep(home, lambda truth: truth.notices.waiting())
    return [each.sentence for each in waiting if each.kind == "model"]


def test_a_moved_tag_is_held_told_once_and_gone_back_from_and_answers_of_before_are_found(
    home: Path, server: ScriptedOllama
) -> None:
    assert model(home)["state"] == "not pinned yet"
    assert brief(home, 24)["composed_by"] == "model"
    assert names(server) == {"good:latest": OLD, COPY: OLD}
    assert (model(home)["pinned"]["by"], model(home)["pinned"]["copy"]) == ("first use", COPY)
    server.move("good:latest", digest=NEW)
    chats = len(server.chats)
    held = run(home, "brief", "--date", "2026-11-25")
    assert "good is not what was pinned, so nothing is asked of it." in " ".join(held.stdout.split())
    assert len(server.chats) == chats
    assert len(notices(home)) == 1
    assert "good is not what was pinned" in run(home, "status").stdout
    assert model(home)["state"] == "changed"
    unasked = run(home, "model", "back")
    assert (unasked.returncode, model(home)["state"]) == (2, "changed")
    assert document(run(home, "model", "back", "--yes", "--json"))["back"][0]["asked_by"] == COPY
    assert model(home)["pinned"]["by"] == "gone back"
    again = brief(home, 24)
    assert (again["composed_by"], again["model"]["digest"], again["usage"]["model_calls"]) == ("model", OLD, 0)
    assert (len(server.chats), notices(home)) == (chats, [])


def test_what_is_there_is_accepted_with_a_copy_and_older_ones_go_only_where_that_is_said(
    home: Path, server: ScriptedOllama
) -> None:
    seen = pin(home, server)
    server.models = [*server.models, ServedModel(COPY)]
    keep(home, lambda truth: truth.pins.copied(seen, COPY, NOW))
    server.move("good:latest", digest=NEW)
    assert document(run(home, "model", "accept", "--yes", "--json")) == {
        "accepted": [{"name": "good", "url": server.url, "digest": NEW}],
        "removed": [],
    }
    assert (model(home)["state"], model(home)["pinned"]["before"]) == ("well", OLD)
    assert names(server) == {"good:latest": NEW, COPY: OLD, NEWER_COPY: NEW}
    assert "nothing to accept" in run(home, "model", "accept", "--yes").stderr
    assert run(home, "model", "accept", "other").returncode == 2
    # A newer server is a change that no copy mends.
    server.version = "0.32.0"
    refused = run(home, "model", "back", "--yes")
    assert (refused.returncode, "Install ollama 0.31.2 again" in refused.stderr) == (2, True)
    run(home, "model", "accept", "--yes")
    server.move("good:latest", digest="ef" * 32)
    kept = run(home, "model", "accept", "--yes")
    assert f"Older copies stay: {COPY}" in kept.stderr
    assert COPY in names(server)
    run(home, "model", "forget", "good", "--yes", "--remove-copies")
    assert names(server) == {"good:latest": "ef" * 32}
    assert model(home)["state"] == "not pinned yet"


def test_a_copy_that_cannot_be_made_stops_nothing(home: Path, server: ScriptedOllama) -> None:
    server.meanwhile = lambda request: server.models.clear() if request.path == "/api/copy" else None  # type: ignore[attr-defined]
    server.models = [ServedModel()]
    done = run(home, "brief", "--date", "2026-11-24", "--json")
    assert document(done)["composed_by"] == "model"
    assert "No copy of good could be kept to go back to" in done.stderr
    server.models = [ServedModel()]
    assert (model(home)["state"], model(home)["pinned"]["copy"]) == ("well", None)


def test_somebody_at_a_terminal_is_asked(home: Path, server: ScriptedOllama) -> None:
    pin(home, server)
    server.move("good:latest", digest=NEW)
    said: dict[bytes, tuple[int, str]] = {}
    for answer in (b"n\n", b"y\n"):
        ours, theirs = pty.openpty()
        os.write(ours, answer)
        command, env = [str(PROGRAM), "--config", "butler.toml", "model", "accept"], environment(home)
        done = subprocess.run(command, cwd=home, env=env, stdin=theirs, stderr=subprocess.PIPE, text=True, check=False)
        os.close(ours)
        os.close(theirs)
        said[answer] = (done.returncode, model(home)["state"])
        assert "Is this what you want to use from now on? [y/N]" in done.stderr
    assert said == {b"n\n": (1, "changed"), b"y\n": (0, "well")}


def test_without_a_model_that_is_said(tmp_path: Path) -> None:
    assert document(called(tmp_path, "model", "--json")) == {"models": []}
    done = called(tmp_path, "model", "accept")
    assert (done.returncode, "Set model.name" in done.stderr) == (2, True)


def test_a_model_that_stands_in_the_environment_alone_is_looked_at(tmp_path: Path, server: ScriptedOllama) -> None:
    shown = called(tmp_path, "model", BUTLER_MODEL__URL=server.url, BUTLER_MODEL__NAME="good")
    assert "good: not pinned yet" in shown.stdout


def test_a_further_server_that_cannot_be_reached_is_shown(home: Path, server: ScriptedOllama) -> None:
    with (home / "butler.toml").open("a") as file:
        file.write('[model.servers.attic]\nurl = "http://127.0.0.1:9"\n')
    shown = run(home, "model").stdout
    assert "No model server answers at http://127.0.0.1:9." in shown
    assert "not reached" in shown
