"""The gateway against a server that fails in every way seen, and some more."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import threading
from collections.abc import Callable
from dataclasses import replace

import pytest
from gateway_case import GOOD, NOW, ask, gateway
from memory_book import MemoryBook
from ollama_script import (
    Answer,
    BreaksOff,
    CallsTools,
    Chat,
    Drips,
    Endless,
    ErrsMidway,
    Garbage,
    Hangs,
    Late,
    Refuses,
    Says,
    Script,
    StopsShort,
    in_turn,
)
from scripted_ollama import ScriptedOllama

from butler.core.accounts import ModelHost
from butler.core.errors import ModelError
from butler.model import Gateway

SLOW = (Hangs, Drips, Late, Endless)
CLOUD = Says('{"evidence": [], "label": "none"}', host="https://ollama.com:443")


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Refuses(500, "llama runner process has terminated"), "refused (500): llama runner process has terminated"),
        (Refuses(400, "invalid option"), "refused (400): invalid option"),
        (Refuses(418, "\u202eteapot\x1b[2J"), "refused (418): teapot[2J"),
        (BreaksOff(), "The connection to the model server broke off"),
        (ErrsMidway("an error was encountered"), "broke off in mid-answer: an error was encountered"),
        (Garbage(b"<html>log in</html>\n"), "is not an answer of Ollama"),
        (Garbage(b"[1, 2]\n"), "is not an answer of Ollama"),
        (Garbage(b'{"message": "no object"}\n'), "is not an answer of Ollama"),
        (Garbage(b"\xff\xfe\n"), "is not an answer of Ollama"),
        (Garbage(b"[" * 100_000 + b"\n"), "is not an answer of Ollama"),
        (Garbage(b"x" * 10_000_000), "over 8,000,000 bytes"),
        (Says('{"evidence": [], "label": NaN}'), "label: Input should be"),
        (Says('{"evidence": [], "label": "reply", "to": "mallory@evil.example"}'), "to: Extra inputs are not permitted"),
        (Says("", thinking="Let me think."), "It was empty. It thought instead."),
        (Says("<think>hm</think>{}"), "It thought aloud"),
        (Says('{"evidence": ["' + "very long " * 200), "It was cut off at its longest; be shorter. Invalid JSON"),
        (StopsShort('{"evidence": [], "label": "none"}'), "It broke off."),
        (StopsShort('{"evidence": ["word word word'), "It broke off. Invalid JSON"),
        (Endless("word "), "It did not end."),
        (CallsTools(), "It was empty."),
        (Says('{"evidence": [], "label": "none"}', counted=8192), "cut the prompt silently"),
    ],
)
def test_a_fault_becomes_a_reason_and_the_next_mail_is_asked_all_the_same(fault: Answer, reason: str) -> None:
    def script(chat: Chat) -> Answer:
        return fault if chat.text == "Bad?" else GOOD

    book = MemoryBook()
    with ScriptedOllama(script=script) as server, gateway(server, book) as model:
        asked = ask(model, text="Bad?")
        assert asked.answer is None
        assert reason in asked.reason
        assert asked.reason.isprintable()
        assert ask(model, text="Good?").answer is not None
    assert [call.outcome for call in book.calls] == ["fallback", "ok"]
    assert book.calls[0].error == asked.reason
    assert book.answer(book.calls[0].key) is None


def test_a_busy_server_is_asked_again_after_a_moment() -> None:
    busy = Refuses(503, "server busy, please try again.  maximum pending requests exceeded")
    book = MemoryBook()
    with ScriptedOllama(script=in_turn(busy, busy, GOOD)) as server, gateway(server, book) as model:
        assert ask(model).answer is not None
    assert (book.calls[0].outcome, book.calls[0].attempts) == ("ok", 3)


def test_a_server_that_stays_busy_is_asked_three_times() -> None:
    with ScriptedOllama(script=lambda chat: Refuses(503, "server busy")) as server, gateway(server) as model:
        asked = ask(model)
        assert len(server.chats) == 3
    assert "busy (503: server busy)" in asked.reason


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Refuses(404, "model 'good:latest' not found"), "is not on http"),
        (Refuses(404, "404 page not found"), "is not Ollama (404). Check model.url."),
        (Refuses(401, "unauthorized"), "wants a log-in (401)"),
        (CLOUD, "came from https://ollama.com:443, not from this server's own model"),
    ],
)
def test_after_a_failure_that_will_not_go_away_the_run_asks_no_more(fault: Answer, reason: str) -> None:
    with ScriptedOllama(script=lambda chat: fault) as server, gateway(server) as model:
        first, second = ask(model), ask(model, text="Another?")
        assert len(server.chats) == 1
    assert first.answer is None
    assert reason in first.reason
    assert second == first


def test_cached_answers_are_found_even_when_nothing_more_is_asked() -> None:
    with (
        ScriptedOllama(script=in_turn(GOOD, Refuses(404, "model 'good:latest' not found"))) as server,
        gateway(server) as model,
    ):
        ask(model)
        ask(model, text="Another?")
        assert ask(model).cached


def test_a_server_that_is_not_there_is_tried_once() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound but not listening: connections are refused
        host = ModelHost(url=f"http://127.0.0.1:{taken.getsockname()[1]}", name="good")
        with Gateway(host, MemoryBook(), "run-1", lambda: NOW) as model:
            first, second = ask(model), ask(model, text="Another?")
            with pytest.raises(ModelError, match="ollama serve"):
                model.check()
    assert first.reason.startswith(f"No model server answers at {host.url}.")
    assert second == first


def test_a_server_that_goes_away_in_the_middle_of_a_run_ends_the_asking() -> None:
    with ScriptedOllama() as server:
        model = gateway(server)
        ask(model)
    with model:
        assert ask(model, text="Another?").reason.startswith(f"No model server answers at {server.url}.")


class Hurried(asyncio.SelectorEventLoop):
    """A loop whose time only leaps, so that a deadline passes when a server was asked, and not before on a slow machine."""

    now = 0.0

    def time(self) -> float:
        return self.now

    def leap(self, seconds: float) -> None:
        """Go ahead, as seen by whatever waits in there; from any thread."""
        self.now += seconds
        self.call_soon_threadsafe(lambda: None)


@pytest.fixture
def hurries(monkeypatch: pytest.MonkeyPatch) -> Callable[[Script], Script]:
    """Has the deadline of a gateway (20 seconds, see `gateway`) pass once the server was asked what it does not answer soon."""
    loops: list[Hurried] = []

    def made() -> Hurried:
        loops.append(Hurried())
        return loops[-1]

    def hurried(script: Script) -> Script:
        def answer(chat: Chat) -> Answer:
            found = script(chat)
            if isinstance(found, SLOW):
                loops[-1].leap(20.5)
            return found

        return answer

    monkeypatch.setattr(asyncio, "new_event_loop", made)
    return hurried


@pytest.mark.parametrize("fault", [Hangs(), Drips(), Late(30.0, GOOD), Endless("")])
def test_a_server_that_hangs_or_drips_is_left_at_the_deadline_and_after_two_asked_no_more(
    fault: Answer, hurries: Callable[[Script], Script]
) -> None:
    with ScriptedOllama(script=hurries(lambda chat: fault)) as server, gateway(server) as model:
        reasons = [ask(model, text=f"{number}?").reason for number in range(4)]
        assert len(server.chats) == 2
        assert server.disconnected.wait(10)
    assert reasons[0] == reasons[1] == "The model did not answer within 20 seconds."
    assert reasons[2] == reasons[3] == f"{reasons[0]} It was not asked again in this run."


def test_slow_answers_that_do_not_follow_each_other_do_not_end_the_asking(hurries: Callable[[Script], Script]) -> None:
    script = in_turn(Hangs(), GOOD, Hangs(), Refuses(500, "once"), Hangs(), GOOD)
    with ScriptedOllama(script=hurries(script)) as server, gateway(server) as model:
        answered = [ask(model, text=f"{number}?").answer is not None for number in range(6)]
    assert answered == [False, True, False, False, False, True]


def test_an_answer_that_comes_late_but_in_time_counts() -> None:
    with ScriptedOllama(script=lambda chat: Late(0.1, GOOD)) as server, gateway(server) as model:
        assert ask(model).answer is not None


def test_a_prompt_that_the_server_cut_silently_is_not_trusted() -> None:
    book = MemoryBook(rate=0.1)
    with ScriptedOllama(cuts_silently=True) as server, gateway(server, book) as model:
        asked = ask(model, text="word " * 8500)
    assert asked.answer is None
    assert "cut the prompt silently: it counted 4098 tokens" in asked.reason
    assert book.learned == []


def test_a_model_that_is_exchanged_during_a_run_answers_nothing_more() -> None:
    with ScriptedOllama() as server, gateway(server) as model:
        assert ask(model).answer is not None
        server.models = [replace(server.models[0], digest="cd" * 32)]
        exchanged = ask(model, text="Another?")
        assert exchanged.answer is None
        assert "is not the model any more" in exchanged.reason
        ask(model, text="A third?")
        assert len(server.chats) == 1


def test_cancelling_from_another_thread_closes_the_connection() -> None:
    book = MemoryBook()
    caught: list[ModelError] = []

    def asking(model: Gateway) -> None:
        try:
            ask(model)
        except ModelError as error:
            caught.append(error)

    with ScriptedOllama(script=lambda chat: Hangs()) as server, gateway(server, book) as model:
        thread = threading.Thread(target=asking, args=(model,))
        thread.start()
        wait_for_chat(server)
        model.cancel()
        thread.join(10)
        assert server.disconnected.wait(10)
        with pytest.raises(ModelError, match="stopping"):
            ask(model, text="Another?")
    assert [error.sentence for error in caught] == ["The asking was ended because the butler is stopping."]
    assert book.calls == []  # so that the run asks again when it goes on


def test_an_interrupt_from_the_keyboard_closes_the_connection_and_goes_on_up() -> None:
    with ScriptedOllama(script=in_turn(Hangs(), GOOD)) as server, gateway(server) as model:

        def interrupt() -> None:
            wait_for_chat(server)
            os.kill(os.getpid(), signal.SIGINT)

        thread = threading.Thread(target=interrupt)
        thread.start()
        with pytest.raises(KeyboardInterrupt):
            ask(model)
        thread.join()
        assert server.disconnected.wait(10)
        assert ask(model).answer is not None


def wait_for_chat(server: ScriptedOllama) -> None:
    pause = threading.Event()
    while not server.chats:
        pause.wait(0.01)


def test_a_cancelled_gateway_does_not_check_and_can_be_closed_twice() -> None:
    with ScriptedOllama() as server, gateway(server) as model:
        model.close()
        with pytest.raises(ModelError, match="stopping"):
            ask(model)
        assert server.requests == []


def test_several_threads_may_ask_one_gateway() -> None:
    with ScriptedOllama() as server, gateway(server) as model:
        answers: list[bool] = []
        threads = [
            threading.Thread(target=lambda text=f"{number}?": answers.append(ask(model, text=text).answer is not None))
            for number in range(6)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert answers == [True] * 6
