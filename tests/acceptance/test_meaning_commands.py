"""Search by meaning as a person has it: an embedding model is set, vectors are made, and what no word finds is found."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from butler_process import PROGRAM, butler, document, environment
from embedded_words import embedded
from mcp_program import Program, visit
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


@pytest.fixture(scope="module")
def built(home: Path) -> Path:
    """The same, once vectors were made of what there is."""
    assert butler(home, "--config", "butler.toml", "do", "meaning").returncode == 0
    return home


def test_what_no_word_finds_is_found_once_vectors_were_made(home: Path, served: ScriptedOllama) -> None:
    before = butler(home, "--config", "butler.toml", "search", "car", "--json")
    assert document(before) == {"found": []}
    assert "there are no vectors yet. `butler --config butler.toml do meaning` makes them." in before.stderr
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


def test_a_text_that_no_vector_comes_of_is_left_out_and_the_others_get_theirs(
    built: Path, served: ScriptedOllama, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, vault = built, built / "vault"
    for number in range(5):
        (vault / f"Note {number}.md").write_text(f"Number {number} is {'poison' if number == 3 else 'good'}.\n")
    assert butler(home, "--config", "butler.toml", "sync").returncode == 0
    monkeypatch.setattr(served, "embeds", lambda texts: "no" if any("poison" in text for text in texts) else embedded(texts))
    made = butler(home, "--config", "butler.toml", "do", "meaning", "--json")
    assert document(made)["result"] == {"made": 4, "left": 0, "refused": 1}, made.stderr
    for file in vault.glob("Note *.md"):
        file.unlink()
    assert butler(home, "--config", "butler.toml", "sync").returncode == 0
    assert vectors(home) == 6
    assert butler(home, "--config", "butler.toml", "do", "maintenance").returncode == 0
    assert vectors(home) == 2


def vectors(home: Path) -> int:
    """How many vectors of 256 numbers lie in the state folder."""
    return sum(file.stat().st_size for file in (home / "state" / "meaning").glob("numbers-*.vectors")) // 256


def told(home: Path, *words: str, given: str) -> subprocess.CompletedProcess[str]:
    """Run a command with something on its standard input."""
    line = [str(PROGRAM), "--config", "butler.toml", *words]
    return subprocess.run(line, cwd=home, env=environment(home), input=given, capture_output=True, text=True, check=False)


def test_questions_ask_for_the_vector_too_and_the_page_s_child_says_where_that_cannot_be(
    built: Path, served: ScriptedOllama, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = len(served.requests)
    done = told(built, "ask", "Which brakes does the vehicle need?", given="")
    asked = [each.body["input"] for each in served.requests[before:] if each.path == "/api/embed"]
    assert asked == [["brakes vehicle need"]], done.stderr
    monkeypatch.setattr(served, "embeds", lambda _: [[0.0] * 8])
    child = json.loads(told(built, "search", "-", "--json", "--remarks", given="honey").stdout)
    assert [one["ref"] for one in child["found"]] == ["file:vault/Bees.md"]
    assert child["remarks"][0].startswith("Only words were looked for")


def test_the_doctor_has_a_vector_made_and_tells_of_those_there_are(
    built: Path, served: ScriptedOllama, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert checked(built) == ("ok", "tiny-embed (cdcdcdcdcdcd) answers with vectors.")
    monkeypatch.setattr(served, "models", (ServedModel("tiny-embed:latest", "ef" * 32, 2048, ("embedding",)),))
    assert "tiny-embed is not what was pinned" in checked(built)[1]
    accept = ("--config", "butler.toml", "model", "accept", "--yes")
    assert butler(built, *accept).returncode == 0
    assert checked(built)[1].startswith("The vectors are of another model than tiny-embed is now")
    monkeypatch.undo()
    assert butler(built, *accept).returncode == 0


def checked(home: Path) -> tuple[str, str]:
    """What the doctor says of meaning."""
    checks = document(butler(home, "--config", "butler.toml", "doctor", "--json"))["checks"]
    (found,) = [(each["level"], each["sentence"]) for each in checks if each["name"] == "meaning"]
    return found


def test_other_programs_find_by_meaning_too_and_ask_for_each_vector_once(built: Path, served: ScriptedOllama) -> None:
    before = len(served.requests)

    async def do(program: Program) -> list[dict[str, str]]:
        await program.ask("search", query="car")
        found: list[dict[str, str]] = (await program.ask("search", query="car"))["found"]
        return found

    (found, *_) = visit(built, do)
    assert (found["ref"], found["kind"], found["by"]) == ("file:vault/Garage.md", "note", "meaning")
    assert [each.path for each in served.requests[before:]].count("/api/embed") == 1


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
