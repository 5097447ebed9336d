"""Deadlines in eight languages, resolved from the day on which the mail was written."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflows.briefing.dates import FOUND, find_dates, find_dues

TUESDAY = dt.date(2026, 11, 24)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Please send me the report by Friday.", "2026-11-27"),
        ("Could you reply by Friday, 27 November?", "2026-11-27"),
        ("The deadline for the forms is 30 November 2026.", "2026-11-30"),
        ("Payment due: 15/12/2026", "2026-12-15"),
        ("We need it no later than December 1st, please.", "2026-12-01"),
        ("Please return it before Dec 1", "2026-12-01"),
        ("You have until the 30th to sign.", "2026-11-30"),
        ("By the end of the month please.", "2026-11-30"),
        ("We need this by the end of next week.", "2026-12-04"),
        ("by EOD would be great", "2026-11-24"),
        ("Friday at the latest, please.", "2026-11-27"),
        ("Please pay within 14 days.", "2026-12-08"),
        ("It has to be in by Friday next week.", "2026-12-04"),
        ("Let me know by Wed what you think.", "2026-11-25"),
        ("Due date:\n2026-12-05", "2026-12-05"),
        ("Please send it by 5 January.", "2027-01-05"),
        ("It was due by 30 October.", "2026-10-30"),
        ("Bitte überweisen Sie den Betrag bis zum 08.12.2026.", "2026-12-08"),
        ("Kannst du mir das bis Donnerstag schicken?", "2026-11-26"),
        ("Bitte spätestens am kommenden Freitag melden.", "2026-11-27"),
        ("Rechnung fällig am 30.11.", "2026-11-30"),
        ("Zahlbar innerhalb von zwei Wochen.", "2026-12-08"),
        ("Bitte bis Ende November abgeben.", "2026-11-30"),
        ("Antwort bis übermorgen wäre super, danke!", "2026-11-26"),
        ("Die Frist für die Anmeldung ist der 3. Dezember.", "2026-12-03"),
        ("Ich brauche von dir bis Freitagmittag die Zahlen.", "2026-11-27"),
        ("Merci de répondre avant le 30 novembre.", "2026-11-30"),
        ("Il faut l’envoyer d’ici vendredi.", "2026-11-27"),
        ("Au plus tard le 1er décembre, s’il vous plaît.", "2026-12-01"),
        ("Merci de régler sous 8 jours.", "2026-12-02"),
        ("Échéance : 15 févr. 2027", "2027-02-15"),
        ("Necesito el informe antes del lunes.", "2026-11-30"),
        ("La factura vence el 5 de diciembre de 2026.", "2026-12-05"),
        ("Envíamelo a más tardar mañana.", "2026-11-25"),
        ("Responde antes del miercoles, por favor.", "2026-11-25"),
        ("Ti chiedo di inviarlo entro venerdì.", "2026-11-27"),
        ("Scadenza: 10/12/2026", "2026-12-10"),
        ("Va consegnato entro fine mese.", "2026-11-30"),
        ("Da pagare entro due settimane.", "2026-12-08"),
        ("Graag uiterlijk vrijdag reageren.", "2026-11-27"),
        ("Kun je dit vóór 1 december terugsturen?", "2026-12-01"),
        ("Te betalen binnen 14 dagen.", "2026-12-08"),
        ("Proszę o odpowiedź do piątku.", "2026-11-27"),
        ("Termin płatności: 10 grudnia 2026", "2026-12-10"),
        ("Proszę przesłać do 30 listopada.", "2026-11-30"),
        ("Odpisz najpóźniej w poniedzialek.", "2026-11-30"),
        ("Preciso do relatório antes de sexta-feira.", "2026-11-27"),
        ("O prazo é 30 de novembro.", "2026-11-30"),
        ("Envie o mais tardar amanhã.", "2026-11-25"),
    ],
)
def test_a_deadline_is_found_and_resolved(text: str, day: str) -> None:
    dues = find_dues(text, TUESDAY)
    assert [due.day.isoformat() for due in dues] == [day]
    assert dues[0].words in text
    assert dues[0].quote in text
    assert dues[0].words in dues[0].quote


@pytest.mark.parametrize(
    "text",
    [
        "The party on Friday was nice.",
        "I am on vacation until Friday.",
        "We are open from Monday until Friday.",
        "The course runs Monday until Friday, every morning.",
        "Bis Freitag!",
        "Bis morgen, Tom",
        "Ich bin bis Freitag im Urlaub.",
        "Vom 23.11. bis zum 27.11. wird gebaut.",
        "Je suis en congés jusqu'au 30 novembre.",
        "¡Hasta el lunes!",
        "Tot vrijdag!",
        "Do piątku!",
        "The shop opens until 10.30 Uhr.",
        "The price rose by 3.5 percent and by 10.11 EUR.",
        "Version 3.11 came before version 3.12.",
        "By Tom and by 2 friends",
        "> please send it by Friday",
        "It ended before 1.1.1970.",
        "",
    ],
)
def test_what_is_no_deadline_is_none(text: str) -> None:
    assert find_dues(text, TUESDAY) == []


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("by Friday, 5 pm", dt.time(17)),
        ("by Friday 17:30 please", dt.time(17, 30)),
        ("bis Donnerstag, 17 Uhr bitte melden", dt.time(17)),
        ("avant vendredi à 17h30", dt.time(17, 30)),
        ("by 5pm on Friday we need it", dt.time(17)),
        ("Please get it to me by noon tomorrow.", dt.time(12)),
        ("by 12 am tomorrow", dt.time(0)),
        ("by Friday 99:99", None),
        ("by Friday with 20 copies", None),
    ],
)
def test_the_time_beside_a_date_is_kept(text: str, time: dt.time | None) -> None:
    assert [due.time for due in find_dues(text, TUESDAY)] == [time]


def test_a_date_without_a_cue_is_found_but_no_deadline() -> None:
    found = find_dates("Shall we meet on Friday or on 2 December?", TUESDAY)
    assert [(one.due.day.isoformat(), one.cued) for one in found] == [("2026-11-27", False), ("2026-12-02", False)]


def test_day_and_month_stand_as_the_owners_zone_has_them() -> None:
    text = "Please reply by 12/4"
    assert find_dues(text, TUESDAY)[0].day == dt.date(2027, 4, 12)
    assert find_dues(text, TUESDAY, ZoneInfo("America/New_York"))[0].day == dt.date(2026, 12, 4)
    assert find_dues("Please reply by 12/24", TUESDAY)[0].day == dt.date(2026, 12, 24)


def test_the_same_weekday_is_a_week_away() -> None:
    assert find_dues("Please send it by Tuesday.", TUESDAY)[0].day == dt.date(2026, 12, 1)


def test_a_year_is_only_guessed_where_none_is_written() -> None:
    assert find_dues("Please send it by 1 March 2026.", TUESDAY) == []
    assert find_dues("Please send it by 1 March.", TUESDAY)[0].day == dt.date(2027, 3, 1)
    assert find_dues("It was due by 30 December.", dt.date(2027, 1, 3))[0].day == dt.date(2026, 12, 30)


def test_impossible_dates_are_left_out() -> None:
    assert find_dues("by 31 February, by 45.13., by the 0th, within 999 months", TUESDAY) == []
    assert find_dues("by the 31st", dt.date(2026, 11, 5))[0].day == dt.date(2026, 12, 31)


def test_preferred_languages_decide_between_months() -> None:
    text = "by 3 mar 2027"
    assert find_dues(text, TUESDAY, languages=("es",))[0].day == dt.date(2027, 3, 3)


@pytest.mark.parametrize(
    "piece", ["by 30.11. ", "1 ", "a", "bis zum 30. November ", "due ", "?", "\n", "31/12/2026 ", "the in a "]
)
def test_hostile_lengths_end_with_few_dates(piece: str) -> None:
    assert len(find_dates(piece * (100_000 // len(piece)), TUESDAY)) <= FOUND


CUES = ("by", "bis", "avant", "until", "due", "deadline", "d'ici", "in", "l'", "the", "fin du mois")
DAYS = ("Friday", "Freitag", "30.11.", "30", "November", "99", "1/2/3", "0", "29 Feb", "zwei", "Wochen", "5 pm")
WORDS = st.sampled_from((*CUES, *DAYS, ",", ".", "?", "\n"))


@settings(max_examples=60, deadline=None)
@given(st.lists(WORDS, max_size=25).map(" ".join), st.dates(dt.date(1990, 1, 1), dt.date(2090, 1, 1)))
def test_whatever_is_found_stands_in_the_text(text: str, written: dt.date) -> None:
    for found in find_dates(text, written):
        assert found.due.quote in text
        assert found.due.words in text
