"""All askings of a step begin with the same bytes, so that a server reads them once: fixed words first, what changes last."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from importlib import import_module
from inspect import signature
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import workflows
from butler.core.definitions import Question
from butler.core.steps import Step
from butler.model.answers import in_words, schema_of
from butler.model.prompts import compose, system_words
from workflows.own.steps import step as own_step

ROOT = Path(workflows.__path__[0])


def steps() -> Iterator[Step[Any]]:
    """Every step of every workflow that ships: each module `steps` makes them by functions without arguments."""
    for path in sorted(ROOT.glob("*/steps.py")):
        module = import_module(f"workflows.{path.parent.name}.steps")
        for name, made in vars(module).items():
            own = not name.startswith("_") and getattr(made, "__module__", "") == module.__name__
            if own and not isinstance(made, type) and not signature(made).parameters:
                yield made()
    yield own_step("garden", "Tell what is due in the garden.", Question(heading="Due", text="What is due?"))


STEPS = list(steps())


def system(step: Step[Any]) -> str:
    return system_words(step.prompt, in_words(schema_of(step.answer)))


def test_every_prompt_that_ships_is_that_of_a_step_looked_at_here() -> None:
    prompts = [path.read_text(encoding="utf-8") for path in ROOT.glob("*/prompts/*.md")]
    assert len(prompts) >= 8
    assert [prompt for prompt in prompts if not any(step.prompt.startswith(prompt) for step in STEPS)] == []


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_the_fixed_words_name_no_day_of_today_no_person_and_no_id(step: Step[Any]) -> None:
    words = system(step)
    today = dt.datetime.now(dt.UTC)
    # Examples have days of their own, which never move; nothing has today's, a household's, or a number that was drawn.
    for form in ("%Y-%m-%d", "%d.%m.%Y", "%A %d", "%d %B", "%H:%M:%S"):
        assert f"{today:{form}}" not in words
    assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}|[0-9a-f]{16,}|<<<text (?!CODE)", words)
    assert "Berger" not in words


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_two_askings_of_a_step_share_all_of_their_fixed_words_and_end_in_what_changes(step: Step[Any]) -> None:
    one = compose(system(step), "Owner: Anna\nWritten: Monday 2026-11-23", "Can we meet?", 20_000)
    two = compose(system(step), "Owner: Anna\nWritten: Friday 2026-11-27", "No.", 20_000)
    assert [message["role"] for message in one.messages] == ["system", "user"]
    assert one.messages[0] == two.messages[0]
    assert one.messages[0]["content"].encode() == system(step).encode()
    first, second = one.messages[1]["content"], two.messages[1]["content"]
    # Facts stand before the text, and those that change least before the others.
    assert first.index("Owner: Anna") < first.index("Written:") < first.index("Can we meet?")
    assert first.startswith("Owner: Anna\nWritten: ")
    assert second.startswith("Owner: Anna\nWritten: ")


@given(st.text(max_size=300), st.text(max_size=300))
def test_nothing_of_facts_or_text_gets_into_the_fixed_words(facts: str, text: str) -> None:
    prompt = compose("Fixed words.", facts, text, 50_000)
    assert prompt.messages[0]["content"] == "Fixed words."
    assert len(prompt.messages) == 2
