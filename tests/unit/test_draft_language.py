"""In which language a text is, and the names in it that nobody gave."""

from __future__ import annotations

import pytest

from workflows.draft_reply.language import LANGUAGES, NAMES, language_of
from workflows.draft_reply.names import unknown_names

SENTENCES = {
    "en": "Could you tell me when the trees will be here? I would like to be there.",
    "de": "Kannst du mir sagen, wann die Bäume kommen? Ich wäre gern dabei.",
    "fr": "Pourriez-vous me dire quand les arbres seront là ? Je voudrais être présente.",
    "es": "¿Puedes decirme cuándo llegan los árboles? Me gustaría estar allí.",
    "it": "Puoi dirmi quando arrivano gli alberi? Mi piacerebbe essere lì con te.",
    "nl": "Kun je me zeggen wanneer de bomen komen? Ik zou er graag bij zijn.",
    "pl": "Czy możesz mi powiedzieć, kiedy będą drzewa? Bardzo chcę tam być.",
    "pt": "Podes dizer-me quando chegam as árvores? Gostava de estar aí com você.",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_known_language_is_told_from_the_others(language: str) -> None:
    assert language_of(SENTENCES[language]) == language
    assert language in NAMES


@pytest.mark.parametrize("text", ["", "OK!", "1187", "Tom"])
def test_what_says_too_little_is_taken_for_what_is_expected(text: str) -> None:
    assert language_of(text, "fr") == "fr"
    assert language_of(text) == ""


@pytest.mark.parametrize(
    "text",
    [
        "Можете ли вы прислать мне чертежи до пятницы? Спасибо.",
        "金曜日までに図面を送っていただけますか。",
        "Μπορείτε να μου στείλετε τα σχέδια;",
        "Lähettäisitkö minulle piirustukset perjantaihin mennessä, jotta voimme tilata kasvit ajoissa ennen talvea?",
    ],
)
def test_a_language_that_code_cannot_write_is_said_to_be_none(text: str) -> None:
    assert language_of(text, "en") is None


@pytest.mark.parametrize(
    ("language", "text", "names"),
    [
        ("en", "I will ask Markus and Helga.", ["Markus", "Helga"]),
        ("en", "Markus will come. Everything is fine. It was good.", ["Markus"]),
        ("en", "Tom's plan is fine, and so is Tom.", []),
        ("de", "Ich frage Markus. Die Rechnung habe ich, und Sie bekommen die Antwort.", ["Markus"]),
        ("de", "Frau Schulze hat die Zeitung, sagt Tom.", ["Schulze"]),
        ("fr", "Je demande à Marcel. Tout est prêt.", ["Marcel"]),
        ("es", "Le digo a Marcelo que venga. Todo está listo.", ["Marcelo"]),
    ],
)
def test_names_are_found_and_everything_else_is_not(language: str, text: str, names: list[str]) -> None:
    assert unknown_names(text, "From Tom.", language) == names


def test_a_name_is_known_with_and_without_accents_and_endings() -> None:
    assert unknown_names("That is Ines' idea, and Lucia's too.", "Inês and Lucía", "en") == []
