"""A thinker in place of the one that answers questions: the first word of a question says what it does.

It runs in the worker, like `butler.thinking.inside:think`, whose place it takes.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Mapping
from typing import Any

from butler.core.actions import Action, Kept
from butler.core.asking import Answer, Citation, Question, Read, Reading, Said, Sentence
from butler.core.payloads import FileAppend
from butler.sandbox.seam import FOREVER, Side

MAIL = "mail:home/harbour-6@ford-harbour.example"
TASK = Citation(ref="task:tasks/task-cake@berger.example", title="Bake the cake", when="2026-11-26")
QUOTED = Citation(ref=MAIL, title="Harbour", quote="Could you send me the planting figures today?")
NOWHERE = Citation(ref="mail:home/nowhere@nobody.example", title="Nothing", quote="nothing")
INVENTED = Citation(ref=MAIL, title="Harbour", quote="words that nobody ever wrote")
BY_CODE = Answer(sentences=(Sentence(text="You are to bake a cake.", cites=(1,)),), citations=(TASK,))
BY_MODEL = Answer(
    sentences=(Sentence(text="A cake is to be baked.", cites=(1,)), Sentence(text="That is all.")),
    citations=(TASK,),
    by="model",
)
LYING = Answer(
    sentences=(
        Sentence(text="Nobody wrote this.", cites=(1,)),
        Sentence(text="The harbour \u202ewrote.\x1b[2J\nTwice.", cites=(2, 3)),
        Sentence(text="A cake is to be baked.", cites=(3,)),
        Sentence(text="Figures are wanted.", cites=(4,)),
    ),
    citations=(NOWHERE, INVENTED, TASK, QUOTED),
    by="model",
    proposed=(1, 2),
)
UNKNOWN = Answer(sentences=(Sentence(text="I do not know."),), unknown=True, by="rules")


def main(connection: socket.socket) -> None:
    """Serve until the other side ends the connection."""

    def known(_workflow: str, given: Mapping[str, Any], _model: bool) -> str | None:
        return BY_CODE.model_dump_json() if _first(given) == "code" else None

    def go(_folder: str, _workflow: str, _way: Any, given: Mapping[str, Any], _host: Any, _level: int) -> None:
        ANSWERS[_first(given)](side, given["question"])

    side = Side(connection, {"prepare": lambda workflow, model: None, "known": known, "go": go})
    side.serve()


def _first(given: Mapping[str, Any]) -> str:
    question: Question = given["question"]
    return question.text.split()[0]


def _keep(side: Side, answer: Answer) -> None:
    _ask(side, "keep", "result", answer.model_dump_json())


def _ask(side: Side, name: str, *values: Any, gives: Any = Any) -> Any:
    return side.ask(name, *values, seconds=FOREVER, gives=gives)


def _tell(side: Side, *lines: Reading | Read | Said) -> None:
    for line in lines:
        _ask(side, "tell", line.model_dump_json())


def _tells(side: Side, question: Question) -> None:
    _tell(side, Reading(number=1, what="searching mail for “cake”"), Read(number=1, found=4))
    _tell(side, Said(text="Somebody lies.", cites=(1,), citations=(NOWHERE,)))
    _tell(side, Said(text="A cake is to be baked.", cites=(1,), citations=(TASK,)))
    _keep(side, BY_MODEL.model_copy(update={"reason": "; ".join(each.question for each in question.history)}))


def _waits(side: Side, _question: Question) -> None:
    _tell(side, Reading(number=1, what="searching mail for “cake”"))
    time.sleep(600)


def _proposes(side: Side, _question: Question) -> None:
    action = Action(FileAppend(root="notes", path="Inbox.md", text="flour"), "You asked for it.", "asked", ())
    kept = _ask(side, "propose", action, gives=Kept)
    _keep(side, BY_MODEL.model_copy(update={"proposed": (1, kept.id)}))


ANSWERS: Mapping[str, Callable[[Side, Question], Any]] = {
    "tells": _tells,
    "waits": _waits,
    "proposes": _proposes,
    "lies": lambda side, _question: _keep(side, LYING),
    "unknown": lambda side, _question: _keep(side, UNKNOWN),
    "breaks": lambda side, _question: _ask(side, "keep", "result", '{"sentences": 7}'),
    "floods": lambda side, _question: _ask(side, "tell", Said(text="x" * 70_000).model_dump_json()),
}
