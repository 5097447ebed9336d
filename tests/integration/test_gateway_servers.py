"""The gateway over several servers: who is asked, in which order, and what becomes of what one of them fails."""

from __future__ import annotations

import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace

import pytest
from gateway_case import GOOD, MAIL, NOW, STEP, Verdict, ask
from memory_book import MemoryBook
from ollama_script import Answer, BreaksOff, Chat, Drips, Endless, Exchange, Garbage, Hangs, Late, Refuses, Says, Script, played
from scripted_ollama import Request, ScriptedOllama, ServedModel

from butler.core.accounts import ModelHost
from butler.core.errors import ModelError
from butler.core.models import ModelIdentity, ModelPin, ModelServer, Role
from butler.core.steps import Asked, Inquiry, Step, ask_all
from butler.model import Gateway, inspect_all, pool, seats
from butler.model.choosing import FIRST_PAUSE, PRIORITY
from butler.model.embedding import embed
from butler.model.failures import ServerError

SMALL, LARGE = ServedModel(), ServedModel(name="large:latest", digest="ef" * 32)


def inquiries(count: int, role: Role = "judge", start: int = 0) -> list[Inquiry[Verdict]]:
    step = replace(STEP, name=f"{role} step", role=role)
    return [Inquiry(step, f"mail:home/{role}{start + number}@x", "f", f"{role} {start + number}?") for number in range(count)]


def host_of(*servers: ScriptedOllama, slots: int = 1, deadline: float = 20.0, name: str = "good") -> ModelHost:
    first, *others = servers
    more = tuple(ModelServer(f"attic{number}", each.url, slots=slots) for number, each in enumerate(others, 1))
    return ModelHost(url=first.url, name=name, deadline=deadline, slots=slots, more=more)


def gateway(host: ModelHost, book: MemoryBook | None = None) -> Gateway:
    return Gateway(host, book or MemoryBook(), "run-1", lambda: NOW)


def impatient(model: Gateway, place: int, seconds: float) -> None:
    """Have one server given up soon, while the others have all the time that they need on a busy machine."""
    model._pool._seats[place].deadline = seconds


@dataclass(frozen=True)
class Once:
    """Answers well once something is so; where that does not come about, the client leaves at its deadline."""

    so: Callable[[], object]

    def play(self, exchange: Exchange) -> None:
        while not self.so():
            exchange.wait(0.01)
        played(GOOD).play(exchange)


@contextmanager
def running(*scripts: Script, models: Sequence[ServedModel] = (SMALL,)) -> Iterator[list[ScriptedOllama]]:
    with ExitStack() as opened:
        yield [opened.enter_context(ScriptedOllama(script=script, models=models)) for script in scripts]


def good(chat: Chat) -> Answer:
    return GOOD


def said(asked: Sequence[Asked[Verdict]]) -> list[bool]:
    return [each.answer is not None for each in asked]


def test_200_jobs_on_three_servers_of_which_one_hangs_and_one_dies_are_all_done_by_priority_and_none_twice() -> None:
    book = MemoryBook()
    wanted = [*inquiries(150), *inquiries(30, "write"), *inquiries(20, "ask")]
    dies = ScriptedOllama(script=good)
    answered: list[str] = []
    not_looked: list[str] = []
    quiet = threading.Condition()

    def dying(chat: Chat) -> Answer:
        with quiet:
            if len(answered) <= 40:
                not_looked.append(chat.text)
                answered.append(chat.text)
                return GOOD
            # What it had answered was looked at, so that it counts.
            assert quiet.wait_for(lambda: not not_looked, timeout=10)
        # It is gone in mid-answer, and from then on nobody listens there.
        threading.Thread(target=dies.__exit__, args=(None, None, None)).start()
        return BreaksOff()

    def look(request: Request) -> None:
        # After each answer the gateway looks which model is in memory: an answer of which it cannot be told is thrown away.
        with quiet:
            if request.path == "/api/ps" and not_looked:
                not_looked.pop()
                quiet.notify_all()

    def well(chat: Chat) -> Answer:
        answered.append(chat.text)
        return Late(0.002, GOOD)

    dies.script, dies.meanwhile = dying, look
    dies.__enter__()
    with running(well, lambda chat: Hangs()) as (first, hangs):
        host = host_of(first, hangs, dies, slots=2)
        began = time.monotonic()
        with gateway(host, book) as model:
            impatient(model, 1, 1.5)
            found = list(ask_all(model, wanted))
        took = time.monotonic() - began
    assert all(said(found))
    assert [each.text.split()[0] for each in wanted] == ["judge"] * 150 + ["write"] * 30 + ["ask"] * 20
    # None twice: each was answered once, and there is one row of each.
    assert Counter(answered) == Counter(each.text for each in wanted)
    assert Counter(call.subject for call in book.calls) == Counter(each.subject for each in wanted)
    assert {call.outcome for call in book.calls} == {"ok"}
    # By priority: whatever was put to a server before the last question of a person was one, or went there with it.
    kinds = [text.split()[0] for text in answered]
    in_flight = 6
    assert kinds.index("write") >= 20 - in_flight
    assert kinds.index("judge") >= 50 - in_flight
    # The one that hangs was shut out after its first deadline, with no more than its slots in flight.
    assert len(hangs.chats) <= 2 + 1
    assert took < 1.5 + FIRST_PAUSE / 2 + 200 * 0.05


