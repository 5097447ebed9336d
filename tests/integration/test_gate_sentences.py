"""What the commands of the gate say to what cannot be, and what becomes of edits, run inside the test's own process."""

from __future__ import annotations

import logging
import shutil
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from subprocess import CompletedProcess

import card_case as case
import pytest
from butler_process import document
from gate_house import Household, editor, inside

from butler.core import payloads as p

Run = Callable[..., "CompletedProcess[str]"]


@pytest.fixture(autouse=True)
def own_process() -> Iterator[None]:
    """Gives back what a command changes for its whole process."""
    root = logging.getLogger()
    kept = (root.level, root.handlers[:])
    with warnings.catch_warnings():
        yield
    logging.captureWarnings(capture=False)
    root.setLevel(kept[0])
    root.handlers[:] = kept[1]


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
    return lambda *arguments, **environ: inside(home, *arguments, **environ)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["approve", "7"], 1, "There is no action 7."),
        (["approve"], 2, "Name actions or a filter, one of both."),
        (["approve", "1", "--kind", "mail.*"], 2, "Name actions or a filter, one of both."),
        (["approve", "one"], 2, "'one' is not the number of an action."),
        (["approve", "--kind", "nope"], 2, "No kind of action is like 'nope'. There are: mail.draft, "),
        (["approve", "--kind", "task.*"], 0, "Nothing that is held is meant by this."),
        (["reject", "7"], 1, "There is no action 7."),
        (["undo", "7"], 1, "There is no action 7."),
        (["undo", "1"], 1, "Action 1 cannot be undone: it is held."),
        (["edit", "7"], 1, "There is no action 7."),
        (["respond", "7", "shorter"], 1, "There is no action 7."),
        (["respond", "1", "shorter"], 2, "Action 1 is a file.write; no workflow revises that."),
        (["show", "7"], 1, "There is no action 7."),
        (["why", "7"], 1, "There is no action 7."),
        (["do", "dance"], 2, "There is no workflow 'dance'. There are: "),
        (["do", "dance"], 2, ", maintenance, meaning, meeting, "),
        (["do", "meeting"], 2, "meeting is about one thing. Name it: --about event:family/<UID>."),
        (["do", "documents", "--tonight"], 2, "documents is about one thing. Name it: --about file:scans/letter.pdf."),
        (["execute"], 0, "Nothing is approved and due."),
        (["actions", "--status", "odd"], 2, "invalid choice: 'odd'"),
    ],
)
def test_what_cannot_be_is_a_sentence(home: Household, run: Run, arguments: list[str], code: int, words: str) -> None:
    home.note()
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert words in done.stderr
    assert home.kept(1).status == "held"


@pytest.mark.parametrize(
    ("script", "code", "words", "is_left"),
    [
        ("exit 0", 0, "Nothing was changed.", False),
        ("exit 7", 1, "The editor ended with 7. Nothing was changed.", False),
        ('echo more >> "$1"; exit 7', 1, "The editor ended with 7. Nothing was changed. What it left is in ", True),
        (': > "$1"', 1, "The file came back empty. Nothing was changed", False),
        ("sed -i '/^To:/d' \"$1\"", 1, "The line “To:” is missing.", True),
        ("sed -i 's/^To:.*/To: tom at nordwind/' \"$1\"", 1, "Line 3: “tom at nordwind” does not begin with an address", True),
        ("sed -i 's/^Cc:.*/Cc: Tom <tom@x.example/' \"$1\"", 1, "Line 4: “Tom <tom@x.example” does not begin with", True),
        ("sed -i 's/^Cc:.*/Cc: a@x.example b@x.example/' \"$1\"", 1, "Line 4: there is no comma before “b@x.example”.", True),
        ("sed -i 's/^Cc:.*/Reply-To: a@x.example/' \"$1\"", 1, "Line 4: there is no “Reply-To:” here.", True),
        ("sed -i 's/^Cc:.*/To: a@x.example/' \"$1\"", 1, "Line 4: “To:” stands here twice.", True),
        ("sed -i 's/^Cc:.*/nonsense/' \"$1\"", 1, "Line 4: “nonsense” is no line like “To: …”.", True),
        ("sed -i 's/^To:.*/To:/' \"$1\"", 1, "There is no recipient left in To, Cc or Bcc.", True),
        ("sed -i '8,$d' \"$1\"", 1, "The text is empty.", True),
        ("printf '\\377' >> \"$1\"", 1, "cannot be read", True),
        ('rm "$1"', 1, "cannot be read", False),
    ],
)
def test_an_edit_that_goes_wrong_changes_nothing_and_loses_nothing(
    home: Household, run: Run, script: str, code: int, words: str, is_left: bool
) -> None:
    kept = home.draft()
    done = run("edit", "1", EDITOR=editor(home.home, script))
    assert (done.returncode, "Traceback" in done.stderr) == (code, False)
    assert words in done.stderr
    assert replace(home.kept(1), changed=kept.changed) == kept
    left = list((home.state / "edits").iterdir())
    assert bool(left) is is_left
    if is_left and "\\377" not in script:
        again = run("edit", "1", EDITOR=editor(home.home, "exit 7"))
        assert f"Going on with the edit that was left in {left[0]}." in again.stderr


