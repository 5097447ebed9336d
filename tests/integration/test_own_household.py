"""The worked example of the documents, over the sample household: what stands there is what comes of it, to the letter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from briefing_twins import ScriptedModel
from household_pages import Rig, rig

from butler.core.defining import Known, read_definition
from butler.core.definitions import Definition
from butler.core.errors import ModelError
from butler.settings.own import wrong_triggers
from workflows.own import WORKFLOW

DOCS = Path(__file__).parents[2] / "docs/own-workflows.md"
SAID: Mapping[str, tuple[tuple[str, str], ...]] = {
    "To do": (
        ("Could you send me the planting figures today?", "Rachel Ford wants the planting figures today."),
        ("Rachel pays everything on Friday", "Rachel Ford pays on Friday."),
        ("please tell me whether you can make the budget review", "Say whether you can make the budget review."),
    ),
    "Worth knowing": (("only the\nlavender is still open", "Only the lavender is still open in March."),),
}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    with rig(tmp_path_factory.mktemp("own")) as made:
        yield made


@pytest.fixture(scope="module")
def garden() -> Definition:
    text = DOCS.read_text(encoding="utf-8").partition("```markdown\n")[2].partition("\n```\n")[0]
    found = read_definition(text, "garden", Known({}, frozenset({"notes"}), {}, wrong_triggers))
    assert found.definition is not None, found.problems
    return found.definition


def block(mark: str) -> str:
    return DOCS.read_text(encoding="utf-8").partition(f"<!-- {mark} -->\n```text\n")[2].partition("```")[0]


def shown(page: str) -> str:
    """A page without its front matter."""
    return page.partition("\n---\n\n")[2]


def answers(step: str, _subject: str, facts: str, text: str) -> Mapping[str, Any]:
    """A model that says what it is told to say, with the number of the text in which that stands, or of the first one."""
    texts = [part.partition("] ")[2] for part in f"\n\n{text}".split("\n\n[")[1:]]
    said = SAID["To do" if not answers.__dict__.setdefault("asked", []) else "Worth knowing"]
    answers.__dict__["asked"].append(step)
    numbers = {quote: next((at for at, each in enumerate(texts, 1) if quote in each), 1) for quote, _ in said}
    return {"lines": [{"source": numbers[quote], "quote": quote, "text": phrase} for quote, phrase in said]}


def test_the_example_without_a_model_is_as_the_documents_say(house: Rig, garden: Definition) -> None:
    page = house.page(house.run(WORKFLOW, "bare", definition=garden))
    assert shown(page) == block("without a model")


def test_the_example_with_a_model_is_as_the_documents_say(house: Rig, garden: Definition) -> None:
    model = ScriptedModel(answers)
    result = house.run(WORKFLOW, "asked", definition=garden, model=model)
    assert shown(house.page(result)) == block("with a model")
    assert (result["dropped"], len(model.asked)) == (1, 2)
    assert {name for name, _ in model.asked} == {"own.garden"}


def test_a_run_that_was_interrupted_goes_on_where_it_was(house: Rig, garden: Definition) -> None:
    asked: list[str] = []

    def stops(step: str, _subject: str, _facts: str, text: str) -> Mapping[str, Any]:
        asked.append(step)
        if len(asked) == 2:
            raise ModelError("The butler is stopping.")
        number = next(at for at, each in enumerate(text.split("\n\n["), 1) if "please tell me whether" in each)
        said = {"source": number, "quote": "please tell me whether you can make", "text": "please tell me whether you can make"}
        return {"lines": [said]}

    with pytest.raises(ModelError):
        house.run(WORKFLOW, "cut", definition=garden, model=ScriptedModel(stops))
    result = house.run(WORKFLOW, "cut", definition=garden, model=ScriptedModel(stops))
    # The first question was answered before, so that only the second one is asked again.
    assert len(asked) == 3
    assert house.page(result).count("please tell me whether") == 2
