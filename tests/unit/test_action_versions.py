"""What differs between two versions of an action: the lines that went and came, and nothing that every version has anew."""

from __future__ import annotations

import card_case as case
import pytest

from butler.cards.versions import between
from butler.core import payloads as p

DRAFT = p.MailDraft(letter=case.LETTER)


def changed(before: p.Payload, after: p.Payload) -> list[str]:
    part = between(before, after, case.ZONE)
    return [line for line in part.lines if line[0] in "+-"] if part else []


def letter(**update: object) -> p.MailDraft:
    return p.MailDraft(letter=case.LETTER.model_copy(update=update))


def test_what_is_the_same_but_for_its_number_differs_in_nothing() -> None:
    assert between(DRAFT, DRAFT, case.ZONE) is None
    assert between(DRAFT, letter(message_id="other@berger.example"), case.ZONE) is None


def test_fields_and_text_of_a_letter_are_told_line_by_line() -> None:
    found = changed(DRAFT, letter(subject="Re: Ours", body=case.LETTER.body.replace("ten", "noon"), cc=(case.ANNA, case.TOM)))
    assert found == [
        "-Subject: Re: The offer",
        "+Cc: Anna Berger <anna@berger.example>",
        "+Cc: Tom Reuter <tom@nordwind.example>",
        "+Subject: Re: Ours",
        "-Thursday at ten suits me.",
        "+Thursday at noon suits me.",
    ]


def test_one_more_recipient_is_one_line_more() -> None:
    assert changed(letter(to=(case.TOM,)), letter(to=(case.TOM, case.ANNA))) == ["+To: Anna Berger <anna@berger.example>"]


@pytest.mark.parametrize("kind", [p.FileWrite, p.FileAppend])
def test_texts_of_files_are_compared_as_they_are(kind: type[p.FileWrite] | type[p.FileAppend]) -> None:
    name = "content" if kind is p.FileWrite else "text"
    one, two = (kind.model_validate({"root": "n", "path": "a", name: text}) for text in ("a\nb\n", "a\nc\n"))
    assert changed(one, two) == ["-b", "+c"]


def test_events_are_compared_by_what_becomes_of_them_and_not_by_their_raw_lines() -> None:
    def event(text: str) -> p.CalendarCreate:
        return p.CalendarCreate(change=p.CalendarChange(account="f", calendar="f", uid="u", after=text))

    after = case.EVENT.replace("SUMMARY:", "SUMMARY:Late ")
    found = changed(event(case.EVENT), event(after))
    assert [line.partition(":")[0] for line in found] == ["-Title", "+Title"]


def test_what_hides_is_made_visible() -> None:
    assert "+Subject: a⟨U+202E⟩b" in changed(DRAFT, letter(subject="a\u202eb"))
