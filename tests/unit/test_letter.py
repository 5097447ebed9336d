"""A mail as the model reads it: shorter, with every larger gap marked, and still to be quoted to the letter."""

from __future__ import annotations

import dataclasses
import re
from zoneinfo import ZoneInfo

import pytest
from briefing_twins import letter as mail_of
from hypothesis import given
from hypothesis import strategies as st

from butler.core.grounding import find_quote
from butler.core.mail import Address
from workflows.briefing import verdicts
from workflows.briefing.cases import Case
from workflows.briefing.letter import BUDGET, letter
from workflows.briefing.steps import ReceivedAnswer
from workflows.briefing.values import Judgement, SentJudgement

ZONE = ZoneInfo("Europe/Berlin")
MARKER = re.compile(r"\n?\[… (\d+) characters left out\]\n?")
URL = "https://nursery.example/offers/2026/harbour-garden?token=0123456789abcdef"
FILLER = "The plan for the harbour is nearly done and the bicycle stands in the rain. "


def received(text: str, quote: str = "") -> Case[Judgement]:
    return Case(mail_of("m", text), text, Judgement(ref="mail:home/m", label="reply", quote=quote), ZONE)


def body(text: str, quote: str = "") -> str:
    """What the model is shown below the head."""
    return letter(received(text, quote)).text.partition("\n\n")[2]


def test_greeting_closing_and_name_are_left_away_and_the_head_says_who_wrote() -> None:
    shown = letter(received("Liebe Frau Berger,\n\nkommst du?\n\n\n\nEs regnet.\n\nLiebe Grüße\nTom Krüger")).text
    assert shown == "From: Tom Krüger <tom@nordwind.example>\nSubject: Offer\n\nkommst du?\n\nEs regnet."


@pytest.mark.parametrize(
    "text", ["Hi Anna, call me!\nTom", "Hallo Anna bitte melde dich!\nx", "Tom", "Dear Anna,", "Cheers", ""]
)
def test_what_says_something_or_is_all_there_is_stays(text: str) -> None:
    assert body(text) == text.removesuffix("\nTom")


def test_a_greeting_stays_where_others_are_addressed_too() -> None:
    case = received("Dear both,\n\ncome at five.")
    others = (*case.mail.message.to, Address("Eva", "eva@nordwind.example"))
    case = dataclasses.replace(
        case, mail=dataclasses.replace(case.mail, message=dataclasses.replace(case.mail.message, to=others))
    )
    text = letter(case).text
    assert "To: Anna Berger <anna@berger.example>, Eva <eva@nordwind.example>\n" in text
    assert "Dear both," in text


def test_the_owners_own_mail_is_shown_without_people() -> None:
    mail = mail_of("s", "", sent=True)
    case = Case(mail, "Hi Tom,\n\nI will call.\n\nA.", SentJudgement(ref=mail.ref), ZONE)
    assert letter(case).text == "Subject: Offer\n\nI will call."


def test_a_long_address_is_shown_by_its_host_and_a_quote_of_it_is_found_all_the_same() -> None:
    case = received(f"Please look at {URL}, and tell me.")
    text, links = letter(case)
    assert "Please look at nursery.example/…, and tell me." in text
    ground = verdicts.Ground(case.source, (), "received", "d", links=links)
    for quote in ("Please look at nursery.example/…, and tell me.", "look at nursery.example/..., and"):
        answer = ReceivedAnswer(evidence=(quote,), reason="r", label="reply", due=0, summary="")
        held = verdicts.received(answer, case.rule, ground)
        assert URL in held.judgement.quote
        assert held.judgement.quote in case.source
    invented = ReceivedAnswer(evidence=("look at nursery.example/…, and pay",), reason="r", label="reply", due=0, summary="")
    assert verdicts.received(invented, case.rule, ground).dropped[0].reason == verdicts.NO_QUOTE


def test_an_address_is_never_shown_under_another_name() -> None:
    assert body("See https://bank.example@evil.example/login/0123456789abcdef now.") == "See evil.example/… now."


def test_of_a_long_text_both_ends_and_what_stands_around_its_cues_are_shown() -> None:
    ask = "Could you send me the figures by 27 November 2026?"
    text = f"It begins here.\n\n{FILLER * 20}\n\n{ask}\n\n{FILLER * 20}\n\nIt ends here."
    shown = body(text, ask)
    assert len(shown.encode()) <= BUDGET + 200
    assert shown.startswith("It begins here.")
    assert shown.endswith("It ends here.")
    assert ask in shown
    assert len(MARKER.findall(shown)) == 2


def test_the_end_of_an_endless_text_is_shown_and_what_lies_between_is_counted() -> None:
    far = f"{'abcdefgh' * 100}\n\n{FILLER * 400}\n\nPlease call me.\n\n{FILLER * 20}"
    shown = body(far)
    assert shown.startswith("abcdefgh" * 50)
    assert "Please call me." not in shown
    assert shown.endswith(FILLER.strip())
    kept = sum(len(piece.strip()) for piece in MARKER.split(shown)[::2])
    assert abs(kept + sum(int(count) for count in MARKER.findall(shown)) - len(far)) < 20


def test_an_address_without_a_host_is_shown_as_it_is() -> None:
    nowhere = f"https://{'/' * 60}"
    assert body(f"See {nowhere} now.") == f"See {nowhere} now."


def test_a_quote_across_a_gap_is_in_no_mail() -> None:
    text = f"It begins here.\n\n{FILLER * 40}\n\nIt ends here."
    shown = body(text)
    assert find_quote(MARKER.sub(" ", shown), text) is None


def test_a_note_of_secrecy_at_the_end_is_left_out_in_sight_unless_it_names_a_date() -> None:
    note = (
        "This e-mail may hold confidential information. "
        "If it was not meant for you, please delete it and tell its author so at once."
    )
    assert body(f"Kommst du?\n\n{note}") == f"Kommst du?\n\n[… {len(note)} characters left out]"
    dated = note.replace("at once", "by 27 November 2026")
    assert dated in body(f"Kommst du?\n\n{dated}")


@given(st.text(st.sampled_from("ab .?\n\r\t>-ü…€") | st.characters(), max_size=4_000), st.integers(1, 8))
def test_whatever_the_text_it_keeps_to_its_budget_and_shows_only_what_stands_there(text: str, times: int) -> None:
    case = received(text * times)
    shown, links = letter(case)
    shown = shown.partition("\n\n")[2]
    assert len(shown.encode(errors="replace")) <= BUDGET + 40 * (len(MARKER.findall(shown)) + 1)
    if not links:
        plain = re.sub(r"\s+", "", text * times)
        for piece in MARKER.split(shown)[::2]:
            assert re.sub(r"\s+", "", piece) in plain
