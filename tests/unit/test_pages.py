"""The pages of look-ahead, weekly review and meeting: what they look like, and that nothing in them acts or is made up."""

from __future__ import annotations

import dataclasses
import datetime as dt
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from briefing_twins import NOW, Memory, Twin, letter
from page_world import (
    COMING,
    EVENTS,
    FRIDAY,
    LAST,
    MAILS,
    WANTS,
    Saved,
    berlin,
    decisions,
    event,
    kept,
    run,
    world,
)

from butler.core.briefing import Evidence, Line
from butler.core.context import Context
from butler.core.errors import UsageError
from butler.core.sources import SourceState
from butler.pages import Pages
from tools.files.paths import is_briefing
from workflows.lookahead import compose as lookahead
from workflows.meeting import compose as meeting
from workflows.pages.nodes import Made, PageNodes
from workflows.pages.page import Block, Page, render
from workflows.weekly import compose as weekly

SNAPSHOTS = Path(__file__).parents[1] / "snapshots" / "pages"
MARK = re.compile(r"\[\^(\d+)\]")


def made(make: Callable[[Context], Made], **more: Any) -> tuple[Mapping[str, Any], str]:
    """A run's result and the page it saved."""
    saved = Saved()
    given = world(saved=saved, **more)
    result = run(PageNodes(given, make).order, given)
    return result, saved.pages.get(result["page"], "")


def block(text: str, heading: str) -> list[str]:
    """The lines below a heading, without their marks."""
    below = text.partition(f"## {heading}\n")[2].partition("\n## ")[0].partition("\n---")[0]
    return [MARK.sub("", line) for line in below.split("\n") if line.strip()]


def test_each_page_looks_as_it_is_expected_to() -> None:
    decided = decisions((kept(2, "A draft.", "done"), "approve", "Anna"), (kept(3, "A move.", "rejected"), "reject", "rule"))
    pages = {
        "lookahead.md": made(lookahead.compose, held=lambda: [kept(1, "A draft for Tom.")])[1],
        "weekly.md": made(weekly.compose, now=FRIDAY, decided=decided)[1],
        "meeting.md": made(meeting.compose, subject=COMING.ref)[1],
    }
    for name, text in pages.items():
        place = SNAPSHOTS / name
        if os.environ.get("UPDATE_SNAPSHOTS"):
            place.parent.mkdir(exist_ok=True)
            place.write_text(text, encoding="utf-8")
        assert text == place.read_text(encoding="utf-8"), f"{name} looks different; `make snapshots` takes it over"


@pytest.mark.parametrize("make", [lookahead.compose, weekly.compose, meeting.compose])
def test_every_line_cites_something_and_every_quote_stands_there(make: Callable[[Context], Made]) -> None:
    given = world(subject=COMING.ref, held=lambda: [kept(1, "A draft.")], decided=decisions((kept(1, "A."), "approve", "Anna")))
    page = make(given).page
    assert page is not None
    assert page.lines
    texts = {mail.ref: mail.message.text for mail in MAILS}
    texts |= {each.ref: each.text for each in given.reads.notes(NOW - dt.timedelta(90))}
    for line in page.lines:
        assert line.evidence, line
        for evidence in line.evidence:
            assert not evidence.quote or evidence.quote in texts[evidence.ref.partition("#")[0]], line


def test_the_look_ahead_says_what_is_first_and_what_clashes() -> None:
    _, text = made(lookahead.compose)
    assert block(text, "First thing") == ["- 10:00–11:00 Hedge planting, Canal 9"]
    assert "“Hedge planting” overlaps “Bank” by 30 min" in text
    assert "first tomorrow" not in text


def test_the_look_ahead_of_an_empty_day_says_so() -> None:
    result, text = made(lookahead.compose, mails=(), events=(), notes=(), tasks=())
    assert result["lines"] == 0
    assert "Nothing is fixed for tomorrow, and nothing waits." in text


def test_what_is_declined_or_called_off_is_not_the_first_thing() -> None:
    off = event("off", berlin(25, 7), summary="Off", status="cancelled")
    _, text = made(lookahead.compose, events=(*EVENTS, off))
    assert block(text, "First thing") == ["- 10:00–11:00 Hedge planting, Canal 9"]


def test_a_source_that_is_not_fresh_is_told_on_the_page() -> None:
    states = [SourceState("home", "mail", "stale", NOW, "The server [x](y) is away.")]
    _, text = made(lookahead.compose, sync=lambda: states)
    assert "**Not fresh:** mail.home: The server \\[x\\](y) is away." in text


def test_the_week_tells_meetings_answers_and_decisions_and_what_comes() -> None:
    done = kept(2, "You promised it, and it is done.", "done")
    result, text = made(weekly.compose, now=FRIDAY, decided=decisions((done, "approve", "Anna")))
    assert result["meetings"] == 1
    assert block(text, "Meetings") == ["- Wed 25 Nov 10:00–11:00 Hedge planting, with Tom Krüger"]
    assert block(text, "Answered") == ["- Tom Krüger: “Lunch”, Mon 23 Nov"]
    assert block(text, "Decided") == ["- you approved (done): You promised it, and it is done."]
    assert block(text, "Next week") == ["- Wed 2 Dec 09:00–10:00 Delivery, Canal 9"]


