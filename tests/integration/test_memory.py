"""What is remembered: told, kept in a note of the owner's, taken back, and used in drafts, invitations and the ranking."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import stat
from collections.abc import Sequence
from pathlib import Path

import pytest
from briefing_twins import NOW, Twin
from butler_process import called, document
from draft_case import ASKS, GOOD, MEETS, TELLS_HOW, Shelf, asked_for_drafts, drafting, drafts, run
from gate_house import Household

from butler.core.remembering import Remembered
from workflows.briefing.rank import rank
from workflows.briefing.values import Judgement

TEN = Remembered("I take no meetings before eleven.", "told", dt.date(2026, 11, 20), 5)
TOM_SAYS = Remembered("Tom Krüger is allergic to nuts.", "told", dt.date(2026, 11, 20), 6)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Household:
    return Household(tmp_path_factory.mktemp("memory") / "home")


def memory(home: Household, *words: str) -> dict[str, object]:
    done = called(home.home, "--config", home.config, "memory", *words, "--json")
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = document(done)
    return found


def test_what_the_owner_says_stands_in_their_note_and_is_taken_back(home: Household) -> None:
    memory(home, "I take no meetings\x1b[31m before ten.")
    memory(home, "Anna", "is my sister.")
    told = memory(home)
    note = Path(str(told["file"]))
    assert stat.S_IMODE(note.stat().st_mode) == 0o600
    today = dt.datetime.now(dt.UTC).date()
    lines = note.read_text().splitlines()
    assert lines[-2].startswith("- I take no meetings[31m before ten. *(told, 202")
    assert abs(dt.date.fromisoformat(lines[-1][-12:-2]) - today) <= dt.timedelta(1)
    note.write_text(note.read_text() + "* I write this myself\n")
    assert called(home.home, "--config", home.config, "undo", "1").returncode == 0
    found = memory(home)["remembered"]
    assert isinstance(found, list)
    assert [(each["text"], each["source"]) for each in found] == [("Anna is my sister.", "told"), ("I write this myself", "")]


def test_what_cannot_be_one_thing_is_refused_in_a_sentence(home: Household) -> None:
    done = called(home.home, "--config", home.config, "memory", "a" * 301)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.strip() == "butler: One thing has 1 to 300 characters, and this has 301. Say it in one sentence."


def test_what_a_rule_allows_already_is_written_down_without_a_complaint(home: Household, tmp_path: Path) -> None:
    config = tmp_path / "butler.toml"
    config.write_text(home.config.read_text() + f'[memory]\nfolder = "{tmp_path}"\n')
    (tmp_path / "policy.toml").write_text('[[rule]]\nname = "mine"\nkind = "memory.add"\nthen = "allow"\n')
    done = called(home.home, "--config", config, "memory", "Tea is green.")
    assert (done.returncode, done.stderr) == (0, "")
    assert "- Tea is green. *(told, " in (tmp_path / "Memory.md").read_text()


def test_a_note_that_is_a_link_is_not_taken_for_an_empty_memory(home: Household, tmp_path: Path) -> None:
    config = tmp_path / "butler.toml"
    config.write_text(home.config.read_text() + f'[memory]\nfolder = "{tmp_path}"\n')
    (tmp_path / "Memory.md").symlink_to(home.config)
    done = called(home.home, "--config", config, "memory")
    assert done.returncode == 1
    assert "is a link, and links are not followed. Set memory.folder to where the note lies." in done.stderr


def test_the_note_is_found_by_its_words_and_is_no_task_of_the_briefing(home: Household) -> None:
    memory(home, "Pay the hawthorn invoice by 2026-11-30")
    assert called(home.home, "--config", home.config, "sync").returncode == 0
    found = document(called(home.home, "--config", home.config, "search", "hawthorn", "invoice", "--json"))["found"]
    assert [each["ref"].partition("#")[0] for each in found] == ["file:memory/Memory.md"]
    brief = called(home.home, "--config", home.config, "brief", "--no-model", "--json", "--date", "2026-11-24")
    assert brief.returncode == 0, brief.stderr
    assert "hawthorn" not in json.dumps(document(brief)["sections"])


def test_a_root_of_the_owners_cannot_have_the_memorys_name(home: Household, tmp_path: Path) -> None:
    config = tmp_path / "butler.toml"
    config.write_text(home.config.read_text() + f'[notes.memory]\npath = "{tmp_path}"\n')
    done = called(home.home, "--config", config, "memory")
    assert done.returncode == 78
    assert "notes.memory has the name of the butler's own memory. Rename it." in done.stderr


def drafted(reads: Twin, remembered: Sequence[Remembered]) -> tuple[Shelf, str]:
    """What was drafted with a good model, and what it was shown."""
    shelf, model = Shelf(), drafts(GOOD)
    run(dataclasses.replace(drafting(reads, model, shelf), remembered=remembered))
    return shelf, asked_for_drafts(model)[-1]


def test_no_time_is_offered_at_which_the_owner_meets_nobody() -> None:
    _, before = drafted(Twin((MEETS, TELLS_HOW)), ())
    _, after = drafted(Twin((MEETS, TELLS_HOW)), (TEN,))
    assert "Wednesday 2026-11-25 10:00-11:00" in before
    assert "10:00-11:00" not in after
    assert "Wednesday 2026-11-25 14:00-15:00" in after


def test_what_is_remembered_of_somebody_is_shown_when_they_are_answered_and_cited() -> None:
    shelf, shown = drafted(Twin((ASKS, TELLS_HOW)), (TOM_SAYS, Remembered("Rachel likes tea.", "told", None, 9)))
    assert "NOTES, REMEMBERED\n| Tom Krüger is allergic to nuts." in shown
    assert "Rachel" not in shown
    assert "file:memory/Memory.md#L6" in shelf.kept[0].action.sources


def test_whoever_the_owner_never_wrote_to_hears_nothing_of_it() -> None:
    _, shown = drafted(Twin((ASKS,)), (TOM_SAYS,))
    assert "allergic" not in shown


def test_people_who_are_remembered_rank_higher_and_the_reason_says_so() -> None:
    judgements = [Judgement(ref=ASKS.ref, label="reply")]
    owner = drafting(Twin((ASKS,))).owner
    known = {"tom@nordwind.example": (3, 2)}
    plain, noted = (rank(judgements, {ASKS.ref: ASKS}, known, NOW, owner, remembered=each)[0] for each in ((), (TOM_SAYS,)))
    assert noted.score > plain.score
    assert "you wanted remembered: “Tom Krüger is allergic to nuts.”" in noted.reason
    borrowed = rank(judgements, {ASKS.ref: ASKS}, {}, NOW, owner, remembered=(TOM_SAYS,))[0]
    assert "remembered" not in borrowed.reason
