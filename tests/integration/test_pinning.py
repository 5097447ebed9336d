"""The gateway holds each model to what is pinned: nothing goes to another one, and what another one answered is thrown away."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from gateway_case import GOOD, MAIL, NOW, STEP, Verdict, ask
from memory_book import MemoryBook
from ollama_script import in_turn
from scripted_ollama import Request, ScriptedOllama, ServedModel

from butler.core.accounts import ModelHost
from butler.core.errors import ModelError
from butler.core.models import ModelIdentity, ModelPin, ModelServer
from butler.core.pins import template_hash
from butler.core.steps import Asked
from butler.model import Gateway, pinning
from butler.model.embedding import embed
from butler.model.looking import copy, look, remove

NAME, ALIAS = "good:latest", "butler/good:abababababab"
TEMPLATE = template_hash(ServedModel().template)
FIRST = ModelIdentity(NAME, "ab" * 32, TEMPLATE, "ollama 0.31.2")
MOVED = "cd" * 32


@pytest.fixture
def server() -> Iterator[ScriptedOllama]:
    with ScriptedOllama() as server:
        yield server


def pinned(server: ScriptedOllama, use: str = "", /, **other: str) -> ModelHost:
    """The server's settings with its model pinned as it is, or as something else."""
    return ModelHost(server.url, NAME, deadline=20.0, pins=(ModelPin(server.url, NAME, replace(FIRST, **other), use),))


def gateway(host: ModelHost, book: MemoryBook | None = None) -> Gateway:
    return Gateway(host, book or MemoryBook(), "run-1", lambda: NOW)


def change(server: ScriptedOllama, what: str) -> None:
    """Have the server be another one from now on."""
    match what:
        case "digest":
            server.move(NAME, digest=MOVED)
        case "version":
            server.version = "0.32.0"
        case "gone":
            server.models = []
        case "elsewhere":
            server.move(NAME, remote_host="https://ollama.com:443")


@pytest.mark.parametrize("pins", [True, False], ids=["pinned", "not pinned"])
@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ("digest", "Its digest is cdcdcdcdcdcd now; abababababab is pinned."),
        ("version", "Its server is ollama 0.32.0 now; it was ollama 0.31.2."),
        ("gone", "is not on http"),
        ("elsewhere", "runs elsewhere now"),
    ],
)
def test_what_moved_is_noticed_before_the_next_call_and_nothing_is_sent_to_it(
    server: ScriptedOllama, what: str, reason: str, pins: bool
) -> None:
    host = pinned(server) if pins else ModelHost(server.url, NAME)
    with gateway(host) as model:
        assert ask(model).answer is not None
        change(server, what)
        asked = ask(model, text="Another?")
        assert ask(model, text="A third?").reason == asked.reason
        assert ask(model).cached
    assert len(server.chats) == 1
    assert (asked.answer, asked.digest) == (None, "")
    assert reason in asked.reason


def test_a_look_counts_for_a_moment_and_a_question_that_waited_longer_has_its_own(
    server: ScriptedOllama, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pinning, "_MOMENT", 0.0)
    server.meanwhile = lambda request: change(server, "digest") if request.path == "/api/show" else None
    with gateway(pinned(server)) as model:
        assert "is not what was pinned" in ask(model).reason
    assert server.chats == []


def test_a_tag_that_moves_before_a_repair_gets_no_repair(server: ScriptedOllama) -> None:
    server.script = in_turn({"evidence": [], "label": "perhaps"}, GOOD)

    def move(request: Request) -> None:
        if request.path == "/api/tags" and server.chats:
            change(server, "digest")

    server.meanwhile = move
    with gateway(pinned(server)) as model:
        asked = ask(model)
    assert len(server.chats) == 1
    assert "is not what was pinned" in asked.reason


def test_what_another_model_answered_is_thrown_away_kept_nowhere_and_told(server: ScriptedOllama) -> None:
    book = MemoryBook()
    server.meanwhile = lambda request: change(server, "digest") if request.path == "/api/chat" else None
    with gateway(pinned(server), book) as model:
        asked = ask(model)
    assert (asked.answer, asked.digest) == (None, "")
    assert [call.outcome for call in book.calls] == ["fallback"]
    assert book.answer(book.calls[0].key) is None
    assert [seen.digest for _, _, seen in book.seen] == [FIRST.digest, MOVED]