def test_when_all_servers_are_gone_there_are_reasons_and_no_waiting() -> None:
    with ExitStack() as taken:
        ports = []
        for _ in range(3):
            held = taken.enter_context(socket.socket())
            held.bind(("127.0.0.1", 0))  # bound but not listening: connections are refused
            ports.append(held.getsockname()[1])
        more = tuple(ModelServer(f"attic{port}", f"http://127.0.0.1:{port}") for port in ports[1:])
        began = time.monotonic()
        with gateway(ModelHost(url=f"http://127.0.0.1:{ports[0]}", name="good", more=more)) as model:
            found = list(ask_all(model, inquiries(20)))
            with pytest.raises(ModelError, match="No model server is left"):
                model.check()
        assert time.monotonic() - began < FIRST_PAUSE / 2
    assert not any(said(found))
    assert {each.digest for each in found} == {""}
    assert all(str(port) in found[-1].reason for port in ports)


def test_servers_that_all_die_in_the_middle_give_reasons_for_the_rest() -> None:
    with running(lambda chat: Hangs(), lambda chat: Hangs()) as servers, gateway(host_of(*servers, deadline=0.5)) as model:
        began = time.monotonic()
        found = list(ask_all(model, inquiries(30)))
        assert time.monotonic() - began < 10
    assert not any(said(found))
    assert sum(len(server.chats) for server in servers) <= 4
    assert "No model server is left (the first: The model did not answer within 0.5 seconds; attic1:" in found[-1].reason


def test_a_server_that_comes_back_is_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    class Clock:
        """The real one, which can be put forward."""

        ahead = 0.0

        def monotonic(self) -> float:
            return time.monotonic() + self.ahead

    clock = Clock()
    monkeypatch.setattr(pool, "time", clock)
    monkeypatch.setattr(seats, "time", clock)
    with running(good, good) as (first, second), gateway(host_of(first, second)) as model:
        impatient(model, 1, 1.0)
        second.script = lambda chat: Hangs()
        assert all(said(list(ask_all(model, inquiries(12)))))
        assert len(second.chats) == 1
        second.script = good
        impatient(model, 1, 20.0)
        clock.ahead = FIRST_PAUSE
        assert all(said(list(ask_all(model, inquiries(12, start=50)))))
        assert len(second.chats) > 1


@pytest.mark.parametrize(
    "fault",
    [
        Drips(),
        Garbage(b"x" * 9_000_000),
        Says("{}", host="https://far.example"),
        Says('{"evidence": [], "label": "none"}', counted=8192),
        Says("no JSON at all"),
        Endless("word "),
        Refuses(503, "busy"),
        Refuses(404, "model 'good:latest' not found"),
        BreaksOff(),
    ],
)
def test_one_hostile_server_of_three_does_no_harm(fault: Answer) -> None:
    book = MemoryBook()
    with running(good, lambda chat: fault, good) as servers, gateway(host_of(*servers), book) as model:
        impatient(model, 1, 1.5)
        found = list(ask_all(model, inquiries(10)))
    assert all(said(found))
    assert len(book.calls) == 10
    assert len(servers[1].chats) < 10


