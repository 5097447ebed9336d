"""Questions over the sample household where searches find by meaning, too: nothing is lost, and nothing comes of nothing."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from asking_case import Asking, Known, asking, questions
from asking_models import competent, inventing, obedient
from briefing_twins import Script, ScriptedModel
from embedded_words import embedded

from butler.cli.seeking import Seeker
from butler.core.asking import Answer
from butler.core.context import Context
from butler.core.errors import ModelError
from butler.core.passages import hash_of, passages_of
from butler.core.queries import plain_query
from butler.store.meaning import open_meaning
from butler.store.search import Near
from workflows.ask.graph import build
from workflows.ask.nodes import Nodes
from workflows.ask.reading import Wanted, read

LOOP = [one for one in questions("loop") if one.refs]


def packed(texts: list[str]) -> tuple[str, int, list[bytes]]:
    """Vectors as the seam hands them over."""
    vectors = embedded(texts)
    return "a", len(texts), [struct.pack(f"<{len(vector)}f", *vector) for vector in vectors]


class Meant:
    """The household with vectors of all passages, and who asks for those of queries."""

    def __init__(self, house: Asking, state: Path) -> None:
        self.house = house
        self.asked: list[str] = []
        self.state = state
        with closing(open_meaning(state)) as meaning:
            meaning.go_through(house.house.mirror)
            while found := meaning.missing(house.house.mirror, 200):
                digest, _, vectors = packed(list(found.values()))
                meaning.keep(digest, dict(zip(found, vectors, strict=True)))

    def embed(self, texts: list[str]) -> tuple[str, int, list[bytes]]:
        self.asked += texts
        return packed(texts)

    def context(self, text: str, seeker: Seeker, script: Script = competent) -> Context:
        given = self.house.context(text, model=ScriptedModel(script))
        return replace(given, reads=self.house.house.mirror.reads.joined(seeker.near))


@pytest.fixture(scope="module")
def meant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Meant]:
    folder = tmp_path_factory.mktemp("asking")
    with asking(folder) as house:
        yield Meant(house, folder / "state")


@pytest.fixture
def seeker(meant: Meant) -> Iterator[Seeker]:
    with closing(Seeker(meant.state, "tiny-embed", meant.embed, ExitStack())) as found:
        yield found


def answered(meant: Meant, one: Known, seeker: Seeker, script: Script) -> Any:
    given = meant.context(one.text, seeker, script)
    build(given).compile().invoke({"run": "run-1"})
    return given.memory.kept("result")


def test_nineteen_of_twenty_sources_stay_among_the_first_five(meant: Meant, seeker: Seeker) -> None:
    there = {}
    for one in LOOP:
        context = meant.context(one.text, seeker)
        asked = Nodes(context).asked
        found = read(context, Wanted(kind="search", what="everything", words=asked.words), asked).refs[:5]
        there[one.text] = bool(set(found) & set(one.refs))
    assert sum(there.values()) >= 0.95 * len(LOOP), [text for text, is_there in there.items() if not is_there]
    assert meant.asked


@pytest.mark.parametrize("script", [competent, inventing, obedient])
def test_what_nobody_wrote_stays_unknown_however_near_something_is(meant: Meant, seeker: Seeker, script: Script) -> None:
    for one in questions("unanswerable"):
        if not one.before:
            result = answered(meant, one, seeker, script)
            assert result["unknown"], (one.text, result["sentences"])


@pytest.mark.parametrize(
    ("text", "is_a_word"), [("Who sold the car?", True), ("Pourquoi est-ce que Tom ne vient pas, car il pleut ?", False)]
)
def test_a_small_word_of_another_language_is_looked_for(meant: Meant, text: str, is_a_word: bool) -> None:
    assert ("car" in Nodes(meant.house.context(text)).asked.words) == is_a_word


LOST = "First frost on the bees' roof"


def helpful(step: str, _subject: str, _facts: str, text: str) -> Mapping[str, Any] | str:
    """Know what means the like, and say what was noted of it in its own words."""
    if step == "plan":
        return {"reads": [], "enough": True}
    if step == "note":
        return {"quotes": [LOST] if LOST in text else [], "helps": LOST in text}
    line = next((line for line in text.splitlines() if LOST in line), "")
    return {"sentences": [{"facts": [int(line[1])], "text": f"{LOST}."}] if line else [], "unknown": not line}


def near_the_roof(house: Asking) -> Near:
    """Says of one passage that it is near, whatever is asked."""
    texts = house.house.mirror.texts()
    found = [(row, hash_of(each)) for row, *rest in texts for each in passages_of(row, *rest) if LOST in each]
    return lambda _allowed, limit: found[:limit]


@pytest.mark.parametrize(("script", "is_said"), [(helpful, True), (obedient, False), (inventing, False)])
def test_what_no_word_of_a_question_finds_is_an_answer_where_a_model_says_so(
    meant: Meant, script: Script, is_said: bool
) -> None:
    given = meant.house.context("Which insect house was cold?", model=ScriptedModel(script))
    assert not any(LOST in found.excerpt for found in given.reads.search_any(["insect", "house", "cold"], 40))
    near = near_the_roof(meant.house)
    given = replace(given, reads=meant.house.house.mirror.reads.joined(lambda _query: near))
    build(given).compile().invoke({"run": "run-1"})
    result = Answer.model_validate(given.memory.kept("result"))
    assert (LOST in result.text) == is_said, result
    assert (not result.unknown) == is_said
    assert any(LOST in cited.quote for cited in result.citations) == is_said


def test_a_vector_is_asked_for_once_and_a_server_that_is_away_is_left_alone(meant: Meant) -> None:
    asked: list[list[str]] = []

    def once(texts: list[str]) -> tuple[str, int, list[bytes]]:
        asked.append(texts)
        return packed(texts)

    def never(texts: list[str]) -> tuple[str, int, list[bytes]]:
        asked.append(texts)
        raise ModelError("The embedding model did not answer within 2 seconds.")

    with closing(Seeker(meant.state, "nomic-embed-text:v1.5", once, ExitStack())) as quick:
        assert quick.near(plain_query(["honey"])) is not None
        assert quick.near(plain_query(["honey"])) is not None
        assert (asked, quick.remark) == ([["search_query: honey"]], "")
    with closing(Seeker(meant.state, "tiny-embed", never, ExitStack())) as slow:
        assert [slow.near(plain_query([word])) for word in ("honey", "bees")] == [None, None]
        assert asked[1:] == [["honey"]]
        assert slow.remark == "Only words were looked for, not meaning: The embedding model did not answer within 2 seconds."


def test_vectors_of_another_model_are_not_compared_and_that_is_said(meant: Meant) -> None:
    with closing(Seeker(meant.state, "tiny", lambda texts: ("b", 1, packed(texts)[2]), ExitStack())) as other:
        assert other.near(plain_query(["honey"])) is None
        assert "another one now" in other.remark
