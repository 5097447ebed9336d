"""Search by meaning as a person has it: an embedding model is set, vectors are made, and what no word finds is found."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from butler_process import butler, document
from scripted_ollama import ScriptedOllama, ServedModel

EMBEDDER = ServedModel("tiny-embed:latest", "cd" * 32, 2048, ("embedding",))


@pytest.fixture(scope="module")
def served() -> Iterator[ScriptedOllama]:
    with ScriptedOllama(models=(EMBEDDER,)) as server:
        yield server


@pytest.fixture(scope="module")
def home(served: ScriptedOllama, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("meaning")
    (home / "vault").mkdir()
    (home / "vault" / "Garage.md").write_text("The automobile needs new brakes before the winter.\n")
    (home / "vault" / "Bees.md").write_text("Thirty kilos of honey were taken from the hives.\n")
    settings = {"url": served.url, "embed": "tiny-embed"}
    model = "\n".join(f"{name} = {json.dumps(value)}" for name, value in settings.items())
    (home / "butler.toml").write_text(
        f'state_dir = "{home / "state"}"\n[owner]\nname = "Anna Berger"\naddresses = ["anna@berger.example"]\n'
        f'timezone = "Europe/Berlin"\n[notes.vault]\npath = "{home / "vault"}"\n[model]\n{model}\n'
    )
    assert butler(home, "--config", "butler.toml", "sync").returncode == 0
    return home


def test_what_no_word_finds_is_found_once_vectors_were_made(home: Path, served: ScriptedOllama) -> None:
    before = butler(home, "--config", "butler.toml", "search", "car", "--json")
    assert document(before) == {"found": []}
    made = butler(home, "--config", "butler.toml", "do", "meaning", "--json")
    assert document(made)["result"] == {"made": 2, "left": 0}, made.stderr
    again = butler(home, "--config", "butler.toml", "do", "meaning", "--json")
    assert document(again)["result"] == {"made": 0, "left": 0}
    (found, *_) = document(butler(home, "--config", "butler.toml", "search", "car", "--json"))["found"]
    assert (found["ref"], found["by"], found["whole"]) == ("file:vault/Garage.md", "meaning", False)
    assert found["excerpt"] == "The automobile needs new brakes before the winter."
    assert "by meaning" in butler(home, "--config", "butler.toml", "search", "car").stdout
    assert document(butler(home, "--config", "butler.toml", "search", "--words", "car", "--json")) == {"found": []}
    asked = [request.body for request in served.requests if request.path == "/api/embed"]
    assert all(body["truncate"] is False for body in asked)
    assert not any(request.path == "/api/chat" for request in served.requests)


@pytest.mark.parametrize("answer", [[[float("nan")] * 8], [[1.0] * 8, [1.0] * 8], "nothing"])
def test_a_server_that_answers_with_garbage_leaves_the_words(
    home: Path, served: ScriptedOllama, answer: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    butler(home, "--config", "butler.toml", "do", "meaning")
    monkeypatch.setattr(served, "embeds", lambda _: answer)
    done = butler(home, "--config", "butler.toml", "search", "honey")
    assert done.returncode == 0
    assert "Bees.md" in done.stdout
    assert "Only words were looked for" in done.stderr


def test_a_model_elsewhere_is_told_no_word(home: Path, served: ScriptedOllama, monkeypatch: pytest.MonkeyPatch) -> None:
    remote = ServedModel("tiny-embed:latest", "cd" * 32, 2048, ("embedding",), "https://cloud.example")
    monkeypatch.setattr(served, "models", (remote,))
    before = len([each for each in served.requests if each.path == "/api/embed"])
    done = butler(home, "--config", "butler.toml", "do", "meaning")
    assert done.returncode != 0
    assert "runs elsewhere" in done.stderr
    assert len([each for each in served.requests if each.path == "/api/embed"]) == before


def test_without_an_embedding_model_that_is_said(tmp_path: Path) -> None:
    (tmp_path / "vault").mkdir()
    done = butler(tmp_path, "do", "meaning", BUTLER_NOTES__VAULT__PATH=str(tmp_path / "vault"))
    assert done.returncode != 0
    assert "model.embed" in done.stderr
