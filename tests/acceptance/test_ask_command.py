"""`butler ask` as a program: what it prints and how it ends, over the sample household's morning."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from butler_process import PROGRAM, butler, called, document, environment
from ollama_script import Hangs
from page_household import PageHousehold, copied, made_for_all
from quiet_time import crowd
from scripted_ollama import ScriptedOllama

from butler.store.floor import Floor
from butler.store.state import StateLock
from butler.store.truth import Truth

ON_THE_DAY = "What is on on 25 November 2026?"


@pytest.fixture(scope="module")
def household(tmp_path_factory: pytest.TempPathFactory) -> PageHousehold:
    return copied(made_for_all(tmp_path_factory), tmp_path_factory.mktemp("ask") / "household")


@pytest.fixture(autouse=True)
def nothing_asked(household: PageHousehold) -> Iterator[None]:
    yield
    truth = Truth.open(household.state / "butler.db")
    truth.conversations.delete_all(household.now)
    truth.close()


def ask(household: PageHousehold, *arguments: str) -> subprocess.CompletedProcess[str]:
    return butler(household.household.folder, "--config", household.config, "ask", *arguments)


def here(household: PageHousehold, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The same in this process, for what starts no other."""
    return called(household.household.folder, "--config", household.config, "ask", *arguments)


