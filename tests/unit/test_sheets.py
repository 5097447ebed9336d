"""An action as a form with fields: it comes back as it was, and what is wrong is placed beside what was typed."""

from __future__ import annotations

import datetime as dt

import card_case as case
import pytest
from hypothesis import given
from hypothesis import strategies as st

from butler.cards.sheets import Problems, Sheet, file_of, placed, read_sheet, sheet_of
from butler.core import payloads as p
from butler.core.errors import ButlerError
from butler.core.text import visible

NOTE = p.FileWrite(root="notes", path="a.md", content="one\n")
EVENT = p.CalendarCreate(change=p.CalendarChange(account="f", calendar="f", uid="u", after=case.EVENT))
WORDS = st.text(st.characters(blacklist_categories=["Cc", "Cf", "Cs", "Zl", "Zp"]), max_size=40).filter(
    lambda text: visible(text) == text
)


@given(
    subject=WORDS, body=st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\r"), min_size=1), name=WORDS
)
def test_a_letter_comes_back_as_it_was(subject: str, body: str, name: str) -> None:
    people = (p.Person(name=name.strip(), address="tom@nordwind.example"), case.TOM)
    subject = " ".join(subject.split())
    letter = case.LETTER.model_copy(update={"subject": subject, "body": f"#: {body}", "to": people})
    payload = p.MailDraft(letter=letter)
    assert read_sheet(payload, sheet_of(payload, case.ZONE), case.ZONE) == payload


def test_a_title_may_have_what_joins_and_chooses_signs_and_nothing_else_that_is_hidden() -> None:
    payload = p.MailDraft(letter=case.LETTER)
    fields = sheet_of(payload, case.ZONE).fields
    for subject in (
        "\u2764\ufe0f",
        "\U0001f468\u200d\U0001f469\u200d\U0001f467",
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
    ):
        found = read_sheet(payload, Sheet({**fields, "Subject": subject}, "x"), case.ZONE)
        assert isinstance(found, p.MailDraft)
        assert found.letter.subject == subject
    for hidden in ("a\u202eb", "a\u200bb", "a\U000e0041b"):
        assert isinstance(read_sheet(payload, Sheet({**fields, "Subject": hidden}, "x"), case.ZONE), Problems)


@given(st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\r")))
def test_a_file_comes_back_to_the_letter(content: str) -> None:
    for payload in (NOTE.model_copy(update={"content": content}), NOTE.model_copy(update={"content": f"\n#: {content}\n\n"})):
        assert read_sheet(payload, sheet_of(payload, case.ZONE), case.ZONE) == payload


def test_what_has_no_text_has_its_fields_alone() -> None:
    move = p.FileMove(root="notes", path="a.md", target="b.md", before="x")
    sheet = sheet_of(move, case.ZONE)
    assert sheet == Sheet({"Target": "b.md"}, None)
    assert read_sheet(move, Sheet({"Target": "c.md"}, None), case.ZONE) == move.model_copy(update={"target": "c.md"})
    assert read_sheet(move, Sheet({"Target": " "}, None), case.ZONE) == Problems({"Target": ["The line “Target:” is empty."]})
    with pytest.raises(ButlerError, match="cannot be edited"):
        sheet_of(p.Undo(of=1, effects=()), case.ZONE)


def test_people_may_stand_in_lines_of_their_own_with_empty_ones_between() -> None:
    payload = p.MailDraft(letter=case.LETTER)
    typed = Sheet({"To": "a@b.example,\r\n\r\n  Eva <e@b.example>", "Cc": "", "Bcc": "\n", "Subject": "one\r\ntwo"}, "x")
    found = read_sheet(payload, typed, case.ZONE)
    assert isinstance(found, p.MailDraft)
    assert [each.address for each in found.letter.to] == ["a@b.example", "e@b.example"]
    assert found.letter.subject == "one two"


def test_each_problem_is_placed_beside_its_field_whatever_lines_come_before() -> None:
    typed = Sheet({"To": "a@b.example,\nb@b.example,\nnobody", "Cc": "", "Bcc": "c@d", "Subject": "\u202e"}, "")
    found = read_sheet(p.MailDraft(letter=case.LETTER), typed, case.ZONE)
    assert isinstance(found, Problems)
    assert {name: len(told) for name, told in found.by_field.items()} == {"To": 1, "Subject": 1, "Text": 1}
    assert found.by_field["To"] == ["“nobody” does not begin with an address, such as Anna <anna@example.org>."]
    assert not any("Line" in each for told in found.by_field.values() for each in told)


def test_problems_of_no_field_are_those_of_the_whole() -> None:
    sheet = Sheet({"Title": "", "Due": "soon"}, "x")
    found = placed(
        ["Line 3: no time.", "Line 99: odd.", "It repeats.", "The title is empty.", "There is no recipient left."], sheet
    )
    assert found.by_field == {
        "Due": ["No time."],
        "": ["Odd.", "It repeats.", "There is no recipient left."],
        "Title": ["The title is empty."],
    }
    assert found
    assert not Problems()


def test_times_of_an_event_are_checked_and_its_new_text_is_left_to_others() -> None:
    sheet = sheet_of(EVENT, case.ZONE)
    assert list(sheet.fields) == ["Title", "Starts", "Ends", "Where"]
    assert read_sheet(EVENT, sheet, case.ZONE) == EVENT
    wrong = Sheet({**sheet.fields, "Starts": "soon"}, sheet.text)
    found = read_sheet(EVENT, wrong, case.ZONE)
    assert isinstance(found, Problems)
    assert list(found.by_field) == ["Starts"]
    later = Sheet({**sheet.fields, "Starts": f"{dt.date(2026, 12, 1)} 10:00"}, sheet.text)
    assert read_sheet(EVENT, later, case.ZONE) == EVENT
    assert "Starts: 2026-12-01 10:00" in file_of(later)
