"""Deadlines in notes: cues, open tasks, and what is done or only code."""

from __future__ import annotations

import pytest
from briefing_day import DAY, at, note

from workflows.briefing.rules import note_dues


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("- [ ] pay the rent due 2026-11-30", "2026-11-30"),
        ("- [ ] call the plumber 📅 2026-12-01", "2026-12-01"),
        ("* [/] paint the door 5.12.", "2026-12-05"),
        ("Tax return due:: 2026-12-03", "2026-12-03"),
        ("Abgabe bis 3.12.", "2026-12-03"),
        ("Book the ferry before 30 November!", "2026-11-30"),
        ("  > 1. [ ] deadline: 2026-12-24", "2026-12-24"),
    ],
)
def test_an_open_line_with_a_date_is_a_deadline(line: str, day: str) -> None:
    found = note_dues(note(f"# House\n\n{line}\n"), DAY)
    assert [(one.line, one.due.day.isoformat(), one.due.quote) for one in found] == [(3, day, line.strip())]


@pytest.mark.parametrize(
    "text",
    [
        "- [x] pay the rent due 2026-11-30",
        "- [-] call the plumber 📅 2026-12-01",
        "- [ ] done one 📅 2026-12-01 ✅ 2026-11-20",
        "~~Abgabe bis 3.12.~~",
        "```\ndue 2026-11-30\n```",
        "- [ ] water the roses on Friday",
        "We met on 3.12.",
        "due 2026-13-45",
        "",
    ],
)
def test_done_struck_and_plain_lines_are_none(text: str) -> None:
    assert note_dues(note(text), DAY) == ()


def test_a_days_note_counts_from_the_day_in_its_name() -> None:
    text = "Send the plan by Friday."
    assert note_dues(note(text, "2026-11-10 meeting.md"), DAY)[0].due.day.isoformat() == "2026-11-13"
    assert note_dues(note(text, "2026-99-10.md"), DAY)[0].due.day.isoformat() == "2026-11-27"


def test_a_note_from_the_future_counts_from_today() -> None:
    assert note_dues(note("by Friday", modified=at(29, 9)), DAY)[0].due.day.isoformat() == "2026-11-27"


def test_a_note_gives_fifty_deadlines_at_most() -> None:
    assert len(note_dues(note("- [ ] x 📅 2026-12-01\n" * 90), DAY)) == 50
