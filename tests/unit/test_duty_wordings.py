"""Whose a limit, a request and a promise is: the owner's, the author's, or somebody else's."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from briefing_day import ANNA, mail

from butler.core.notes import PlacedNote
from butler.core.refs import file_ref
from workflows.briefing.rules import judge_received, judge_sent, note_dues
from workflows.briefing.values import Judgement


def judged(text: str, known: tuple[int, int] = (1, 1), **rest: object) -> Judgement:
    whole = f"Hi Anna,\n\n{text}\n\nTom"
    return judge_received(mail(whole, **rest), whole, ANNA, known)  # type: ignore[arg-type]


def promised(text: str) -> bool:
    whole = f"Hi Tom,\n\n{text}\n\nAnna"
    sent = mail(whole, sender="anna@berger.example", to=("tom@winter.example",))
    return bool(judge_sent(sent, whole, ANNA).promises)


@pytest.mark.parametrize(
    "text",
    [
        "I need to know by Friday whether you are coming.",
        "We hope to have your answer by 3 December.",
        "Maria needs to know by Friday if there is a table.",
        "Everyone has to hand in the form by 3 December.",
        "Payment has to reach us by 3 December.",
        "If I don't hear from you by Friday, I'll give it to Paul.",
        "Ich muss bis Freitag wissen, ob das klappt.",
        "Die Unterlagen müssen bis zum 3. Dezember vorliegen.",
        "Du hast noch bis Freitag Zeit, dich anzumelden.",
        "Il faut rendre le dossier avant le 4 décembre.",
        "Tienes hasta el viernes para firmar.",
        "Je moet het formulier vóór 4 december inleveren.",
        "Formularz trzeba złożyć do 4 grudnia.",
        "You have until Friday to sign the contract.",
        "The deadline has been extended until 4 December.",
        "I have to give your numbers to the bank by Friday.",
        "No need to print it, just sign by Friday.",
        "Sie müssen nicht kommen, aber bis Freitag antworten.",
        "Der Kurs läuft ab Januar, Anmeldung bis 4. Dezember.",
        "Kommt ihr bis 18 Uhr?",
    ],
)
def test_what_is_to_be_done_by_the_owner_has_its_day(text: str) -> None:
    assert judged(text).due is not None


@pytest.mark.parametrize(
    "text",
    [
        "You don't need to do anything by Friday.",
        "Du musst bis Freitag nichts tun.",
        "Paul has to hand in his thesis by 15 December.",
        "My deadline is Friday so I'm swamped.",
        "I have to finish my thesis by Friday.",
        "The building was finished by 1 November 2026, as you know.",
        "You'll have the draft by Friday.",
        "The draft will be with you by Friday.",
        "unser Handwerker ist bis Mittwoch fertig.",
        "We hope to finish the roof by Friday.",
        "I asked Paul whether he could bring the key by Friday and he said yes.",
        "Sorry I didn't send it by Friday.",
        "Ich bin bis Freitag in Berlin.",
        "Estoy en Madrid hasta el viernes.",
        "We finished everything before Monday.",
        "The kids are with me until Sunday.",
        "We'll know more by Friday.",
    ],
)
def test_what_the_author_or_somebody_else_keeps_is_no_deadline(text: str) -> None:
    assert judged(text).due is None


def test_all_days_of_a_mail_are_kept_the_next_one_first() -> None:
    judgement = judged("please pay the fee by 15 December. And please send me the form by Friday.")
    assert judgement.due is not None
    assert [due.day for due in (judgement.due, *judgement.also)] == [dt.date(2026, 11, 27), dt.date(2026, 12, 15)]


@pytest.mark.parametrize(
    ("text", "subject", "due"),
    [
        ("Bitte zahlen Sie 20,00 EUR bis 30.11.2026.", "Zahlungserinnerung", True),
        ("Amount due: 20 EUR. Pay by 30 November 2026.", "Your invoice", True),
        ("Kauf auf Rechnung: nur noch bis spätestens 30. November 20 % sparen!", "Black Week", False),
        ("Renew your style - 20% off by Sunday 29 November", "Sale", False),
        ("The amount due will be debited on 30 November 2026.", "Your invoice", False),
    ],
)
def test_of_what_shops_send_only_a_bill_to_be_paid_is_due(text: str, subject: str, *, due: bool) -> None:
    assert (judge_received(mail(text, subject=subject, bulk=True), text, ANNA, (5, 0)).due is not None) is due


@pytest.mark.parametrize(
    "text",
    [
        "schick mir mal das Foto vom Garten.",
        "meld dich mal, wenn du Zeit hast!",
        "I need the numbers by end of day tomorrow.",
        "This is a gentle reminder that your feedback on the draft is still outstanding.",
        "Ich hoffe auf baldige Antwort.",
        "rappelle moi quand tu peux.",
        "ich bräuchte die Unterlagen bis Freitag.",
        "przyślij mi proszę raport do piątku.",
        "just following up on my email below - still hoping to hear from you.",
    ],
)
def test_these_ask_something(text: str) -> None:
    assert judged(text).label == "reply"


@pytest.mark.parametrize(
    "text",
    ["Isn't that great?", "Thanks, can you believe it worked?", 'You asked: "Could you send the key by Friday?" - done.'],
)
def test_these_ask_nothing(text: str) -> None:
    assert (judged(text).label, judged(text).due) == ("none", None)


def test_what_is_asked_of_another_recipient_is_not_asked_of_the_owner() -> None:
    both = ("bob@bau.example", "anna@berger.example")
    for text in (
        "Hi Bob,\n\ncould you send the offer by Friday?\n\nTom",
        "Hi all,\n\n@Bob: can you bring the ladder by Friday?\n\nTom",
        "Hi all,\n\nBob, can you bring the ladder by Friday?\n\nTom",
    ):
        judgement = judge_received(mail(text, to=both), text, ANNA, (1, 1))
        assert (judgement.label, judgement.due) == ("none", None)
    for text in ("Hi Bob, hi Anna,\n\ncould you send it?", "Hi,\n\ncould you send it?", "Hi Bob,\n\nAnna, could you send it?"):
        assert judge_received(mail(text, to=both), text, ANNA, (1, 1)).label == "reply"


def test_a_sub_address_is_the_owners() -> None:
    text = "Could you call me by Friday?"
    assert judge_received(mail(text, to=("anna+school@berger.example",)), text, ANNA, (1, 1)).label == "reply"
    assert judge_received(mail(text, to=("annab@berger.example",)), text, ANNA, (1, 1)).label == "none"


@pytest.mark.parametrize(
    "text",
    [
        "Will do!",
        "Mach ich.",
        "Schicke dir das Foto morgen.",
        "Ich kann dir das bis Freitag schicken.",
        "Let me check and get back to you.",
        "You'll get it on Friday.",
        "Kümmere mich drum.",
        "Das erledige ich morgen.",
        "I'll leave it with the neighbour, with a note.",
        "Ich werde die Unterlagen bis Freitag schicken.",
        "Te mando el archivo mañana.",
        "Je vais vous envoyer le plan.",
    ],
)
def test_these_promise_something(text: str) -> None:
    assert promised(text)


@pytest.mark.parametrize(
    "text",
    [
        "We'll see.",
        "Wir werden sehen.",
        "Ich werde alt.",
        "Ich mache mir Sorgen.",
        "I'll leave it to you.",
        "I'll pass.",
        "Je vais au marché.",
        "Voy a la playa.",
        "Ik ga op vakantie.",
        "Vou à praia.",
        "Maybe I'll come.",
        "The blue one will do.",
        "Ich schicke dir das nicht.",
    ],
)
def test_these_promise_nothing(text: str) -> None:
    assert not promised(text)


def test_a_note_is_read_in_the_owners_order_of_day_and_month() -> None:
    when = dt.datetime(2026, 11, 24, 9, tzinfo=dt.UTC)
    note = PlacedNote(file_ref("vault", "a.md"), "vault", "a.md", when, "a.md", "- [ ] pay the rent by 12/04")
    assert [one.due.day for one in note_dues(note, when.date(), ZoneInfo("America/New_York"))] == [dt.date(2026, 12, 4)]