def test_a_prompt_that_no_server_can_answer_does_not_stop_the_others() -> None:
    def script(chat: Chat) -> Answer:
        return Refuses(500, "poison") if int(chat.text.split()[1][:-1]) % 2 else GOOD

    with running(script, script, script) as servers, gateway(host_of(*servers)) as model:
        found = list(ask_all(model, inquiries(24)))
    assert said(found) == [number % 2 == 0 for number in range(24)]
    assert all(each.digest for each in found)


def test_a_server_with_another_model_under_the_name_takes_no_part() -> None:
    with running(good, good, good) as servers:
        servers[1].models = [replace(SMALL, digest="cd" * 32)]
        with gateway(host_of(*servers)) as model:
            found = list(ask_all(model, inquiries(9)))
    assert {each.digest for each in found} == {SMALL.digest}
    assert servers[1].chats == []
    assert servers[2].chats


def test_only_the_first_servers_model_is_pinned_at_first_use_and_no_other_one_answers_when_that_moves() -> None:
    book = MemoryBook()
    with running(good, good, good) as servers:
        servers[1].models = [replace(SMALL, digest="cd" * 32)]
        with gateway(host_of(*servers), book) as model:
            assert ask(model).answer is not None
        assert {(url, seen.digest) for url, _, seen in book.seen} == {(each.url, SMALL.digest) for each in servers[::2]}
        servers[0].models = servers[2].models = [replace(SMALL, digest="ee" * 32)]
        host = replace(host_of(*servers), pins=tuple(ModelPin(*each) for each in book.seen))
        with gateway(host, book) as model:
            assert "No model server is left" in ask(model, text="Another?").reason
        assert [len(each.chats) for each in servers] == [1, 0, 0]


def test_a_slow_first_server_is_not_waited_for_long_when_another_is_well() -> None:
    with running(good) as (server,), socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        host = ModelHost(
            url=f"http://127.0.0.1:{silent.getsockname()[1]}", name="good", more=(ModelServer("attic", server.url),)
        )
        began = time.monotonic()
        with gateway(host) as model:
            assert ask(model).answer is not None
        assert time.monotonic() - began < 6


def test_never_more_is_in_flight_at_a_server_than_its_slots() -> None:
    flying, most = Counter[int](), Counter[int]()
    lock = threading.Lock()

    def counting(place: int, slots: int) -> Script:
        class Counted:
            def play(self, exchange: Exchange) -> None:
                with lock:
                    flying[place] += 1
                    most[place] = max(most[place], flying[place])
                # The first ones wait for each other, and then there is a moment for one too many.
                while most[place] < slots:
                    exchange.wait(0.01)
                exchange.wait(0.02)
                with lock:
                    flying[place] -= 1
                Says('{"evidence": [], "label": "none"}').play(exchange)

        return lambda chat: Counted()

    with running(counting(0, 3), counting(1, 1)) as (first, second):
        host = ModelHost(url=first.url, name="good", slots=3, more=(ModelServer("attic", second.url, slots=1),))
        with gateway(host) as model:
            assert all(said(list(ask_all(model, inquiries(24)))))
    assert most[0] == 3
    assert most[1] == 1


def test_who_was_asked_a_step_is_asked_it_again_and_who_has_the_model_loaded_comes_first() -> None:
    with running(good, good) as (first, second):
        second.contexts["good:latest"] = 8192
        with gateway(host_of(first, second)) as model:
            for number in range(3):
                assert ask(model, text=f"{number}?").answer is not None
        assert (len(first.chats), len(second.chats)) == (0, 3)


