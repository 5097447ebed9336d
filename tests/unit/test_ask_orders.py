"""What the owner tells in a question: which orders are read, in which words, and what is none."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from workflows.ask.orders import order
from workflows.ask.says import language_for

BERLIN = ZoneInfo("Europe/Berlin")
NOW = dt.datetime(2026, 11, 24, 7, tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("text", "kind", "what", "when"),
    [
        ("Remind me to call Tom tomorrow at 3", "task", "call Tom", "2026-11-25 15:00"),
        ("remind me on Friday to water the willow", "task", "water the willow", "2026-11-27 00:00"),
        ("Add a task: buy lavender", "task", "buy lavender", ""),
        ("Erinnere mich morgen um 15 Uhr daran, Tom anzurufen", "task", "Tom anzurufen", "2026-11-25 15:00"),
        ("Rappelle-moi demain d'appeler Claire", "task", "appeler Claire", "2026-11-25 00:00"),
        ("Recuérdame llamar a Lucía el viernes", "task", "llamar a Lucía", "2026-11-27 00:00"),
        ("Put lunch with Ben on Friday at noon into my calendar", "event", "lunch with Ben", "2026-11-27 12:00"),
        (
            "Trag Mittagessen mit Ben am Freitag um 12 Uhr in den Kalender ein",
            "event",
            "Mittagessen mit Ben",
            "2026-11-27 12:00",
        ),
        ("Schedule a call with Rachel next Thursday at 16:00", "event", "a call with Rachel", "2026-11-26 16:00"),
        ("Draft a reply to Rachel saying the figures come today", "draft", "the figures come today", ""),
        ("Schreib eine Antwort an Herrn Brandt: Bitte kommen Sie.", "draft", "Bitte kommen Sie", ""),
        ("Remember that I don't take meetings before ten", "memory", "I don't take meetings before ten", ""),
        ("Please remember Anna is my sister.", "memory", "Anna is my sister", ""),
        ("Don’t forget that Tom is vegetarian", "memory", "Tom is vegetarian", ""),
        ("Don't forget to call Tom tomorrow", "task", "call Tom", "2026-11-25 00:00"),
        ("I'd like you to remember that I hate olives", "memory", "I hate olives", ""),
        ("Vergiss nicht, dass Oma keinen Kuchen mag", "memory", "Oma keinen Kuchen mag", ""),
        ("N'oublie pas que Paul est végétarien", "memory", "Paul est végétarien", ""),
        (f"Remember that {'a ' * 140}b", "memory", f"{'a ' * 140}b", ""),
    ],
)
def test_an_order_has_the_owners_own_words_and_a_time_by_code(text: str, kind: str, what: str, when: str) -> None:
    found = order(text, NOW, BERLIN, language_for(text, "en"))
    assert found is not None
    assert (found.kind, found.what) == (kind, what)
    assert (f"{found.window.start:%Y-%m-%d %H:%M}" if found.window else "") == when


@pytest.mark.parametrize(
    "text",
    [
        "Do you remember that I wrote to Tom?",
        "Remember what Rachel asked?",
        "Remember Anna is where?",
        "What do you remind me to do?",
        "Who said: put the invoice into my calendar?",
        "Did Tom draft a reply to Rachel?",
        "When do I have to answer Rachel?",
    ],
)
def test_a_question_about_such_words_is_no_order(text: str) -> None:
    assert order(text, NOW, BERLIN, "en") is None
