"""What somebody wrote now, told from their signature and from what they quote."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.mail.message import split_new

REPLY = """Hello Anna,

yes, Friday works.

{introduction}
> Could we meet on Friday?
> Anna
"""

INTRODUCTIONS = [
    "On Mon, 23 Nov 2026 at 10:00, Anna Berger <anna@berger.example> wrote:",
    "On Mon, 23 Nov 2026 at 10:00, Anna Berger\n<anna@berger.example> wrote:",
    "Am 23.11.2026 um 10:00 schrieb Anna Berger <anna@berger.example>:",
    "Am Mo., 23. Nov. 2026 um 10:00 Uhr schrieb Anna Berger\n<anna@berger.example>:",
    "Le lun. 23 nov. 2026 à 10:00, Anna Berger <anna@berger.example> a écrit :",
    "El lun, 23 nov 2026 a las 10:00, Anna Berger (<anna@berger.example>) escribió:",
    "Il giorno lun 23 nov 2026 alle ore 10:00 Anna Berger <anna@berger.example> ha scritto:",
    "Op ma 23 nov 2026 om 10:00 schreef Anna Berger <anna@berger.example>:",
    "pon., 23 lis 2026 o 10:00 Anna Berger <anna@berger.example> napisał(a):",
    "W dniu 23.11.2026 o 10:00, Anna Berger napisał(a):",
    "2026-11-23 10:00 GMT+01:00 Anna Berger <anna@berger.example>:",
    "Em seg., 23 de nov. de 2026 às 10:00, Anna Berger <anna@berger.example> escreveu:",
    "Anna Berger <anna@berger.example> escreveu (segunda, 23/11/2026 à(s) 10:00):",
    "Às 10:00 de 23/11/2026, Anna Berger escreveu:",
    "Anna Berger <anna@berger.example> hat am 23.11.2026 10:00 geschrieben:",
    "W dniu 23.11.2026 o 10:00, Anna Berger pisze:",
]


@pytest.mark.parametrize("introduction", INTRODUCTIONS)
def test_an_answer_above_a_quote_is_new_and_the_quote_with_its_introduction_is_not(introduction: str) -> None:
    parts = split_new(REPLY.format(introduction=introduction))
    assert parts.new == "Hello Anna,\n\nyes, Friday works."
    assert "Could we meet" in parts.quoted
    assert "schrieb" not in parts.new
    assert parts.signature == ""


@pytest.mark.parametrize("introduction", INTRODUCTIONS)
def test_history_without_marks_after_its_introduction_is_quoted(introduction: str) -> None:
    parts = split_new(f"Yes.\n\n{introduction}\n\nCould we meet?\n\nAnna\n")
    assert parts.new == "Yes."
    assert "Could we meet?" in parts.quoted


def test_answers_between_quotes_are_new() -> None:
    parts = split_new("On Monday, Anna wrote:\n> Friday?\nYes.\n> Where?\nAt my place.\n")
    assert parts.new == "Yes.\nAt my place."
    assert parts.quoted == "On Monday, Anna wrote:\n> Friday?\n> Where?"


@pytest.mark.parametrize(
    "header",
    [
        "From: Anna Berger\nSent: Monday, 23 November 2026 10:00\nTo: Tom\nSubject: Friday\n",
        "Von: Anna Berger\nGesendet: Montag, 23. November 2026 10:00\nAn: Tom\nBetreff: Freitag\n",
        "*From:* Anna Berger\n*Date:* Monday\n*To:* Tom\n",
        "De : Anna Berger\nEnvoyé : lundi 23 novembre 2026\nÀ : Tom\nObjet : vendredi\n",
        "-----Original Message-----\nFrom: Anna\n",
        "---------- Forwarded message ---------\nFrom: Anna\n",
        "-------- Ursprüngliche Nachricht --------\nVon: Anna\n",
        "________________________________\nVon: Anna\nGesendet: Montag\nAn: Tom\n",
        "De: Ana Berger <ana@b.example>\nEnviada em: segunda-feira, 23 de novembro de 2026 10:00\nPara: Tom\nAssunto: Chave\n",
        "De: Ana Berger\nEnviado: segunda-feira, 23 de novembro\nPara: Tom\nAssunto: Chave\n",
        "-----Mensagem original-----\nDe: Ana\nEnviada: 23\nPara: Tom\nAssunto: x\n",
        "---------- Mensagem encaminhada ---------\nDe: Ana\n",
        "-------- Message transféré --------\nSujet : \tRe: x\nDate : \tMon, 23 Nov 2026\nDe : \tMax "
        "<m@x.example>\nPour : \tTom\n",
        "-------- Mensaje reenviado --------\nAsunto: \tx\nFecha: \tMon\nDe: \tMax <m@x.example>\nPara: \tTom\n",
        "-------- Messaggio Inoltrato --------\nOggetto: \tx\nData: \tMon\nMittente: \tMax <m@x.example>\nA: \tTom\n",
        "-------- Doorgestuurd bericht --------\nOnderwerp: \tx\nDatum: \tMon\nVan: \tMax <m@x.example>\nAan: \tTom\n",
        "-------- Przekazana wiadomość --------\nTemat: \tx\nData: \tMon\nNadawca: \tMax <m@x.example>\nAdresat: \tTom\n",
        "-------- Lähetetty viesti --------\nAihe: \tx\nPäiväys: \tMon\nLähettäjä: \tMax <m@x.example>\nVastaanottaja: \tTom\n",
        "Gesendet: Montag, 23. November 2026 um 10:00 Uhr\nVon: Anna <anna@b.example>\nAn: tom@x.example\nBetreff: x\n",
        "Begin forwarded message:\n\nFrom: Max <m@x>\nSubject: x\nDate: 23 November 2026\nTo: Tom\n",
        "Anfang der weitergeleiteten Nachricht:\n\nVon: Max <m@x>\nBetreff: x\nDatum: 23. November 2026\nAn: Tom\n",
        "Début du message réexpédié :\n\nDe: Max <m@x>\nObjet: x\nDate: 23 novembre 2026\nÀ: Tom\n",
    ],
)
def test_what_follows_the_header_of_an_older_mail_is_quoted(header: str) -> None:
    parts = split_new(f"Yes, gladly.\n\n{header}\nCould we meet?\n")
    assert parts.new == "Yes, gladly."
    assert "Could we meet?" in parts.quoted


@pytest.mark.parametrize(
    ("text", "new", "signature"),
    [
        ("Hello\n-- \nTom\nNordwind", "Hello", "-- \nTom\nNordwind"),
        ("Hello\n\n--\nTom", "Hello", "--\nTom"),
        ("Hello there\n\nBest regards,\nTom", "Hello there", "Best regards,\nTom"),
        ("Hallo\n\nMit freundlichen Grüßen\nTom", "Hallo", "Mit freundlichen Grüßen\nTom"),
        ("Hallo\n\nViele Grüße aus Kiel\nTom", "Hallo", "Viele Grüße aus Kiel\nTom"),
        ("Hello\n\nSent from my phone", "Hello", "Sent from my phone"),
        ("Tudo bem\n\nEnviado do meu iPhone", "Tudo bem", "Enviado do meu iPhone"),
        ("Alles klar\n\nOutlook für iOS beziehen", "Alles klar", "Outlook für iOS beziehen"),
        (
            "Gut.\n\nMit freundlichen Grüßen\nPD Dr. Weber\nKlinik Kiel",
            "Gut.",
            "Mit freundlichen Grüßen\nPD Dr. Weber\nKlinik Kiel",
        ),
        ("Gut.\n\nBeste Grüße\nTom\n\nWir bewegen Menschen", "Gut.", "Beste Grüße\nTom\n\nWir bewegen Menschen"),
        ("Hello\n\n--\nCould you send the plan?\n\nTom", "Hello\n\n--\nCould you send the plan?\n\nTom", ""),
        ("Thanks,\nwe will do that tomorrow?", "Thanks,\nwe will do that tomorrow?", ""),
        ("- one\n- two", "- one\n- two", ""),
        (
            "Best regards to your mother; please answer.\nTom",
            "Best regards to your mother; please answer.\nTom",
            "",
        ),
    ],
)
def test_signatures_are_told_from_text(text: str, new: str, signature: str) -> None:
    parts = split_new(text)
    assert (parts.new, parts.signature) == (new, signature)


@pytest.mark.parametrize(
    ("signed", "postscript"),
    [
        ("Liebe Grüße\nTom", "PS: Bitte bring bis Freitag den Schlüssel mit."),
        ("Best regards,\nTom", "P.S. Please send the signed contract by Friday."),
        ("Best,\nTom", "ps please bring the key"),
        ("Best,\nTom", "P.P.S.: And the map, please, which must be there in time, as you can imagine, all of it, really."),
        ("Cordialement\nLuc", "P.-S. : apporte la clé vendredi."),
        ("Un saludo,\nJuan", "PD: ¿me envías la clave?"),
        ("Un saludo,\nJuan", "P.D. Envíame la clave antes del viernes."),
        ("Saluti,\nLuca", "P.S.: portami la chiave entro venerdì"),
        ("Groetjes,\nJan", "Ps. neem je vrijdag de sleutel mee"),
        ("Pozdrawiam\nOla", "PS Przynieś klucz do piątku."),
        ("Abraços,\nRui", "P.S.: Envie a chave até sexta."),
        ("-- \nTom Fox\nNordwind GmbH", "PS: bring the key by Friday"),
        ("LG\nTom", "Bring bitte noch den Schlüssel mit."),
        ("Best,\n\nTom", "Please don't forget the key for the garden :-)\nIt is on the table."),
    ],
)
def test_what_is_written_below_the_name_is_new(signed: str, postscript: str) -> None:
    parts = split_new(f"All good.\n\n{signed}\n\n{postscript}\n\nSent from my phone")
    assert parts.new == f"All good.\n\n{postscript}"
    assert parts.signature == f"{signed}\n\nSent from my phone"


@pytest.mark.parametrize(
    "text",
    [
        "The plan:\n\nFirst we meet.",
        "On Monday we meet. He wrote: yes.",
        "To: decide\nDate: Friday",
        "Data: piątek",
        "________________________________\nA ruler, and more text.",
        "From: here to there it is far.\nNothing else.",
        "The list:\n\nFrom: Berlin\nTo: Paris\nDate: Friday\n\nCould you book it?",
        "Plan:\n\n=== Original plan ===\n\nCould you read it?",
        "-- Forwarded plans --\n\nCan you look?",
        "I met Anna on 23.11.2026. Later she wrote:\n\nI am late.",
        "--- Agenda ---\nMonday: garden\nTuesday: house\nFriday: boat\n\nCould you come?",
    ],
)
def test_text_that_only_looks_like_history_stays(text: str) -> None:
    assert split_new(text).new == text


HOSTILE = {
    "spaces": " " * 100_000,
    "quotes": ">" * 100_000,
    "On": "On " * 33_000,
    "On lines": "On \n" * 25_000,
    "wrote lines": "On x wrote:\n" * 10_000,
    "wrote": ("On " + "x wrote " * 30 + ":\n") * 400,
    "schrieb": ("Am " + "schrieb " * 35 + "x:\n") * 300,
    "From": "From: x\n" * 12_000,
    "rulers": "_" * 100_000,
    "dashes": "-- \n" * 20_000,
    "newlines": "\n" * 100_000,
    "colons": ":" * 100_000,
    "regards": "regards " * 12_000,
    "header lines": "To: b\n" * 20_000 + "From: a@b\nSubject: c\nTo: x",
    "dated": ("1/1/2026 wrote " * 20 + ":\n") * 300,
    "named": ("<a@" * 100 + ">wrote:\n") * 300,
    "postscripts": "Best,\n\nPS: x\n\n" * 5_000,
    "introductions without end": "On a wrote:\n\n" * 8_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_costs_little(name: str) -> None:
    began = time.process_time()
    split_new(HOSTILE[name])
    # No measurement: the library alone takes minutes over some of these.
    assert time.process_time() - began < 3


_LINES = st.lists(
    st.sampled_from(
        [*"\n".join(INTRODUCTIONS).split("\n"), "> quoted", "text", "-- ", "", "Best regards,", "From: a", "Sent: b"]
    )
)


@given(_LINES)
def test_every_line_goes_to_exactly_one_part_and_stays_as_it_is(lines: list[str]) -> None:
    parts = split_new("\n".join(lines))
    found = [line for part in (parts.new, parts.signature, parts.quoted) for line in part.split("\n") if line]
    assert sorted(line.rstrip() for line in found) == sorted(line.rstrip() for line in lines if line)
