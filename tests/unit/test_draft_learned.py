"""From what the model said and what its owner made of the letter to the answer that is learned."""

from __future__ import annotations

import json
from typing import Any

import pytest

from workflows.draft_reply.learned import learned
from workflows.draft_reply.wordings import _OFFERS

SAID: dict[str, Any] = {
    "body": "Thank you for asking.",
    "answers": [{"question": 1, "text": "I will look today."}, {"question": 2, "text": "Yes, it is gone."}],
    "offers": [],
    "unsure": True,
}
SIGNED = "\n\nAll the best,\nAnna\n\n-- \nAnna Berger\nBerlin"
BEFORE = f"Dear Tom,\n\nThank you for asking.\n\nI will look today.\n\nYes, it is gone.{SIGNED}"


def told(after: str, said: dict[str, Any] | None = None, before: str = BEFORE) -> dict[str, Any] | None:
    found = learned(json.dumps(said or SAID), before, after, "Anna Berger")
    return None if found is None else dict(json.loads(found))


def test_an_untouched_letter_teaches_what_the_model_said() -> None:
    assert told(BEFORE) == SAID
    assert told(BEFORE.replace("Berlin", "Kiel")) == SAID


def test_a_changed_paragraph_becomes_the_opening_and_those_left_stay_answers() -> None:
    after = BEFORE.replace("Thank you for asking.", "Good that you ask!").replace("I will look today.", "Eva looks on Monday.")
    assert told(after) == {
        "body": "Good that you ask!\n\nEva looks on Monday.",
        "answers": [SAID["answers"][1]],
        "offers": [],
        "unsure": False,
    }


def test_greeting_closing_signature_and_quoted_questions_are_not_learned() -> None:
    after = f"Hi Tom!\n\n> Is the hawthorn gone?\nGone since May.{SIGNED}".replace("All the best", "Cheers")
    assert told(after) == {"body": "Gone since May.", "answers": [], "offers": [], "unsure": False}


def test_times_that_code_offered_stay_offers_and_times_by_hand_teach_nothing() -> None:
    said = {**SAID, "answers": [], "offers": [1]}
    offered = f"{_OFFERS['en']}\n- Wednesday 25 November, 11:00–12:00"
    before = f"Dear Tom,\n\nThank you for asking.\n\n{offered}{SIGNED}"
    kept = told(before.replace("Thank you for asking.", "Gladly."), said, before)
    assert kept == {"body": "Gladly.", "answers": [], "offers": [1], "unsure": False}
    assert told(before.replace(offered, "Come at 15:30."), said, before) is None
    without = told(before.replace(offered, "Call me."), said, before)
    assert without == {"body": "Thank you for asking.\n\nCall me.", "answers": [], "offers": [], "unsure": False}


@pytest.mark.parametrize("body", ["word " * 250, "[…]"])
def test_what_no_answer_could_be_teaches_nothing(body: str) -> None:
    assert told(f"Dear Tom,\n\n{body}{SIGNED}") is None


@pytest.mark.parametrize("answer", ["", "{}", '{"body": 1}', "[]"])
def test_an_answer_that_is_none_teaches_nothing(answer: str) -> None:
    assert learned(answer, BEFORE, BEFORE, "Anna Berger") is None
