"""The gateway against a model server: the parts that need no faults.

They run against the scripted server, and, when BUTLER_TEST_OLLAMA names a real one (such as
`http://127.0.0.1:11434`), against that as well, with the model of BUTLER_TEST_OLLAMA_MODEL or the first that it has:

    BUTLER_TEST_OLLAMA=http://127.0.0.1:11434 BUTLER_TEST_OLLAMA_MODEL=qwen3.5:4b pytest tests/integration/test_gateway.py

A real model may answer as it likes, so what it says is only held to the schema.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace

import pytest
from gateway_case import NOW, STEP, Verdict, ask
from memory_book import MemoryBook
from scripted_ollama import ScriptedOllama

from butler.core.accounts import ModelHost
from butler.core.steps import Asked
from butler.model import Gateway, inspect

REAL = os.environ.get("BUTLER_TEST_OLLAMA", "")


@pytest.fixture(params=["scripted", *(["real"] if REAL else [])])
def host(request: pytest.FixtureRequest) -> Iterator[ModelHost]:
    if request.param == "scripted":
        with ScriptedOllama() as server:
            yield ModelHost(url=server.url, name=server.models[0].name)
    else:
        found = ModelHost(url=REAL, name=os.environ.get("BUTLER_TEST_OLLAMA_MODEL", ""), deadline=300.0)
        yield found if found.name else replace(found, name=inspect(found).available[0])


def gateway(host: ModelHost, book: MemoryBook, run: str = "run-1") -> Gateway:
    return Gateway(host, book, run, lambda: NOW)


def usable(asked: Asked[Verdict]) -> bool:
    """Whether there is an answer, or, from a model that is too small, at least a reason why not."""
    return asked.answer is not None or bool(REAL and asked.reason.startswith("The model's answer"))


def test_a_server_can_be_inspected_without_a_run(host: ModelHost) -> None:
    report = inspect(host)
    assert report.failure is None
    assert report.reachable
    assert report.present
    assert report.version
    assert len(report.digest) == 64
    assert report.context_length
    assert "completion" in report.capabilities
    assert host.name in report.available


def test_a_model_is_found_by_its_name_without_the_tag_latest(host: ModelHost) -> None:
    if host.name.endswith(":latest"):
        assert inspect(replace(host, name=host.name.removesuffix(":latest"))).name == host.name


def test_without_a_chosen_model_none_is_chosen_and_those_there_are_named(host: ModelHost) -> None:
    report = inspect(replace(host, name=""))
    assert not report.present
    assert report.failure is not None
    assert report.failure.sentence == "No model is chosen."
    assert host.name in report.failure.advice


def test_a_model_that_is_not_there_is_a_failure_that_says_how_to_fetch_it(host: ModelHost) -> None:
    report = inspect(replace(host, name="nope:1b"))
    assert report.reachable
    assert report.failure is not None
    assert "'nope:1b' is not on" in report.failure.sentence
    assert "ollama pull nope:1b" in report.failure.advice


def test_an_answer_fits_the_schema_and_leaves_a_row_with_what_it_cost(host: ModelHost) -> None:
    book = MemoryBook()
    with gateway(host, book) as model:
        asked = ask(model)
        assert usable(asked)
        assert asked.digest == model.digest
    (call,) = book.calls
    assert (call.run, call.at, call.step, call.version) == ("run-1", NOW, STEP.name, STEP.version)
    assert call.subject == "mail:home/1@nordwind.example"
    assert (call.model, call.digest) == (host.name, asked.digest)
    assert call.server.startswith("ollama ")
    assert call.tokens_in > 0
    assert call.tokens_out > 0
    assert call.seconds > 0
    assert 1 <= call.attempts <= 3
    assert book.learned[0][0] == asked.digest


def test_what_was_answered_once_is_not_asked_again_even_in_another_run(host: ModelHost) -> None:
    book = MemoryBook()
    with gateway(host, book) as model:
        first = ask(model)
    with gateway(host, book, run="run-2") as model:
        second = ask(model)
    assert usable(first)
    if first.answer is not None:
        assert second == replace(first, cached=True)
        assert [call.cached for call in book.calls] == [False, True]
        assert (book.calls[1].attempts, book.calls[1].tokens_in, book.calls[1].tokens_out) == (0, 0, 0)


def test_a_run_that_goes_on_records_nothing_twice(host: ModelHost) -> None:
    book = MemoryBook()
    for _ in range(2):
        with gateway(host, book) as model:
            assert usable(ask(model))
    assert len(book.calls) == 1


def test_a_text_that_is_far_too_long_is_cut_and_said_to_be(host: ModelHost) -> None:
    book = MemoryBook()
    with gateway(host, book) as model:
        asked = ask(model, text="We met on Tuesday and talked of this and that.\n" * 4000)
    assert asked.cut
    assert usable(asked)
    assert "characters left out]" in book.calls[0].prompt
    assert book.learned[0][1] <= 8000


def test_a_text_of_few_bytes_a_token_still_gets_an_answer_or_a_reason(host: ModelHost) -> None:
    with gateway(host, MemoryBook()) as model:
        asked = ask(model, text="q8Zx0 7f3a 9c1e " * 2500)
    assert usable(asked) or "context" in asked.reason


def test_an_asking_that_takes_too_long_ends_at_its_deadline(host: ModelHost) -> None:
    with gateway(replace(host, deadline=0.0001), MemoryBook()) as model:
        asked = ask(model)
    assert asked.answer is None
    assert "within 0.0001 seconds" in asked.reason
