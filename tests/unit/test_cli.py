"""The edge of the command line: what becomes of faults, messages and secrets, without a process of its own."""

import argparse
import io
import json
import logging
import os
import sys
import warnings
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from butler.cli import logs, main, opening, output, unexpected, version
from butler.cli.arguments import read
from butler.cli.sync import as_json
from butler.core.sources import SourceState

NOW = datetime(2026, 11, 24, 7, tzinfo=ZoneInfo("Europe/Berlin"))


@pytest.fixture(autouse=True)
def own_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Gives back what a command changes for its whole process: environment, folder, logging, warnings."""
    root = logging.getLogger()
    kept = (root.level, root.handlers[:])
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "state"))
    monkeypatch.setenv("LANGGRAPH_STRICT_MSGPACK", "true")
    monkeypatch.setenv("PYDANTIC_DISABLE_PLUGINS", "__all__")
    monkeypatch.chdir(tmp_path)
    with warnings.catch_warnings():
        yield
    logging.captureWarnings(capture=False)
    root.setLevel(kept[0])
    root.handlers[:] = kept[1]


def breaks(_options: argparse.Namespace) -> int:
    raise ValueError("a fault \x1b[2J of its own")


def test_a_fault_becomes_one_sentence_and_its_details_a_private_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(version, "run", breaks)
    assert main(["version"]) == 1
    shown = capsys.readouterr()
    file = tmp_path / "state" / unexpected.FILE
    assert shown.out == ""
    assert (
        shown.err == f"butler: This should not have happened (ValueError: a fault [2J of its own). The details are in {file}.\n"
    )
    assert "Traceback" in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    assert main(["--state-dir", str(tmp_path / "other"), "version"]) == 1
    assert (tmp_path / "other" / unexpected.FILE).exists()


def test_a_fault_without_a_place_for_its_details_shows_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(version, "run", breaks)
    assert main(["--state-dir", str(tmp_path / "file"), "version"]) == 1
    err = capsys.readouterr().err
    assert "Traceback" in err
    assert err.endswith("The details could not be written to a file; they are above.\n")


@pytest.mark.parametrize(
    ("raised", "code"), [(KeyboardInterrupt(), 130), (SystemExit(7), 7), (SystemExit("words"), 1), (SystemExit(), 1)]
)
def test_what_ends_a_command_becomes_its_exit_code(
    monkeypatch: pytest.MonkeyPatch, raised: BaseException, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    def ends(_options: argparse.Namespace) -> int:
        raise raised

    monkeypatch.setattr(version, "run", ends)
    assert main(["version"]) == code
    assert capsys.readouterr() == ("", "")


def test_secrets_are_taken_out_of_the_environment_once_they_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUTLER_MODEL__NAME", "q")
    monkeypatch.setenv("butler_model__seed", "8")
    loaded = opening.read_settings(read(["doctor"]))
    assert (loaded.settings.model.name, loaded.settings.model.seed) == ("q", 8)
    assert [name for name in os.environ if name.upper().startswith("BUTLER_")] == []


def test_global_options_may_stand_on_either_side_of_the_command() -> None:
    for argv in (["--state-dir", "/s", "-q", "-v", "runs"], ["runs", "--state-dir", "/s", "-q", "-v"]):
        options = read(argv)
        assert (options.state_dir, options.quiet, options.verbose, options.config) == (Path("/s"), True, 1, None)
    assert read(["runs"]).quiet is False


@pytest.mark.parametrize(
    ("name", "day"),
    [(None, None), ("today", date(2026, 11, 24)), ("tomorrow", date(2026, 11, 25)), ("2027-01-01", date(2027, 1, 1))],
)
def test_days_are_named_or_written(name: str | None, day: date | None) -> None:
    assert opening.day_of(name, NOW) == day


def test_messages_are_harmless_and_can_be_silenced(capsys: pytest.CaptureFixture[str]) -> None:
    output.say(read(["runs"]), "one\x1b[2J\u202etwo")
    output.say(read(["-q", "runs"]), "three")
    assert capsys.readouterr() == ("", "one[2Jtwo\n")


def test_json_is_plain_ascii_where_the_output_is_not_utf_8(monkeypatch: pytest.MonkeyPatch) -> None:
    latin = io.TextIOWrapper(io.BytesIO(), encoding="latin-1", write_through=True)
    monkeypatch.setattr(sys, "stdout", latin)
    output.prepare()
    output.show_json({"text": "Yıldız"})
    output.show("Yıldız")
    content = latin.buffer.getvalue() if isinstance(latin.buffer, io.BytesIO) else b""
    assert json.loads(content.partition(b"}")[0] + b"}") == {"text": "Yıldız"}
    assert content.endswith(b"Y\\u0131ld\\u0131z\n")


@pytest.mark.parametrize(
    ("verbose", "level"), [(0, logging.CRITICAL + 1), (1, logging.INFO), (2, logging.DEBUG), (5, logging.DEBUG)]
)
def test_libraries_are_silent_unless_asked(verbose: int, level: int, capsys: pytest.CaptureFixture[str]) -> None:
    logs.prepare(verbose)
    assert logging.getLogger().level == level
    logging.getLogger("library").error("from \x1b]0;the world\x07")
    err = capsys.readouterr().err
    assert ("library: from ]0;the world" in err) == (verbose > 0)
    assert "\x1b" not in err


def test_a_source_never_read_has_no_time() -> None:
    assert as_json(SourceState("home", "mail", "failed", None, "It does not answer."))["as_of"] is None
