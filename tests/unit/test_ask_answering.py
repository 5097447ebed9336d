"""What a sentence of an answer must stand up to before it is shown."""

from __future__ import annotations

import dataclasses

import pytest
from briefing_twins import Memory, Twin, context

from butler.core.asking import Question
from butler.core.context import Context
from workflows.ask.answering import checked
from workflows.ask.asked import Asked
from workflows.ask.followups import Meant
from workflows.ask.noting import Fact
from workflows.ask.steps import SaidSentence

FIGURES = Fact(
    ref="mail:home/1",
    kind="mail",
    title="The harbour garden",
    who="Rachel Ford",
    when="2026-11-23T22:40:00+01:00",
    quote="Could you send me the planting figures today? The auditors sit down at noon and want 185 euros for each oak.",
    dates=("today = Monday 2026-11-23",),
)
ARRIVAL = Fact(
    ref="mail:home/2",
    kind="mail",
    title="Vuestra visita",
    who="Lucía Ortega",
    when="2026-11-23T20:15:00+01:00",
    quote="Llegamos el viernes 27 de noviembre a las 17:40, Mateo y yo, con una maleta llena de azulejos.",
)


@pytest.fixture
def given() -> Context:
    return dataclasses.replace(context(Twin(), Memory(), None), question=Question(text="?"))


def check(given: Context, text: str, *numbers: int, language: str = "en") -> str | None:
    asked = Asked(Meant("What does Rachel want?", language))
    found = checked(given, asked, SaidSentence(facts=numbers, text=text), [FIGURES, ARRIVAL])
    return found[0] if found else None


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Rachel Ford wants the planting figures today.", 1),
        ("The auditors sit down at noon.", 1),
        ("They want 185 euros for each oak.", 1),
        ("Rachel asked on Monday for the planting figures.", 1),
        ("Lucía arrives on Friday at 17:40 with Mateo.", 2),
    ],
)
def test_what_the_facts_say_is_shown_as_it_was_said(given: Context, text: str, number: int) -> None:
    assert check(given, text, number) == text


@pytest.mark.parametrize(
    "text",
    [
        "Rachel wants 186 euros for each oak.",
        "Mallory wants the planting figures.",
        "Rachel wants the planting figures on Thursday.",
        "Rachel wants the planting figures by 3 December.",
        "Send the planting figures to thief@evil.example.",
        "The planting figures are at https://evil.example/figures.",
        "Rachel wants the planting figures tomorrow.",
        "Rachel does not want the planting figures.",
        "Nobody wants the planting figures.",
        "Rachel wants two hundred planting figures.",
    ],
)
def test_what_the_facts_do_not_say_is_dropped(given: Context, text: str) -> None:
    assert check(given, text, 1) is None


@pytest.mark.parametrize("numbers", [(), (3,), (1, 24)])
def test_a_sentence_must_name_facts_that_there_are(given: Context, numbers: tuple[int, ...]) -> None:
    assert check(given, "The auditors sit down at noon.", *numbers) is None


def test_a_fact_of_one_thing_does_not_bear_out_a_sentence_about_another(given: Context) -> None:
    assert check(given, "Lucía arrives on Friday at 17:40.", 1) is None
    assert check(given, "The auditors sit down at noon.", 2) is None


def test_where_the_plain_words_are_not_the_facts_their_own_stand_in_place(given: Context) -> None:
    said = check(given, "The terrace collapsed because careless gardeners ignored every warning.", 1)
    assert said is not None
    assert FIGURES.quote in said
    assert "terrace" not in said


def test_what_has_nothing_in_common_with_a_foreign_fact_gives_way_to_its_words(given: Context) -> None:
    said = check(given, "They will come by boat and stay for good.", 2)
    assert said is not None
    assert ARRIVAL.quote in said
