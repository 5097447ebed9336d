"""The page on the review page says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from butler.store import waiting
from butler.web import ask, daylines, evidence, review, routes, search, shown, sources, timeline

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "page.md").read_text(encoding="utf-8")


def numbers(text: str) -> list[int]:
    return [int(number.replace(",", "")) for number in re.findall(r"\d[\d,]*", text)]


def chapter(title: str) -> str:
    """The text below a heading."""
    return " ".join(PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0].split())


def test_the_drawing_of_the_day_has_the_told_measures() -> None:
    assert f"at most {timeline.COLUMNS} of them and a count of the rest" in chapter("Today")
    assert f"at least the height of {timeline.LEAST} minutes" in chapter("Today")
    assert f"its first {daylines.SHOWN} lines; the rest is on pages of {daylines.PAGE}" in chapter("Today")


def test_the_limits_of_the_evidence_are_those_of_the_code() -> None:
    rows = re.findall(r"^\| ([^|]+) \| ([\d,]+) \|$", PAGE, re.MULTILINE)
    assert [numbers(most)[0] for _, most in rows] == [
        evidence.AT_ONCE,
        sources.AROUND,
        sources.WHOLE,
        sources.PAGE,
        sources.PEOPLE,
    ]
    assert f"before {sources.MORE_PEOPLE} more are opened" in PAGE


def test_review_has_the_told_order_limits_and_keys() -> None:
    told = chapter("Review")
    assert f"what is over within {waiting.SOON.days} days" in told
    assert f"There are {review.PAGE} on a page, {review.SMALL_PAGE} where only moves or marks are shown" in told
    assert f"What is longer than {shown.LONGEST:,} characters is named only" in told
    assert f"what failed within the last {review.FAILED_LATELY.days} days" in told
    script = (routes.STATIC / "butler.js").read_text(encoding="utf-8")
    keys = re.findall(r'^  "?([^\s"])"?: \(\) =>', script.partition("const KEYS")[2].partition("};")[0], re.MULTILINE)
    assert sorted(re.findall(r"`(.)`", told)) == sorted(keys)


def test_the_page_that_finds_things_has_the_told_limit() -> None:
    assert f"{search.PAGE} on a page" in chapter("Search")


def test_the_page_for_questions_has_the_told_limits() -> None:
    assert f"the conversations there are, {ask.PAGE} on a page" in chapter("Ask")
    assert f"shows the last {ask.SHOWN} questions" in chapter("Ask")
