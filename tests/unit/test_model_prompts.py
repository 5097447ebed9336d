from __future__ import annotations

from typing import Any

import pytest
from gateway_case import STEP
from hypothesis import given
from hypothesis import strategies as st

from butler.core.accounts import ModelHost
from butler.core.steps import Step
from butler.core.text import visible
from butler.model.answers import in_words, schema_of
from butler.model.conversation import Asking
from butler.model.port import Message
from butler.model.prompts import (
    FIRST_RATE,
    LARGEST_PROMPT,
    PromptTooLongError,
    code_for,
    compose,
    cut,
    fewest_tokens,
    first_absent,
    room,
    rounded,
    split,
    system_words,
)
from butler.model.report import ModelReport
from workflows.briefing.steps import promise, received

ANY_TEXT = st.text(st.characters(), max_size=3000)
"""All of Unicode, lone surrogates and controls included."""


def sized(*texts: str) -> int:
    return sum(len(text.encode()) for text in texts)


@given(text=ANY_TEXT, facts=st.text(st.characters(), max_size=100), limit=st.integers(400, 3000))
def test_no_prompt_is_over_its_limit_whatever_the_text(text: str, facts: str, limit: int) -> None:
    try:
        prompt = compose("Judge.", facts, text, limit)
    except PromptTooLongError:
        assert sized("Judge.", visible(facts)) > limit - 400  # only the facts can be too much
        return
    assert prompt.size == sized(*(message["content"] for message in prompt.messages)) <= limit


@given(text=ANY_TEXT, facts=ANY_TEXT)
def test_the_delimiters_hold_a_code_that_neither_text_nor_facts_contain(text: str, facts: str) -> None:
    code = code_for(visible(text).strip(), visible(facts).strip())
    assert code not in text
    assert code not in facts
    prompt = compose("Judge.", facts, text, 100_000)
    assert prompt.messages[1]["content"].count(code) == 2


def test_a_code_that_the_world_contains_is_passed_over_even_in_look_alike_letters() -> None:
    assert first_absent(["ab12", "cd34", "ef56"], "ＡＢ１２ and cd34") == "ef56"


def test_the_same_text_and_facts_give_the_same_prompt_and_others_another_code() -> None:
    assert compose("Judge.", "facts", "text", 1000) == compose("Judge.", "facts", "text", 1000)
    assert code_for("text", "facts") != code_for("text", "other facts") != code_for("another text", "facts")


def test_the_fixed_words_come_first_then_the_facts_then_the_text() -> None:
    system, user = compose("Judge.", "the facts", "the text", 1000).messages
    assert system == Message(role="system", content="Judge.")
    assert user["content"].startswith("the facts\n\n<<<text ")
    assert user["content"].index("the facts") < user["content"].index("the text") < user["content"].index("<<<end ")


def test_invisible_characters_of_text_and_facts_do_not_reach_the_model() -> None:
    content = compose("Judge.", "fa\u200bcts", "te\u202ext\x1b[2J\U000e0041", 1000).messages[1]["content"]
    assert "facts" in content
    assert "text[2J\n" in content


@given(text=st.text(max_size=3000), limit=st.integers(64, 1000))
def test_a_cut_says_how_much_was_left_out_and_keeps_the_beginning(text: str, limit: int) -> None:
    kept, left_out = cut(text, limit)
    assert sized(kept) <= limit
    if left_out == 0:
        assert kept == text
    else:
        beginning, _, marker = kept.rpartition("\n")
        assert marker == f"[… {left_out} characters left out]"
        assert text.startswith(beginning)
        assert len(beginning) + left_out == len(text)


@pytest.mark.parametrize("border", ["\n\n", "\n", " "])
def test_a_text_is_cut_at_its_last_border_when_that_is_not_too_early(border: str) -> None:
    text = "a" * 120 + border + "b" * 200
    assert cut(text, 264)[0].startswith("a" * 120 + "\n[… ")
    assert cut("a" * 20 + border + "b" * 300, 264)[0].startswith("a" * 20 + border + "b")


