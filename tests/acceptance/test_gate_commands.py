"""The commands of the gate as a person calls them: what is shown, what is decided, what is done, and how they end."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import card_case as case
import pytest
from butler_process import butler, document
from gate_house import Household, Terminal, editor

from butler.core import payloads as p
from butler.core.actions import Finding

Run = Callable[..., "CompletedProcess[str]"]


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A household that was synced once, to be copied."""
    household = Household(tmp_path_factory.mktemp("empty") / "home")
    household.sync()
    return household.home


@pytest.fixture
def home(empty: Path, tmp_path: Path) -> Household:
    household = Household(tmp_path / "home")
    shutil.copytree(empty / "state", household.state)
    return household


@pytest.fixture
def run(home: Household) -> Run:
    return lambda *arguments, **environ: butler(home.home, "--config", home.config, *arguments, **environ)


def test_a_draft_is_shown_approved_and_lies_in_drafts_once(home: Household, run: Run) -> None:
    kept = home.draft()
    done = run("approve", "1")
    assert (done.returncode, done.stderr) == (0, "")
    assert "#1 · mail.draft · held · home" in done.stdout
    assert "  | Thursday at ten suits me." in done.stdout
    assert "#1 done: Draft to tom@nordwind.example: Re: The offer\n" in done.stdout
    (file,) = home.drafts()
    assert b"In-Reply-To: <offer-1@nordwind.example>" in file.read_bytes()
    again = run("approve", f"1@{kept.hash[:12]}")
    assert (again.returncode, again.stdout) == (1, "")
    assert again.stderr == f"butler: Action 1 is not held any more: it is done. See `butler --config {home.config} why 1`.\n"
    assert len(home.drafts()) == 1


def test_the_list_names_what_waits_newest_first(home: Household, run: Run) -> None:
    assert run("actions").stderr == f"Nothing waits for you. `butler --config {home.config} do draft_reply` drafts answers.\n"
    home.draft()
    home.note()
    lines = run("actions").stdout.splitlines()
    assert [line.split()[:2] for line in lines] == [["#2", "file.write"], ["#1", "mail.draft"]]
    assert "There are more: --after 2 goes on" in run("actions", "--limit", "1").stderr
    assert run("actions", "--limit", "1", "--after", "2").stdout.split()[0] == "#1"
    assert run("actions", "--kind", "mail.*").stdout.split()[0] == "#1"
    assert run("actions", "--account", "notes").stdout.split()[0] == "#2"
    assert "There is no such action" in run("actions", "--status", "done").stderr
    found = document(run("actions", "--all", "--json"))
    assert (list(found), [each["id"] for each in found["actions"]], found["more"]) == (["actions", "more"], [2, 1], False)
    assert list(found["actions"][0]) == [
        *(
            "id",
            "kind",
            "status",
            "account",
            "what",
            "warnings",
            "note",
            "version",
            "hash",
            "created",
            "changed",
            "expires",
            "group",
        )
    ]


def test_a_note_and_a_warning_stand_in_the_list(home: Household, run: Run) -> None:
    home.propose(p.FileWrite(root="notes", path="a.md", content="x"), "k", findings=(Finding("c", "Look twice."),))
    assert "(!)" in run("actions").stdout
    run("reject", "1", "--because", "not now")
    assert "rejected" in run("actions", "--all").stdout
    assert "not now" in run("actions", "--all").stdout


def test_what_changed_since_it_was_seen_is_not_approved(home: Household, run: Run) -> None:
    kept = home.note()
    assert run("edit", "1", EDITOR=editor(home.home, 'echo four >> "$1"')).returncode == 0
    done = run("approve", f"1@{kept.hash[:12]}")
    assert done.returncode == 1
    assert f"Action 1 was changed since you saw {kept.hash[:12]}" in done.stderr
    assert (home.notes / "Plan.md").read_text() == "one\ntwo\n"
    assert run("approve", f"1@{home.kept(1).hash}").returncode == 0
    assert (home.notes / "Plan.md").read_text() == "one\nthree\nfour\n"


