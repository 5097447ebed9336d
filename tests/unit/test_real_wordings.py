"""How people of several countries and trades put what they want, by when, and what only looks like it."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from briefing_day import ANNA, mail

from workflows.briefing.dates import find_dates, find_dues
from workflows.briefing.rules import judge_received
from workflows.briefing.values import Judgement

TUESDAY = dt.date(2026, 11, 24)
NEW_YORK = ZoneInfo("America/New_York")


def judged(text: str, known: tuple[int, int] = (1, 1), **rest: object) -> Judgement:
    return judge_received(mail(text, **rest), text, ANNA, known)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "day", "time", "words"),
    [
        ("Could you sign it and return it EOD Friday.", "2026-11-27", None, "EOD Friday"),
        ("Timesheets need to be in by COB Thursday.", "2026-11-26", None, "COB Thursday"),
        ("Send it by end of day on Monday, please.", "2026-11-30", None, "end of day on Monday"),
        ("by close of business 28 November", "2026-11-28", None, "close of business 28 November"),
        ("by EOD", "2026-11-24", None, "EOD"),
        ("Contéstame antes del jueves 3, por favor.", "2026-12-03", None, "jueves 3"),
        ("Hay que traerla firmada el jueves 26 como muy tarde.", "2026-11-26", None, "jueves 26"),
        ("Please reply by Friday the 27th.", "2026-11-27", None, "Friday the 27th"),
        ("It was due by Thursday 19.", "2026-11-19", None, "Thursday 19"),
        ("by Thursday 25 people must confirm", "2026-11-26", None, "Thursday 25"),
        ("Please reply by Monday 5 pm", "2026-11-30", "17:00", "Monday"),
        ("Please reply by Monday 9.30", "2026-11-30", "09:30", "Monday"),
        ("Please register no later than 5 p.m. ET on Friday, November 27.", "2026-11-27", None, "Friday, November 27"),
        ("by Friday 5pm EST", "2026-11-27", None, "Friday"),
        ("Please reply by November 27.", "2026-11-27", None, "November 27"),
        ("by next Tuesday, 1 December", "2026-12-01", None, "next Tuesday, 1 December"),
        ("Pay by midnight on 30 November.", "2026-11-30", "23:59", "30 November"),
        ("Deadline: 2026/11/30.", "2026-11-30", None, "2026/11/30"),
        ("Ich brauche die Belege spätestens am 27.", "2026-11-27", None, "am 27"),
        ("Please respond within 48 hours.", "2026-11-26", None, "within 48 hours"),
        ("within 4 business days", "2026-11-30", None, "within 4 business days"),
        ("innerhalb von 5 Werktagen", "2026-12-01", None, "innerhalb von 5 Werktagen"),
        ("sous 5 jours ouvrés", "2026-12-01", None, "sous 5 jours ouvrés"),
        ("Let me know by next week.", "2026-11-30", None, "next week"),
        ("avant la semaine prochaine", "2026-11-30", None, "la semaine prochaine"),
        ("spätestens diese Woche", "2026-11-27", None, "diese Woche"),
        ("by Wednesday of next week", "2026-12-02", None, "Wednesday of next week"),
        ("The deadline was extended from 25 November to 1 December.", "2026-12-01", None, "1 December"),
        ("Anmeldefrist: 25.11.2026 bis 02.12.2026.", "2026-12-02", None, "02.12.2026"),
        ("We moved the deadline from Friday to Monday.", "2026-11-30", None, "Monday"),
        ("Registration ends on 27 November.", "2026-11-27", None, "27 November"),
        ("bis Ende November", "2026-11-30", None, "Ende November"),
        ("Wyślij to do piątku.", "2026-11-27", None, "piątku"),
    ],
)
def test_a_limit_is_read_as_it_is_meant(text: str, day: str, time: str | None, words: str) -> None:
    found = find_dues(text, TUESDAY)
    assert [one.day.isoformat() for one in found] == [day]
    assert found[0].time == (dt.time.fromisoformat(time) if time else None)
    assert found[0].words == words


@pytest.mark.parametrize(
    "text",
    [
        "Due to illness the lesson on Friday is cancelled.",
        "Ihr Termin am Freitag, 27.11. um 10 Uhr ist bestätigt.",
        "Unsere Termine: 27.11. und 30.11.",
        "We can do Friday.",
        "Su cita para el lunes 30 está confirmada.",
        "Votre rendez-vous pour vendredi est confirmé.",
        "Le camion est réservé pour la semaine prochaine.",
        "Hasta el viernes estoy fuera.",
        "Our offer ends on 27 November.",
        "Les inscriptions sont ouvertes jusqu'au 5 décembre.",
        "Die Arbeit wurde bis Freitag fertig.",
        "We cut the costs by 10 % in March.",
    ],
)
def test_what_only_looks_like_a_limit_is_none(text: str) -> None:
    assert find_dues(text, TUESDAY) == []


def test_next_week_ends_on_friday_where_it_is_no_limit() -> None:
    assert [found.due.day for found in find_dates("I'll send it next week.", TUESDAY)] == [dt.date(2026, 12, 4)]


@pytest.mark.parametrize(("written", "day"), [("2026-11-27", "2026-11-30"), ("2026-11-28", "2026-11-30")])
def test_working_days_leave_out_weekends(written: str, day: str) -> None:
    assert find_dues("within 1 business day", dt.date.fromisoformat(written))[0].day.isoformat() == day


def test_a_month_may_come_first_in_american_zones() -> None:
    assert find_dues("by 11/28.", TUESDAY, NEW_YORK)[0].day == dt.date(2026, 11, 28)
    assert find_dues("by 28/11.", TUESDAY, NEW_YORK)[0].day == dt.date(2026, 11, 28)


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("I was wondering when 2.0 would be out. Cheers", "I was wondering when 2.0 would be out."),
        ("Do you know whether I may use it at work", "Do you know whether I may use it at work"),
        ("It would be great if you could join.", "It would be great if you could join."),
        ("Please have the form stamped.", "Please have the form stamped."),
        ("Need this before the call.", "Need this before the call."),
        ("Moin Chef, kann ich am Freitag frei haben", "Moin Chef, kann ich am Freitag frei haben"),
        ("Bitte rufen Sie mich an.", "Bitte rufen Sie mich an."),
        ("Hallo, bitte mal melden wegen dem Dach.", "Hallo, bitte mal melden wegen dem Dach."),
        ("Ruf bitte in der Schule an.", "Ruf bitte in der Schule an."),
        ("Guten Tag, haben Sie meine Mail bekommen", "Guten Tag, haben Sie meine Mail bekommen"),
        ("Salut, tu pourrais me rapporter le livre", "Salut, tu pourrais me rapporter le livre"),
        ("Bonjour, est ce que je peux rendre mon devoir lundi", "Bonjour, est ce que je peux rendre mon devoir lundi"),
        ("Prière de confirmer votre présence.", "Prière de confirmer votre présence."),
        ("Quería saber si han llegado mis resultados.", "Quería saber si han llegado mis resultados."),
        ("Volevo sapere se domani va bene.", "Volevo sapere se domani va bene."),
        ("¿Me cambias la guardia? Contéstame antes del viernes, porfa.", "¿Me cambias la guardia?"),
        ("Tu viens vendredi ? Réponds avant demain midi stp.", "Tu viens vendredi ?"),
        ("Do you want tea? Let me know.", "Do you want tea?"),
    ],
)
def test_a_request_needs_no_question_mark_and_the_question_says_more_than_its_closing(text: str, quote: str) -> None:
    judgement = judged(text)
    assert (judgement.label, judgement.quote) == ("reply", quote)


@pytest.mark.parametrize(
    "text",
    [
        "Please find attached the report.",
        "Please note that we are closed on Friday.",
        "Please, no more cake.",
        "Yes please!",
        "Merci de votre aide !",
        "Merci de m'avoir aidé.",
        "Vous pouvez nous joindre au 01 22.",
        "La reunión puede durar dos horas. La calle puedes verla.",
        "Non si può fare. Potrebbe piovere.",
        "A reunião pode ser longa.",
        "Im Anhang können Sie das Foto sehen.",
        "Die Kinder haben sie gesehen.",
        "Bitte beachten Sie unsere Öffnungszeiten.",
        "Bitte schön, gern geschehen!",
        "They told me they can send me the file.",
        "I kindly declined.",
        "If you have any questions, please let me know.",
        "Bei Fragen melde dich gerne.",
        "N'hésitez pas à me contacter, merci de votre confiance.",
        "Si tiene alguna duda, por favor llame.",
        "Ihr Paket kommt. Haben Sie Fragen?",
        "Présentez-vous avant 7h45. Une question ? Consultez la page.",
    ],
)
def test_courtesy_and_statements_ask_nothing(text: str) -> None:
    assert judged(text).label == "none"


def test_a_request_may_stand_in_the_subject_alone() -> None:
    judgement = judged("Thanks.", subject="Can you send the plan by Friday?")
    assert (judgement.label, judgement.quote) == ("reply", "Can you send the plan by Friday?")
    assert judgement.due is not None
    assert judgement.due.day == dt.date(2026, 11, 27)
    for prefix in ("Re:", "AW:", "Fwd:", "RE[2]:"):
        answer = judged("Thanks.", subject=f"{prefix} Can you send the plan by Friday?")
        assert (answer.label, answer.due) == ("none", None)


@pytest.mark.parametrize(
    ("sender", "subject"),
    [
        ("orders@shop.example", "Thanks"),
        ("bestellbestaetigung@shop.example", "Danke"),
        ("tracking@parcel.example", "News"),
        ("shop@shop.example", "Your order 123 has been shipped"),
        ("shop@shop.example", "Votre commande 123"),
        ("offers@shop.example", "Last chance"),
        ("calendar-notification@cal.example", "Stand-up"),
        ("dependabot@code.example", "Bump"),
        ("push-notifications@code.example", "Build"),
    ],
)
def test_shops_and_programs_ask_nothing(sender: str, subject: str) -> None:
    text = "Are you at home? Please let us know by 25/11. Delivery by Friday."
    judgement = judged(text, (1, 0), sender=sender, subject=subject)
    assert (judgement.label, judgement.due) == ("none", None)


def test_a_shop_that_the_owner_writes_with_may_ask() -> None:
    assert judged("Which size do you need?", (2, 1), sender="orders@shop.example").label == "reply"


def test_what_a_stranger_wants_paid_or_back_is_due_but_no_answer() -> None:
    text = "Bitte geben Sie die Bücher bis zum 26.11. zurück."
    judgement = judged(text, (1, 0), subject="Leihfrist")
    assert (judgement.label, judgement.due is not None) == ("none", True)
    assert judged(text, (1, 1), subject="Leihfrist").label == "reply"


def test_what_comes_to_an_address_of_many_may_set_a_date() -> None:
    text = "Please hand in the grades by 3 December."
    judgement = judged(text, to=("teachers@school.example",))
    assert (judgement.label, judgement.due is not None) == ("none", True)
    assert judged(text, to=("teachers@school.example",), bulk=True).due is None
    assert judged(text, to=("eva@school.example",), cc=("anna@berger.example",)).due is None


def test_in_a_mail_to_many_the_owner_may_be_named_in_the_request() -> None:
    judgement = judged("Hi all,\n\n@Anna please add your points.", to=("team@nordwind.example",))
    assert (judgement.label, judgement.quote) == ("reply", "@Anna please add your points.")


def test_a_delivery_is_no_deadline_of_the_owner() -> None:
    assert judged("The sofa will be delivered by Friday.").due is None
    due = judged("It will be delivered by Friday, could you be in?").due
    assert due is not None


def test_of_a_long_sentence_the_part_that_asks_is_quoted() -> None:
    long = "We have been thinking of the garden, " * 5
    text = f"{long}so could you tell us whether to go on before Friday, since otherwise nobody comes?"
    quote = judged(text).quote
    assert quote in text
    assert quote.startswith("so could you tell us")
    assert judged(text).due is not None


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("Der Zug fährt um 7:45. Kommst du mit?", "Kommst du mit?"),
        ("Es war am 30.11.2025. Kommst du mit?", "Kommst du mit?"),
        ("Kannst du bis 30.11. Angebote schicken?", "Kannst du bis 30.11. Angebote schicken?"),
    ],
)
def test_a_number_may_end_a_sentence(text: str, quote: str) -> None:
    assert judged(text).quote == quote
