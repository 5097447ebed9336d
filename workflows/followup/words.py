"""What code writes into a follow-up, in the language of the mail: neither familiar nor formal, so that it suits anybody."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Literal

from workflows.draft_reply.wordings import day_words

Matter = Literal["question", "promise"]

_ASKED: Mapping[str, str] = {
    "en": "I would like to come back to my question of {day}:",
    "de": "ich komme noch einmal auf meine Frage vom {day} zurück:",
    "fr": "Je me permets de revenir sur ma question du {day} :",
    "es": "Quería volver sobre mi pregunta del {day}:",
    "it": "Torno sulla mia domanda del {day}:",
    "nl": "Ik kom nog even terug op mijn vraag van {day}:",
    "pl": "Wracam do mojego pytania z {day}:",
    "pt": "Volto à minha pergunta de {day}:",
}
_PROMISED: Mapping[str, str] = {
    "en": "The mail of {day} says:",
    "de": "in der Mail vom {day} heißt es:",
    "fr": "Dans le message du {day}, on lit :",
    "es": "En el mensaje del {day} se lee:",
    "it": "Nel messaggio del {day} si legge:",
    "nl": "In het bericht van {day} staat:",
    "pl": "W wiadomości z {day} czytam:",
    "pt": "Na mensagem de {day} lê-se:",
}
_NEWS: Mapping[str, str] = {
    "en": "Is there any news on this? Thank you in advance.",
    "de": "Gibt es dazu schon etwas Neues? Vielen Dank im Voraus.",
    "fr": "Y a-t-il du nouveau à ce sujet ? Merci d'avance.",
    "es": "¿Hay alguna novedad al respecto? Gracias de antemano.",
    "it": "Ci sono novità al riguardo? Grazie in anticipo.",
    "nl": "Is daar al nieuws over? Alvast bedankt.",
    "pl": "Czy są już w tej sprawie jakieś wieści? Z góry dziękuję.",
    "pt": "Há alguma novidade sobre isto? Obrigado desde já.",
}
_MARKS: Mapping[str, tuple[str, str]] = {
    "en": ("“", "”"),
    "de": ("„", "“"),
    "fr": ("« ", " »"),
    "es": ("«", "»"),
    "it": ("«", "»"),
    "nl": ("“", "”"),
    "pl": ("„", "”"),
    "pt": ("“", "”"),
}
LANGUAGES = frozenset(_NEWS)


def body(language: str, matter: Matter, day: dt.date, quote: str) -> str:
    """The three paragraphs of a follow-up: what it is about and when that was, the words themselves, and the question."""
    opening = (_ASKED if matter == "question" else _PROMISED)[language]
    before, after = _MARKS[language]
    return "\n\n".join((opening.format(day=_day(language, day)), f"{before}{quote}{after}", _NEWS[language]))


def _day(language: str, day: dt.date) -> str:
    """The day as it stands in these sentences: without its weekday, which some languages would have to inflect."""
    return day_words(language, day).partition(", ")[2] or day_words(language, day).partition(" ")[2]