def test_several_need_a_yes_and_each_has_its_outcome(home: Household, run: Run) -> None:
    home.note()
    home.draft()
    home.draft(3)
    asked = run("approve", "--kind", "mail.*")
    assert asked.returncode == 2
    assert "Nobody can be asked here" in asked.stderr
    assert asked.stdout.startswith("#3 mail.draft ")
    assert {home.kept(number).status for number in (1, 2, 3)} == {"held"}
    done = run("approve", "--kind", "mail.*", "--account", "home", "--yes")
    assert done.returncode == 0, done.stderr
    assert [line for line in done.stdout.splitlines() if " done: " in line] == [
        *(f"#{number} done: Draft to tom@nordwind.example: Re: The offer" for number in (3, 2))
    ]
    assert len(home.drafts()) == 2
    mixed = run("approve", "1", "1", "99", "--yes", "--json")
    assert mixed.returncode == 1
    results = {each["id"]: each for each in document(mixed)["results"]}
    assert (results[1]["ok"], results[1]["status"], results[1]["sentence"]) == (True, "done", "Wrote notes/Plan.md.")
    assert results[1]["done"][0]["undo"] is True
    assert results[99] == {
        "id": 99,
        "ok": False,
        "sentence": "There is no action 99. `butler actions` lists those there are.",
        "done": [],
    }


def test_a_recipient_new_to_the_thread_is_asked_for_by_itself(home: Household, run: Run) -> None:
    kept = home.draft(to=(p.Person(name="Tom", address="mallory@evil.example"),))
    refused = run("approve", "1")
    assert refused.returncode == 2
    assert "to mallory@evil.example, new in the thread" in refused.stderr
    assert "! New in this thread: mallory@evil.example." in refused.stdout
    assert home.drafts() == []
    assert run("approve", f"1@{kept.hash[:8]}").returncode == 0
    assert len(home.drafts()) == 1


def test_on_a_terminal_several_are_asked_for(home: Household) -> None:
    home.note()
    home.draft()
    for answer, code, drafts in (("n", 1, 0), ("y", 0, 1)):
        terminal = Terminal(home, "approve", "1", "2")
        terminal.until("Approve these 2? [y/N]")
        terminal.type(f"{answer}\n")
        assert terminal.end() == code
        assert len(home.drafts()) == drafts


def test_deciding_and_carrying_out_may_be_apart(home: Household, run: Run) -> None:
    home.note()
    later = run("approve", "1", "--later")
    assert (later.returncode, (home.notes / "Plan.md").read_text()) == (0, "one\ntwo\n")
    assert "#1 approved: Change the file Plan.md" in later.stdout
    done = run("execute", "--json")
    assert [(each["id"], each["status"]) for each in document(done)["results"]] == [(1, "done")]
    assert (home.notes / "Plan.md").read_text() == "one\nthree\n"


def test_what_was_done_is_taken_back(home: Household, run: Run) -> None:
    home.note()
    home.draft()
    assert run("approve", "1", "2", "--yes", "-q").returncode == 0
    for number, words in ((1, "Put back the old version of Plan.md."), (2, "Take back #2")):
        done = run("undo", str(number))
        assert done.returncode == 0, done.stderr
        assert words in done.stdout
        assert home.kept(number).status == "undone"
    assert ((home.notes / "Plan.md").read_text(), home.drafts()) == ("one\ntwo\n", [])
    again = run("undo", "1")
    assert (again.returncode, again.stderr) == (
        1,
        "butler: Action 1 cannot be undone: it is undone. Only what was carried out can be taken back.\n",
    )


def test_what_its_owner_changed_since_is_held_again_with_the_reason(home: Household, run: Run) -> None:
    home.note()
    (home.notes / "Plan.md").write_text("mine\n")
    done = run("approve", "1")
    assert done.returncode == 1
    assert "#1 held: Change the file Plan.md\n    Plan.md was changed since." in done.stdout
    assert (home.notes / "Plan.md").read_text() == "mine\n"
    assert "! Plan.md was changed since." in run("show", "1").stdout