@pytest.mark.parametrize("other", [{"digest": MOVED}, {"template": "22" * 32}, {"server": "ollama 0.24.0"}])
def test_a_run_that_finds_something_else_than_is_pinned_asks_nothing(server: ScriptedOllama, other: dict[str, str]) -> None:
    book = MemoryBook()
    with gateway(pinned(server, **other), book) as model:
        asked = ask(model)
        before = len(server.requests)
        assert ask(model, text="Another?") == asked
        assert len(server.requests) == before
    assert server.chats == []
    assert (asked.answer, asked.digest) == (None, "")
    assert asked.reason.startswith("good:latest is not what was pinned, so nothing is asked of it.")
    assert "`butler model accept`" in asked.reason
    assert MAIL not in json.dumps([request.body for request in server.requests])


def test_what_was_seen_is_told_with_template_and_version(server: ScriptedOllama) -> None:
    book = MemoryBook()
    with gateway(ModelHost(server.url, NAME), book) as model:
        ask(model)
    assert book.seen == [(server.url, NAME, FIRST)]


def test_what_stands_by_now_counts_also_where_the_run_began_with_an_older_pin(server: ScriptedOllama) -> None:
    book = MemoryBook(pins={(server.url, NAME): ModelPin(server.url, NAME, FIRST)})
    with gateway(pinned(server, digest=MOVED), book) as model:
        assert ask(model).answer is not None


def test_after_going_back_the_copy_is_asked_and_finds_the_answers_of_before(server: ScriptedOllama) -> None:
    book = MemoryBook()
    with gateway(pinned(server), book) as model:
        assert ask(model).answer is not None
    server.models = [ServedModel(ALIAS, FIRST.digest), ServedModel(NAME, MOVED)]
    with gateway(pinned(server, ALIAS), book) as model:
        assert ask(model).cached
        assert ask(model, text="Another?").answer is not None
        server.move(ALIAS, digest=MOVED)
        assert "is not what was pinned" in ask(model, text="A third?").reason
    assert [chat.body["model"] for chat in server.chats] == [NAME, ALIAS]
    assert model.name == f"{NAME} (copy)"


def test_a_further_server_with_another_model_of_that_name_is_not_taken_on_trust(server: ScriptedOllama) -> None:
    book = MemoryBook()
    with ScriptedOllama(models=[ServedModel(digest=MOVED)]) as attic:
        host = replace(pinned(server), more=(ModelServer("attic", attic.url),))
        with gateway(host, book) as model:
            assert [ask(model, text=f"{number}?").answer is not None for number in range(4)] == [True] * 4
            server.models = []
            assert ask(model, text="And now?").answer is None
        assert attic.chats == []
        assert attic.url not in {url for url, _, _ in book.seen}


@pytest.mark.parametrize("role", ["write", "ask"])
def test_models_of_every_role_that_run_elsewhere_are_told_no_word(server: ScriptedOllama, role: Any) -> None:
    server.models = [ServedModel(), ServedModel("far:7b", remote_host="https://ollama.com:443"), ServedModel("big:cloud")]
    for name in ("far:7b", "big:cloud"):
        chosen: dict[str, Any] = {role: name}
        host = replace(ModelHost(server.url, NAME), **chosen)
        with gateway(host) as model:
            asked: Asked[Verdict] = model.ask(replace(STEP, role=role), subject="s", facts="", text=MAIL)
        assert asked.answer is None
    assert server.chats == []
    assert MAIL not in json.dumps([request.body for request in server.requests])


EMBEDDER = ServedModel("tiny-embed:latest", "ab" * 32, 2048, ("embedding",))