def test_each_role_is_asked_of_its_model_with_one_set_of_options() -> None:
    book = MemoryBook()
    with running(good, models=(SMALL, LARGE)) as (server,):
        host = ModelHost(url=server.url, name="good", write="large")
        with gateway(host, book) as model:
            asked = [*ask_all(model, [*inquiries(2), *inquiries(2, "write"), *inquiries(1, "ask")])]
            assert (model.name, model.digest) == (SMALL.name, SMALL.digest)
    assert [each.digest for each in asked] == [SMALL.digest] * 2 + [LARGE.digest] * 2 + [SMALL.digest]
    assert [chat.body["model"] for chat in server.chats] == ["good:latest"] * 2 + ["large:latest"] * 2 + ["good:latest"]
    assert len({chat.body["options"]["num_ctx"] for chat in server.chats}) == 1
    assert {call.model for call in book.calls if call.step == "write step"} == {"large:latest"}
    assert {digest for digest, _, _ in book.learned} == {SMALL.digest, LARGE.digest}


def test_a_role_whose_model_is_not_there_has_its_reason_and_the_others_go_on() -> None:
    with running(good) as (server,), gateway(ModelHost(url=server.url, name="good", write="large")) as model:
        judged, written = list(ask_all(model, [*inquiries(1), *inquiries(1, "write")]))
    assert judged.answer is not None
    assert written.answer is None
    assert "'large' is not on" in written.reason


def test_with_one_server_and_one_slot_nothing_is_asked_before_it_is_wanted() -> None:
    with running(good) as (server,), gateway(host_of(server)) as model:
        with closing(ask_all(model, [*inquiries(2), *inquiries(2, "write")])) as found:
            next(found)
            assert [chat.text for chat in server.chats] == ["judge 0?"]
            next(found)
            assert [chat.text for chat in server.chats] == ["judge 0?", "judge 1?"]
        assert len(server.chats) == 2


def test_what_was_recorded_before_an_interruption_is_not_asked_again() -> None:
    book = MemoryBook()
    with running(good, good) as servers:
        with gateway(host_of(*servers), book) as model, closing(ask_all(model, inquiries(10))) as found:
            next(found)
        kept = len(book.calls)
    # Others of their own: what was on its way to those when they were left may still come to them.
    with running(good, good) as servers:
        with gateway(host_of(*servers), book) as model:
            assert sum(each.cached for each in ask_all(model, inquiries(10))) == kept
        assert sum(len(server.chats) for server in servers) == 10 - kept


