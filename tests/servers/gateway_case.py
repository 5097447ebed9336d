"""A step, a clock and gateways for the tests of the model gateway."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from memory_book import MemoryBook
from pydantic import BaseModel, Field
from scripted_ollama import ScriptedOllama

from butler.core.accounts import ModelHost
from butler.core.steps import Asked, Step
from butler.model import Gateway

NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
MAIL = "Hello Anna,\n\nthe venue is booked. Can you confirm by Friday?\n\nTom"
QUESTION = "Can you confirm by Friday?"


class Verdict(BaseModel):
    """What a mail wants, with the words that say so."""

    evidence: tuple[Annotated[str, Field(max_length=200)], ...] = Field(max_length=3)
    label: Literal["reply", "none", "unsure"]


GOOD = {"evidence": [QUESTION], "label": "reply"}
STEP = Step(name="verdict", version="1", prompt="Does the message want an answer?", answer=Verdict, max_tokens=200)


def gateway(server: ScriptedOllama, book: MemoryBook | None = None, run: str = "run-1", deadline: float = 20.0) -> Gateway:
    """A gateway to the server's first model."""
    host = ModelHost(url=server.url, name=server.models[0].name, deadline=deadline)
    return Gateway(host, book or MemoryBook(), run, lambda: NOW)


def ask(of: Gateway, text: str = MAIL, facts: str = "From: tom@nordwind.example") -> Asked[Verdict]:
    """Ask the step about a mail."""
    return of.ask(STEP, subject="mail:home/1@nordwind.example", facts=facts, text=text)
