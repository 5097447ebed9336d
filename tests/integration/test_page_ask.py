"""Questions on the page: asked, answered, gone on with and deleted; and nothing of the world in them acts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from page_case import HOSTILE, PageCase, words
from page_case import page_case as page_case_fixture
from page_case import page_household as page_household_fixture
from page_client import PageClient, page_client

from butler.core.asking import LONGEST_QUESTION, Answer, Citation, GivenText, Read, ReadDone, Reading, Said, Sentence
from butler.core.policy import Policy
from butler.core.remembering import NOTE
from butler.house import Deeds, House
from butler.settings.memory import MemoryPart
from butler.store.conversations import Asked
from butler.store.floor import Floor
from butler.web import ask as ask_module
from butler.web.books import House as Whose

page_household, page_case = page_household_fixture, page_case_fixture
MAIL = "mail:home/harbour-6@ford-harbour.example"
EVENT = "event:work/standup@nordwind.example/20261124T093000Z"


@pytest.fixture
def client(page_case: PageCase) -> Iterator[PageClient]:
    with page_case.client() as client:
        yield client


def answered(case: PageCase, text: str = "Which cake?", conversation: int | None = None, **more: object) -> Asked:
    """A question with an answer."""
    answer = Answer(
        sentences=(Sentence(text=f"The harbour wrote. {HOSTILE}", cites=(1, 2)),),
        citations=(
            Citation(ref=MAIL, title=f"Harbour {HOSTILE}", when="2026-11-23T09:30:00+01:00", quote="nobody ever wrote this"),
            Citation(ref=EVENT, title="Standup", when="2026-11-24"),
        ),
        reads=(ReadDone(what="searching mail for “cake”", found=4),),
        by="model",
    ).model_copy(update=more)
    turn = case.truth.conversations.ask(text, case.now, conversation)
    case.truth.conversations.end(turn, "answered", case.now, answer)
    return turn


def test_what_is_remembered_is_shown_with_where_it_lies_and_acts_in_nothing(page_case: PageCase) -> None:
    household, folder = page_case.household.household, page_case.household.household.folder / "memory"
    folder.mkdir()
    (folder / NOTE).write_text(f"- Ben eats no nuts *(told, 2026-11-23)*\n- {HOSTILE}\n")
    account = MemoryPart(folder=folder).account(page_case.household.state)
    deeds = Deeds(household.owner, (account,), household.options, page_case.household.state, folder)
    with page_case.client() as client:
        assert "What is remembered" not in client.get("/ask").text
    with House(deeds, lambda: page_case.now) as house:
        house.sync()
    whose = Whose(household.owner, page_case.household.state, Policy(), memory=folder / NOTE)
    with page_client(page_case.household.state, clock=lambda: page_case.now, house=whose, daemon=page_case.daemon) as client:
        shown = client.get("/ask").text
        assert "What is remembered (2)" in words(shown)
        assert "Ben eats no nuts told, 2026-11-23" in words(shown)
        assert str(folder / NOTE) in shown
        assert HOSTILE not in shown
        assert "Ben eats no nuts" in words(client.get(f"/evidence?ref=file:memory/{NOTE}%23L1").text)


def test_who_has_asked_nothing_yet_sees_what_can_be_asked(client: PageClient, page_case: PageCase) -> None:
    page_case.daemon.answers_with = lambda turn: None
    shown = client.get("/ask").text
    assert all(f">{each}</button>" in shown for each in ask_module.EXAMPLES)
    sent = client.fill("/ask", question=ask_module.EXAMPLES[0])
    assert (sent.status_code, sent.headers["location"]) == (303, "/ask/1#turn-1")
    assert ask_module.EXAMPLES[0] not in client.get("/ask").text.partition("<h2")[0]


def test_a_question_is_kept_before_the_daemon_is_asked_to_answer_it(client: PageClient, page_case: PageCase) -> None:
    kept = page_case.truth.conversations
    seen: list[str] = []

    def answers(number: int) -> None:
        turn = kept.turn(number)
        assert turn
        seen.append(turn.state)
        kept.end(turn, "answered", page_case.now, Answer(sentences=(Sentence(text="At noon."),)))

    page_case.daemon.answers_with = answers
    location = client.fill("/ask", question="When?\r\nToday?").headers["location"]
    assert seen == ["asked"]
    assert "At noon." in client.get(location).text
    on = client.fill("/ask/1", question="And tomorrow?").headers["location"]
    assert (on, page_case.daemon.asked) == ("/ask/1#turn-2", [("answer", 1), ("answer", 2)])
    assert [each.question for each in kept.turns(1)] == ["When?\nToday?", "And tomorrow?"]


def test_an_answer_is_shown_with_its_sources_and_nothing_in_it_acts(client: PageClient, page_case: PageCase) -> None:
    run = page_case.truth.runs.start("ask", "question 1", page_case.now)
    turn = page_case.truth.conversations.ask("Which cake?", page_case.now)
    page_case.truth.conversations.runs(turn.id, run.id)
    page_case.truth.conversations.end(turn, "answered", page_case.now, answered_like())
    shown = client.get("/ask/1").text
    assert "<script>alert" not in shown
    assert "\u202e" not in shown
    assert 'href="#source-1-1" aria-label="Source 1">[1]</a>' in shown
    assert 'data-load="/ask/1/source/1/2"' in shown
    text = words(shown)
    assert "https://evil.example/x is only text" in text
    assert 'href="https://evil' not in shown
    assert "in the model&#39;s words, each sentence checked against its source" in text
    assert "searching mail for “cake”: 4 found" in text
    assert f'href="/runs/{run.id}"' in shown


def answered_like() -> Answer:
    return Answer(
        sentences=(Sentence(text=f"https://evil.example/x is only text {HOSTILE}", cites=(1,)),),
        citations=(Citation(ref=MAIL, title=HOSTILE, when="soon"), Citation(ref=EVENT, title="Standup", when="2026-11-24")),
        reads=(ReadDone(what="searching mail for “cake”", found=4),),
        by="model",
    )


def test_a_source_is_shown_with_the_words_that_are_quoted(client: PageClient, page_case: PageCase) -> None:
    answered(page_case)
    source = client.get("/ask/1/source/1/1").text
    assert "These words stand in it no more" in source
    assert 'href="/ask/1#turn-1"' in source
    part = client.get("/ask/1/source/1/2", headers={"Butler-Part": "1"}).text
    assert "<html" not in part
    assert "standup" in part.lower()
    for path in ("/ask/1/source/1/3", "/ask/1/source/1/0", "/ask/2/source/1/1", "/ask/1/source/9/1"):
        assert client.get(path).status_code == 404


def test_how_far_an_answer_is_shows_without_a_script(client: PageClient, page_case: PageCase) -> None:
    kept = page_case.truth.conversations
    turn = kept.ask("Which cake?", page_case.now)
    said = Said(text=f"It is baked. {HOSTILE}", cites=(1,), citations=(Citation(ref=MAIL, title="Harbour"),))
    for line in (Reading(number=1, what="searching mail"), Read(number=1, found=4), Reading(number=2, what="reading"), said):
        kept.tell(turn.id, line.model_dump_json())
    page_case.daemon.being_answered = frozenset({turn.id})
    shown = client.get("/ask/1").text
    text = words(shown)
    assert "searching mail: 4 found reading … It is baked." in text
    assert "<script>alert" not in shown
    assert 'data-again="2"' in shown
    assert 'href="/ask/1">Look again</a>' in shown
    assert client.fill("/ask/1/stop", turn="1").headers["location"] == "/ask/1"
    found = kept.turn(turn.id)
    assert found
    assert (found.state, page_case.daemon.asked) == ("cancelled", [("give up", [1])])


def test_what_a_server_gave_is_shown_from_the_answer_that_keeps_it_and_acts_in_nothing(
    client: PageClient, page_case: PageCase
) -> None:
    cited = Citation(ref="mcp:recipes/find#2", title="recipes.find", quote="for 40 minutes")
    kept = GivenText(ref="mcp:recipes/find", text=f"Simmer it for 40 minutes. {HOSTILE}")
    answered(page_case, citations=(cited, cited.model_copy(update={"ref": "mcp:recipes/other"})), given=(kept,))
    shown = client.get("/ask/1/source/1/1").text
    assert "<mark>for 40 minutes</mark>" in shown
    assert HOSTILE not in shown
    assert "what it says is its own" in words(shown)
    assert "is kept no more. It was quoted: “for 40 minutes”" in words(client.get("/ask/1/source/1/2").text)


def test_a_question_that_nobody_answers_any_more_can_be_answered_again(client: PageClient, page_case: PageCase) -> None:
    kept = page_case.truth.conversations
    turn = kept.ask("Which cake?", page_case.now)
    with Floor(page_case.household.state).answering(turn.id):
        assert "It is being answered" in client.get("/ask/1").text
    assert "Nothing of it is lost." in client.get("/ask/1").text
    kept.end(turn, "failed", page_case.now, note=f"It broke. {HOSTILE}")
    shown = client.get("/ask/1").text
    assert "It broke. &lt;script&gt;" in shown
    assert client.fill("/ask/1/again", turn="1").headers["location"] == "/ask/1#turn-1"
    found = kept.turn(turn.id)
    assert found
    assert (found.state, page_case.daemon.asked) == ("asked", [("answer", 1)])


@pytest.mark.parametrize("path", ["/ask", "/ask/1"])
def test_what_is_no_question_is_said_and_what_was_typed_stays(client: PageClient, page_case: PageCase, path: str) -> None:
    answered(page_case)
    for typed, problem in (("  ", "There is no question."), ("x" * (LONGEST_QUESTION + 1), "longer than 2,000 characters")):
        sent = client.fill(path, question=typed)
        assert sent.status_code == 400
        assert problem in sent.text
        assert f">{typed}</textarea>" in sent.text
    assert page_case.daemon.asked == []


def test_a_conversation_is_deleted_and_what_answers_in_it_ended(client: PageClient, page_case: PageCase) -> None:
    answered(page_case)
    page_case.truth.conversations.ask("And tea?", page_case.now, 1)
    assert client.fill("/ask/1/delete").headers["location"] == "/ask"
    assert page_case.daemon.asked == [("give up", [1, 2])]
    assert page_case.truth.conversations.count() == 0
    for path in ("/ask/1", "/ask/99999999999999999999"):
        assert client.get(path).status_code == 404
    assert client.fill("/ask/1", question="Still there?").status_code == 404


def test_all_conversations_are_deleted_only_by_who_means_it(client: PageClient, page_case: PageCase) -> None:
    answered(page_case)
    assert client.fill("/ask/delete").status_code == 400
    assert client.fill("/ask/delete", csrf="0" * 64, sure="yes").status_code == 403
    assert page_case.truth.conversations.count() == 1
    assert client.fill("/ask/delete", sure="yes").status_code == 303
    assert page_case.truth.conversations.count() == 0


def test_conversations_are_listed_the_latest_first_page_by_page(client: PageClient, page_case: PageCase) -> None:
    for number in range(ask_module.PAGE + 1):
        page_case.truth.conversations.ask(f"Question {number}? {HOSTILE}", page_case.now + dt.timedelta(seconds=number))
    first = client.get("/ask").text
    assert words(first).index("Question 20?") < words(first).index("Question 19?")
    assert "<script>alert" not in first
    assert "Question 0?" not in first
    assert "Question 0?" in client.get("/ask?from=20").text


def test_what_was_proposed_with_an_answer_is_led_to(client: PageClient, page_case: PageCase) -> None:
    answered(page_case, proposed=(3, 999_999))
    shown = client.get("/ask/1").text
    assert 'href="/review/3" class="action"' in shown
    assert "/review/999999" not in shown
