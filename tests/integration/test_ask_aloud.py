"""An answer is told while the model writes it: checked sentences only, and none before there is one that answers."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from asking_case import Asking, asking
from asking_models import competent, over_the_wire
from memory_book import MemoryBook
from ollama_script import Chat, Exchange
from scripted_ollama import ScriptedOllama

from butler.core.accounts import ModelHost
from butler.core.asking import Said, told
from butler.model import Gateway

QUESTION = "When do the auditors sit down?"
HOLDS = "The auditors sit down at noon."


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asking]:
    with asking(tmp_path_factory.mktemp("aloud")) as found:
        yield found


@dataclass
class Slow:
    """Writes some sentences, and the rest only when `until` has happened, or after a while."""

    first: list[str]
    rest: list[str]
    seconds: float = 20.0
    until: threading.Event = field(default_factory=threading.Event)
    was_heard: bool = False

    def play(self, exchange: Exchange) -> None:
        exchange.piece('{"sentences": [' + ", ".join(map(said, self.first)) + (", " if self.rest else ""))
        self.was_heard = self.until.wait(self.seconds)
        exchange.done(", ".join(map(said, self.rest)) + '], "unknown": false}')


def said(text: str) -> str:
    return json.dumps({"facts": [1], "text": text})


def told_and_answered(house: Asking, slow: Slow) -> tuple[list[str], list[str]]:
    """What was told and what was answered in the end, where the model's answer is written slowly."""
    lines: list[str] = []

    def hear(line: str) -> None:
        one = told(line)
        if isinstance(one, Said):
            lines.append(one.text)
            slow.until.set()

    def script(chat: Chat) -> Any:
        fields = set((chat.schema or {}).get("properties", {}))
        return slow if fields == {"sentences", "unknown"} else over_the_wire(competent, chat)

    with ScriptedOllama(script=script) as server:
        host = ModelHost(url=server.url, name=server.models[0].name)
        with Gateway(host, MemoryBook(), "run-1", lambda: house.household.now) as gateway:
            answer = house.ask(QUESTION, model=gateway, tell=hear)
    return lines, [sentence.text for sentence in answer.sentences]


def test_a_checked_sentence_is_told_before_the_model_has_ended_and_once(house: Asking) -> None:
    slow = Slow([HOLDS], ["They sit down at noon your time."])
    lines, answered = told_and_answered(house, slow)
    assert slow.was_heard
    assert lines == answered
    assert lines[0] == HOLDS


def test_nothing_that_does_not_hold_is_told_meanwhile(house: Asking) -> None:
    slow = Slow(["Mallory Grimes paid 4,711 euros at noon."], [HOLDS], seconds=0.5)
    lines, answered = told_and_answered(house, slow)
    assert not slow.was_heard
    assert lines == answered == [HOLDS]
