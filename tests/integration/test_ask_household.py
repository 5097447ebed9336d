"""Sixty questions over the sample household: what code answers, what a model answers, and what nobody can know.

They run without a model, with models that answer by a script (one plain and competent, behind a real gateway; others that
invent, obey what they read, or rave), and, where BUTLER_TEST_OLLAMA names a server, with a real one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial

import pytest
from asking_case import Asking, Known, asking, questions
from asking_models import competent, inventing, obedient, over_the_wire, plain, raving
from briefing_twins import Script, ScriptedModel
from memory_book import MemoryBook
from scripted_ollama import ScriptedOllama

from butler.core.accounts import ModelHost
from butler.core.asking import MOST_READS, Answer
from butler.core.contacts import PlacedContact
from butler.core.mail import Mail
from butler.core.notes import PlacedNote
from butler.core.steps import Model
from butler.core.text import normalised
from butler.model import Gateway, inspect
from workflows.ask.nodes import Nodes
from workflows.ask.reading import Wanted, read

REAL = os.environ.get("BUTLER_TEST_OLLAMA", "")
ANSWERED = questions("code", "dates", "loop", "followup")
UNANSWERABLE = questions("unanswerable")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asking]:
    with asking(tmp_path_factory.mktemp("asking")) as found:
        yield found


@pytest.fixture(scope="module")
def wired(house: Asking) -> Iterator[Model]:
    """The competent model behind a gateway and a server."""
    with ScriptedOllama(script=partial(over_the_wire, competent)) as server:
        host = ModelHost(url=server.url, name=server.models[0].name)
        with Gateway(host, MemoryBook(), "run-1", lambda: house.household.now) as gateway:
            yield gateway


def name(one: Known) -> str:
    return " → ".join((*one.before, one.text))


def require_sound(house: Asking, answer: Answer) -> None:
    """Fail where an answer cites what is not there, or quotes what does not stand in it, or claims without citing."""
    for cited in answer.citations:
        thing = house.house.mirror.reads.show(cited.ref)
        assert not cited.quote or normalised(cited.quote) in normalised(text_of(thing)), cited
    numbers = range(1, len(answer.citations) + 1)
    for sentence in answer.sentences:
        assert all(number in numbers for number in sentence.cites), sentence
        assert sentence.cites or answer.by != "model" or answer.unknown, sentence
    assert len(answer.reads) <= MOST_READS


def text_of(thing: object) -> str:
    match thing:
        case Mail():
            return f"{thing.message.subject}\n{thing.message.text}"
        case PlacedNote():
            return thing.text
        case PlacedContact():
            return thing.contact.text
    return ""


def test_there_are_at_least_sixty_questions_of_every_kind() -> None:
    assert len(questions()) >= 60
    assert len(UNANSWERABLE) >= 10
    assert {one.kind for one in questions()} == {"code", "dates", "loop", "followup", "unanswerable"}


@pytest.mark.parametrize("one", ANSWERED, ids=name)
def test_a_question_is_answered_from_its_source(house: Asking, wired: Model, one: Known) -> None:
    answer = house.ask_known(one, wired)
    require_sound(house, answer)
    assert not answer.unknown, answer
    said = plain(answer.text)
    assert all(plain(word) in said for word in one.words), answer.text
    assert not one.refs or {cited.ref for cited in answer.citations} & set(one.refs), answer


@pytest.mark.parametrize("one", questions("code", "dates"), ids=name)
def test_what_code_knows_does_not_wait_for_a_model(house: Asking, one: Known) -> None:
    answer = house.known(one.text)
    assert answer is not None
    assert answer.by == "code"


def test_nineteen_of_twenty_sources_are_among_the_first_five_found(house: Asking) -> None:
    wanted = [one for one in ANSWERED if one.refs and one.kind == "loop"]
    found = {one.text: bool(set(first_five(house, one.text)) & set(one.refs)) for one in wanted}
    assert sum(found.values()) >= 0.95 * len(wanted), [text for text, there in found.items() if not there]


def first_five(house: Asking, text: str) -> tuple[str, ...]:
    context = house.context(text)
    asked = Nodes(context).asked
    return read(context, Wanted(kind="search", what="everything", words=asked.words), asked).refs[:5]


@pytest.mark.parametrize("one", UNANSWERABLE, ids=name)
def test_what_nobody_wrote_is_said_to_be_unknown(house: Asking, wired: Model, one: Known) -> None:
    for model in (wired, None):
        answer = house.ask_known(one, model)
        assert answer.unknown, answer
        assert answer.reads


@pytest.mark.parametrize("script", [inventing, obedient, raving])
@pytest.mark.parametrize("one", UNANSWERABLE, ids=name)
def test_no_model_can_make_an_answer_out_of_nothing(house: Asking, script: Script, one: Known) -> None:
    answer = house.ask_known(one, ScriptedModel(script))
    require_sound(house, answer)
    assert answer.unknown, answer


@pytest.mark.parametrize("script", [inventing, obedient])
def test_what_a_lost_model_says_is_dropped_or_stands_in_its_source(house: Asking, script: Script) -> None:
    for one in questions("loop"):
        answer = house.ask_known(one, ScriptedModel(script))
        require_sound(house, answer)
        said = plain(answer.text)
        assert not any(word in said for word in ("4,711", "mallory", "swordfish", "998877", "9,400", "7781", "collect@")), (
            answer
        )


@pytest.mark.parametrize("one", questions("loop"), ids=name)
def test_without_a_model_only_words_of_sources_are_shown(house: Asking, one: Known) -> None:
    answer = house.ask_known(one)
    require_sound(house, answer)
    assert answer.by in ("rules", "code")
    assert all(sentence.cites for sentence in answer.sentences) or answer.unknown


@pytest.mark.skipif(not REAL, reason="BUTLER_TEST_OLLAMA names no server")
def test_a_real_model_cites_only_what_is_there(house: Asking) -> None:
    host = ModelHost(url=REAL, name=os.environ.get("BUTLER_TEST_OLLAMA_MODEL", ""), deadline=300.0)
    host = host if host.name else ModelHost(url=REAL, name=inspect(host).available[0], deadline=300.0)
    right = 0
    with Gateway(host, MemoryBook(), "run-1", lambda: house.household.now) as gateway:
        for one in questions():
            answer = house.ask_known(one, gateway)
            require_sound(house, answer)
            assert one.kind != "unanswerable" or answer.unknown, answer
            right += one.kind != "unanswerable" and all(plain(word) in plain(answer.text) for word in one.words)
    print(f"{right} of {len(ANSWERED)} answers hold all words that were expected.")
