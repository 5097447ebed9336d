"""Pages that workflows wrote, read again: no mark of Markdown is left, and each line knows what it rests on."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from butler.core.briefing import Evidence, Line
from butler.core.errors import UnknownRefError
from butler.core.text import one_line
from butler.web import papers
from butler.web.papers import Piece
from workflows.pages.page import Block, Page, render

SNAPSHOTS = Path(__file__).resolve().parents[1] / "snapshots" / "pages"
NOW = dt.datetime(2026, 11, 24, 18, tzinfo=dt.UTC)


def written(text: str, ref: str = "mail:home/1", quote: str | None = None, notice: str = "") -> str:
    line = Line(text=text, by="code", evidence=(Evidence(ref=ref, quote=quote),))
    return render(Page("lookahead-1", "Tomorrow", NOW.date(), NOW, [Block("Agenda", [line])], notice=notice))


def test_a_page_is_read_as_it_was_meant() -> None:
    found = list(papers.pieces((SNAPSHOTS / "lookahead.md").read_text(encoding="utf-8")))
    assert found[:3] == [
        Piece("title", "Tomorrow, Wednesday 25 November 2026"),
        Piece("heading", "First thing"),
        Piece("line", "10:00–11:00 Hedge planting, Canal 9", ("event:work/coming",)),
    ]
    overlap = next(one for one in found if "overlaps" in one.text)
    assert overlap.refs == ("event:work/coming", "event:work/clash")
    assert not any("[^" in one.text or "\\" in one.text for one in found)


@pytest.mark.parametrize("name", ["lookahead", "weekly", "meeting"])
def test_every_kind_of_page_keeps_all_of_its_lines(name: str) -> None:
    text = (SNAPSHOTS / f"{name}.md").read_text(encoding="utf-8")
    found = list(papers.pieces(text))
    assert sum(one.style == "line" for one in found) == sum(line.startswith("- ") for line in text.split("\n"))
    assert sum(one.style == "quote" for one in found) == sum(line.startswith("  > ") for line in text.split("\n"))


@given(st.text(max_size=60))
def test_whatever_a_line_says_is_read_again_to_the_letter(said: str) -> None:
    lines = [one for one in papers.pieces(written(f"x {said} x")) if one.style == "line"]
    assert [one.refs for one in lines] == [("mail:home/1",)]
    # An address that could be followed was parted from its scheme when it was written, and "- " at a line's start escaped.
    assert lines[0].text.replace("\\", "") == one_line(f"x {said} x", 2000).replace("\\", "")


@given(st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=30))
def test_a_reference_comes_back_whatever_is_in_it(key: str) -> None:
    ref = f"mail:home/{key}"
    (line,) = [one for one in papers.pieces(written("said", one_line(ref))) if one.style == "line"]
    assert line.refs == (one_line(ref),)


def test_quotes_and_notices_are_told_apart() -> None:
    found = list(papers.pieces(written("said", quote="other *words*", notice="No *model*.")))
    assert Piece("notice", "No *model*.") in found
    assert Piece("quote", "“other *words*”") in found


def test_what_is_no_page_of_ours_is_text() -> None:
    assert [one.text for one in papers.pieces("---\nno end\n<b>x</b>\n\n[^1]: see nothing")] == [
        "no end",
        "<b>x</b>",
        "[^1]: see nothing",
    ]


def test_the_latest_pages_are_listed_with_their_titles(tmp_path: Path) -> None:
    for number in range(4):
        path = tmp_path / f"lookahead-{number}.md"
        path.write_text(written("said"), encoding="utf-8")
        os.utime(path, (number, number))
    (tmp_path / "Not ours.md").write_text("x", encoding="utf-8")
    (tmp_path / "untitled.md").write_text("x", encoding="utf-8")
    os.utime(tmp_path / "untitled.md", (9, 9))
    found = papers.kept(tmp_path, 3)
    assert [(one.name, one.title) for one in found] == [
        ("untitled", "untitled"),
        ("lookahead-3", "Tomorrow"),
        ("lookahead-2", "Tomorrow"),
    ]
    assert papers.kept(tmp_path / "nowhere", 3) == []


@pytest.mark.parametrize("name", ["missing", "../butler", "UPPER", "", "a/b", "a.md"])
def test_a_name_that_is_none_reads_nothing(tmp_path: Path, name: str) -> None:
    (tmp_path / "a.md").write_text("x", encoding="utf-8")
    with pytest.raises(UnknownRefError, match="no such page"):
        papers.read(tmp_path, name)
