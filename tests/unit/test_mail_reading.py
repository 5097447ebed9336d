"""What of a mail a model is to read, in the shapes that mail programs make: nothing that matters is lost or changed."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from butler.core.trimming import trimmed
from tools.mail.reading import to_read

OUTLOOK = """Hi Anna,

yes, Friday suits me.

Best regards,
Tom

________________________________
From: Anna Berger <anna@berger.example>
Sent: Monday, 23 November 2026 10:00
To: Tom Fox
Subject: Friday

Could we meet on Friday?
"""
GMAIL = """Yes, Friday suits me.

On Mon, 23 Nov 2026 at 10:00, Anna Berger <anna@berger.example> wrote:

> Could we meet on Friday?
>
> Anna
"""
APPLE = """Yes, Friday suits me.

Sent from my iPhone

> On 23 Nov 2026, at 10:00, Anna Berger <anna@berger.example> wrote:
>
> Could we meet on Friday?
"""
GERMAN = "Ja, Freitag passt.\n\nAm Mo., 23. Nov. 2026 um 10:00 schrieb Anna <anna@berger.example>:\n\n> Freitag?\n"
FRENCH = "Oui, vendredi.\n\nLe lun. 23 nov. 2026 à 10:00, Anna <anna@berger.example> a écrit :\n> On se voit vendredi ?\n"
SPANISH = (
    "Sí, el viernes.\n\nEl lun, 23 nov 2026 a las 10:00, Anna (<anna@berger.example>) escribió:\n> ¿Nos vemos el viernes?\n"
)
ITALIAN = (
    "Sì, venerdì.\n\nIl giorno lun 23 nov 2026 alle ore 10:00 Anna <anna@berger.example> ha scritto:\n> Ci vediamo venerdì?\n"
)
DUTCH = "Ja, vrijdag.\n\nOp ma 23 nov 2026 om 10:00 schreef Anna <anna@berger.example>:\n> Zien we elkaar vrijdag?\n"


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (OUTLOOK, "Hi Anna,\n\nyes, Friday suits me."),
        (GMAIL, "Yes, Friday suits me."),
        (APPLE, "Yes, Friday suits me."),
        (GERMAN, "Ja, Freitag passt."),
        (FRENCH, "Oui, vendredi."),
        (SPANISH, "Sí, el viernes."),
        (ITALIAN, "Sì, venerdì."),
        (DUTCH, "Ja, vrijdag."),
    ],
)
def test_an_answer_above_its_history_is_read_alone(text: str, read: str) -> None:
    assert to_read(text) == read


def test_of_answers_between_quotes_the_questions_are_read_with_them() -> None:
    quoted = "On Monday, Anna wrote:\n> Hello Tom,\n> we start soon.\n> a\n> b\n> c\n> Friday or Monday?\n"
    text = f"{quoted}Friday.\n> Where?\n\nAt my place.\n> Bye\n"
    assert to_read(text) == "> a\n> b\n> c\n> Friday or Monday?\nFriday.\n> Where?\n\nAt my place."


@pytest.mark.parametrize(
    "pointer",
    [
        *("Could you answer the question below?", "Siehe unten, was meinst du?", "Qu'en penses-tu ? (voir ci-dessous)", "FYI"),
        *("¿Qué te parece? Ver abajo.", "Vedi sotto, che ne dici?", "Zie hieronder. Wat vind je?"),
    ],
)
def test_what_a_short_text_points_at_is_read_too(pointer: str) -> None:
    text = f"{pointer}\n\nBest,\nTom\n\nOn Monday, Eva Keller <eva@keller.example> wrote:\n> Can the roof wait until May?\n"
    read = to_read(text)
    assert read.startswith(pointer)
    assert "> Can the roof wait until May?" in read
    assert "Best,\nTom" not in read


def test_a_mail_sent_on_without_a_word_is_read() -> None:
    head = "---------- Forwarded message ---------\nFrom: Eva <eva@keller.example>\nDate: Mon\nSubject: Roof\nTo: Tom\n\n"
    text = f"{head}Can the roof wait?\n"
    assert "Can the roof wait?" in to_read(text)


ADDED = [
    "Unsubscribe: https://news.example/u/123",
    "To unsubscribe click here.",
    "Newsletter abbestellen: https://news.example/ab",
    "Hier können Sie sich abmelden.",
    "Se désabonner : https://news.example/d",
    "Cliquez ici pour vous désinscrire.",
    "Para darse de baja haga clic aquí.",
    "Per disiscriverti clicca qui: https://news.example/x",
    "Uitschrijven: klik hier",
    "View this email in your browser: https://news.example/v",
    "Diese Nachricht im Browser ansehen: https://news.example/v",
    "Voir cet e-mail dans votre navigateur : https://news.example/v",
    "You are receiving this email because you signed up at our shop.",
    "Sie erhalten diese E-Mail, weil Sie sich angemeldet haben.",
    "Vous recevez cet e-mail car vous êtes inscrit.",
    "Recibes este correo porque estás suscrito.",
    "Ricevi questa e-mail perché sei iscritto.",
    "Je ontvangt deze e-mail omdat je je hebt aangemeld.",
    "[image: Logo]",
    "<https://click.news.example/wf/open?upn=abcdefghijklmnop>",
    "© 2026 Nursery Ltd, all rights reserved",
    "Geschäftsführer: Max Muster, Amtsgericht Kiel HRB 1234",
    "Registered office: 1 Harbour Road, London",
    "Siège social : 1 rue du Port, Nantes",
    "Partita IVA 01234567890",
    "KvK-nummer 12345678",
    "Follow us on the usual channels",
]


@pytest.mark.parametrize("added", ADDED)
def test_what_programs_add_is_left_away_and_the_words_beside_it_stay(added: str) -> None:
    assert trimmed(f"The roses are here.\n{added}\nCall me by Friday.") == "The roses are here.\nCall me by Friday."
    assert trimmed(added) == added


@pytest.mark.parametrize(
    "words",
    [
        "Could you unsubscribe me here: https://news.example/u?",
        "Please unsubscribe my mother from the list.",
        "Ich habe den Newsletter abbestellt, wie du wolltest.",
        "The offer is at https://nursery.example/offers/2026",
        "https://nursery.example/offers/2026",
        "I am in the garden, follow us when you can, it is by the lake behind the old mill, where we were last summer.",
        "We received the email because Eva sent it on.",
        "The manager of the office is ill.",
        "Can you see this in your browser?",
    ],
)
def test_what_a_person_writes_of_such_things_stays(words: str) -> None:
    assert trimmed(f"Hi Anna,\n{words}\nTom") == f"Hi Anna,\n{words}\nTom"


def test_a_passage_that_must_be_shown_stays_whatever_line_it_stands_in() -> None:
    line = "Unsubscribe before 1 December here: https://news.example/u"
    assert trimmed(f"Hello.\n{line}\nBye.", [line]) == f"Hello.\n{line}\nBye."


_LINES = st.lists(
    st.one_of(
        st.sampled_from(
            [
                *ADDED,
                "> Friday?",
                "> Where?",
                "Yes.",
                "At my place.",
                "",
                "On Monday, Anna wrote:",
                "Best regards,",
                "Tom",
                "-- ",
                *("See below.", "From: a@b.example", "Sent: Monday", "To: c", "Subject: d", "FYI"),
            ]
        ),
        st.text(max_size=30).map(lambda text: text.replace("\n", " ").replace("\r", " ")),
    ),
    max_size=14,
)


@given(_LINES)
def test_all_that_is_read_stands_in_the_mail_in_its_order(lines: list[str]) -> None:
    text = "\n".join(lines)
    for read in (to_read(text), trimmed(text)):
        left = iter(text.split("\n"))
        for line in filter(str.strip, read.split("\n")):
            assert any(line.strip() == each.strip() for each in left), (line, text)


@given(_LINES)
def test_no_question_of_the_author_is_lost(lines: list[str]) -> None:
    text = "\n".join((*lines, "Is the roof done?", *lines))
    assert "Is the roof done?" in trimmed(text)


@pytest.mark.parametrize(
    "text",
    [
        "you are receiving " * 20_000,
        "[image: " * 20_000,
        "https://a " * 20_000,
        "> a\nb\n" * 15_000,
        "unsubscribe here\n" * 15_000,
        *("(" * 100_000, " " * 100_000, "© " * 50_000),
    ],
    ids=range(8),
)
def test_hostile_text_costs_little(text: str) -> None:
    began = time.process_time()
    to_read(text)
    # No measurement: a pattern that goes back and forth takes minutes over some of these.
    assert time.process_time() - began < 3


@pytest.mark.parametrize(
    "line",
    [
        "You received this email because your invoice of 129,00 EUR is due on 5 December 2026.",
        "Wer nicht kommt, möge sich bis Freitag hier abmelden: https://kita.example/ab",
        "To opt out of the dinner (35 € each) tell Eva, her link: https://eva.example",
        "Copyright for the photos ends on 31 December 2026.",
        "Steuernummer: bitte nachreichen",
        "Vorstand wählt am 3. Dezember neu.",
        "Annuler l'abonnement avant le 2 décembre ici, se désabonner : https://gaz.example",
        "Darse de baja antes del viernes aquí: https://gym.example",
    ],
)
def test_no_day_amount_or_plea_is_taken_for_boilerplate(line: str) -> None:
    assert trimmed(f"Hello.\n{line}\nBye.") == f"Hello.\n{line}\nBye."


@pytest.mark.parametrize(
    "line",
    [
        "Pour ne plus recevoir nos e-mails, cliquez ici : https://news.example/u",
        "Si no deseas recibir más correos, haz clic aquí: https://news.example/u",
        "Se non visualizzi correttamente questa email clicca qui: https://news.example/v",
        "View in browser",
        "Unsubscribe | Privacy policy",
        "Bees mailing list -- bees@lists.example",
        "To unsubscribe send an email to bees-leave@lists.example",
    ],
)
def test_footers_in_more_words_are_left_away(line: str) -> None:
    assert trimmed(f"The roses are here.\n{line}\nCall me.") == "The roses are here.\nCall me."


SENT_ON = (
    "From: Eva <eva@keller.example>\nSent: Monday, 23 November 2026 10:00\nTo: Tom\nSubject: Roof\n\nThe roof costs 900 €.\n"
)


@pytest.mark.parametrize(
    ("head", "subject"),
    [
        ("---------- Forwarded message ---------\n", ""),
        ("---------- Message transféré ---------\n", ""),
        ("-------- Weitergeleitete Nachricht --------\n", ""),
        ("Begin forwarded message:\n\n", ""),
        *(("", "Fwd: Roof"), ("", "WG: Dach"), ("", "TR: Toit")),
    ],
)
def test_what_was_sent_on_with_a_word_is_read_below_it(head: str, subject: str) -> None:
    read = to_read(f"What do you think?\n\nBest,\nTom\n\n{head}{SENT_ON}", subject)
    assert read.startswith("What do you think?")
    assert "The roof costs 900 €." in read
    assert "Best,\nTom" not in read


@pytest.mark.parametrize("subject", ["Re: Roof", "AW: WG: Dach", "Forward planning"])
def test_what_was_answered_is_not_taken_for_sent_on(subject: str) -> None:
    assert to_read(f"Yes, let us do it.\n\n{SENT_ON}", subject) == "Yes, let us do it."


def test_answers_that_are_said_to_stand_below_are_read() -> None:
    assert "900 €" in to_read(f"Hallo, meine Antworten unten in rot.\n\n{SENT_ON}")


def test_a_signed_mail_is_read_without_its_armour() -> None:
    head, foot = (
        "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n",
        "-----BEGIN PGP SIGNATURE-----\n\niQEz\n-----END PGP SIGNATURE-----",
    )
    assert to_read(f"{head}\nFriday at 9?\nTom\n{foot}\n\nA list's foot") == "Friday at 9?\nTom\n\nA list's foot"
    # What only looks like one stays whole.
    for half in (f"{head}\nFriday?", f"Friday?\n{foot}", f"{foot}\n{head}\nFriday?"):
        assert trimmed(half) == half


@pytest.mark.parametrize(
    "line",
    [
        "Sent from Yahoo Mail on Android",
        "Sent from Mail for Windows",
        "Sent with [Proton Mail](https://proton.me/) secure email.",
    ],
)
def test_the_signatures_of_programs_are_not_read(line: str) -> None:
    assert to_read(f"Deal: 320 CHF?\n\n{line}\n") == "Deal: 320 CHF?"


@pytest.mark.parametrize(
    "head",
    [
        "От: Anna <anna@b.example>\nОтправлено: 23 ноября 2026 г. 10:00\nКому: Иван\nТема: Встреча",
        "Від: Anna <anna@b.example>\nНадіслано: 23 листопада 2026 р. 10:00\nКому: Іван\nТема: Зустріч",
        "发件人: Anna <anna@b.example>\n发送时间: 2026年11月23日 10:00\n收件人: Li\n主题: 付款",
        "差出人： Anna <anna@b.example>\n送信日時： 2026年11月23日 10:00\n宛先： 田中\n件名： 見積",
        "보낸 사람: Anna <anna@b.example>\n보낸 날짜: 2026년 11월 23일 10:00\n받는 사람: 김\n제목: 회의",
        "Kimden: Anna <anna@b.example>\nGönderildi: 23 Kasım 2026 10:00\nKime: Ali\nKonu: Toplantı",
        "Από: Anna <anna@b.example>\nΣτάλθηκε: 23 Νοεμβρίου 2026 10:00\nΠρος: Νίκος\nΘέμα: Συνάντηση",
        "من: Anna <anna@b.example>\nتاريخ الإرسال: 23 نوفمبر 2026\nإلى: علي\nالموضوع: اجتماع",
        "מאת: Anna <anna@b.example>\nנשלח: 23 נובמבר 2026\nאל: דן\nנושא: פגישה",
        "Lähettäjä: Anna <anna@b.example>\nLähetetty: 23. marraskuuta 2026 10:00\nVastaanottaja: Matti\nAihe: Kokous",
        "Feladó: Anna <anna@b.example>\nElküldve: 2026. november 23., hétfő 10:00\nCímzett: Béla\nTárgy: Találkozó",
    ],
)
def test_headers_of_older_mails_are_known_in_more_languages(head: str) -> None:
    assert to_read(f"15:00 OK.\n\n{head}\n\nold words") == "15:00 OK."


@pytest.mark.parametrize("line", ["Отправлено с iPhone", "发自我的iPhone", "iPhoneから送信", "iPhone'umdan gönderildi"])
def test_telephones_sign_in_more_languages(line: str) -> None:
    assert to_read(f"15:00 OK.\n\n{line}\n") == "15:00 OK."


@pytest.mark.parametrize(
    "text",
    [
        "Name: Tom\nVon: 12.12.2026\nBis: 14.12.2026\nAn: Hotel\nBetreff: Zimmer\n\nBitte bestätigen.",
        "Ok!\n\nBest regards,\nTom\nI will bring the 30 € on Monday.",
        "Passt.\n\nViele Grüße\nTom\n\nIch überweise die 200 € bis Freitag.",
    ],
)
def test_forms_and_promises_below_a_name_are_read(text: str) -> None:
    assert to_read(text).endswith(text.rsplit("\n", maxsplit=1)[-1])


def test_a_question_beside_the_trees_is_read_and_that_about_them_is_not() -> None:
    trees = "Please consider the environment: do you have to print this mail?"
    asked = f"{trees} Also, can you pay the 40 € by Friday?"
    assert to_read(f"Hi.\n\n{asked}") == f"Hi.\n\n{asked}"
    assert to_read(f"Hi.\n\n{trees}") == "Hi."
