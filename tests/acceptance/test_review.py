"""`butler review` at a terminal and through a pipe: single keys, and nothing approved but what was shown."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import card_case as case
import pytest
from butler_process import PROGRAM, environment
from gate_house import Household, Terminal, editor

from butler.core import payloads as p

KEYS = "[a]pprove"


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


def piped(home: Household, keys: str, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [PROGRAM, "--config", home.config, "review", *arguments],
        cwd=home.home,
        env=environment(home.home, environ),
        input=keys,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def test_single_keys_approve_reject_skip_undo_and_explain(home: Household) -> None:
    home.draft()
    home.note()
    home.event()
    terminal = Terminal(home, "review")
    terminal.until("New event “Lunch")
    terminal.until(KEYS)
    terminal.type("?")
    terminal.until("a  approve exactly what is shown")
    terminal.until(KEYS)
    terminal.type("w")
    terminal.until("rule      by hand")
    terminal.until(KEYS)
    terminal.type("s")
    terminal.until("#2 · file.write · held")
    terminal.until(KEYS)
    terminal.type("a")
    terminal.until("#2 done: Change the file Plan.md")
    terminal.until("#1 · mail.draft · held")
    terminal.until(KEYS)
    assert (home.notes / "Plan.md").read_text() == "one\nthree\n"
    terminal.type("u")
    terminal.until("done: Take back #2")
    terminal.until(KEYS)
    terminal.type("x")
    terminal.until("#1 rejected.")
    terminal.until("2 decided, 1 still held.")
    assert terminal.end() == 0
    assert (home.notes / "Plan.md").read_text() == "one\ntwo\n"
    assert [home.kept(number).status for number in (1, 2, 3)] == ["rejected", "undone", "held"]


def test_what_changed_while_it_was_looked_at_is_shown_anew(home: Household) -> None:
    kept = home.note()
    terminal = Terminal(home, "review")
    terminal.until(KEYS)
    with home.house() as house:
        changed = p.FileWrite(root="notes", path="Plan.md", content="other\n", before=case.digest("one\ntwo\n"))
        house.gate.edit(1, kept.hash, changed, "somebody", "cli")
    terminal.type("a")
    terminal.until("Action 1 was changed since it was shown.")
    terminal.until("+other")
    terminal.until(KEYS)
    assert (home.notes / "Plan.md").read_text() == "one\ntwo\n"
    terminal.type("q")
    assert terminal.end() == 0
    assert home.kept(1).status == "held"


def test_a_long_card_is_approved_only_after_all_of_it_was_shown(home: Household) -> None:
    home.note("".join(f"line {number}\n" for number in range(100)))
    terminal = Terminal(home, "review", lines=24)
    terminal.until("more lines: space goes on")
    terminal.type("a")
    terminal.until("more lines: space goes on")
    terminal.until("[?]")
    assert home.kept(1).status == "held"
    while "+line 99" not in terminal.seen:
        terminal.type(" ")
        terminal.until("[?]")
    terminal.type("q")
    terminal.end()


def test_an_edit_comes_back_as_a_new_card(home: Household) -> None:
    home.draft()
    script = """sed -i 's/at ten/at noon/' "$1" """
    done = piped(home, "e\na\n", EDITOR=editor(home.home, script))
    assert done.returncode == 0, done.stderr
    assert "· version 2 ·" in done.stdout
    assert "  | Thursday at noon suits me." in done.stdout
    assert b"Thursday at noon" in home.drafts()[0].read_bytes()


def test_lines_decide_where_there_is_no_terminal(home: Household) -> None:
    home.draft(2)
    home.draft(to=(p.Person(address="mallory@evil.example"),))
    home.note()
    done = piped(home, "x I changed my mind\na\nn\ns\na\n", "--later")
    assert done.returncode == 0, done.stderr
    assert [home.kept(number).status for number in (1, 2, 3)] == ["approved", "held", "rejected"]
    assert home.kept(3).note == "I changed my mind"
    assert "mallory@evil.example is new in the thread. Approve all the same? [y/N]" in done.stderr
    assert "2 decided, 1 still held." in done.stderr
    assert home.drafts() == []


def test_the_end_of_the_input_leaves_everything_held(home: Household) -> None:
    home.note()
    for keys in ("", "z\n"):
        done = piped(home, keys)
        assert (done.returncode, home.kept(1).status) == (0, "held")
        assert "0 decided, 1 still held." in done.stderr
    assert "Nothing waits for you." in piped(home, "", "--kind", "mail.*").stderr
    assert piped(home, "", "--kind", "nope").returncode == 2


def test_what_cannot_be_done_is_said_and_the_card_shown_again(home: Household) -> None:
    home.note()
    done = piped(home, "u\nr shorter\ne\nq\n", EDITOR="false")
    assert done.returncode == 1
    assert "Nothing was approved here yet" in done.stderr
    assert "no workflow revises that" in done.stderr
    assert "The editor ended with 1." in done.stderr
    assert done.stdout.count("#1 · file.write · held") == 4
