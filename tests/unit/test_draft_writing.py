"""From an answer, or from none, to the body of a reply: greeting, words, room, free times and closing."""

from __future__ import annotations

import pytest
from briefing_twins import NOW, TOM, Twin, letter
from draft_case import ASKS, EMPTY, GOOD, MEETS, TELLS_HOW, busy, case_of, drafting

from butler.core.mail import Address
from butler.core.notes import PlacedNote
from workflows.briefing.values import Judgement
from workflows.draft_reply import asking, writing
from workflows.draft_reply.gather import Case, Old, gather
from workflows.draft_reply.manners import manners
from workflows.draft_reply.steps import DraftAnswer
from workflows.draft_reply.wordings import ROOM

SKELETONS = {
    "en": ("Hi Anna,\n\ncan we meet next week for an hour? And is the hawthorn gone?\n\nTom", "Hi Tom,", "Best regards,\nAnna"),
    "de": (
        "Hallo Anna,\n\nkönnen wir uns nächste Woche treffen? Ist der Weißdorn weg?\n\nTom",
        "Hallo Tom,",
        "Viele Grüße\nAnna",
    ),
    "fr": (
        "Bonjour Anna,\n\npouvons-nous nous voir la semaine prochaine ? Est-ce que l'aubépine est partie ?\n\nTom",
        "Bonjour Tom,",
        "Bien cordialement,\nAnna",
    ),
    "es": (
        "Hola Anna:\n\n¿podemos vernos la semana que viene? ¿Ya no está el espino?\n\nTom",
        "Hola Tom:",
        "Un saludo,\nAnna",
    ),
}


def answer(**more: object) -> DraftAnswer:
    return DraftAnswer.model_validate({**EMPTY, **more})


@pytest.mark.parametrize("language", list(SKELETONS))
def test_a_skeleton_repeats_each_question_with_room_and_offers_free_times(language: str) -> None:
    text, greeting, closing = SKELETONS[language]
    case = case_of(letter("a@nordwind.example", text))
    written = writing.skeleton(case)
    assert case.language == language
    assert len(case.questions) == len(written.open) == 2
    assert written.body.startswith(f"{greeting}\n\n")
    assert written.body.endswith(f"\n\n{closing}")
    assert all(f"“{question}”\n{ROOM}" in written.body for question in case.questions)
    assert len(written.offered) == 3
    assert written.body.count("\n- ") == 3
    assert len({span.start.date() for span in written.offered}) == 3


def test_a_skeleton_offers_the_proposed_time_alone_when_it_is_free() -> None:
    free, taken = case_of(MEETS), case_of(MEETS, events=[busy("review", 26, 11, 12)])
    assert [f"{span.start:%a %H:%M}" for span in writing.skeleton(free).offered] == ["Thu 11:00"]
    assert "11:00–12:00" not in writing.skeleton(taken).body


def test_an_answer_fills_its_places_and_the_owner_closes_as_they_do() -> None:
    written = writing.write(case_of(ASKS, TELLS_HOW), DraftAnswer.model_validate(GOOD))
    assert written.body == (
        "Dear Tom,\n\nThank you for asking.\n\nI will look at the north edge today.\n\nYes, it is gone.\n\nAll the best,\nA."
    )
    assert written.open == ()


def test_the_owners_letters_of_the_same_thread_are_no_examples_of_how_they_write() -> None:
    inside = letter("in@berger.example", "Dear Tom,\n\nhere is what I said before.\n\nAnna", thread=1, sent=True, days=9)
    case = case_of(ASKS, TELLS_HOW, inside)
    assert (list(case.examples), list(case.thread)) == ([TELLS_HOW], [inside])


def test_a_question_that_was_passed_over_gets_room() -> None:
    written = writing.write(case_of(ASKS), answer(answers=[{"question": 2, "text": "Yes, it is gone."}]))
    assert written.open == ("could you send me the north edge today?",)
    assert written.body.index("could you send me") < written.body.index(ROOM) < written.body.index("Yes, it is gone.")


