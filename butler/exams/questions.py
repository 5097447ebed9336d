"""The questions of an exam over small calendars, asked as `butler ask` asks: of code where it can answer, else of a model."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from butler.core.accounts import CalendarAccount
from butler.core.asking import Answer, Question
from butler.core.daynames import unaccented
from butler.core.exam import World, WorldQuestion
from butler.core.examined import AnswerSaid
from butler.core.owner import BriefingOptions
from butler.core.refs import parse_ref
from butler.core.steps import ModelCall
from butler.core.text import normalised
from butler.desk import Asking
from butler.exams.costs import calls_of
from butler.exams.house import ExamHouse, Kept
from butler.house import Deeds
from butler.sample.exam import OWNER, ics

_THIRD = 3


def asked(worlds: Sequence[World], *, quick: bool) -> Sequence[World]:
    """The calendars that are asked about: all, or a third."""
    return worlds[:: _THIRD if quick else 1]


def ask_all(house: ExamHouse, folder: Path, worlds: Sequence[World], heard: Kept) -> tuple[list[AnswerSaid], list[ModelCall]]:
    """Ask all questions over some calendars; returns what was answered, and what that cost. `heard` is told of each."""
    said: list[AnswerSaid] = []
    calls: list[ModelCall] = []
    for world in worlds:
        with _house(house, folder / "worlds" / world.id, world) as its_own:
            its_own.sync()
            for number, question in enumerate(world.questions):
                name = f"{world.id}/{number + 1}"
                answer, runs = _answer(its_own, world, question)
                said.append(_said(name, world, question, answer))
                calls += [_named(call, name) for run in runs for call in calls_of(its_own.truth.book, run)]
                heard(f"answered:{name}", name)
    return said, calls


def _house(beside: ExamHouse, folder: Path, world: World) -> ExamHouse:
    """A house with one small calendar; who works in the exam's house works in it too."""
    for name, content in ics(world).items():
        path = folder / "calendars" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        os.utime(path, (world.now.timestamp(), world.now.timestamp()))
    accounts = tuple(CalendarAccount(path.name, path=path) for path in sorted((folder / "calendars").iterdir()))
    given = beside.deeds
    deeds = Deeds(
        OWNER, accounts, BriefingOptions(), folder / "state", model=given.model, found=given.found, sandbox=given.sandbox
    )
    return ExamHouse(deeds, beside.owners, lambda: world.now, staff=beside.staff)


def _answer(house: ExamHouse, world: World, question: WorldQuestion) -> tuple[Answer, list[str]]:
    """The answer to a question, and the runs that made it."""
    asked = Question(text=question.text)
    known = house.known("ask", asked, world.now)
    if known is not None:
        return Answer.model_validate_json(known), []
    runs: list[str] = []
    asking = Asking(asked, tell=lambda _line: None, began=runs.append, waits=lambda: None)
    done = house.do("ask", world.now, sync=False, about=question.text, asking=asking, model=house.deeds.model is not None)
    return Answer.model_validate(done.result), runs


def _said(name: str, world: World, question: WorldQuestion, answer: Answer) -> AnswerSaid:
    return AnswerSaid(
        id=name,
        language=world.language,
        question=question.text,
        text=answer.text,
        cited=tuple(citation.ref for citation in answer.citations),
        dropped=answer.dropped,
        right=is_right(question, answer),
        wanted="; ".join((*question.words, *question.uids)) or "that it is not known",
    )


def is_right(question: WorldQuestion, answer: Answer) -> bool:
    """Whether an answer cites one of the events that are meant, has all words that it needs and none that it must not have."""
    if question.kind == "unknown" or answer.unknown:
        return answer.unknown and question.kind == "unknown"
    text = _folded(answer.text)
    cited = {parse_ref(citation.ref).key.partition("@")[0] for citation in answer.citations}
    return (
        (not question.uids or bool(cited & set(question.uids)))
        and all(_has(text, group) for group in question.words)
        and not any(_has(text, group) for group in question.never)
    )


def _has(text: str, group: str) -> bool:
    """Whether a folded text has one of some words or phrases, as a whole."""
    return any(re.search(rf"(?<!\w){re.escape(_folded(word))}(?!\w)", text) for word in group.split("|"))


def _folded(text: str) -> str:
    return unaccented(normalised(text))


def _named(call: ModelCall, name: str) -> ModelCall:
    """A call about a thing of a small calendar, by the question that it was asked for."""
    return replace(call, subject=name)