def test_an_editor_that_is_not_there_is_named(home: Household, run: Run) -> None:
    home.draft()
    done = run("edit", "1", EDITOR="/nowhere/editor --wait")
    assert done.returncode == 1
    assert "The editor '/nowhere/editor --wait' cannot be started" in done.stderr


def test_an_event_and_a_task_are_edited_by_their_fields(home: Household, run: Run) -> None:
    home.event(case.EVENT.replace("RRULE:FREQ=WEEKLY\r\n", ""))
    change = p.CalendarChange(account="family", calendar="family", uid="t", after=case.TODO)
    home.propose(p.TaskCreate(change=change))
    script = """sed -i 's/^Title: .*/Title: Dinner/; s/^Starts: .*/Starts: 2026-11-26 19:30/' "$1"
    sed -i 's/^Ends: .*/Ends: 2026-11-26 21:00/' "$1" """
    done = run("edit", "1", EDITOR=editor(home.home, script))
    assert done.returncode == 0, done.stderr
    assert "Starts     Thu 2026-11-26 19:30\n" in done.stdout
    script = """sed -i 's/^Title: .*/Title: Send all plans/; s/^Due: .*/Due: 2026-11-30/' "$1"; echo 'By mail.' >> "$1" """
    done = run("edit", "2", "--json", EDITOR=editor(home.home, script))
    assert done.returncode == 0, done.stderr
    fields = {each["field"]: each["after"] for each in document(done)["changes"]}
    assert fields == {"Title": "Send all plans", "Due": "Mon 2026-11-30", "Text": "By mail."}
    wrong = run("edit", "2", EDITOR=editor(home.home, """sed -i 's/^Due: .*/Due: soon/; s/^Title:.*/Title:/' "$1" """))
    assert "Line 4: “soon” is no time. Write it like 2026-11-24 14:30" in wrong.stderr
    assert "The title is empty." in wrong.stderr


def test_the_kinds_without_a_text_are_edited_by_their_lines(home: Household, run: Run) -> None:
    at = p.MailAt(ref=case.REF, message_id="offer-1@nordwind.example", key="1.a")
    home.propose(p.MailMove(account="home", messages=(at,), source="INBOX", target="Drafts"))
    home.propose(p.MailKeyword(account="home", messages=(at,), folder="INBOX", add=("todo",)))
    home.propose(p.FileMove(root="notes", path="Plan.md", target="Old.md", before=case.digest("one\ntwo\n")))
    home.propose(p.FileAppend(root="notes", path="Plan.md", text="# four\n", before=case.digest("one\ntwo\n")))
    home.propose(p.CalendarCancel(change=case.change(case.EVENT, "")))
    for number, script, field, value in (
        (1, "s/^Target: .*/Target: Archive/", "target", "Archive"),
        (2, "s/^Set: .*/Set: done later/", "add", ["done", "later"]),
        (3, "s/^Target: .*/Target: New.md/", "target", "New.md"),
        (4, "s/^# four/# five/", "text", "# five\n"),
    ):
        done = run("edit", str(number), "--json", EDITOR=editor(home.home, f"""sed -i '{script}' "$1" """))
        assert done.returncode == 0, done.stderr
        assert document(done)["payload"][field] == value
    for number, script, words in (
        (1, "s/^Target: .*/Target:/", "The line “Target:” is empty."),
        (2, "s/^Set: .*/Set:/", "Nothing is set and nothing taken."),
        (3, "$a\\\\n\\nmore", "there is no text here, only the lines above."),
        (5, "", "An action of the kind calendar.cancel cannot be edited."),
    ):
        wrong = run("edit", str(number), EDITOR=editor(home.home, f"""sed -i '{script}' "$1" """))
        assert (wrong.returncode, words in wrong.stderr) == (1, True), wrong.stderr
