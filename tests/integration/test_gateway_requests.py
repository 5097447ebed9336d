"""What the gateway sends, and to whom."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from gateway_case import GOOD, MAIL, NOW, QUESTION, STEP, Verdict, ask, gateway
from memory_book import MemoryBook
from ollama_script import BreaksOff, Redirects, Says, in_turn
from scripted_ollama import Request, ScriptedOllama, ServedModel

from butler.core.accounts import ModelHost
from butler.core.steps import Step
from butler.model import Gateway, transport


def test_a_request_asks_for_the_schema_and_forbids_the_server_to_cut() -> None:
    with ScriptedOllama() as server, gateway(server) as model:
        assert ask(model).answer is not None
    body = server.chats[0].body
    assert body["model"] == "good:latest"
    assert body["format"]["properties"].keys() == {"evidence", "label"}
    assert body["options"] == {"num_ctx": 8192, "num_predict": 200, "temperature": 0, "seed": 7}
    assert (body["truncate"], body["shift"], body["stream"], body["keep_alive"]) == (False, False, True, "10m")
    assert "think" not in body
    assert "tools" not in body


def test_a_thinking_model_is_told_not_to_think() -> None:
    thinker = ServedModel(capabilities=("completion", "thinking"))
    with ScriptedOllama(models=[thinker]) as server, gateway(server) as model:
        assert ask(model).answer is not None
    assert server.chats[0].body["think"] is False


def test_every_call_asks_for_the_same_context_and_begins_alike() -> None:
    with ScriptedOllama(models=[ServedModel(context_length=4096)]) as server, gateway(server) as model:
        ask(model, text="One?")
        ask(model, text="Two?", facts="From: anna@berger.example")
    first, second = server.chats
    assert first.body["options"] == second.body["options"]
    assert first.body["options"]["num_ctx"] == 4096
    assert first.system == second.system
    assert (first.text, second.text) == ("One?", "Two?")


def test_the_text_stands_between_delimiters_after_prompt_and_facts() -> None:
    with ScriptedOllama() as server, gateway(server) as model:
        ask(model)
    chat = server.chats[0]
    assert chat.text == MAIL
    assert chat.facts == "From: tom@nordwind.example\n\n"
    assert chat.system.startswith(STEP.prompt)
    assert '"label":"reply"|"none"|"unsure"' in chat.system


def test_the_environment_changes_neither_whom_the_gateway_talks_to_nor_what_it_sends(monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedOllama() as server, ScriptedOllama() as trap:
        for name in ("OLLAMA_HOST", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, trap.url)
        for name in ("OLLAMA_API_KEY", "LANGSMITH_API_KEY"):
            monkeypatch.setenv(name, "secret")
        monkeypatch.setenv("LANGSMITH_TRACING", "true")
        monkeypatch.setenv("LANGSMITH_ENDPOINT", trap.url)
        with gateway(server) as model:
            assert ask(model).answer is not None
    assert trap.requests == []
    assert [request.path for request in server.requests] == ["/api/version", "/api/tags", "/api/show", "/api/chat", "/api/ps"]
    assert all("authorization" not in request.headers for request in server.requests)
    assert "secret" not in repr(server.requests)


def test_a_redirect_to_another_host_is_not_followed() -> None:
    with ScriptedOllama() as server, ScriptedOllama() as other, gateway(server) as model:
        server.script = lambda chat: Redirects(other.url + "/api/chat")
        asked = ask(model)
    assert asked.answer is None
    assert "sends elsewhere (307)" in asked.reason
    assert other.requests == []


def test_an_answer_recorded_by_another_digest_is_not_used() -> None:
    book = MemoryBook()
    with ScriptedOllama() as server:
        with gateway(server, book) as model:
            ask(model)
        server.models = [replace(server.models[0], digest="cd" * 32)]
        with gateway(server, book, run="run-2") as model:
            asked = ask(model)
    assert not asked.cached
    assert asked.digest == "cd" * 32
    assert len(server.chats) == 2


@pytest.mark.parametrize(
    "changed",
    [replace(STEP, version="2"), replace(STEP, prompt="Does it?"), replace(STEP, max_tokens=100), replace(STEP, name="n")],
)
def test_a_changed_step_is_asked_again(changed: Step[Verdict]) -> None:
    book = MemoryBook()
    with ScriptedOllama() as server, gateway(server, book) as model:
        ask(model)
        again = model.ask(changed, subject="mail:home/1@nordwind.example", facts="From: tom@nordwind.example", text=MAIL)
    assert not again.cached
    assert len(book.calls) == len(server.chats) == 2


def test_another_fact_or_text_is_asked_again_and_another_subject_is_not() -> None:
    with ScriptedOllama() as server, gateway(server) as model:
        ask(model)
        assert not ask(model, facts="From: anna@berger.example").cached
        assert not ask(model, text=MAIL + "!").cached
        assert model.ask(STEP, subject="mail:home/2@x", facts="From: tom@nordwind.example", text=MAIL).cached


def test_a_recorded_answer_that_no_longer_fits_is_asked_for_again() -> None:
    book = MemoryBook()
    with ScriptedOllama() as server, gateway(server, book) as model:
        ask(model)
        book.calls[0] = replace(book.calls[0], answer='{"label": "maybe"}')
        assert ask(model).answer is not None
    assert len(server.chats) == 2


def test_a_bad_answer_is_shown_again_with_what_was_wrong_and_another_seed() -> None:
    book = MemoryBook()
    with ScriptedOllama(script=in_turn({"evidence": [], "label": "maybe"}, GOOD)) as server, gateway(server, book) as model:
        asked = ask(model)
    assert asked.answer is not None
    assert asked.answer.label == "reply"
    first, second = (chat.body for chat in server.chats)
    assert second["messages"][:2] == first["messages"]
    assert second["messages"][2] == {"role": "assistant", "content": json.dumps({"evidence": [], "label": "maybe"})}
    assert "label: Input should be 'reply', 'none' or 'unsure'" in second["messages"][3]["content"]
    assert (first["options"]["seed"], second["options"]["seed"]) == (7, 8)
    (call,) = book.calls
    assert (call.outcome, call.attempts) == ("repaired", 2)


def test_after_two_repairs_the_fallback_answers_and_the_reason_is_the_last_problem() -> None:
    book = MemoryBook()
    with ScriptedOllama(script=in_turn("a", "b", {"label": "reply"}, GOOD)) as server, gateway(server, book) as model:
        asked = ask(model)
        assert asked.answer is None
        assert "evidence: Field required" in asked.reason
        assert len(server.chats) == 3
        assert len(server.chats[2].body["messages"]) == 4  # only the last bad answer is shown
        assert ask(model, text="Another?").answer is not None  # one bad mail harms no other
    assert (book.calls[0].outcome, book.calls[0].attempts, book.calls[0].answer) == ("fallback", 3, '{"label": "reply"}')
    assert book.calls[0].tokens_in == sum(tokens for _, tokens, _ in book.learned[:3])


def test_a_long_bad_answer_is_shown_again_only_in_part() -> None:
    with ScriptedOllama(script=in_turn(Says("x" * 1500), GOOD)) as server:
        step = replace(STEP, max_tokens=1000)
        with gateway(server) as model:
            assert model.ask(step, subject="s", facts="f", text="t").answer is not None
    assert server.chats[1].body["messages"][2]["content"] == "x" * 1000


def test_a_text_that_the_estimate_let_pass_is_cut_harder_when_the_server_refuses_it() -> None:
    book = MemoryBook(rate=0.1)
    with ScriptedOllama(token_bytes=1.0) as server, gateway(server, book) as model:
        asked = ask(model, text="word " * 8000)
    assert asked.answer is not None
    assert asked.cut
    whole, cut = server.chats
    assert whole.text == ("word " * 8000).strip()
    assert 5000 < len(cut.text) < 8000
    assert book.calls[0].attempts == 2


def test_a_text_that_is_refused_again_gets_the_fallback() -> None:
    with ScriptedOllama(token_bytes=0.5) as server, gateway(server, MemoryBook(rate=0.3)) as model:
        asked = ask(model, text="word " * 8000)
        assert asked.answer is None
        assert "does not fit the model's context (the input length exceeds the context length)" in asked.reason
        assert asked.cut
        assert len(server.chats) == 2


def test_facts_that_fill_the_context_are_not_sent_and_not_recorded() -> None:
    book = MemoryBook()
    with ScriptedOllama() as server, gateway(server, book) as model:
        asked = ask(model, facts="fact " * 10_000)
    assert asked.answer is None
    assert "that fit the model's context" in asked.reason
    assert server.chats == []
    assert book.calls == []


def test_a_cached_answer_says_whether_its_text_is_too_long() -> None:
    book = MemoryBook()
    with ScriptedOllama() as server, gateway(server, book) as model:
        for long in ("word " * 8000, "word"):
            ask(model, text=long)
        assert ask(model, text="word " * 8000).cut
        assert not ask(model, text="word").cut
        book.rate = 50.0
        assert ask(model, text="word").cached


def test_a_gateway_is_known_by_the_name_and_digest_it_found() -> None:
    with ScriptedOllama() as server:
        host = ModelHost(url=server.url, name="good")
        model = Gateway(host, MemoryBook(), "run-1", lambda: NOW)
        assert (model.name, model.digest) == ("good", "")
        model.check()
        assert (model.name, model.digest) == ("good:latest", "ab" * 32)
        model.close()


def test_the_good_model_quotes_the_question_of_the_text() -> None:
    with ScriptedOllama() as server, gateway(server) as model:
        answer = ask(model).answer
    assert answer is not None
    assert (answer.evidence, answer.label) == ((QUESTION,), "reply")


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that keeps a connection however long the machine takes from one question to the next."""
    monkeypatch.setattr(transport, "_IDLE_SECONDS", 300.0)


