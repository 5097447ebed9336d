"""Edits from a file and wishes that wait, as scripts and the page ask for them: what is taken over, what is refused and why."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from butler_process import PROGRAM, document, environment
from gate_house import Household, inside

from butler.core import payloads as p
from butler.core.actions import payload_hash

LETTER = """To: Tom Reuter <tom@nordwind.example>
Subject: Re: The offer

Thursday at noon suits me.
"""


@pytest.fixture
def home(tmp_path: Path) -> Household:
    household = Household(tmp_path / "home")
    household.draft()
    return household


def given(home: Household, text: str) -> str:
    file = home.home / "edited.txt"
    file.write_text(text)
    return str(file)


def test_an_edit_from_a_file_is_held_as_the_owners_words(home: Household) -> None:
    done = inside(home, "edit", f"1@{home.kept(1).hash[:12]}", "--from", given(home, LETTER), "--json")
    assert (done.returncode, done.stderr) == (0, "")
    shown = document(done)
    assert (shown["status"], shown["version"]) == ("held", 2)
    assert shown["payload"]["letter"]["body"].startswith("Thursday at noon suits me.")
    assert shown["hash"] == home.kept(1).hash


def test_a_check_tells_what_an_edit_would_become_and_changes_nothing(home: Household) -> None:
    before = home.kept(1)
    file = given(home, LETTER)
    found = document(inside(home, "edit", "1", "--from", file, "--check", "--json"))
    assert found["problems"] == []
    payload = found["payload"]
    assert payload["letter"]["body"].startswith("Thursday at noon")
    assert home.kept(1) == before
    said = inside(home, "edit", "1", "--from", file, "--check")
    assert (said.returncode, said.stdout) == (0, "")
    assert said.stderr == "It can be taken over as it is. Nothing was changed.\n"
    asked = inside(home, "edit", "1", "--check")
    assert asked.returncode == 2
    assert "There is nothing to check." in asked.stderr


def test_all_that_is_wrong_with_a_file_is_told_at_once_and_nothing_is_changed(home: Household) -> None:
    before = home.kept(1)
    done = inside(home, "edit", "1", "--from", given(home, "To: nobody\nSubject: x\n\n"), "--json")
    assert done.returncode == 1
    problems = document(done)["problems"]
    assert problems[0].startswith("Line 1: “nobody” does not begin with an address")
    assert "The text is empty." in problems
    assert "The edit was not taken over:" in done.stderr
    assert document(inside(home, "edit", "1", "--from", given(home, " \n"), "--json"))["problems"] == ["It is empty."]
    assert home.kept(1) == before
    missing = inside(home, "edit", "1", "--from", str(home.home / "none.txt"))
    assert missing.returncode == 2
    assert "none.txt cannot be read" in missing.stderr


def test_an_edit_of_what_changed_since_it_was_seen_is_refused(home: Household) -> None:
    done = inside(home, "edit", "1@000000000000", "--from", given(home, LETTER))
    assert done.returncode == 1
    assert "Action 1 was changed since you saw 000000000000" in done.stderr
    assert home.kept(1).version == 1


def test_an_event_is_checked_by_what_writes_calendars_and_read_from_standard_input(home: Household) -> None:
    kept = home.event()
    text = "Title: Late lunch\nStarts: 2026-11-26 13:00\nEnds: 2026-11-26 14:00\nWhere: Canal 9\n\n"
    line = [str(PROGRAM), "--config", str(home.config), "edit", str(kept.id), "--from", "-", "--check", "--json"]
    done = subprocess.run(
        line, input=text, cwd=home.home, env=environment(home.home), capture_output=True, encoding="utf-8", check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    payload = p.CalendarCreate.model_validate(document(done)["payload"])
    assert "SUMMARY:Late lunch" in payload.change.after
    assert payload_hash(payload) != kept.hash
    assert home.kept(kept.id).hash == kept.hash


def test_wishes_that_wait_are_revised_all_at_once_or_told_why_not(home: Household) -> None:
    assert inside(home, "respond", "--waiting").stderr == "Nothing waits to be revised.\n"
    with home.house() as house:
        house.sync()
        house.gate.respond(1, house.truth.outbox.get(1).hash, "shorter, please", "somebody", "page")
    done = inside(home, "respond", "--waiting", "--json")
    assert done.returncode == 69
    found = document(done)
    assert (found["proposed"], [each["id"] for each in found["left"]]) == ([], [1])
    assert "Your wish is kept with action 1." in found["left"][0]["sentence"]
    assert home.kept(1).status == "held"


def test_a_wish_that_needs_no_model_is_revised_without_one_and_takes_the_old_ones_place(home: Household) -> None:
    with home.house() as house:
        house.sync()
        house.gate.respond(1, house.truth.outbox.get(1).hash, "offer Thursday", "somebody", "page")
    done = inside(home, "respond", "--waiting", "--json")
    assert (done.returncode, document(done)["left"]) == (0, []), done.stderr
    (new,) = document(done)["proposed"]
    assert (new["status"], home.kept(new["id"]).action.replaces) == ("held", 1)
    assert home.kept(1).status == "superseded"


@pytest.mark.parametrize("words", [(), ("1",), ("--waiting", "1", "shorter"), ("--waiting", "1")], ids=" ".join)
def test_a_wish_needs_an_action_and_words_or_neither(home: Household, words: tuple[str, ...]) -> None:
    done = inside(home, "respond", *words)
    assert done.returncode == 2
    assert "Name an action and say what is to be different" in done.stderr


def test_a_file_that_is_not_there_and_an_editor_without_a_terminal_are_told_in_a_sentence(home: Household) -> None:
    missing = inside(home, "edit", "1", "--from", "nowhere.txt")
    assert missing.returncode == 2
    assert "nowhere.txt cannot be read: No such file or directory." in missing.stderr
    alone = subprocess.run(
        [PROGRAM, "--config", str(home.config), "edit", "1"],
        cwd=home.home,
        env={name: value for name, value in environment(home.home).items() if name not in ("EDITOR", "VISUAL")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (alone.returncode, alone.stdout) == (1, "")
    assert "There is no terminal for an editor" in alone.stderr
