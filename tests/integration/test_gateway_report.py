"""What the gateway finds out about a server and its model before it asks anything, and what it refuses."""

from __future__ import annotations

import asyncio
import socket

import pytest
from gateway_case import NOW, ask, gateway
from memory_book import MemoryBook
from scripted_ollama import ScriptedOllama, ServedModel

from butler.core.accounts import ModelHost
from butler.core.errors import ModelError, SettingsError
from butler.model import Gateway, ModelReport, inspect
from butler.model.client import Client
from butler.model.failures import ServerError

THINKER = ServedModel(capabilities=("completion", "thinking"))


def inspected(server: ScriptedOllama, name: str = "good:latest", context: int = 8192) -> ModelReport:
    return inspect(ModelHost(url=server.url, name=name, context=context))


def failure(report: ModelReport) -> str:
    assert report.failure is not None
    return report.failure.sentence


@pytest.mark.parametrize(
    ("model", "version", "level", "sentence"),
    [
        (ServedModel(), "0.31.2", None, ""),
        (ServedModel(), "0.32.0-rc1", None, ""),
        (ServedModel(), "1.0.0", None, ""),
        (THINKER, "0.31.2", None, ""),
        (THINKER, "v0.40.0", None, ""),
        (ServedModel(), "0.31.1", "warning", "Ollama 0.31.1 is older than 0.31.2."),
        (THINKER, "0.31.1", "failure", "Ollama 0.31.1 lets good:latest think although told not to"),
        (THINKER, "0.9.10", "failure", "Ollama 0.9.10 lets good:latest think"),
        (THINKER, "0.0.0", "warning", "version 0.0.0: it was built from source"),
        (ServedModel(), "nightly\x1b[2J", "warning", "version nightly[2J: it was built from source"),
        (ServedModel(capabilities=("embedding",)), "0.31.2", "failure", "good:latest cannot chat."),
        (ServedModel(digest=""), "0.31.2", "failure", "gives no digest for good:latest"),
        (ServedModel(context_length=4096), "0.31.2", "warning", "made for 4096 tokens, fewer than the 8192 of model.context"),
        (ServedModel(remote_host="https://ollama.com:443"), "0.31.2", "failure", "runs elsewhere at https://ollama.com:443"),
    ],
)
def test_a_server_and_its_model_are_judged(model: ServedModel, version: str, level: str | None, sentence: str) -> None:
    with ScriptedOllama(models=[model], version=version) as server:
        report = inspected(server)
        assert [problem.level for problem in report.problems] == ([level] if level else [])
        assert all(sentence in problem.sentence and problem.advice for problem in report.problems)
        if level == "failure":
            with gateway(server) as refused, pytest.raises(ModelError, match=r"good:latest"):
                refused.check()
            with gateway(server) as asked:
                assert ask(asked).answer is None
                assert ask(asked, text="Another?").answer is None
            assert server.chats == []


@pytest.mark.parametrize("name", ["gpt-oss:120b-cloud", "glm-4.6:cloud", "X-Cloud:latest", "glm:cloud/", " glm:cloud\u200b "])
def test_a_cloud_model_is_refused_by_its_name_before_anything_is_sent(name: str) -> None:
    with ScriptedOllama(models=[ServedModel(name=name)]) as server:
        assert failure(inspected(server, name)) == f"{name!r} runs in a cloud."
        with gateway(server) as model:
            assert "runs in a cloud" in ask(model).reason
        assert server.requests == []


def test_cloud_models_are_not_among_those_proposed() -> None:
    models = [ServedModel(name="glm-4.6:cloud"), ServedModel(name="own:7b"), ServedModel(name="far:7b", remote_host="x")]
    with ScriptedOllama(models=models) as server:
        report = inspected(server, "")
    assert report.available == ("own:7b",)
    assert report.failure is not None
    assert report.failure.advice == "Set model.name to one of those there: own:7b."


def test_thousands_of_models_are_told_in_one_readable_sentence() -> None:
    models = [ServedModel(name=f"m{number}:\x1b[31m" + "x" * 200) for number in range(3000)]
    with ScriptedOllama(models=models) as server:
        advice = inspected(server, "own:7b").problems[0].advice
    assert advice.endswith("… and 2,980 more.")
    assert len(advice) < 2000
    assert advice.isprintable()