def test_an_unsure_answer_leaves_all_to_the_owner_that_it_does_not_say() -> None:
    assert len(writing.write(case_of(ASKS), answer(body="Thanks.", unsure=True)).open) == 2
    assert writing.write(case_of(ASKS), answer(body="Yes to both.")).open == ()


def test_free_times_are_chosen_by_number_and_numbers_that_are_none_are_left_out() -> None:
    case = case_of(MEETS)
    written = writing.write(case, answer(body="Gladly.", offers=[2, 0, 99]))
    assert written.offered == (case.slots[1],)
    assert "10:00" in written.body
    assert writing.write(case, answer(body="Gladly.", offers=[-1, 2, 2])).offered == (case.slots[1],)
    assert writing.write(case_of(ASKS), answer(body="Gladly.", offers=[1])).offered == ()


def test_greeting_closing_and_quotes_of_the_model_are_taken_away() -> None:
    said = "Hi Tom,\n\n> could you?\n**Yes**, I will.\n\nBest regards,\nAnna"
    assert writing.write(case_of(ASKS), answer(body=said)).said == "Yes, I will."


def test_an_answer_that_says_nothing_is_none() -> None:
    assert writing.is_empty(answer(), case_of(ASKS))
    assert writing.is_empty(answer(offers=[1]), case_of(ASKS))
    assert not writing.is_empty(answer(offers=[1]), case_of(MEETS))


def test_other_free_times_take_the_place_of_the_old_ones_above_the_closing() -> None:
    case = case_of(MEETS)
    old = writing.skeleton(case).body
    changed = writing.with_offers(case_of(MEETS, old=Old(old, "offer Friday", ())), old).body
    assert changed.count("These times would suit me:") == 1
    assert changed.endswith("\n\nBest regards,\nAnna")


@pytest.mark.parametrize(
    ("text", "reader", "greeting"),
    [
        ("Hi Anna,\n\nwhen?", TOM, "Hi Tom,"),
        ("Dear Ms Berger,\n\nwhen?", TOM, "Dear Tom Krüger,"),
        ("When?", Address("", "x@y.example"), "Hello,"),
        ("When?", Address("Pay 900 euros to me now", "x@y.example"), "Hello,"),
        ("When?", Address("https://evil.example", "x@y.example"), "Hello,"),
        ("When?", Address("boss@corp.example", "x@y.example"), "Hello,"),
    ],
)
def test_a_greeting_holds_a_name_and_nothing_that_is_none(text: str, reader: Address, greeting: str) -> None:
    assert manners("en", reader, text, "Anna Berger", ()).greeting == greeting


def test_family_and_friends_are_greeted_as_such_in_german() -> None:
    paul = Address("Paul Berger", "paul@hafenmusik.example")
    assert manners("de", paul, "Schwesterherz,\n\nbringst du mir die Geige?", "Anna Berger", ()).greeting == "Hallo Paul,"
    assert (
        manners("de", paul, "Sehr geehrte Frau Berger,\n\nIhre Geige?", "Anna Berger", ()).greeting == "Guten Tag Paul Berger,"
    )


def test_only_notes_that_share_two_telling_words_with_a_mail_are_read_and_only_the_lines_that_do() -> None:
    private = "Wrap the present before the meeting."
    about = PlacedNote("file:n/a.md", "n", "a.md", NOW, "h", f"# Garden\nthe hawthorns\ncome by the north edge\n{private}")
    other = PlacedNote("file:n/b.md", "n", "b.md", NOW, "h", f"{private}\nCould somebody call the northern office today?")
    given = drafting(Twin((ASKS, TELLS_HOW), placed_notes=[other, about]))
    case = gather(given, ASKS, Judgement(ref=ASKS.ref, label="reply"))
    assert isinstance(case, Case)
    assert list(case.notes) == [about]
    assert asking.note_passage(case, about.text) == "# Garden\nthe hawthorns\ncome by the north edge"
