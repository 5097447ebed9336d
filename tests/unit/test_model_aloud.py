"""An answer that is heard as it comes: each sentence once, as soon as it is complete, however the pieces fall."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field

from butler.core.steps import Step
from butler.model.aloud import Aloud


class Said(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    facts: tuple[int, ...] = Field(max_length=4)
    text: str = Field(max_length=20)


class Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    sentences: tuple[Said, ...]
    unknown: bool


class Plain(BaseModel):
    enough: bool


def said(text: str, *facts: int) -> dict[str, Any]:
    return {"facts": list(facts), "text": text}


def heard_of(*pieces: str, answer: type[BaseModel] = Answer) -> list[tuple[int, str]]:
    """What is heard, each with the number of the piece that completed it."""
    heard: list[tuple[int, str]] = []
    at = 0
    aloud = Aloud(Step("answer", "1", "", answer, heard=lambda each: heard.append((at, each.text))))
    for at, piece in enumerate(pieces):  # noqa: B007 - read by what hears
        aloud.hear(piece)
    assert aloud.count == len(heard)
    return heard


def test_a_sentence_is_heard_as_soon_as_it_is_complete() -> None:
    pieces = (
        '{"sent',
        'ences": [{"facts": [1], "te',
        'xt": "A } in it"}',
        ', {"facts": [], ',
        '"text": "Two"}], "unknown": false}',
    )
    assert heard_of(*pieces) == [(2, "A } in it"), (4, "Two")]


@given(
    st.lists(st.text(max_size=20).map(lambda text: said(text, 1, 2)), max_size=5), st.integers(1, 9), st.sampled_from([None, 1])
)
def test_however_the_pieces_fall_each_is_heard_once_and_in_order(
    found: list[dict[str, Any]], size: int, indent: int | None
) -> None:
    text = json.dumps({"sentences": found, "unknown": False}, indent=indent)
    pieces = [text[start : start + size] for start in range(0, len(text), size)]
    assert [each for _, each in heard_of(*pieces)] == [each["text"] for each in found]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"unknown": False, "sentences": [said("late")]}),
        json.dumps({"sentences": [{"text": "no facts"}]}),
        json.dumps({"sentences": [said("x" * 21)]}),
        json.dumps({"sentences": [said("many", 1, 2, 3, 4, 5)]}),
        json.dumps({"sentences": ["a text"], "unknown": False}),
        '{"sentences": [{"facts": ["1"], "text": "a number as text"}]}',
        '{"sentences": [' + "{" * 50_000 + "}",
        '{"sentences": [{"facts": [], "text": "\\ud800"}]}',
        "I think {that} is it",
        "[]}",
    ],
)
def test_what_is_not_the_answer_that_was_asked_for_is_not_heard(text: str) -> None:
    assert heard_of(text, "}", json.dumps(said("after"))) == []


def test_after_the_first_that_is_wrong_nothing_is_heard() -> None:
    text = json.dumps({"sentences": [said("good"), {"no": 1}, said("after")], "unknown": False})
    assert heard_of(text) == [(0, "good")]


def test_an_answer_without_a_list_and_a_step_that_nobody_hears_are_read_in_the_end_alone() -> None:
    assert heard_of('{"enough": true}', answer=Plain) == []
    aloud = Aloud(Step("answer", "1", "", Answer))
    aloud.hear(json.dumps({"sentences": [said("one")], "unknown": False}))
    assert aloud.count == 0
