"""The demo's briefing, through every real part from Maildir to Markdown, held to what a person says it must contain."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from household_expectations import NEVER_SHOWN, SECTIONS, must, must_not

from butler.core.briefing import Briefing, Line
from butler.core.text import one_line
from butler.demo import Demo, house_of, run_demo
from butler.store.reads import Shown

DAYS = (dt.date(2026, 11, 24), dt.date(2026, 10, 25), dt.date(2027, 1, 1), dt.date(2028, 2, 29))
"""A Tuesday, the end of summer time (a Sunday), New Year's Day, a leap day."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Callable[[dt.date], Demo]:
    """The demo of a day, made once."""
    return cache(lambda day: run_demo(tmp_path_factory.mktemp("household"), day))


@pytest.fixture(scope="module", params=DAYS, ids=str)
def demo(request: pytest.FixtureRequest, made: Callable[[dt.date], Demo]) -> Demo:
    return made(request.param)


def lines(briefing: Briefing, section: str) -> list[Line]:
    return [line for found in briefing.sections if found.name == section for line in found.lines]


def test_everything_that_it_must_say_is_said(demo: Demo) -> None:
    missing = []
    for expected in must(demo.household.day):
        citing = [
            line
            for line in lines(demo.today.briefing, expected.section)
            if any(evidence.ref == expected.ref for evidence in line.evidence)
        ]
        said = " ".join(part for line in citing for part in (line.text, *(evidence.quote or "" for evidence in line.evidence)))
        if not citing or one_line(expected.words, 2000) not in one_line(said, 100_000):
            missing.append((expected.section, expected.ref, expected.why, expected.words, said))
    assert missing == []


def test_nothing_stands_where_it_has_no_business(demo: Demo) -> None:
    wrong = [
        (expected.section, expected.ref, expected.why, line.text)
        for expected in must_not(demo.household.day)
        for line in lines(demo.today.briefing, expected.section)
        if any(evidence.ref == expected.ref for evidence in line.evidence)
    ]
    assert wrong == []


def test_hidden_words_and_orders_to_the_assistant_are_in_no_line_and_no_file(demo: Demo) -> None:
    assert demo.today.path is not None
    shown = demo.today.path.read_text() + " ".join(line.text for each in demo.today.briefing.sections for line in each.lines)
    assert [words for words in NEVER_SHOWN if words in shown] == []


def test_sections_come_in_their_order_and_every_line_cites_what_exists(demo: Demo) -> None:
    briefing = demo.today.briefing
    names = [section.name for section in briefing.sections]
    assert names == [name for name in SECTIONS if name in names]
    with house_of(demo.household) as house:
        for section in briefing.sections:
            for line in section.lines:
                assert line.evidence, line.text
                for evidence in line.evidence:
                    words = readable(house.show(evidence.ref))
                    assert evidence.quote is None or evidence.quote in words, (line.text, evidence)


def readable(shown: Shown) -> str:
    """All words of what a reference points at."""
    message = getattr(shown, "message", None)
    if message is not None:
        return f"{message.subject}\n{message.text}\n{message.calendar}"
    value = getattr(shown, "occurrence", None) or getattr(shown, "task", None)
    if value is not None:
        return f"{value.summary}\n{value.description}\n{getattr(value, 'location', '')}"
    return str(getattr(shown, "text", ""))


def test_it_is_composed_by_rules_and_every_source_is_fresh(demo: Demo) -> None:
    briefing = demo.today.briefing
    assert (briefing.composed_by, briefing.model, briefing.quiet) == ("rules", None, False)
    assert {source.state for source in briefing.sources} == {"fresh"}
    assert demo.today.notice.startswith("Composed by rules alone")


def test_it_is_the_same_however_often_it_is_made(made: Callable[[dt.date], Demo], tmp_path: Path) -> None:
    first, second = made(DAYS[0]), run_demo(tmp_path / "again", DAYS[0])
    assert first.today.briefing == second.today.briefing
    assert first.today.path is not None
    assert second.today.path is not None
    assert first.today.path.read_bytes() == second.today.path.read_bytes()
