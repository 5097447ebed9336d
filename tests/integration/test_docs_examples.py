"""What the documents show of a session is what the program prints about the sample household of that day."""

import re
import shlex
from datetime import date
from pathlib import Path

import pytest

from butler.cli import main
from butler.cli.demo import config_of
from butler.demo import run_demo
from butler.sample.days import BERLIN

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = (ROOT / "docs" / "workflows.md").read_text(encoding="utf-8")
SESSIONS = re.findall(r"^```text\n\$ butler (.*?)\n(.*?)^```$", WORKFLOWS, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    demo = run_demo(folder, date(2026, 11, 24))
    (folder / "butler.toml").write_text(config_of(demo.household), encoding="utf-8")
    (folder / "butler.toml").chmod(0o600)
    return folder


def test_there_are_sessions_to_compare() -> None:
    assert [line.split()[0] for line, _ in SESSIONS] == ["show", "why"]
    assert BERLIN.key == "Europe/Berlin"


@pytest.mark.parametrize(("line", "shown"), SESSIONS, ids=lambda each: each.split()[0])
def test_a_session_shows_what_the_program_prints(
    line: str, shown: str, sample: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--config", str(sample / "butler.toml"), *shlex.split(line)]) == 0
    assert capsys.readouterr().out == shown


def test_the_head_of_the_file_is_as_shown(sample: Path) -> None:
    (head,) = re.findall(r"^```yaml\n(.*?)^---\n```$", WORKFLOWS, re.MULTILINE | re.DOTALL)
    written = (sample / "briefings" / "2026-11-24.md").read_text(encoding="utf-8")
    assert written.startswith(head)


def test_the_demo_has_documents_to_find_and_records_to_reckon_with(sample: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words, ref in (
        ("Mietvertrag", "file:papers/Flat/Mietvertrag.docx"),
        ("Hausverwaltung in:records", "/Statements/giro-"),
    ):
        assert main(["--config", str(sample / "butler.toml"), "search", *words.split()]) == 0
        assert ref in capsys.readouterr().out