@pytest.mark.usefixtures("unhurried")
def test_the_questions_of_a_run_go_over_one_connection_where_the_server_keeps_it() -> None:
    with ScriptedOllama(keeps=True) as server, gateway(server) as model:
        for number in range(5):
            assert ask(model, text=f"{number}?").answer is not None
        assert len(server.requests) > 15
        assert server.connections == 1


@pytest.mark.usefixtures("unhurried")
@pytest.mark.parametrize("keeps", [True, False])
def test_a_request_that_a_closed_connection_lost_is_sent_again_only_where_the_connection_was_kept(keeps: bool) -> None:
    lost: list[str] = []

    def loses(request: Request) -> None:
        if request.path == "/api/chat" and not lost and len(server.chats) == 2:
            lost.append(request.path)
            raise ConnectionResetError

    with ScriptedOllama(keeps=keeps, meanwhile=loses) as server, gateway(server) as model:
        answered = [ask(model, text=f"{number}?").answer is not None for number in range(4)]
    assert lost
    assert answered == [True, keeps, True, True]
    assert len(server.chats) == 4 + keeps


def test_an_answer_that_broke_off_is_not_asked_for_again_over_another_connection() -> None:
    with ScriptedOllama(keeps=True, script=in_turn(GOOD, BreaksOff())) as server, gateway(server) as model:
        ask(model)
        assert "broke off" in ask(model, text="Another?").reason
    assert len(server.chats) == 2
