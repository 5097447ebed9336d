"""The chapter on exams says how they are scored, as the code does."""

from __future__ import annotations

import re
from pathlib import Path

from butler.core.scoring import DIMENSIONS
from butler.exams.own import DAYS, LEAST, LEAST_OF_EACH, MOST_OF_EACH

TEXT = (Path(__file__).parents[2] / "docs" / "model.md").read_text(encoding="utf-8").partition("## Exams")[2]


def test_every_score_stands_there_with_its_weight_and_floor() -> None:
    rows = re.findall(r"^\| ([^|]+?) \| (\d) \| ([^|]+?) \| [^|]+ \|$", TEXT, re.MULTILINE)

    assert rows == [(one.title, str(one.weight), f"{one.floor * 100:.0f} %" if one.floor else "–") for one in DIMENSIONS]


def test_the_card_that_is_shown_has_the_scores_of_an_exam_that_ships() -> None:
    card = TEXT.partition("```text")[2].partition("```")[0]
    shown = re.findall(r"^(\S.{21}).*?\d+/\d+ +\d+% +\d+%–\d+%", card, re.MULTILINE)

    assert [title.strip() for title in shown] == [one.title for one in DIMENSIONS if one.key != "likeness"]


def test_the_bounds_of_the_owners_own_exam_are_told() -> None:
    text = " ".join(TEXT.split())
    assert f"looks back {DAYS} days, takes at most {MOST_OF_EACH} mails of each kind" in text
    assert f"with fewer than {LEAST} in all or {LEAST_OF_EACH} of one kind" in text
