"""Plain questions over the sample household, as people ask them: what code answers, what passages answer, what nobody knows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace

import pytest
from asking_case import Asking, asking
from asking_models import competent
from briefing_twins import Memory, ScriptedModel

from butler.core.asking import Turn
from butler.core.remembering import Remembered
from workflows.ask.known import known


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asking]:
    with asking(tmp_path_factory.mktemp("plainly")) as found:
        yield found


BY_CODE = [
    ("What are my deadlines?", ("29", "Deniz Yıldız", "3 December", "Finanzamt", "surveyor")),
    ("What is due next week?", ("30 November", "2 December", "Steuererklärung")),
    ("What do I need to do by Friday?", ("willow", "26.11.2026", "27. November 2026")),
    ("Welche Fristen habe ich diese Woche?", ("26.11.2026", "fällig")),
    ("Who is waiting for an answer from me?", ("Rachel Ford", "Lucía Ortega", "Könnten Sie uns")),
    ("Wem muss ich noch antworten?", ("Rachel Ford", "Lucía Ortega")),
    ("What does Uwe owe me?", ("Uwe Brandt", "Wann kommt der Techniker?")),
    ("What did I promise Tom?", ("I will book the surveyor by Wednesday",)),
    ("Who sent me the last email?", ("Rachel Ford",)),
    ("De qui est le dernier mail ?", ("Rachel Ford",)),
    ("What's Tom's last email about?", ("An hour for the planting plan",)),
    ("Has Rachel replied to my last mail?", ("Yes, Rachel Ford",)),
    ("Have I got anything on Friday?", ("Lucía & Mateo",)),
    ("whats on friday", ("Lucía & Mateo",)),
    ("tomorrow", ("Team lunch",)),
    ("Find me a free hour on Thursday", ("Thursday 26 November: free 08:00–14:00",)),
    ("Can I take a meeting on Wednesday at 10?", ("Yes, tomorrow",)),
    ("When can I meet Tom next week?", ("Monday 30 November: free",)),
    ("What is the date next Thursday?", ("Thursday 26 November",)),
    ("Welcher Tag ist heute?", ("Dienstag, 24. November",)),
    ("What do I have to do today?", ("willow", "cake")),
    ("Ai-je un créneau libre jeudi ?", ("Jeudi 26 novembre",)),
    ("Who did I write to last?", ("Jonas Berger",)),
    ("Inês birthday", ("Birthday",)),
    ("Wann hat Claire zuletzt geschrieben?", ("Claire Moreau",)),
    ("Co napisał Tom?", ("Tom Lindqvist",)),
    ("Was hat Paul gestern geschrieben?", ("Paul Berger (gestern",)),
    ("Habe ich Elke geantwortet?", ("An Elke Vogt gibt es keine Mail",)),
    ("When's the stand-up?", ("12:00–12:15 Stand-up",)),
    ("How many meetings do I have tomorrow?", ("6 entries",)),
    ("What time does my flight leave?", ("18:20", "Flight to Lisbon")),
    ("When is the dentist appointment?", ("Cancelled", "08:30")),
    ("Who is invited to the planting plan review?", ("Tom Lindqvist", "Inês Carvalho ✗", "Rachel Ford")),
    ("Who is Helga?", ("Mama", "+49-761-5550119")),
    ("Do I have conflicts today?", ("Elternabend 3b", "clashes with 19:30–21:00 Choir rehearsal", "60 minutes")),
    ("Gibt es heute Überschneidungen?", ("Elternabend 3b", "überschneidet sich mit", "60 Minuten")),
    ("Ai-je des conflits aujourd'hui ?", ("se chevauchent de 60 minutes",)),
    ("¿Tengo conflictos hoy?", ("Choir rehearsal", "60 minutos")),
    ("Ho conflitti oggi?", ("si sovrappone", "60 minuti")),
    ("Heb ik vandaag overlappingen?", ("overlapt met", "60 minuten")),
    ("Do I have conflicts tomorrow?", ("Tomorrow, Wednesday 25 November: no conflicts",)),
    ("Mit wem ist das Planting plan review?", ("Tom Lindqvist", "Inês Carvalho ✗", "Rachel Ford")),
    ("Wie is er bij de planting plan review?", ("Donderdag 26 november", "Rachel Ford")),
    ("Avec qui est le planting plan review ?", ("Rachel Ford",)),
    ("Con chi è la planting plan review?", ("Rachel Ford",)),
    ("Mit wem ist der Termin am Donnerstag um 14 Uhr?", ("Planting plan review", "Tom Lindqvist")),
    ("Who am I meeting on Thursday?", ("Planting plan review", "Rachel Ford")),
    ("Met wie heb ik vandaag een afspraak?", ("Stand-up with Lisbon", "Site walk", "Tom Lindqvist")),
    ("Who am I meeting on Saturday?", ("Saturday 28 November",)),
    ("Was weißt du über Helga?", ("Mama",)),
    ("How old is Paul?", ("42",)),
    ("Wie alt ist Mila?", ("9",)),
    ("How do I reach Tom?", ("tom@nordwind.example", "+49 30 5550133")),
    ("Rachel's phone", ("+1 917 555 0188",)),
    ("When is Jonas' birthday?", ("4 March 1984",)),
    ("Whose birthday is next?", ("Paul Berger",)),
]


@pytest.mark.parametrize(("text", "words"), BY_CODE)
def test_what_code_knows_is_answered_at_once(house: Asking, text: str, words: tuple[str, ...]) -> None:
    answer = house.known(text)
    assert answer is not None
    assert answer.by == "code"
    assert [word for word in words if word not in answer.text] == []


def test_who_is_in_a_town_is_not_who_is_at_an_event_named_after_it(house: Asking) -> None:
    assert [house.known(text) for text in ("Who is in Lisbon?", "Wer ist in Lisbon?")] == [None, None]


PASSAGES = [
    ("What did Inês say about the soil report?", "mail:home/soil-2@cais-jardim.example"),
    ("How much do I owe Krause?", "mail:home/rechnung-1@maler-krause.example"),
    ("When do I have to pay Krause?", "mail:home/rechnung-1@maler-krause.example"),
    ("Which mail mentions the auditors?", "mail:home/harbour-6@ford-harbour.example"),
    ("Was wollte Helga wissen?", "mail:home/fest-1@freiburg-post.example"),
]


@pytest.mark.parametrize(("text", "ref"), PASSAGES)
def test_without_a_model_the_best_passage_is_of_the_right_mail(house: Asking, text: str, ref: str) -> None:
    answer = house.ask(text)
    assert answer.by == "rules"
    assert not answer.unknown
    assert answer.citations[answer.sentences[0].cites[0] - 1].ref == ref


@pytest.mark.parametrize(
    "text",
    [
        "What did I win?",
        "When are the library books due?",
        "Who wrote about honey?",
        "Combien coûtent les chênes ?",
        "thanks",
    ],
)
def test_a_passage_that_only_looks_alike_is_no_answer(house: Asking, text: str) -> None:
    answer = house.ask(text)
    assert answer.unknown
    assert answer.citations == ()


class NoRun(Memory):
    """The memory of no run, of which nothing may be asked."""

    def snapshot_before(self, day: dt.date) -> None:
        raise AssertionError("there is no run")

    def keep(self, stage: str, value: object) -> None:
        raise AssertionError("there is no run")


@pytest.mark.parametrize("text", ["What is due this week?", "Who is waiting for an answer from me?", "What did I promise?"])
def test_what_code_answers_needs_no_run(house: Asking, text: str) -> None:
    answer = known(house.context(text, memory=NoRun()))
    assert answer is not None
    assert answer.citations


def test_what_is_to_be_remembered_bounds_the_free_hours_and_is_said(house: Asking) -> None:
    lines = [Remembered("I don't take meetings before ten."), Remembered("No meetings on Fridays.")]
    thursday, friday = (
        known(replace(house.context(f"Am I free on {when}?"), remembered=lines)) for when in ("Thursday", "Friday at 11")
    )
    assert thursday is not None
    assert "free 10:00–14:00, 15:30–18:00" in thursday.text
    assert "“I don't take meetings before ten.”" in thursday.text
    assert friday is not None
    assert "“No meetings on Fridays.”" in friday.text


def test_what_is_remembered_is_told_and_of_somebody_only_what_names_them(house: Asking) -> None:
    lines = [Remembered("Oma keinen Kuchen mag", "told"), Remembered("my car is parked at level 4", "told")]

    def told(text: str, remembered: list[Remembered] = lines) -> str | None:
        answer = known(replace(house.context(text), remembered=remembered))
        return answer.text if answer else None

    both = "“Oma keinen Kuchen mag”\n“my car is parked at level 4”"
    assert [told(each) for each in ("What do you remember about me?", "Woran erinnerst du dich?")] == [both, both]
    assert told("What do you remember about Oma?") == "“Oma keinen Kuchen mag”"
    assert told("What did I ask you to remember about the car?") == "“my car is parked at level 4”"
    assert told("What do you remember about Rachel?") is None
    assert told("What do you remember?", []) == "Nothing is remembered."


def test_what_they_are_after_an_answer_is_not_taken_for_a_title(house: Asking) -> None:
    assert house.known("When do they sit down?") is None


def test_a_greeting_is_no_answer_and_what_a_stranger_claims_bears_their_name(house: Asking) -> None:
    model = ScriptedModel(competent)
    assert "Dear Rachel," not in house.ask("What did Rachel ask for?", model=model).text
    claimed = house.ask("To which account must I wire money?", model=model)
    assert all(sentence.text.startswith("IT Desk: ") for sentence in claimed.sentences if "7781" in sentence.text)


def test_her_birthday_is_of_whom_the_question_before_was_about(house: Asking) -> None:
    before = "Who is Helga?"
    first = house.ask(before)
    turn = Turn(question=before, answer=first.text, refs=tuple(cited.ref for cited in first.citations))
    assert "26 November 1952" in house.ask("When is her birthday?", [turn]).text
    assert house.known("When is her birthday?") is None