def test_an_embedding_model_is_held_to_its_pin_as_well(server: ScriptedOllama) -> None:
    server.models = [EMBEDDER]
    host = ModelHost(server.url, "tiny-embed")
    met: list[ModelIdentity] = []

    def keep(_url: str, _name: str, seen: ModelIdentity, _at: object) -> ModelPin:
        met.append(seen)
        return ModelPin(server.url, "tiny-embed", met[0])

    digest, _, vectors = embed(host, ["a"], 10.0, met=keep)
    assert (digest, len(vectors)) == (EMBEDDER.digest, 1)
    server.move(EMBEDDER.name, digest=MOVED)
    with pytest.raises(ModelError, match="tiny-embed is not what was pinned"):
        embed(host, ["a"], 10.0, met=keep)
    with pytest.raises(ModelError, match="is not what was pinned"):
        embed(replace(host, pins=(ModelPin(server.url, "tiny-embed", met[0]),)), ["a"], 10.0)
    assert server.paths().count("/api/embed") == 1


def test_a_look_tells_what_is_there_and_asks_no_model(server: ScriptedOllama) -> None:
    server.models = [ServedModel(), ServedModel("big:cloud")]
    host = replace(pinned(server), write="big:cloud", ask="nope:1b", more=(ModelServer("gone", "http://127.0.0.1:9"),))
    found = {(each.server, each.name): each for each in look(host, 10.0)}
    here = found[("", NAME)]
    assert (here.identity, here.present, here.context, here.loaded) == (FIRST, True, 32768, False)
    assert found[("", "big:cloud")].refused
    assert not found[("", "nope:1b")].present
    assert found[("gone", NAME)].identity.server == ""
    assert set(server.paths()) == {"/api/version", "/api/tags", "/api/show", "/api/ps"}


def test_a_copy_is_made_of_what_is_pinned_and_of_nothing_else(server: ScriptedOllama) -> None:
    host = pinned(server)
    (pin,) = host.pins
    copy(host, pin, ALIAS, 10.0)
    assert [(model.name, model.digest) for model in server.models] == [(NAME, FIRST.digest), (ALIAS, FIRST.digest)]
    server.move(NAME, digest=MOVED)
    with pytest.raises(ModelError, match="is not what was pinned any more"):
        copy(host, pin, ALIAS, 10.0)
    server.move(NAME, digest=FIRST.digest, remote_host="https://ollama.com:443")
    with pytest.raises(ModelError):
        copy(host, pin, ALIAS, 10.0)
    assert server.paths().count("/api/copy") == 1


def test_a_server_that_only_says_that_it_copied_is_not_believed(server: ScriptedOllama) -> None:
    host = pinned(server)

    def forget(request: Request) -> None:
        server.models = [model for model in server.models if model.name != ALIAS]

    server.meanwhile = forget
    with pytest.raises(ModelError, match=r"is no copy of good:latest"):
        copy(host, host.pins[0], ALIAS, 10.0)


def test_only_copies_of_the_butlers_own_are_removed(server: ScriptedOllama) -> None:
    host = pinned(server)
    copy(host, host.pins[0], ALIAS, 10.0)
    for name in (NAME, "good", "butler/good", "butler/../good:abababababab"):
        with pytest.raises(ModelError, match="no copy that the butler made"):
            remove(host, server.url, name, 10.0)
    with pytest.raises(ModelError, match="no Ollama server of the settings"):
        remove(host, "http://127.0.0.1:9", ALIAS, 10.0)
    remove(host, server.url, ALIAS, 10.0)
    remove(host, server.url, ALIAS, 10.0)
    assert [model.name for model in server.models] == [NAME]
    assert server.paths().count("/api/delete") == 1


@pytest.mark.parametrize("digest", ["x" * 2_000_000, "\u202e\x1b[2J" * 50, "\ud800"])
def test_a_server_with_an_endless_or_odd_digest_is_told_of_in_few_harmless_signs(server: ScriptedOllama, digest: str) -> None:
    book = MemoryBook()
    with gateway(pinned(server), book) as model:
        ask(model)
        server.move(NAME, digest=digest)
        asked = ask(model, text="Another?")
    assert len(server.chats) == 1
    assert asked.answer is None
    assert len(asked.reason) < 1_000
    assert asked.reason.isprintable()
    assert all(len(seen.digest) <= 128 for _, _, seen in book.seen)