@pytest.mark.parametrize("length", [-5, 0, True, 10**100])
def test_a_context_that_is_none_is_not_believed(length: int) -> None:
    with ScriptedOllama(models=[ServedModel(context_length=length)]) as server:
        report = inspected(server)
    assert (report.failure, report.context_length, report.context(8192)) == (None, None, 8192)


def test_a_server_without_models_says_how_to_fetch_one() -> None:
    with ScriptedOllama(models=[]) as server:
        assert "ollama pull" in inspected(server, "").problems[0].advice
        assert inspected(server, "own:7b").problems[0].advice == "Fetch it: `ollama pull own:7b`."


def test_a_server_that_only_shows_that_the_model_runs_elsewhere_is_refused_as_well() -> None:
    class Alias(ServedModel):
        def listed(self) -> dict[str, object]:
            return {key: value for key, value in super().listed().items() if not key.startswith("remote_")}

    with ScriptedOllama(models=[Alias(remote_host="https://ollama.com:443")]) as server:
        assert "runs elsewhere" in failure(inspected(server))


def test_a_model_listed_as_running_elsewhere_is_not_even_looked_at() -> None:
    with ScriptedOllama(models=[ServedModel(remote_host="https://ollama.com:443")]) as server:
        assert "runs elsewhere" in failure(inspected(server))
    assert [request.path for request in server.requests] == ["/api/version", "/api/tags"]


def test_a_server_too_old_to_say_what_the_model_can_do_gives_a_warning() -> None:
    class Old(ServedModel):
        def shown(self) -> dict[str, object]:
            return {"details": {}, "model_info": None}

    with ScriptedOllama(models=[Old()]) as server:
        report = inspected(server)
    assert report.failure is None
    assert [problem.sentence for problem in report.problems] == ["The server does not say what the model can do."]
    assert report.context_length is None
    assert report.context(8192) == 8192


def test_what_is_not_ollama_is_told_from_ollama() -> None:
    with ScriptedOllama() as server:
        elsewhere = inspect(ModelHost(url=f"{server.url}/elsewhere", name="good"))
    assert failure(elsewhere).endswith("is not Ollama (404).")
    assert not elsewhere.reachable


def test_a_server_that_is_not_there_or_never_answers_is_a_failure_with_advice() -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        assert failure(inspect(ModelHost(url=url, name="good"))) == f"No model server answers at {url}."
        deaf.listen()
        report = inspect(ModelHost(url=url, name="good"), seconds=0.2)
    assert failure(report) == f"The model server at {url} did not answer within 0.2 seconds."
    assert not report.reachable


def test_a_compressed_answer_is_refused() -> None:
    with ScriptedOllama() as server:
        server.headers["Content-Encoding"] = "gzip"
        assert failure(inspected(server)) == "The model server compressed its answer although it was asked not to."


def test_what_the_client_library_would_ask_elsewhere_never_leaves() -> None:
    async def search() -> None:
        async with Client(ModelHost()) as client:
            await client.web_search("how is Anna?")

    with pytest.raises(ServerError, match=r"A request to ollama\.com was stopped"):
        asyncio.run(search())


@pytest.mark.parametrize("url", ["ftp://127.0.0.1", "http://anna:secret@127.0.0.1:11434"])
def test_an_impossible_address_is_a_settings_error(url: str) -> None:
    with pytest.raises(SettingsError):
        inspect(ModelHost(url=url, name="good"))
    with pytest.raises(SettingsError):
        Gateway(ModelHost(url=url, name="good"), MemoryBook(), "run-1", lambda: NOW)


def test_a_failed_check_says_what_to_do() -> None:
    with ScriptedOllama(models=[]) as server:
        host = ModelHost(url=server.url)
        with Gateway(host, MemoryBook(), "run-1", lambda: NOW) as model, pytest.raises(ModelError) as caught:
            model.check()
    assert caught.value.sentence == "No model is chosen."
    assert caught.value.advice
    assert caught.value.permanent