def test_what_comes_nearly_every_day_is_one_line_of_next_week() -> None:
    daily = [event(f"d{day}", berlin(day, 7, month=12), summary="Feed", attendees=(), location="") for day in range(1, 6)]
    series = [dataclasses.replace(one, occurrence=dataclasses.replace(one.occurrence, uid="daily")) for one in daily]
    _, text = made(weekly.compose, now=FRIDAY, events=series)
    assert block(text, "Next week") == ["- Tue 1 Dec 07:00–08:00 Feed, and 4 times more in the week"]


def test_a_meeting_page_tells_who_comes_and_what_is_open_either_way() -> None:
    result, text = made(meeting.compose, subject=COMING.ref)
    assert block(text, "Who") == ["- Tom Krüger comes"]
    assert block(text, "Open between you") == [
        "- Tom Krüger waits for your answer: “could you bring the drawings?”",
        "- you asked Tom Krüger: “which hedge did you choose?”",
        "- Tom Krüger promised you: “I'll send you the offer by Thursday.”",
    ]
    assert result["open"] == 3


def test_a_meeting_page_finds_the_thread_and_the_note_of_the_last_time() -> None:
    _, text = made(meeting.compose, subject=COMING.ref)
    assert block(text, "The thread") == ["- Tom Krüger (Sun 22 Nov, 2 days ago): “could you bring the drawings?”"]
    assert block(text, "Last time")[:3] == [
        "- last on Tue 10 Nov, 14 days ago",
        "- its note: Meetings/2026-11-10 hedge.md",
        "- “- \\[ \\] order 40 hornbeams”",
    ]
    assert block(text, "Notes") == ["- Ideas.md: “Planting a hedge needs string.”"]


def test_links_and_tags_of_an_invitation_are_text() -> None:
    _, text = made(meeting.compose, subject=COMING.ref)
    assert "https\\://call.example/room?x\\=\\[1\\](y" in text
    assert "<b>" not in text
    assert "](y" not in text.replace("\\](y", "")


@pytest.mark.parametrize(
    ("subject", "reason"),
    [("event:work/nowhere", meeting.GONE), (LAST.ref, meeting.OVER), ("event:work/off", meeting.CANCELLED)],
)
def test_what_needs_no_preparation_gets_no_page(subject: str, reason: str) -> None:
    off = event("off", berlin(26, 7), summary="Off", status="cancelled")
    result, text = made(meeting.compose, subject=subject, events=(*EVENTS, off))
    assert text == ""
    assert [one["reason"] for one in result["left"]] == [reason]


def test_a_subject_that_is_no_event_is_refused() -> None:
    with pytest.raises(UsageError):
        made(meeting.compose, subject=WANTS.ref)


def test_an_interrupted_run_saves_the_page_that_it_had_made() -> None:
    memory, saved = Memory(), Saved()
    nodes = PageNodes(world(memory=memory, saved=saved), lookahead.compose)
    nodes.sync({})
    nodes.compose({})
    later = dataclasses.replace(world(mails=(), memory=memory, saved=saved), reads=Twin())
    result = run(PageNodes(later, lookahead.compose).order, later)
    assert "Hedge planting" in saved.pages[result["page"]]


def test_nothing_from_the_world_can_act_in_a_page() -> None:
    evil = "[x](javascript:1) <img src=x> ![[note]] https://evil.example `code` \u202e | # - ]]"
    line = Line(text=evil, by="code", evidence=(Evidence(ref="mail:home/`` `x", quote="# no\n- [ ] task [[link]]"),))
    page = Page("p", evil, NOW.date(), NOW, [Block(evil, [line])], notice=evil, unread=[evil])
    text = render(page)
    body = re.sub(r"\\.", "", text)
    assert not re.search(r"\[\[|\]\(|<|https:|\u202e|\]\]", body)
    assert is_briefing(text)


def test_a_page_is_written_again_over_itself_but_never_over_what_was_edited(tmp_path: Path) -> None:
    pages = Pages(tmp_path / "kept", tmp_path / "notes")
    first = Path(pages("weekly-2026-11-23", "one"))
    assert Path(pages("weekly-2026-11-23", "two")) == first
    first.write_text("mine")
    second = Path(pages("weekly-2026-11-23", "three"))
    assert (first.read_text(), second.read_text(), second.name) == ("mine", "three", "weekly-2026-11-23 (2).md")
    assert Path(pages("weekly-2026-11-23", "four")) == second


def test_a_page_has_no_name_that_leads_elsewhere(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no name of a page"):
        Pages(tmp_path, None)("../x", "text")


def test_a_letter_without_a_word_makes_a_line_all_the_same() -> None:
    blank = letter("blank@nordwind.example", "", subject="Hedge planting", thread=9, days=0.5)
    _, text = made(meeting.compose, subject=COMING.ref, mails=(*MAILS, blank))
    assert "- Tom Krüger (Mon 23 Nov, yesterday)" in block(text, "The thread")