def test_a_read_only_account_keeps_the_action_and_names_the_setting(home: Household, run: Run) -> None:
    home.draft()
    home.write_config("read_only = true")
    done = run("approve", "1")
    assert done.returncode == 1
    assert "read_only" in done.stdout
    assert (home.kept(1).status, home.drafts()) == ("held", [])


def test_edit_takes_over_what_the_editor_leaves(home: Household, run: Run) -> None:
    home.draft()
    script = """grep -q '^Subject: Re: The offer$' "$1" && grep -q '^To: Tom Reuter <tom@nordwind.example>$' "$1" || exit 3
    test "$(stat -c %a "$1")" = 600 || exit 4
    sed -i 's/^Subject: .*/Subject: Re: Our offer/; s/at ten/at noon/' "$1"
    sed -i 's/^Cc:.*/Cc: "Reuter, Eva" <eva@nordwind.example>, lea@nordwind.example/' "$1" """
    done = run("edit", "1", VISUAL=editor(home.home, script), EDITOR="false")
    assert (done.returncode, done.stderr) == (0, "")
    assert "#1 · mail.draft · held · home · version 2" in done.stdout
    assert "  | Thursday at noon suits me." in done.stdout
    payload = home.kept(1).action.payload
    assert isinstance(payload, p.MailDraft)
    assert payload.letter.subject == "Re: Our offer"
    assert payload.letter.cc == (
        p.Person(name="Reuter, Eva", address="eva@nordwind.example"),
        p.Person(address="lea@nordwind.example"),
    )
    assert list((home.state / "edits").iterdir()) == []
    assert "edited" in run("journal").stdout


def test_show_and_why_tell_all_of_an_action(home: Household, run: Run) -> None:
    kept = home.draft()
    run("reject", "1", "--because", "I called him")
    shown = document(run("show", "#1", "--json"))
    assert (shown["hash"], shown["status"], shown["note"]) == (kept.hash, "rejected", "I called him")
    assert shown["payload"]["letter"]["body"] == case.LETTER.body
    told = run("why", "1").stdout
    for words in (
        "> does Thursday suit you?",
        "rule      by hand",
        "(cli) rejected",
        "“I called him”",
        "proposed",
        "model     none",
    ):
        assert words in told
    story: dict[str, Any] = document(run("why", "1", "--json"))
    assert story["sources"][0]["text"].startswith("Dear Anna")
    assert [(each["verb"], each["via"], each["text"]) for each in story["decisions"]] == [("reject", "cli", "I called him")]
    assert [each["what"] for each in story["journal"]] == ["proposed", "held", "decided", "rejected"]


def test_the_journal_is_printed_and_finds_a_forged_line(home: Household, run: Run) -> None:
    assert "Nothing has happened yet" in butler(home.home, "--state-dir", home.home / "new", "journal").stderr
    home.draft()
    assert run("journal", "--limit", "1").stdout.split()[3:5] == ["held", "action:1"]
    lines = document(run("journal", "--json"))["lines"]
    assert [list(line) for line in lines[-1:]] == [["seq", "at", "what", "subject", "facts", "hash"]]
    whole = run("journal", "--verify")
    assert (whole.returncode, whole.stderr) == (0, "")
    assert whole.stdout.startswith(f"The journal is whole: {lines[-1]['seq']} lines")
    with sqlite3.connect(home.state / "butler.db") as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type='trigger'")]
        for name in tables:
            database.execute(f"DROP TRIGGER {name}")
        database.execute("UPDATE journal SET what = 'nothing' WHERE seq = ?", (lines[-1]["seq"],))
    forged = run("journal", "--verify", "--json")
    assert forged.returncode == 1
    assert document(forged)["whole"] is False
    assert f"Line {lines[-1]['seq']} was changed or moved." in forged.stderr
