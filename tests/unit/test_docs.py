"""The documents say what the code says: commands, options, exit codes, settings, sections, links and examples."""

import argparse
import re
import tomllib
from itertools import chain
from pathlib import Path
from typing import get_args

import pytest

from butler.cli.arguments import COMMANDS, make_parser
from butler.core import errors
from butler.core.briefing import SectionName
from butler.core.policy import KINDS
from butler.settings import Places, read
from butler.settings.fields import all_settings, is_group, key, setting_at
from butler.wording import HEADINGS
from workflows.ask import steps as asking
from workflows.briefing import steps
from workflows.draft_reply import steps as drafting

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
README = (ROOT / "README.md").read_text(encoding="utf-8")
GLOBAL = {"--config", "--env-file", "--state-dir", "--quiet", "--verbose", "--help"}


def named(document: Path) -> str:
    return document.name


def options_of(command: str) -> set[str]:
    """The long options of a command, from its parser, with those of the commands below it."""
    (choices,) = (action.choices for action in make_parser()._actions if isinstance(action.choices, dict))
    return shown_by(choices[command])


def shown_by(parser: argparse.ArgumentParser) -> set[str]:
    shown = [action for action in parser._actions if action.help != argparse.SUPPRESS]
    below = [each for action in shown if isinstance(action.choices, dict) for each in action.choices.values()]
    own = {option for action in shown for option in action.option_strings if option.startswith("--")}
    return own.union(*map(shown_by, below))


def fenced(text: str, language: str) -> list[str]:
    """The blocks of a language, without the indent of a list that they stand in."""
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```$", text, re.MULTILINE | re.DOTALL)
    return [re.sub(rf"^{indent}", "", block, flags=re.MULTILINE) for indent, block in found]


def test_the_readme_names_every_command_with_every_option() -> None:
    rows = dict(re.findall(r"^\| `butler ([\w-]+)[^`]*` \| (.*) \|$", README, re.MULTILINE))
    assert list(rows) == [command.name for command in COMMANDS]
    for command in COMMANDS:
        assert set(re.findall(r"--[a-z-]+", rows[command.name])) == options_of(command.name) - GLOBAL, command.name
        assert rows[command.name].startswith(command.help.split(", and say")[0].split(";")[0]), command.name


def test_the_readme_names_the_options_of_every_command() -> None:
    (sentence,) = re.findall(r"Every command takes (.*?);", README, re.DOTALL)
    assert set(re.findall(r"--[a-z-]+", sentence)) == GLOBAL
    assert all(options_of(command.name) >= GLOBAL for command in COMMANDS)


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_every_command_line_in_the_documents_can_be_read(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    lines = re.findall(r"`butler ([a-z][^`]*)`", text) + re.findall(
        r"^ +(?:\S*/)?butler ([a-z-].*?)(?: +#.*)?$", text, re.MULTILINE
    )
    names = {command.name for command in COMMANDS}
    for line in lines:
        words = [word for word in line.split() if re.fullmatch(r"[a-z][a-z-]*", word)]
        used = set(re.findall(r"--[a-z-]+", line))
        command = next((word for word in words if word in names), None)
        assert command, f"{document.name}: butler {line}"
        assert used <= options_of(command) | {"--version"}, f"{document.name}: butler {line}"


def test_the_readme_names_every_exit_code() -> None:
    wanted = {value for name, value in vars(errors).items() if name.startswith("EXIT_")} | {0}
    section = README.partition("### Exit codes")[2].partition("## JSON")[0]
    assert {int(code) for code in re.findall(r"^\| (\d+) \|", section, re.MULTILINE)} == wanted
    assert {
        int(code) for code in re.findall(r"\b(\d+) [a-z]", make_parser().format_help().partition("exit codes:")[2])
    } == wanted


def test_the_documents_name_every_section_with_its_heading() -> None:
    text = (ROOT / "docs" / "workflows.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| ([A-Z][^|]*?) \|", text, re.MULTILINE)
    assert rows == [(name, HEADINGS[name]) for name in get_args(SectionName)]
    section = README.partition("Sections, each left out when empty:")[2].partition(".")[0]
    assert re.findall(r"`(\w+)`", section) == list(get_args(SectionName))


def test_the_documents_name_every_step_and_what_it_answers() -> None:
    text = (ROOT / "docs" / "workflows.md").read_text(encoding="utf-8")
    briefing, drafted = (steps.received(), steps.promise()), (drafting.draft(),)
    asked = (asking.plan(), asking.note(), asking.answer())
    known = {step.name: len(step.answer.model_fields) for step in (*briefing, *drafted, *asked)}
    rows = re.findall(r"^\| `(\w+)` \| [^|]*\? \| ([^|]*) \|$", text, re.MULTILINE)
    assert {name: len(answers.split(",")) for name, answers in rows} == known


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_links_lead_somewhere(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if not target.startswith(("https://", "#")):
            assert (document.parent / target.partition("#")[0]).exists(), target


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_settings_that_are_named_exist(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    groups = "|".join(dict.fromkeys(setting.pattern[0] for setting in all_settings() if len(setting.pattern) > 1))
    for name in re.findall(rf"`((?:{groups})\.[a-z_.A-Z*]+)`", text):
        path = tuple(name.lower().split("."))
        known = {"mail.home", "notes.notes", "message.py", *KINDS}
        assert setting_at(path) or is_group(path) or name in known, name
    for name in re.findall(r"\bBUTLER_([A-Z_]+[A-Z])\b", text):
        # Variables of the tests are not settings.
        assert name.startswith("TEST_") or setting_at(tuple(name.lower().split("__"))), name


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_examples_of_settings_are_well(document: Path, tmp_path: Path) -> None:
    for number, block in enumerate(fenced(document.read_text(encoding="utf-8"), "toml")):
        file = tmp_path / f"{number}.toml"
        file.write_text(block, encoding="utf-8")
        assert tomllib.loads(block)
        assert read(Places(environ={"HOME": str(tmp_path)}, config=file, folder=tmp_path)).problems == ()


def test_chores_that_are_named_exist() -> None:
    chores = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    texts = (document.read_text(encoding="utf-8") for document in DOCUMENTS)
    assert set(chain.from_iterable(re.findall(r"\bmake ([a-z]+)(?=`|$| +#)", text, re.MULTILINE) for text in texts)) <= chores


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_files_that_are_named_exist(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    for name in re.findall(r"`((?:butler|tools|workflows|tests)/[\w./-]+)`", text):
        assert (ROOT / name).exists(), name


def test_the_table_of_settings_has_each_once() -> None:
    text = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    for setting in all_settings():
        name = key("NAME" if part == "*" else part for part in setting.pattern)
        assert text.count(f"| `{name}` |") == 1, name
