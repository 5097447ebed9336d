"""Sentences over several lines: those that were only wrapped stay whole, lists and short lines stay apart."""

from __future__ import annotations

import time

import pytest

from workflows.briefing.sentences import questions, sentence


@pytest.mark.parametrize(
    "text",
    [
        "Wann kommst du\nmorgen an?",
        "wann kommst du\nmorgen an?",
        "Could you send me\nthe plan?",
        "Kannst du mir die\nUnterlagen schicken?",
        "Kannst du das bis\nFreitag schicken?",
        "Could you bring it on\nMonday?",
        "Does it work by Friday\n27 November 2026 for you?",
        "Geht es am Freitag\n27.11. bei dir?",
        "Peux-tu apporter le\nplan vendredi ?",
        "Puoi portare la\nchiave venerdì?",
        "¿Puedes traer el\nplano el viernes?",
        "Kun je het plan voor\nvrijdag sturen?",
        "Czy możesz przynieść\nklucz w piątek?",
        "Você pode trazer a\nchave na sexta?",
        "Could you bring the plan, the list, the map,\nthe key and the boat to the garden on Friday?",
        "Haben Sie noch die Unterlagen vom Sommer, die Herr\nWinter unserer Familie zur Ansicht überlassen hatte?",
    ],
)
def test_a_question_over_lines_is_quoted_whole(text: str) -> None:
    assert list(questions(f"Hi Anna,\n{text}\nTom")) == [text]


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Hi Anna\ncan you call me?", "can you call me?"),
        ("Hallo zusammen\nwann kommt ihr?", "wann kommt ihr?"),
        ("Guten Morgen,\nwann kommst du?", "wann kommst du?"),
        ("All good here\nCan you call me?", "Can you call me?"),
        ("all good here\ncan you call me?", "can you call me?"),
        ("Bring the list\nMilk\nEggs\nWhat else?", "What else?"),
        ("Bring:\n- milk\n- what else?", "- what else?"),
        ("24.11. Yoga\n1.12. Chor?", "1.12. Chor?"),
        ("Date: Friday\nPlace: Kiel\nWhat else?", "What else?"),
        ("Can you come?\nthanks\nTom", "Can you come?"),
        (
            "Rechnungsbetrag insgesamt 99,00 Euro brutto\nWer zahlt das?\n"
            + "Das steht auch im Vertrag vom letzten Jahr. " * 3,
            "Wer zahlt das?",
        ),
    ],
)
def test_lines_that_stand_alone_are_not_drawn_into_a_question(text: str, asked: str) -> None:
    assert next(questions(text)) == asked


@pytest.mark.parametrize(
    ("text", "words", "whole"),
    [
        ("I'll send you the photos\nby Friday", "I'll send", "I'll send you the photos\nby Friday"),
        ("Invoice date: 24.11.2026\nDue on: 08.12.2026", "Due on", "Due on: 08.12.2026"),
        ("Please send the plan by Friday\nthanks\nTom", "Please send", "Please send the plan by Friday"),
        ("Please send the plan by Friday\nGrüße\nTom", "Please send", "Please send the plan by Friday"),
        ("The fee is due by\n27 November.", "due", "The fee is due by\n27 November."),
    ],
)
def test_a_sentence_goes_on_where_its_line_was_only_wrapped(text: str, words: str, whole: str) -> None:
    at = text.index(words)
    assert sentence(text, at, at + len(words)) == whole


@pytest.mark.parametrize("text", ["\n" * 20_000 + "a?", "a\n" * 20_000 + "?", "a b?\n" * 5_000, "x" * 50_000 + "\n?"])
def test_hostile_lines_cost_little(text: str) -> None:
    began = time.process_time()
    list(questions(text))
    assert time.process_time() - began < 3
