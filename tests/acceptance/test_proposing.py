"""Actions of one's own, and drafts that are to be sent: held like any other, and carried out to the letter."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from butler_process import PROGRAM, butler, document, environment
from gate_house import Household

APPEND = {"kind": "file.append", "root": "notes", "path": "Reading.md", "text": "- a book\n"}


@pytest.fixture
def home(tmp_path: Path) -> Household:
    household = Household(tmp_path / "home")
    household.sync()
    return household


def propose(home: Household, text: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(PROGRAM), "--config", str(home.config), "propose", "-", *arguments]
    return subprocess.run(
        command, input=text, cwd=home.home, env=environment(home.home), capture_output=True, text=True, check=False
    )


def test_an_action_of_ones_own_is_held_and_then_done_and_taken_back(home: Household) -> None:
    done = propose(home, json.dumps(APPEND), "--because", "for the library")
    assert done.returncode == 0, done.stderr
    assert "#1 · file.append · held · notes" in done.stdout
    assert "for the library" in done.stdout
    assert not (home.notes / "Reading.md").exists()
    assert butler(home.home, "--config", home.config, "approve", "1").returncode == 0
    assert (home.notes / "Reading.md").read_text() == "- a book\n"
    assert butler(home.home, "--config", home.config, "undo", "1").returncode == 0
    assert not (home.notes / "Reading.md").exists()


def test_the_same_key_is_proposed_once(home: Household) -> None:
    first = document(propose(home, json.dumps(APPEND), "--key", "library", "--json"))
    second = document(propose(home, json.dumps(APPEND), "--key", "library", "--json"))
    assert (first["id"], second["id"]) == (1, 1)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("no json", "This is no payload of an action"),
        ('{"kind": "file.append", "root": "notes"}', "path: Field required; text: Field required"),
        ('{"kind": "mail.burn"}', "does not match any of the expected tags"),
        ('{"kind": "undo", "of": 1, "effects": []}', "An undo is not proposed."),
    ],
)
def test_what_is_no_payload_is_told_and_nothing_is_kept(home: Household, text: str, words: str) -> None:
    done = propose(home, text)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert document(butler(home.home, "--config", home.config, "actions", "--json"))["actions"] == []


def test_a_path_out_of_the_folder_is_refused_by_the_floor(home: Household) -> None:
    kept = document(propose(home, json.dumps({**APPEND, "path": "../outside.md"}), "--json"))
    assert kept["status"] == "rejected"
    assert not (home.home / "outside.md").exists()


def test_a_draft_is_not_sent_from_where_nothing_can_be_sent(home: Household) -> None:
    home.draft()
    done = butler(home.home, "--config", home.config, "send", "1")
    assert (done.returncode, done.stdout) == (2, "")
    assert "Nothing can be sent from home. Set mail.home.smtp.host" in done.stderr


def test_a_draft_that_is_to_be_sent_is_held_anew_in_its_place(home: Household) -> None:
    home.draft()
    smtp = {"BUTLER_MAIL__HOME__SMTP__HOST": "127.0.0.1", "BUTLER_MAIL__HOME__SMTP__TLS": "none"}
    kept = document(butler(home.home, "--config", home.config, "send", "1", "--json", **smtp))
    assert (kept["id"], kept["kind"], kept["status"], kept["replaces"]) == (2, "mail.send", "held", 1)
    assert kept["payload"]["letter"]["to"] == [{"name": "Tom Reuter", "address": "tom@nordwind.example"}]
    old = document(butler(home.home, "--config", home.config, "show", "1", "--json"))
    assert old["status"] == "superseded"
    done = butler(home.home, "--config", home.config, "send", "2")
    assert "is a mail.send, no draft" in done.stderr
