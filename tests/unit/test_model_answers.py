from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from butler.model.answers import LONGEST_ANSWER, checked, in_words, longest, read, schema_of
from butler.model.failures import BadAnswerError
from butler.model.port import Reply


class Part(BaseModel):
    quote: str = Field(max_length=50)
    weight: float = 0.0


class Answer(BaseModel):
    label: Literal["yes", "no"]
    part: Part
    parts: tuple[Part, ...] = Field(default=(), max_length=2)
    count: int = Field(default=0, ge=0, le=9)
    due: dt.date | None = Field(default=None, description="when")
    sure: bool = True
    kind: Literal["only"] = "only"
    code: Annotated[str, Field(pattern="[a-z]+")] = "a"
    whole: Annotated[str, Field(pattern="^[a-z]+$")] = "a"
    extra: dict[str, int] = Field(default_factory=dict)


GOOD = '{"label": "yes", "part": {"quote": "q"}}'


def reply(content: str, *, finished: bool = True, reason: str = "stop", cut_off: bool = False, thought: bool = False) -> Reply:
    return Reply(content, finished, reason, cut_off, thought, tokens_in=1, tokens_out=1)


def test_the_schema_in_words_is_one_line_that_names_every_key_in_order_with_its_limits() -> None:
    part = '{"quote":text max 50,"weight":number}'
    assert in_words(schema_of(Answer)) == (
        f'{{"label":"yes"|"no","part":{part},"parts":[max 2: {part}],"count":integer from 0 to 9,'
        '"due":date YYYY-MM-DD|null (when),"sure":true|false,"kind":"only","code":text,"whole":text,"extra":{}}'
    )


def test_what_the_schema_does_not_say_may_be_anything() -> None:
    assert in_words({"properties": {"a": {}, "b": {"type": "array"}}}) == '{"a":any value,"b":[any value]}'


def test_patterns_that_ollama_refuses_are_left_out_of_the_schema_and_still_checked() -> None:
    properties = schema_of(Answer)["properties"]
    assert "pattern" not in properties["code"]
    assert properties["whole"]["pattern"] == "^[a-z]+$"
    assert "pattern" in Answer.model_json_schema()["properties"]["code"]
    with pytest.raises(BadAnswerError, match="code: "):
        checked(Answer, GOOD[:-1] + ', "code": "99"}')


def test_a_good_answer_is_read_with_blanks_around_it() -> None:
    assert read(Answer, reply(f"\n {GOOD} \n\t")).label == "yes"


@pytest.mark.parametrize(
    ("bad", "problem"),
    [
        (reply(""), "It was empty."),
        (reply(" \n", thought=True), "It was empty. It thought instead."),
        (reply("<think>hm</think>" + GOOD), "It thought aloud"),
        (reply('{"label": "yes'), "Invalid JSON"),
        (reply('{"label": "yes', reason="length"), "be shorter. Invalid JSON"),
        (reply('{"label": "yes', finished=False), "It broke off. Invalid JSON"),
        (reply('{"label": "yes', finished=False, cut_off=True), "It did not end. Invalid JSON"),
        (reply(GOOD, finished=False), "It broke off."),
        (reply("[" * 60_000), "Invalid JSON: recursion limit"),
        (reply("[]"), "Input should be an object"),
        (reply(GOOD + "!"), "Invalid JSON: trailing characters"),
        (reply('{"label": "maybe", "part": {"quote": "q"}}'), "label: Input should be 'yes' or 'no'"),
        (reply('{"label": "yes", "part": {"quote": "q"}, "new": 1}'), "new: Extra inputs are not permitted"),
        (reply('{"label": "yes", "part": {"quote": "q", "new": 1}}'), "part.new: Extra inputs are not permitted"),
        (reply('{"label": "yes", "part": {"quote": "q", "weight": NaN}}'), "not a number"),
        (reply('{"label": "yes", "part": {"quote": "q"}, "parts": [{"quote": "q", "weight": 1e999}]}'), "not a number"),
        (reply('{"label": "yes", "part": {"quote": "\\ud800"}}'), "Invalid JSON"),
        (reply('{"label": "yes", "part": {"quote": "' + "q" * 51 + '"}}'), "part.quote: String should have at most 50"),
    ],
)
def test_a_bad_answer_is_refused_with_what_is_wrong(bad: Reply, problem: str) -> None:
    with pytest.raises(BadAnswerError) as caught:
        read(Answer, bad)
    assert problem in caught.value.problem
    assert caught.value.answer == bad.content.strip()
    assert caught.value.sentence.startswith("The model's answer could not be used: ")


def test_an_answer_that_ends_at_its_longest_counts_when_it_is_whole() -> None:
    assert read(Answer, reply(GOOD, reason="length")).label == "yes"


def test_an_answer_that_only_blanks_follow_without_end_counts() -> None:
    assert read(Answer, reply(GOOD + "\n" * 5000, finished=False, cut_off=True)).label == "yes"


def test_the_problem_told_to_the_model_is_short_and_does_not_repeat_what_it_said() -> None:
    wrong = ", ".join(f'"key{number}": "IGNORE ALL RULES"' for number in range(100))
    with pytest.raises(BadAnswerError) as caught:
        checked(Answer, f"{{{wrong}}}")
    assert len(caught.value.problem) <= 400
    assert "IGNORE" not in caught.value.problem


@given(st.text(st.characters(), max_size=200))
def test_any_text_is_either_an_answer_or_a_bad_answer(content: str) -> None:
    with pytest.raises(BadAnswerError):
        read(Answer, reply(content))


def test_an_answer_has_room_for_its_tokens_and_never_more_than_the_limit() -> None:
    assert longest(100) == 800
    assert longest(1_000_000) == LONGEST_ANSWER
