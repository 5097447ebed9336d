"""What the law, companies and filters add to mails asks nothing of their readers; what an author writes beside it does."""

from __future__ import annotations

import time

import pytest

from tools.mail.message import split_new

FOOTERS = [
    "This e-mail is confidential. If you are not the intended recipient, please notify the sender and delete this e-mail.",
    "The information contained in this message is intended only for the named addressee. If you have received this\n"
    "communication in error, please notify us immediately by replying\nand delete it from your computer.",
    "If you received it in error, please inform the sender and destroy all copies.",
    "Please consider the environment before printing this email.",
    "CAUTION: This email originated from outside of the organization. Do not click links or open attachments.",
    "Diese E-Mail enthält vertrauliche und/oder rechtlich geschützte Informationen. Wenn Sie nicht der richtige "
    "Adressat sind oder "
    "diese E-Mail irrtümlich erhalten haben, informieren Sie bitte sofort den Absender und vernichten Sie diese Mail.",
    "Sollten Sie nicht der vorgesehene Empfänger sein, informieren Sie bitte sofort den Absender.",
    "Falls Sie diese Nachricht versehentlich erhalten haben,\nbitten wir Sie, uns zu benachrichtigen und "
    "die\nNachricht zu löschen.",
    "Bitte denken Sie an die Umwelt, bevor Sie diese E-Mail ausdrucken.",
    "Müssen Sie diese E-Mail wirklich ausdrucken? Schützen Sie die Umwelt!",
    "Ce message et toutes les pièces jointes sont confidentiels. Si vous avez reçu ce message par erreur, merci de "
    "le détruire et "
    "d'en avertir immédiatement l'expéditeur.",
    "Si vous n'êtes pas le destinataire de ce courriel, veuillez le supprimer et prévenir l'expéditeur.",
    "Pensez à l'environnement avant d'imprimer ce message.",
    "Si usted ha recibido este mensaje por error, le rogamos que lo comunique al remitente y lo elimine.",
    "Si no es usted el destinatario indicado, le rogamos que nos lo notifique y destruya este correo.",
    "Antes de imprimir este correo piense en el medio ambiente.",
    "Qualora non foste i destinatari, vi preghiamo di avvisare il mittente e di cancellare il messaggio.",
    "Se ha ricevuto questa e-mail per errore, La preghiamo di darcene notizia e di distruggerla.",
    "Rispetta l'ambiente: non stampare questa mail se non è necessario.",
    "Indien u niet de geadresseerde bent of dit bericht ten onrechte heeft ontvangen, verzoeken wij u de afzender "
    "te waarschuwen.",
    "Denk aan het milieu voordat u deze e-mail print.",
    "Jeżeli nie są Państwo jej adresatem lub otrzymali ją Państwo omyłkowo, prosimy o powiadomienie nadawcy i "
    "usunięcie wiadomości.",
    "Zanim wydrukujesz tę wiadomość, pomyśl o środowisku.",
    "Se você recebeu esta mensagem por engano, por favor avise o remetente e apague-a imediatamente.",
    "Caso não seja o destinatário, queira informar o remetente e eliminar esta mensagem.",
    "Antes de imprimir este e-mail pense no meio ambiente.",
]


@pytest.mark.parametrize("footer", FOOTERS)
def test_what_is_added_to_every_mail_is_none_of_its_authors_words(footer: str) -> None:
    for above in ("Hi Anna,\n\nall good.", "Hi Anna,\n\nall good.\n\nBest regards,\nTom"):
        parts = split_new(f"{above}\n\n{footer}\n")
        assert parts.new == "Hi Anna,\n\nall good."
        assert parts.signature.endswith(footer)


@pytest.mark.parametrize("footer", FOOTERS)
def test_words_right_above_what_is_added_stay(footer: str) -> None:
    assert split_new(f"Hi Anna,\n\nCould you call?\n{footer}").new == "Hi Anna,\n\nCould you call?"


def test_words_below_a_filters_warning_stay() -> None:
    warning = "CAUTION: This email originated from outside of the company.\nDo not open attachments unless you know the sender."
    assert split_new(f"{warning}\nHi Anna,\nplease send the plan by Friday.").new == "Hi Anna,\nplease send the plan by Friday."


@pytest.mark.parametrize(
    "text",
    [
        "This message is confidential, so please don't forward it. Could you sign the contract by Friday?",
        "I think I sent you this email by mistake. Could you delete it?",
        "If you paid in error, please tell me by Friday.",
        "Could you print this email for Eva?",
        "Please print the report about the environment before Friday.",
        "Please click the link that Paul sent from outside the office.",
        "Bitte druck die Einladung auf Umweltpapier aus.",
        "Wenn Sie das Paket nicht annehmen, geht es an den Absender zurück. Bitte melden Sie sich bis Freitag.",
        "Falls du das Dokument versehentlich gelöscht hast, schick mir bitte eine neue Kopie.",
        "Sollten Sie die Rechnung irrtümlich erhalten haben, informieren Sie uns bitte bis Freitag.",
        "Si le colis est arrivé par erreur chez toi, peux-tu prévenir l'expéditeur ?",
        "Si ha recibido el paquete por error, avíseme antes del viernes.",
        "Se hai ricevuto la fattura per errore, avvisami entro venerdì.",
        "Als je het pakket per vergissing hebt gekregen, laat het me weten voor vrijdag.",
        "Please delete the old file and notify me by Friday.",
        "If the invoice was sent to you in error, please let me know by Friday.",
    ],
)
def test_words_that_only_sound_like_the_law_stay(text: str) -> None:
    assert split_new(f"Hi Anna,\n\n{text}\n\nTom").new == f"Hi Anna,\n\n{text}\n\nTom"


@pytest.mark.parametrize(
    "text",
    [
        "if you " * 14_000,
        "if you\n" * 14_000,
        "in error " * 11_000,
        "if you got this e-mail in error\n\n" * 3_000,
        "this e-mail " * 9_000,
    ],
)
def test_hostile_footers_cost_little(text: str) -> None:
    began = time.process_time()
    split_new(text)
    assert time.process_time() - began < 3
