"""The gateway against llama.cpp's server and LM Studio, as a scripted one has them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from gateway_case import GOOD, NOW, STEP, ask
from memory_book import MemoryBook
from ollama_script import Answer, BreaksOff, Chat, Drips, Endless, Garbage, Hangs, Redirects, Refuses, Says, StopsShort, in_turn
from scripted_ollama import ScriptedOllama
from scripted_openai import ScriptedOpenAI

from butler.core.accounts import ModelHost
from butler.core.errors import ModelError
from butler.core.models import UNPINNED
from butler.model import Gateway, inspect
from butler.model.embedding import embed


def host_of(server: ScriptedOpenAI, deadline: float = 20.0) -> ModelHost:
    return ModelHost(url=server.url, name=server.models[0], api="openai", deadline=deadline)


def gateway(server: ScriptedOpenAI, book: MemoryBook | None = None, deadline: float = 20.0) -> Gateway:
    return Gateway(host_of(server, deadline), book or MemoryBook(), "run-1", lambda: NOW)


@pytest.mark.parametrize("manner", ["llama.cpp", "lmstudio"])
def test_an_answer_is_asked_for_by_schema_and_recorded_with_what_it_cost(manner: str) -> None:
    book = MemoryBook()
    with ScriptedOpenAI(manner=manner) as server, gateway(server, book) as model:  # type: ignore[arg-type]
        asked = ask(model)
        assert ask(model).cached
    assert asked.answer is not None
    body = server.chats[0].body
    assert body["response_format"]["type"] == "json_schema"
    assert body["response_format"]["json_schema"]["schema"]["properties"].keys() == {"evidence", "label"}
    assert (body["max_tokens"], body["temperature"], body["seed"], body["stream"]) == (200, 0, 7, True)
    assert "chat_template_kwargs" not in body
    call = book.calls[0]
    assert call.digest == asked.digest == book.learned[0][0]
    assert call.digest.startswith(UNPINNED)
    assert (call.tokens_in > 0, call.tokens_out > 0, call.first is not None) == (True, True, True)
    assert call.server == ("llama.cpp b6543-1a2b3c4d" if manner == "llama.cpp" else "OpenAI-compatible")


def test_a_server_without_digests_is_usable_and_said_to_be_unpinned() -> None:
    with ScriptedOpenAI(context=4096) as server:
        report = inspect(host_of(server))
        missing = inspect(replace(host_of(server), name="nope"))
    assert report.failure is None
    assert report.digest == ""
    assert report.context(8192) == 4096
    assert any("is unpinned" in problem.sentence for problem in report.problems)
    assert missing.failure is not None
    assert "ollama" not in missing.failure.advice
    assert missing.failure.advice.endswith("Set model.name to one of those there: good.")


def test_ollama_is_not_spoken_to_in_that_way() -> None:
    with ScriptedOllama() as server:
        host = ModelHost(url=f"{server.url}/v1", name="good", api="openai")
        with Gateway(host, MemoryBook(), "run-1", lambda: NOW) as model:
            assert "is Ollama and no OpenAI-compatible server" in ask(model).reason
        with pytest.raises(ModelError, match="no OpenAI-compatible server"):
            embed(host, ["text"], 5.0)
        assert {request.method for request in server.requests} == {"GET"}


def test_a_model_that_would_think_is_told_not_to() -> None:
    with ScriptedOpenAI(template="{% if enable_thinking %}<think>{% endif %}") as server, gateway(server) as model:
        assert ask(model).answer is not None
    assert server.chats[0].body["chat_template_kwargs"] == {"enable_thinking": False}


@pytest.mark.parametrize("manner", ["llama.cpp", "lmstudio"])
def test_a_prompt_that_does_not_fit_is_cut_by_us_and_asked_again(manner: str) -> None:
    book = MemoryBook(rate=0.1)
    with ScriptedOpenAI(manner=manner, context=4096) as server, gateway(server, book) as model:  # type: ignore[arg-type]
        asked = ask(model, text="word " * 5000)
    assert asked.answer is not None
    assert asked.cut
    assert len(server.chats) == 2


def test_a_prompt_that_was_cut_silently_is_not_trusted_nor_one_that_nobody_counted() -> None:
    with ScriptedOpenAI("lmstudio", context=2000, cuts=True) as server, gateway(server, MemoryBook(rate=0.1)) as model:
        assert "cut the prompt silently: it counted 2000 tokens" in ask(model, text="word " * 5000).reason
    with ScriptedOpenAI("lmstudio", counts=False) as server, gateway(server) as model:
        assert "does not count tokens" in ask(model).reason


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Refuses(500, "slot is gone"), "refused (500): slot is gone"),
        (Refuses(503, "Loading model"), "busy (503: Loading model"),
        (Refuses(401, "Invalid API Key"), "wants a log-in (401)"),
        (BreaksOff(), "The connection to the model server broke off"),
        (Garbage(b"<html>log in</html>\n\n"), "is not an answer of an OpenAI-compatible server"),
        (Garbage(b"data: [1, 2]\n\n"), "is not an answer of an OpenAI-compatible server"),
        (Garbage(b"data: " + b"[" * 100_000 + b"\n\n"), "is not an answer of an OpenAI-compatible server"),
        (Garbage(b"data: \xff\xfe\n\n"), "is not an answer of an OpenAI-compatible server"),
        (Garbage(b"data: " + b"x" * 10_000_000), "over 8,000,000 bytes"),
        (Garbage(b'data: {"error": {"code": 500, "message": "Compute error.", "type": "server_error"}}\n\n'), "Compute error."),
        (Garbage(b'data: {"error": "The model has crashed."}\n\n'), "The model has crashed."),
        (Garbage(b'data: {"model": "giant:cloud", "choices": []}\n\n'), "came from a cloud"),
        (Says("", thinking="Let me think."), "It was empty. It thought instead."),
        (StopsShort('{"evidence": [], "label": "none"}'), "does not count tokens"),
        (Endless("word "), "does not count tokens"),
    ],
)
def test_a_fault_becomes_a_reason(fault: Answer, reason: str) -> None:
    with ScriptedOpenAI(script=lambda chat: fault) as server, gateway(server) as model:
        asked = ask(model)
    assert asked.answer is None
    assert reason in asked.reason
    assert asked.reason.isprintable()


@pytest.mark.parametrize("fault", [Hangs(), Drips()])
def test_a_server_that_hangs_is_left_at_the_deadline_and_its_connection_closed(fault: Answer) -> None:
    with ScriptedOpenAI(script=lambda chat: fault) as server, gateway(server, deadline=1.0) as model:
        assert ask(model).reason == "The model did not answer within 1 seconds."
        assert server.disconnected.wait(10)


def test_a_redirect_is_not_followed_and_the_environment_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedOpenAI() as server, ScriptedOllama() as trap:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "OPENAI_BASE_URL"):
            monkeypatch.setenv(name, trap.url)
        monkeypatch.setenv("OPENAI_API_KEY", "secret")
        with gateway(server) as model:
            assert ask(model).answer is not None
            server.script = lambda chat: Redirects(trap.url)
            assert "sends elsewhere (307)" in ask(model, text="Another?").reason
    assert trap.requests == []
    assert "secret" not in repr(server.requests)


def test_weights_that_are_others_after_the_answer_throw_it_away() -> None:
    def script(chat: Chat) -> Answer:
        server.meta = {**server.meta, "n_params": 1}
        return GOOD

    with ScriptedOpenAI(script=script) as server, gateway(server) as model:
        asked = ask(model)
    assert asked.answer is None
    assert "is not the model any more" in asked.reason


def test_a_bad_answer_is_repaired() -> None:
    book = MemoryBook()
    with ScriptedOpenAI(script=in_turn({"evidence": []}, GOOD)) as server, gateway(server, book) as model:
        assert ask(model).answer is not None
    assert server.chats[1].body["seed"] == 8
    assert book.calls[0].outcome == "repaired"


def test_vectors_come_in_the_order_of_the_texts_and_a_text_too_large_is_halved() -> None:
    with ScriptedOpenAI(context=100) as server:
        texts = ["tea", "Kuchen " * 100]
        digest, _, vectors = embed(host_of(server), texts, 10.0)
        both = embed(host_of(server), texts[:1], 10.0)[2]
    assert digest.startswith(UNPINNED)
    assert len(vectors) == 2
    assert vectors[0] == both[0]


def test_a_url_that_ends_in_v1_is_the_same_server() -> None:
    with ScriptedOpenAI() as server:
        with Gateway(replace(host_of(server), url=f"{server.url}/v1"), MemoryBook(), "run-1", lambda: NOW) as model:
            assert model.ask(STEP, subject="s", facts="f", text="t").answer is not None
        assert {request.path for request in server.requests} == {"/props", "/v1/models", "/v1/chat/completions"}


def test_ollama_behind_the_wrong_api_is_told_apart() -> None:
    with ScriptedOllama() as server:
        model = Gateway(ModelHost(url=server.url, name="good", api="openai"), MemoryBook(), "run-1", lambda: NOW)
        with model, pytest.raises(ModelError, match="no OpenAI-compatible server"):
            model.check()
