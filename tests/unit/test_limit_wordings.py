"""What sets a limit and what only looks like it: amounts, ranges, farewells, ordinals, papers and odd spaces."""

from __future__ import annotations

import datetime as dt

import pytest

from workflows.briefing.dates import find_dues

TUESDAY = dt.date(2026, 11, 24)


def found(text: str) -> list[str]:
    return [due.day.isoformat()[5:] for due in find_dues(text, TUESDAY)]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("bitte überweisen Sie 120,00 EUR bis zum 08.12.2026 auf unser Konto.", "12-08"),
        ("bitte überweisen Sie den Betrag von 120 € bis zum 08.12.2026.", "12-08"),
        ("Bitte begleichen Sie die Rechnung Nr. 4711 bis zum 08.12.2026.", "12-08"),
        ("Bitte schick mir Kapitel 3 bis Freitag.", "11-27"),
        ("Bitte Raum 12 bis Freitag räumen.", "11-27"),
        ("Bitte senden Sie beide Formulare (Anlage 1 und 2) bis zum 08.12.2026 zurück.", "12-08"),
        ("Zapłać 200 zł do 8 grudnia 2026.", "12-08"),
        ("Betaal 200 euro tot 8 december 2026.", "12-08"),
        ("Please send me version 2 until Friday.", "11-27"),
        ("Zahlbar: Skonto 2 % bei Zahlung bis 30.11.2026.", "11-30"),
    ],
)
def test_a_number_before_the_cue_opens_no_stretch_unless_it_is_a_day_or_a_time(text: str, day: str) -> None:
    assert found(text) == [day]


@pytest.mark.parametrize(
    "text",
    [
        "Vom 3. bis zum 8. Dezember bin ich da.",
        "Vom 3. bis 5. Dezember",
        "Von Montag bis Freitag",
        "from 3 to 8 December",
        "Von 18 bis 20 Uhr bitte kommen",
        "Please call me, I'm in from 9 to 5pm",
        "Das Büro ist besetzt: 9:00 bis 17 Uhr, bitte anrufen.",
        "Bij vragen kunt u ons bellen, maandag tot en met vrijdag.",
    ],
)
def test_a_stretch_is_no_limit(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "Rechnungsdatum: 24.11.2026\nFällig am: 08.12.2026",
        "Rechnungsdatum\n24.11.2026\nFällig am\n08.12.2026",
        "Rechnungsdatum: 24.11.2026, zahlbar bis 08.12.2026",
        "Datum: 24.11.2026\nFällig: 08.12.2026",
        "Invoice date: 24 November 2026\nDue date: 8 December 2026",
        "Invoice issued on 24 November 2026, due 8 December 2026",
        "Facture du 24/11/2026, à payer avant le 08/12/2026.",
        "Fattura del 24/11/2026, scadenza 08/12/2026",
        "Factuurdatum: 24-11-2026\nVervaldatum: 08-12-2026",
    ],
)
def test_the_date_of_a_paper_is_not_its_limit(text: str) -> None:
    assert found(text) == ["12-08"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("avant le 10\u00a0décembre 2026", "le 10\u00a0décembre 2026"),
        ("by 10\u202fDecember\u00a02026", "10\u202fDecember\u00a02026"),
        ("bis zum 10.\u00a0Dezember", "zum 10.\u00a0Dezember"),
        ("Serve entro l'10 dicembre.", "10 dicembre"),
        ("avant l'10 décembre", "10 décembre"),
        ("bis 10. 12. 2026", "10. 12. 2026"),
        ("by 10-Dec-2026", "10-Dec-2026"),
        ("noch vor dem 10. Dezember", "dem 10. Dezember"),
        ("Bitte bis zum 10. melden", "zum 10"),
        ("Bitte bis zum 10. Danke!", "zum 10"),
        ("by the 10th, please", "the 10th"),
        ("by the 10th of this month or the 10th at the latest", "the 10th"),
    ],
)
def test_a_date_is_read_however_it_is_spaced_or_joined(text: str, words: str) -> None:
    dues = find_dues(text, TUESDAY)
    assert {due.day for due in dues} == {dt.date(2026, 12, 10)}
    assert dues[0].words == words
    assert words in text


@pytest.mark.parametrize(
    "text",
    [
        "Bis zum 3. Stock bitte",
        "by the 3rd floor meeting",
        "spätestens am 10. Werktag",
        "by the 5th time",
        "before the 2nd coffee",
        "avant le 3 rue de Paris",
        "Bis zum 3. mal",
        "Sales rose by 12.11 percent.",
        "The fix is in by 3.12 and 4.1, see the notes.",
        "https://example.org/?q=send&x=by+friday",
        "up to 50% off until Sunday",
        "Das Angebot gilt bis 30. November.",
        "Die Ausstellung läuft noch bis 30. November.",
        "Ich war bis Sonntag in Rom.",
    ],
)
def test_what_counts_something_or_only_lasts_is_no_limit(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "Alles gut, bis Freitag!",
        "super, dann bis nächsten Dienstag",
        "ich freue mich auf dich, bis Freitag am Bahnhof!",
        "Liebe Grüße und bis Samstag",
        "Ja gerne, bis morgen dann!",
        "Ok, tot morgen!",
        "Ok, hasta el viernes!",
        "Fajnie, do piątku!",
        "Beleza, até amanhã!",
        "D'accord, jusqu'à vendredi",
        "See you by Friday!",
        "Bis morgen, Tom",
    ],
)
def test_a_goodbye_is_no_limit(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    "text", ["Unterlagen bis Freitag!", "Bis Freitag brauche ich das.", "Rückmeldung, bitte, bis Freitag!"]
)
def test_what_asks_for_something_is_no_goodbye(text: str) -> None:
    assert found(text) == ["11-27"]


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("Please send it by 5pm.", dt.time(17)),
        ("Bitte bis 15 Uhr melden.", dt.time(15)),
        ("Please reply by 9:30.", dt.time(9, 30)),
    ],
)
def test_a_time_alone_is_today_where_something_is_asked(text: str, time: dt.time) -> None:
    assert [(due.day, due.time) for due in find_dues(text, TUESDAY)] == [(TUESDAY, time)]
    assert find_dues("It starts by 8pm.", TUESDAY) == []


def test_beside_the_limit_another_day_only_says_what_it_is_for() -> None:
    assert found("The contract ends on 31 December, cancel by 30 November at the latest.") == ["11-30"]
    assert found("Please pay the fee by 15 December. And please send me the form by Friday.") == ["12-15", "11-27"]