def test_a_conversation_is_begun_gone_on_with_listed_shown_and_deleted(household: PageHousehold) -> None:
    with StateLock(household.state):
        first = ask(household, ON_THE_DAY)
    assert first.returncode == 0, first.stderr
    assert re.search(r"^\[1\] .*25 Nov 2026", first.stdout, re.MULTILINE)
    assert re.search(r"^    event:", first.stdout, re.MULTILINE)
    assert f"`butler --config {household.config} sync` brings it up to date." in first.stderr
    second = document(ask(household, "--continue", "--json", "and", "on", "26", "November", "2026?"))
    assert (second["question"], second["state"], second["run"], second["answer"]["by"]) == (
        *("and on 26 November 2026?", "answered", None),
        "code",
    )
    (listed,) = document(here(household, "--list", "--json"))["conversations"]
    assert (listed["id"], listed["title"], listed["turns"]) == (second["conversation"], ON_THE_DAY, 2)
    shown = here(household, "--show", str(listed["id"])).stdout
    assert shown.startswith(f"> {ON_THE_DAY}\n{first.stdout.splitlines()[0]}")
    assert [each["turn"] for each in document(here(household, "--show", str(listed["id"]), "--json"))["turns"]]
    assert document(here(household, "--delete", str(listed["id"]), "--json")) == {"deleted": [listed["id"]]}
    assert "Nothing was asked yet." in here(household, "--list").stderr


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "There is no question."),
        (("--json",), "There is no question."),
        (("  ",), "There is no question."),
        (("x" * 2001,), "longer than 2,000 characters"),
        (("--conversation", "7", "why?"), "There is no conversation 7."),
        (("--continue", "why?"), "There is no conversation to go on with."),
        (("--list", "why?"), "a question and --list do not go together."),
        (("--all",), "--all goes with --delete alone."),
        (("--delete",), "Name the conversations to delete, or ask for all of them."),
        (("--delete", "1", "--all"), "Name the conversations to delete, or ask for all of them."),
        (("--delete", "--all"), "Nobody can be asked here whether to delete all conversations. Say --yes as well."),
        (("--delete", "1", "--yes"), "--yes goes with --delete --all alone."),
        (("--delete", "99"), "There is no conversation 99."),
        (("--show", "0"), "is not the number of a conversation"),
        (("--turn", "1"), "That question does not wait for an answer."),
    ],
)
def test_what_cannot_be_asked_gets_a_sentence_that_says_what_to_do(
    household: PageHousehold, arguments: tuple[str, ...], sentence: str
) -> None:
    done = here(household, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert sentence in " ".join(done.stderr.split())


def test_the_question_is_read_from_standard_input(household: PageHousehold) -> None:
    line = [str(PROGRAM), "--config", str(household.config), "ask", "-", "--json"]
    env = environment(household.household.folder)
    done = subprocess.run(line, input=f"{ON_THE_DAY}\n", env=env, capture_output=True, encoding="utf-8", check=True)
    assert json.loads(done.stdout)["question"] == ON_THE_DAY


def test_on_a_terminal_questions_are_typed_one_after_the_other(household: PageHousehold) -> None:
    ours, theirs = pty.openpty()
    line = [str(PROGRAM), "--config", str(household.config), "ask"]
    env = environment(household.household.folder)
    program = subprocess.Popen(line, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=env)
    os.write(ours, f"{ON_THE_DAY}\nand on 26 November 2026?\n\n".encode())
    out, _ = program.communicate(timeout=30 * crowd())
    os.close(ours)
    os.close(theirs)
    assert program.returncode == 0
    assert out.decode().count("[1] ") >= 2
    truth = Truth.open(household.state / "butler.db")
    assert [each.turns for each in truth.conversations.recent()] == [2]
    truth.close()


def test_all_conversations_are_deleted_once_that_is_agreed_to(household: PageHousehold) -> None:
    truth = Truth.open(household.state / "butler.db")
    truth.conversations.ask(ON_THE_DAY, household.now)
    line = [str(PROGRAM), "--config", str(household.config), "ask", "--delete", "--all"]
    for typed, code, left in ((b"\n", 1, 1), (b"n\n", 1, 1), (b"y\n", 0, 0)):
        ours, theirs = pty.openpty()
        os.write(ours, typed)
        done = subprocess.run(line, stdin=theirs, env=environment(household.household.folder), capture_output=True, check=False)
        os.close(ours)
        os.close(theirs)
        assert (done.returncode, len(truth.conversations.recent())) == (code, left), typed
        assert b"Delete all conversations? [y/N]" in done.stderr
    truth.conversations.ask(ON_THE_DAY, household.now)
    assert (here(household, "--delete", "--all", "--yes").returncode, truth.conversations.recent()) == (0, [])
    truth.close()


def test_what_is_said_to_type_names_the_household_that_was_meant(tmp_path: Path, household: PageHousehold) -> None:
    file, state = tmp_path / "my settings.toml", tmp_path / "elsewhere"
    file.write_bytes(household.config.read_bytes())
    given = ("--config", file, "--state-dir", state)
    done = called(household.household.folder, *given, "search", "xylophanes")
    assert f"`butler --config '{file}' --state-dir {state} sync` brings it up to date." in done.stderr
    refused = called(household.household.folder, "show", "99", *given)
    assert f"`butler --config '{file}' --state-dir {state} actions` lists" in refused.stderr
    assert "`butler sync`" in called(household.household.folder, "search", "xylophanes", BUTLER_STATE_DIR=str(state)).stderr


def test_an_interrupt_ends_the_question_to_the_model_at_once_and_the_conversation_stays(household: PageHousehold) -> None:
    with ScriptedOllama(script=lambda chat: Hangs()) as server:
        env = environment(
            household.household.folder, {"BUTLER_MODEL__NAME": server.models[0].name, "BUTLER_MODEL__URL": server.url}
        )
        line = [str(PROGRAM), "--config", str(household.config), "ask", "What did the harbour people think of the terrace?"]
        program = subprocess.Popen(line, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        deadline = time.monotonic() + 30 * crowd()
        while not server.chats:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        began = time.monotonic()
        program.send_signal(signal.SIGINT)
        program.communicate(timeout=30 * crowd())
        assert time.monotonic() - began < 3 * crowd()
        assert program.returncode == 130
        assert server.disconnected.wait(10)
    truth = Truth.open(household.state / "butler.db")
    (turn,) = truth.conversations.turns(truth.conversations.recent()[0].id)
    run = truth.runs.get(turn.run)
    truth.close()
    assert run
    assert (turn.state, run.state, Floor(household.state).is_answered(turn.id)) == ("cancelled", "abandoned", False)


def test_where_a_model_is_wanted_and_none_is_there_and_rules_find_nothing_that_is_said(household: PageHousehold) -> None:
    done = ask(household, "Who is Xylophanes Quibblethorpe?")
    assert (done.returncode, "No model answered" in done.stderr) == (69, True), done.stderr


def test_what_is_asked_of_a_household_that_was_never_read_says_so(tmp_path: Path, household: PageHousehold) -> None:
    done = butler(household.household.folder, "--config", household.config, "--state-dir", tmp_path / "new", "ask", ON_THE_DAY)
    assert done.returncode == 0
    assert "Never read: mail.home" in done.stderr