def test_facts_that_leave_no_room_for_the_text_are_an_error_that_says_what_to_do() -> None:
    with pytest.raises(PromptTooLongError, match=r"take \d+ bytes of the 300 .* model\.context"):
        compose("Judge.", "f" * 200, "t" * 1000, 300)


def test_a_short_text_may_take_the_very_last_room() -> None:
    needed = compose("Judge.", "facts", "text", 10_000).size
    assert compose("Judge.", "facts", "text", needed).size == needed
    with pytest.raises(PromptTooLongError):
        compose("Judge.", "facts", "text", needed - 1)


def test_a_repair_takes_its_room_from_the_text_and_not_from_the_context() -> None:
    repair = (Message(role="assistant", content="x" * 300), Message(role="user", content="again"))
    prompt = compose("Judge.", "facts", "word " * 400, 1000, repair)
    assert prompt.size <= 1000
    assert prompt.messages[2:] == repair
    assert prompt.left_out > compose("Judge.", "facts", "word " * 400, 1000).left_out > 0


@given(context=st.integers(512, 40_000), rate=st.none() | st.floats(0.0, 50.0), answer=st.integers(1, 500))
def test_prompt_and_answer_fit_the_context_and_eight_thousand_tokens_by_estimate(
    context: int, rate: float | None, answer: int
) -> None:
    used = min(1.0, max(0.1, rate or FIRST_RATE))
    assert room(context, answer, rate) * used * 1.1 + answer <= max(answer, min(context, LARGEST_PROMPT)) + 1e-6


@given(text=st.text(st.characters(), max_size=200), times=st.integers(1, 500), rate=st.none() | st.floats(0.1, 1.0))
def test_an_asking_is_within_its_budget_whatever_the_text(text: str, times: int, rate: float | None) -> None:
    asking = Asking(STEP, "From: tom@nordwind.example", text * times, ModelReport("", "m", digest="d"), ModelHost(context=4096))
    assert asking.prompt(rate).size * (rate or FIRST_RATE) * 1.1 + STEP.max_tokens <= 4096


def test_the_system_message_tells_how_to_read_the_text_and_ends_with_the_shape_of_the_answer() -> None:
    words = system_words("Judge the mail.\n", '{"label":"a"|"b"}')
    assert words.startswith("Judge the mail.\n\nThe text from <<<text CODE>>> to <<<end CODE>>> ")
    assert words.endswith('one JSON object:\n{"label":"a"|"b"}')


@pytest.mark.parametrize("step", [received(), promise()], ids=lambda step: step.name)
def test_the_fixed_words_of_a_step_are_few(step: Step[Any]) -> None:
    assert sized(system_words(step.prompt, in_words(schema_of(step.answer)))) <= 1_150


def test_a_prompt_has_at_least_a_token_a_word() -> None:
    assert fewest_tokens([Message(role="user", content="Two words, and 3 more.")]) == 5


@given(text=ANY_TEXT, size=st.integers(200, 2000), most=st.integers(1, 5))
def test_a_text_is_split_without_losing_a_word_into_parts_that_fit_but_the_last(text: str, size: int, most: int) -> None:
    parts = split(text, size, most)
    assert 1 <= len(parts) <= most
    assert all(sized(part) <= size for part in parts[:-1])
    assert "".join("".join(parts).split()) == "".join(visible(text).split())


def test_a_text_is_split_at_its_paragraphs() -> None:
    text = "\n\n".join(f"{number} " + "word " * 20 for number in range(10))
    assert all(part.split(" ", 1)[0].isdigit() for part in split(text, 400, 4))


@given(st.integers(1_000, 40_000))
def test_a_size_is_rounded_down_by_a_quarter_at_most(size: int) -> None:
    assert size * 3 / 4 <= rounded(size) <= size
