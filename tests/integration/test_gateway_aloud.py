"""An answer that is heard while the model still writes it: over a real connection, over repairs, and not from before."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from typing import Any

from gateway_case import gateway
from memory_book import MemoryBook
from ollama_script import Exchange, in_turn
from pydantic import BaseModel
from scripted_ollama import ScriptedOllama

from butler.core.steps import Asked, Step
from butler.model import Gateway


class Said(BaseModel):
    """A sentence."""

    text: str


class Answer(BaseModel):
    """Some of them."""

    sentences: tuple[Said, ...]
    unknown: bool


@dataclass
class Slow:
    """Says one sentence, and the rest only when that was heard."""

    was_heard: threading.Event = field(default_factory=threading.Event)

    def play(self, exchange: Exchange) -> None:
        exchange.piece('{"sentences": [{"text": "One"}, {"te')
        assert self.was_heard.wait(30)
        exchange.piece('xt": "Two"}], "unknown": fal')
        exchange.done("se}")


def ask(of: Gateway, heard: Any) -> Asked[Answer]:
    return of.ask(Step("answer", "1", "Answer.", Answer, heard=heard), subject="run-1", facts="", text="A text of the world.")


def test_a_sentence_is_heard_before_the_model_has_ended_and_not_again_from_before() -> None:
    slow, book = Slow(), MemoryBook()
    heard: list[str] = []

    def hear(said: Said) -> None:
        heard.append(said.text)
        slow.was_heard.set()

    with ScriptedOllama(script=lambda chat: slow) as server, gateway(server, book) as model:
        asked = ask(model, hear)
        assert (heard, [each.text for each in asked.answer.sentences] if asked.answer else []) == (
            ["One", "Two"],
            ["One", "Two"],
        )
        assert ask(model, hear).cached
        assert heard == ["One", "Two"]


def test_a_repair_is_not_heard_once_something_was() -> None:
    heard: list[str] = []
    bad = json.dumps({"sentences": [{"text": "First try"}], "unknown": "perhaps"})
    good = json.dumps({"sentences": [{"text": "Second try"}], "unknown": False})
    with ScriptedOllama(script=in_turn(bad, good)) as server, gateway(server) as model:
        asked = ask(model, lambda said: heard.append(said.text))
    assert heard == ["First try"]
    assert asked.answer
    assert [each.text for each in asked.answer.sentences] == ["Second try"]


def test_a_repair_is_heard_where_nothing_was() -> None:
    heard: list[str] = []
    good = json.dumps({"sentences": [{"text": "Second try"}], "unknown": False})
    with ScriptedOllama(script=in_turn("I am sorry.", good)) as server, gateway(server) as model:
        ask(model, lambda said: heard.append(said.text))
    assert heard == ["Second try"]