def test_threads_that_ask_at_once_share_the_servers_and_cancelling_ends_them_all() -> None:
    def script(chat: Chat) -> Answer:
        # None is answered before all are there.
        return Once(lambda: sum(len(server.chats) for server in servers) == 8)

    with running(script, script) as servers:
        answers: list[bool] = []
        with gateway(host_of(*servers, slots=4)) as model:
            model.check()
            threads = [
                threading.Thread(target=lambda n=number: answers.append(ask(model, text=f"{n}?").answer is not None))
                for number in range(8)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert answers == [True] * 8
        assert [len(server.chats) for server in servers] == [4, 4]


def test_a_persons_question_from_another_thread_goes_before_what_waits() -> None:
    order: list[str] = []

    def script(chat: Chat) -> Answer:
        order.append(chat.text)
        # Whoever is asked already is not done before the person's question waits for its turn.
        return Once(lambda: "ask 0?" in order or any(job.priority == PRIORITY["ask"] for job in list(model._pool._waiting)))

    with running(script, script) as servers, gateway(host_of(*servers)) as model:

        def person() -> None:
            while not order:
                time.sleep(0.005)
            (question,) = inquiries(1, "ask")
            model.ask(question.step, subject="q", facts="", text=question.text)

        thread = threading.Thread(target=person)
        thread.start()
        assert all(said(list(ask_all(model, inquiries(20)))))
        thread.join()
    # Another server may have been given the next one in the same moment.
    assert order.index("ask 0?") <= 3


def test_two_servers_may_each_have_the_model_of_another_role() -> None:
    with running(good, good) as (first, second):
        second.models = (LARGE,)
        with gateway(replace(host_of(first, second), write="large")) as model:
            found = list(ask_all(model, [*inquiries(4), *inquiries(4, "write")]))
    assert [each.digest for each in found] == [SMALL.digest] * 4 + [LARGE.digest] * 4
    assert {chat.body["model"] for chat in first.chats} == {"good:latest"}
    assert {chat.body["model"] for chat in second.chats} == {"large:latest"}


def test_cancelling_closes_the_connections_to_all_servers() -> None:
    with running(lambda chat: Hangs(), lambda chat: Hangs()) as servers, gateway(host_of(*servers)) as model:

        def later() -> None:
            while not all(server.chats for server in servers):
                time.sleep(0.01)
            model.cancel()

        thread = threading.Thread(target=later)
        thread.start()
        with pytest.raises(ModelError, match="stopping"):
            list(ask_all(model, inquiries(6)))
        thread.join()
        assert all(server.disconnected.wait(10) for server in servers)


def test_a_text_over_budget_is_asked_in_parts_whose_answers_are_joined() -> None:
    def joined(parts: Sequence[Verdict]) -> Verdict:
        return Verdict(evidence=tuple(quote for part in parts for quote in part.evidence)[:3], label=parts[-1].label)

    def script(chat: Chat) -> Answer:
        return {"evidence": [chat.text.split("\n\n")[0][:40]], "label": "reply" if "needle" in chat.text else "none"}

    step: Step[Verdict] = replace(STEP, joined=joined)
    paragraphs = [f"Paragraph {number}. " + "word " * 60 for number in range(120)]
    text = "\n\n".join([*paragraphs, "Here is the needle."])
    book = MemoryBook()
    with running(script) as (server,), gateway(host_of(server), book) as model:
        whole = model.ask(step, subject="s", facts="f", text=text)
        parts = [chat.text for chat in server.chats]
        again = model.ask(step, subject="s", facts="f", text=text)
        endless = model.ask(step, subject="s", facts="f", text=text * 10)
    assert whole.answer is not None
    assert whole.answer.label == "reply"
    assert not whole.cut
    assert 1 < len(parts) <= 4
    assert "".join("".join(parts).split()) == "".join(text.split())
    assert all(part.startswith(("Paragraph", "Here")) for part in parts)
    assert again == replace(whole, cached=True)
    assert endless.cut
    assert endless.answer is not None
    assert len(server.chats) <= len(parts) + 4
    assert "characters left out]" in server.chats[-1].text


def test_the_same_about_two_subjects_at_once_is_asked_once() -> None:
    with running(good, good) as servers, gateway(host_of(*servers)) as model:
        same = [replace(each, text="The same?") for each in inquiries(6)]
        found = list(ask_all(model, same))
    assert sum(len(server.chats) for server in servers) == 1
    assert sorted(each.cached for each in found) == [False, *[True] * 5]


def test_every_server_is_inspected_with_every_model() -> None:
    with running(good, good, models=(SMALL, LARGE)) as (first, second):
        second.models = (SMALL,)
        reports = inspect_all(replace(host_of(first, second), write="large"))
    assert [(report.server, report.name, report.present) for report in reports] == [
        ("", "good:latest", True),
        ("", "large:latest", True),
        ("attic1", "good:latest", True),
        ("attic1", "large", False),
    ]


def test_the_mail_of_the_case_is_answered_by_any_server() -> None:
    with running(lambda chat: Hangs(), good) as servers, gateway(host_of(*servers)) as model:
        impatient(model, 0, 0.5)
        asked = ask(model, text=MAIL)
    assert asked.answer is not None


def test_vectors_come_from_another_server_only_if_its_model_is_the_one_that_is_pinned() -> None:
    with running(good, good) as (second, third), socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound but not listening: connections are refused
        second.models = [replace(SMALL, digest="cd" * 32)]
        gone = f"http://127.0.0.1:{taken.getsockname()[1]}"
        more = (ModelServer("second", second.url), ModelServer("third", third.url))
        pin = ModelPin(gone, "good", ModelIdentity("good:latest", SMALL.digest))
        host = ModelHost(url=gone, name="good", more=more)
        with pytest.raises(ServerError, match="No model server answers"):
            embed(host, ["tea"], 10.0)
        digest, _, vectors = embed(replace(host, pins=(pin,)), ["tea"], 10.0)
    assert (digest, len(vectors)) == (SMALL.digest, 1)
    assert "/api/embed" not in {request.path for request in second.requests}
