"""What a draft must stand up to: each check with drafts that pass and drafts that fail, in several languages."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from briefing_twins import OWNER
from draft_case import busy

from butler.core.calendar import Placed
from butler.core.dayplan import Span
from butler.core.owner import BriefingOptions
from workflows.draft_reply.checks import REPAIRS, Elsewhere, Ground, check, repairs
from workflows.draft_reply.slots import Asked, Plan

DAY = dt.date(2026, 11, 24)
THREADS = {
    "en": "Can you send the 40 oaks by 27 November? Rachel needs 648.20 euros. See https://trees.example/oaks",
    "de": "Kannst du die 40 Eichen bis zum 27. November schicken? Rachel braucht 648,20 Euro. https://trees.example",
    "fr": "Pourriez-vous envoyer les 40 chênes avant le 27 novembre ? Rachel attend 648,20 euros. https://trees.example",
    "es": "¿Puedes enviar los 40 robles antes del 27 de noviembre? Rachel espera 648,20 euros. https://trees.example",
}
GOOD = {
    "en": "Yes, the 40 oaks leave here on 27 November and I will tell Rachel about the 648.20 euros.",
    "de": "Ja, die 40 Eichen gehen am 27.11. auf den Weg, und ich sage Rachel wegen der 648,20 Euro Bescheid.",
    "fr": "Oui, les 40 chênes partent le 27 novembre et je parle à Rachel des 648,20 euros.",
    "es": "Sí, los 40 robles salen el 27 de noviembre y hablo con Rachel de los 648,20 euros.",
}


def plan(*events: Placed) -> Plan:
    return Plan(events, OWNER, BriefingOptions())


def ground(language: str = "en", thread: str = "", **more: Any) -> Ground:
    wanted = {"thread": thread or THREADS[language], "plan": plan(), "day": DAY, "people": frozenset({"tom@nordwind.example"})}
    return Ground(language=language, **{**wanted, **more})


def found(text: str, given: Ground, *offered: Span) -> list[str]:
    return [finding.check for finding in check(text, offered, given)]


def at(day: int, hour: int) -> Span:
    start = dt.datetime(2026, 11, day, hour, tzinfo=OWNER.zone)
    return Span(start, start + dt.timedelta(hours=1))


@pytest.mark.parametrize("language", list(GOOD))
def test_a_draft_that_only_says_what_the_thread_says_passes(language: str) -> None:
    assert found(GOOD[language], ground(language)) == []


@pytest.mark.parametrize(
    ("language", "text", "word"),
    [
        ("en", "Yes, they leave here on 29 November, as you wish.", "29 November"),
        ("en", "Yes, and it costs only 900 euros in all for you.", "900"),
        ("en", "I will ask Markus to bring them to you.", "Markus"),
        ("en", "That is fine. Markus will bring them to you.", "Markus"),
        ("en", "See also https://evil.example/login for what I mean.", "evil.example"),
        ("de", "Ja, sie gehen am 29. November auf den Weg.", "29. November"),
        ("de", "Ja, und das kostet dich nur 900 Euro.", "900"),
        ("de", "Ich sage Markus, dass er sie bringen soll.", "Markus"),
        ("de", "Das passt mir. Herr Schulze kommt mit dem Wagen.", "Schulze"),
        ("fr", "Oui, ils partent le 29 novembre de chez nous.", "29 novembre"),
        ("fr", "Je vais demander à Marcel de les apporter.", "Marcel"),
        ("es", "Sí, y le digo a Marcelo que los lleve.", "Marcelo"),
        ("es", "Sí, salen el viernes a las 17:30 de aquí.", "17:30"),
    ],
)
def test_what_stands_nowhere_is_found_by_its_words(language: str, text: str, word: str) -> None:
    (finding,) = [one for one in check(text, (), ground(language)) if one.check == "facts"]
    assert word in finding.sentence
    assert finding.warning


@pytest.mark.parametrize(
    "text",
    [
        "Danke für die Nachricht, das ist eine gute Idee und passt mir am Wochenende.",
        "Ich gebe dir morgen Bescheid und freue mich auf das Treffen mit der Familie.",
        "Leider habe ich keine Zeit, aber vielen Dank für die Einladung.",
    ],
)
def test_everyday_german_nouns_are_no_names(text: str) -> None:
    assert found(text, ground("de")) == []


def test_what_only_a_note_holds_is_right_and_still_told_to_the_owner() -> None:
    given = ground(notes="The gate code for the yard is 4711.")
    assert found("Use 4711 when you are here, please.", given) == ["notes"]
    assert found("Use 4712 when you are here, please.", given) == ["facts"]


@pytest.mark.parametrize(
    ("language", "text"),
    [("en", GOOD["de"]), ("de", GOOD["en"]), ("fr", GOOD["es"]), ("es", GOOD["fr"])],
)
def test_an_answer_in_another_language_is_found(language: str, text: str) -> None:
    assert "language" in found(text, ground(language, thread=f"{THREADS[language]} {text}"))


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "I have attached the list for you."),
        ("de", "Im Anhang findest du die Liste."),
        ("de", "Ich hänge dir die Liste an."),
        ("fr", "Vous trouverez la liste ci-jointe, merci."),
        ("es", "Te mando la lista en el archivo adjunto."),
        ("it", "Ti mando la lista in allegato."),
        ("nl", "In de bijlage vind je de lijst."),
        ("pl", "W załączniku jest lista, proszę."),
        ("pt", "A lista segue em anexo para si."),
    ],
)
def test_an_attachment_that_is_promised_is_found_in_every_language(language: str, text: str) -> None:
    assert "attachment" in found(text, ground(language, thread=text))


def test_a_time_at_which_the_owner_is_not_free_is_neither_offered_nor_named() -> None:
    given = ground(thread="Thursday 26 November 11:00, Friday", plan=plan(busy("review", 26, 10, 12)))
    assert found("", given, at(26, 14)) == []
    assert found("", given, at(26, 11)) == ["calendar"]
    assert found("Yes, Thursday 26 November at 11:00 suits me well.", given) == ["calendar"]
    assert found("Thursday 26 November at 11:00 does not suit me.", given) == []


def test_an_hour_that_was_proposed_is_held_against_its_day() -> None:
    given = ground(thread="at 11:00 on Thursday", plan=plan(busy("review", 26, 10, 12)), asked=[Asked(at(26, 11), free=False)])
    assert found("Yes, 11:00 is fine with me.", given) == ["calendar"]
    assert found("Sadly I am not free at 11:00.", given) == []


def test_an_appointment_that_both_know_of_may_be_named() -> None:
    given = ground(thread="See you on Thursday 26 November at 10:00.", plan=plan(busy("review", 26, 10, 12)))
    assert found("Yes, see you on Thursday 26 November at 10:00.", given) == []


def test_words_of_other_letters_and_notes_are_not_repeated() -> None:
    private = "Helga told me that the doctor found nothing and that she may go home on Sunday."
    given = ground(elsewhere=[Elsewhere("your note Family.md", private, 6)])
    assert "quotation" in found("As for us, the doctor found nothing and that she may go home.", given)
    assert "quotation" not in found("The doctor found nothing.", given)
    shared = ground(thread=private, elsewhere=[Elsewhere("another letter", private)])
    assert found("The doctor found nothing and that she may go home on Sunday.", shared) == []


def test_an_address_that_is_nobodys_in_the_thread_is_found_even_where_the_mail_names_it() -> None:
    given = ground(thread="Please send it to collect@it-desk.example. tom@nordwind.example")
    assert found("I will send it to collect@it-desk.example then.", given) == ["recipient"]
    assert found("I will send it to tom@nordwind.example then.", given) == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("I will pay it today.", "payment"),
        ("Ich überweise das heute.", "payment"),
        ("My password is on the list.", "secret"),
        ("See you soon, [your name]!", "placeholder"),
        ("so " * 600, "length"),
    ],
)
def test_what_no_model_should_write_is_found(text: str, name: str) -> None:
    language = "de" if "Ich" in text else "en"
    assert name in found(text, ground(language, thread=text))


def test_the_room_for_the_owners_answer_is_no_gap() -> None:
    assert found("That is good to hear. […]", ground()) == []


def test_the_model_is_told_in_fixed_words_what_to_mend() -> None:
    findings = check("Markus will pay 900 euros. Markus can do it.", (), ground())
    assert repairs(findings) == [REPAIRS["facts"]]
    assert repairs([]) == []
