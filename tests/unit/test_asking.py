"""Which mails are put to the model: what could hide a request or a promise is, what is settled is not."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from briefing_twins import NOW, OWNER, Memory, Twin, context, letter

from butler.core.mail import Mail
from workflows.briefing.asking import worth_asking
from workflows.briefing.cases import Case
from workflows.briefing.gather import gather
from workflows.briefing.hints import may_ask, may_promise
from workflows.briefing.rules import judge_received, judge_sent

HIDDEN_REQUESTS = {
    "en-wonder": "We hope that the key to the shed turns up.",
    "en-missing": "The form for the school is still missing on our side.",
    "en-wish": "It would be lovely to have your drawing on the poster.",
    "de-fehlt": "Uns fehlt noch das Formular für die Schule.",
    "de-wunsch": "Es wäre schön, wenn wir irgendwann über den Zaun reden.",
    "de-ob": "Ich weiß noch nicht, ob ihr am Sonntag dabei seid.",
    "fr-besoin": "Il nous manque encore ton adresse.",
    "fr-souhait": "Ce serait bien d'en parler un de ces jours.",
    "es-falta": "Todavía nos falta tu dirección.",
    "es-gustaria": "Nos gustaría hablar un día de la valla.",
    "it-manca": "Ci manca ancora il tuo indirizzo.",
    "it-sarebbe": "Sarebbe bello parlarne un giorno.",
    "nl-nodig": "We hebben je adres nog nodig.",
    "nl-zou": "Het zou fijn zijn om er eens over te praten.",
    "pl-brakuje": "Brakuje nam jeszcze twojego adresu.",
    "pl-chcial": "Chciałbym kiedyś o tym porozmawiać.",
    "pt-falta": "Ainda nos falta a tua morada.",
    "pt-gostava": "Seria bom falarmos um dia sobre isso.",
    "date-alone": "Die Stühle stehen am 5. Dezember vor der Tür.",
}
HIDDEN_PROMISES = {
    "en": "You will have the drawings soon, leave it to me.",
    "en-can": "I can have a look at the roof.",
    "de": "Das Formular folgt in Kürze.",
    "de-kann": "Den Kuchen übernehme ich.",
    "fr": "Tu auras les dessins bientôt.",
    "fr-futur": "Nous regarderons les plans ensemble.",
    "es": "Prepararemos la habitación de Mila.",
    "it": "Avrai presto i disegni, promesso.",
    "nl": "Het komt goed met de tekeningen.",
    "pl": "Rysunki dostarczę na miejsce.",
    "pt": "Terás os desenhos em breve.",
    "date-alone": "Die Zeichnungen sind bis Freitag bei euch.",
}
NOTHING_ASKED = [
    "Here it is, the soil report of the lower terrace.",
    "Das Zelt ist verkauft, das Geld liegt im Umschlag.",
    "Merci, le colis est là.",
    "Gracias, el paquete ya está aquí.",
]
NOTHING_PROMISED = [
    "What a lovely garden, thank you for the tour.",
    "Son preciosos, Lucía. Tom los ha colgado ya en la pared.",
    "Haben Sie noch Hainbuchen im Container?",
    "Kannst du mir die Zahlen bis Freitag schicken?",
    "Can I send you the drawings on Friday?",
]


def asked(*mails: Mail) -> list[str]:
    """The names of the mails that are put to the model, in their order."""
    found = gather(context(Twin(mails), Memory()), [])
    received = [
        Case(mail, mail.message.text, judge_received(mail, mail.message.text, OWNER, (2, 0)), OWNER.zone)
        for mail in found.candidates
    ]
    sent = [Case(mail, mail.message.text, judge_sent(mail, mail.message.text, OWNER), OWNER.zone) for mail in found.sent]
    return [case.mail.ref.removeprefix("mail:home/") for case in worth_asking(received, sent, found, OWNER)]


@pytest.mark.parametrize(("name", "text"), HIDDEN_REQUESTS.items(), ids=HIDDEN_REQUESTS)
def test_a_request_between_the_lines_is_worth_asking_in_every_language(name: str, text: str) -> None:
    mail = letter("hidden", f"Hi Anna,\n\n{text}\n\nTom")
    assert name == "date-alone" or may_ask(text)
    assert asked(mail) == ["hidden"]


@pytest.mark.parametrize("text", NOTHING_ASKED)
def test_a_short_mail_in_which_nothing_can_hide_is_not(text: str) -> None:
    assert asked(letter("plain", text)) == []


@pytest.mark.parametrize(("name", "text"), HIDDEN_PROMISES.items(), ids=HIDDEN_PROMISES)
def test_a_promise_in_other_words_is_worth_asking_in_every_language(name: str, text: str) -> None:
    mail = letter("hidden", f"Hi Tom,\n\n{text}\n\nAnna", sent=True)
    assert name == "date-alone" or may_promise(text)
    assert asked(mail) == ["hidden"]


@pytest.mark.parametrize("text", NOTHING_PROMISED)
def test_a_mail_of_the_owners_that_thanks_tells_or_only_asks_is_not(text: str) -> None:
    assert asked(letter("plain", text, sent=True)) == []


def test_a_long_letter_from_a_correspondent_is_read_by_the_model_whatever_its_words() -> None:
    long = letter("long", "Der Regen fiel, und die Kinder lachten am Kanal. " * 4, days=29)
    written = letter("written", "Der Regen war schön.", sent=True, days=20)
    assert asked(long, written) == ["long"]
    assert asked(long) == []


def test_an_invitation_by_a_calendar_program_needs_no_second_opinion() -> None:
    mail = letter("invitation", "Bitte sag mir, ob du kannst.")
    calendar = "BEGIN:VCALENDAR\nMETHOD:REQUEST\nEND:VCALENDAR"
    assert asked(dataclasses.replace(mail, message=dataclasses.replace(mail.message, calendar=calendar))) == []
    assert asked(mail) == ["invitation"]


def test_a_promise_counts_as_kept_and_is_not_asked_about_once_the_owner_has_written_again() -> None:
    promise = letter("promise", "I will send you the drawings by Thursday.", sent=True, days=3, thread=9)
    again = letter("again", "Here they are, all four.", sent=True, days=1, thread=9)
    assert asked(promise) == ["promise"]
    assert asked(promise, again) == []


def test_a_note_of_the_owners_to_themselves_promises_nobody_anything() -> None:
    mail = letter("self", "I will buy bread and milk on Friday.", sent=True)
    to = dataclasses.replace(mail.message, to=(mail.message.sender,)) if mail.message.sender else mail.message
    assert asked(dataclasses.replace(mail, message=to)) == []


def test_what_is_asked_about_does_not_depend_on_the_day() -> None:
    mails = [
        letter(name, f"Hi Anna,\n\n{text}\n\nTom", days=10 + place)
        for place, (name, text) in enumerate(HIDDEN_REQUESTS.items())
    ]
    later = [dataclasses.replace(mail, when=mail.when + dt.timedelta(days=9)) for mail in mails]
    assert NOW - mails[-1].when < dt.timedelta(days=30)
    assert sorted(asked(*mails)) == sorted(asked(*later)) == sorted(HIDDEN_REQUESTS)
