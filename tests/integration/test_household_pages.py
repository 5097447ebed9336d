"""The daemon's workflows over the sample household, through every real part: mirror, gate, checkpoints, sandbox, files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from household_expectations import NEVER_SHOWN
from household_pages import Rig, rig

from butler.core.actions import Kept
from butler.core.errors import ButlerError
from butler.core.payloads import MailDraft
from butler.store.reads import Shown
from workflows import documents, followup, lookahead, meeting, triage, weekly

MEETING = "event:work/standup@nordwind.example/20261201T093000Z"
CITED = re.compile(r"^\[\^\d+\]: see `+ ?(.*?) ?`+$", re.MULTILINE)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    with rig(tmp_path_factory.mktemp("pages")) as made:
        yield made


@pytest.fixture(scope="module")
def pages(house: Rig) -> Mapping[str, str]:
    """The page of each workflow that makes one."""
    return {
        "lookahead": house.page(house.run(lookahead.WORKFLOW)),
        "weekly": house.page(house.run(weekly.WORKFLOW)),
        "meeting": house.page(house.run(meeting.WORKFLOW, MEETING)),
    }


def below(text: str, heading: str) -> str:
    return text.partition(f"## {heading}\n")[2].partition("\n## ")[0]


def test_every_line_of_every_page_cites_what_is_there(house: Rig, pages: Mapping[str, str]) -> None:
    for name, text in pages.items():
        lines = [line for line in text.split("\n") if line.startswith("- ")]
        assert lines, name
        assert [line for line in lines if not re.search(r"\[\^\d+\]$", line)] == []
        assert all(isinstance(house.house.show(ref), Shown) for ref in CITED.findall(text)), name


def test_hidden_words_and_orders_to_the_assistant_are_on_no_page(pages: Mapping[str, str]) -> None:
    assert [(name, words) for name, text in pages.items() for words in NEVER_SHOWN if words in text] == []


def test_the_look_ahead_of_the_household(pages: Mapping[str, str]) -> None:
    text = pages["lookahead"]
    assert "12:30–13:30 Team lunch" in below(text, "First thing")
    assert "cancelled: 08:30–09:15 Dentist" in below(text, "Agenda")
    assert "Pay the swimming club fee" in below(text, "Left over from today")
    assert "Rachel Ford" in below(text, "Waiting for your answer")


def test_the_week_of_the_household(pages: Mapping[str, str]) -> None:
    text = pages["weekly"]
    assert "Stand-up with Lisbon, with Inês Carvalho, Tom Lindqvist" in below(text, "Meetings")
    assert "Jonas Berger: “Abendessen”" in below(text, "Answered")
    assert "Flight to Lisbon" in below(text, "Next week")
    assert below(text, "Next week").count("Feed the sourdough") == 1
    assert "I will book the surveyor by Wednesday" in below(text, "You promised")


def test_a_meeting_of_the_household(pages: Mapping[str, str]) -> None:
    text = pages["meeting"]
    assert "Inês Carvalho invites" in below(text, "Who")
    assert "you promised Tom Lindqvist" in below(text, "Open between you")
    assert "the crane comes at half past nine" in below(text, "The thread")
    assert "last on Tue 24 Nov" in below(text, "Last time")


def test_a_page_that_is_made_again_is_the_same_file(house: Rig) -> None:
    first, again = house.run(lookahead.WORKFLOW), house.run(lookahead.WORKFLOW)
    assert first["path"] == again["path"]
    assert len(list(Path(first["path"]).parent.glob("lookahead-*.md"))) == 1


def test_follow_ups_of_the_household_are_held_once(tmp_path: Path) -> None:
    with rig(tmp_path) as made:
        made.run(followup.WORKFLOW)
        first = made.proposed
        made.run(followup.WORKFLOW)
        again = made.proposed
    assert again == []
    assert {one.status for one in first} == {"held"}
    bodies = {one.action.sources[0]: _body(one) for one in first}
    assert "„Wann kommt der Techniker?“" in bodies["mail:home/heizung-3@berger.example"]
    # What came back was never read: to ask again would come back again.
    assert "mail:home/hainbuche-1@berger.example" not in bodies


def _body(kept: Kept) -> str:
    assert isinstance(kept.action.payload, MailDraft)
    return kept.action.payload.letter.body


def test_triage_answers_invitations_and_drafts_over_one_sync_and_once(tmp_path: Path) -> None:
    with rig(tmp_path, hour=7) as made:
        synced: list[int] = []

        def sync() -> Any:
            synced.append(1)
            return made.house.states()

        result = made.run(triage.WORKFLOW, sync=sync)
        kinds = {one.action.kind for one in made.proposed}
        again = made.run(triage.WORKFLOW)
        assert made.proposed == []
    assert kinds >= {"mail.draft", "calendar.respond"}
    assert [one["method"] for one in result["answered"]].count("request") == 1
    assert result["drafted"]
    assert again["drafted"] == []
    assert synced == [1]


def test_what_was_decided_stands_in_the_week(tmp_path: Path) -> None:
    with rig(tmp_path) as made:
        made.run(triage.WORKFLOW)
        draft = next(one for one in made.proposed if one.action.kind == "mail.draft")
        made.gate.reject(draft.id, draft.hash, "Anna", "cli")
        text = made.page(made.run(weekly.WORKFLOW))
        held = made.page(made.run(lookahead.WORKFLOW))
    assert "you refused (rejected)" in below(text, "Decided")
    assert "## Waiting for your decision (" in held
    assert f"{draft.id}: " not in below(held, "Waiting for your decision")


def test_a_run_that_was_killed_after_its_page_was_made_saves_that_page(tmp_path: Path) -> None:
    class Killed(BaseException):
        """The end of the process."""

    def killed(_name: str, _markdown: str) -> str:
        raise Killed

    with rig(tmp_path) as made:
        with pytest.raises(Killed):
            made.run(lookahead.WORKFLOW, save=killed)

        def gone() -> Any:
            raise AssertionError("the page was made already")

        result = made.run(lookahead.WORKFLOW, sync=gone, held=gone)
        assert "Team lunch" in made.page(result)


BILL = "Stadtwerke Ulm\n\nRechnung 4711.\nBitte zahlen Sie 84 EUR bis zum 30.11.2026.\n"


def test_a_new_document_becomes_a_held_entry_and_a_held_move_that_can_be_carried_out(tmp_path: Path) -> None:
    with rig(tmp_path) as made:
        root = made.household.notes.path
        (root / "Scans").mkdir()
        (root / "Rechnungen" / "2026").mkdir(parents=True)
        (root / "Scans" / "bill.txt").write_text(BILL)
        result = made.run(documents.WORKFLOW, "file:notes/Scans/bill.txt")
        assert [one.status for one in made.proposed] == ["held", "held"]
        for one in made.proposed:
            made.gate.approve(one.id, one.hash, "Anna", "cli")
        done = {one.action.kind: one.status for one in made.house.execute()}
    assert result["due"] == "2026-11-30"
    assert done == {"file.append": "done", "file.move": "done"}
    assert (root / "Rechnungen" / "2026" / "bill.txt").read_text() == BILL
    assert "Scans/bill.txt: Stadtwerke Ulm Rechnung 4711." in (root / "Inbox.md").read_text()


def test_errors_of_a_subject_are_sentences(house: Rig) -> None:
    with pytest.raises(ButlerError, match="is no event"):
        house.run(meeting.WORKFLOW, "file:notes/x.md")
