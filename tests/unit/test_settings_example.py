"""`.env.example` and the table of the docs say what the code says."""

import subprocess
import sys
from pathlib import Path

import pytest
from written_docs import ROOT, between

from butler.settings import Places, read
from butler.settings.__main__ import main
from butler.settings.example import env_example, settings_table
from butler.settings.fields import all_settings, is_group, setting_at


def test_the_example_file_is_the_one_the_code_writes() -> None:
    assert (ROOT / ".env.example").read_text() == env_example(), "Run `make docs`."


def test_the_table_of_the_docs_is_the_one_the_code_writes() -> None:
    document = (ROOT / "docs" / "configuration.md").read_text()
    assert between(document, "settings") == settings_table().rstrip("\n"), "Run `make docs`."


def test_every_setting_has_a_line_of_help() -> None:
    assert [setting.pattern for setting in all_settings() if not setting.help] == []


def test_the_example_is_harmless_as_it_is_and_its_defaults_are_well(tmp_path: Path) -> None:
    file = tmp_path / "example"
    file.write_text(env_example())
    places = Places(environ={"HOME": str(tmp_path)}, env_file=file, folder=tmp_path)
    assert read(places).problems == ()
    plain = read(Places(environ={"HOME": str(tmp_path)}, folder=tmp_path)).settings
    kept = [line.lstrip("#") for line in env_example().splitlines() if line.startswith("#BUTLER_")]
    mine = tuple(
        f"BUTLER_{name}__"
        for name in ("MAIL", "CALENDAR", "CONTACTS", "NOTES", "DOCUMENTS", "WATCH", "WEB__HOOKS", "MCP", "MODEL__SERVERS")
    )
    file.write_text("\n".join(line for line in kept if not line.startswith(mine)))
    loaded = read(places)
    assert (loaded.problems, loaded.settings) == ((), plain)


def test_a_path_is_a_setting_a_group_or_nothing() -> None:
    assert setting_at(("mail", "home", "host"))
    assert not setting_at(("mail", "Home!", "host"))
    assert is_group(("mail",))
    assert is_group(("mail", "home"))
    assert not is_group(("mail", "home", "host"))


@pytest.mark.parametrize(("argument", "first"), [("--example", "# Every setting"), ("--table", "| setting |")])
def test_the_module_prints_what_is_asked_for(argument: str, first: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([argument]) == 0
    assert capsys.readouterr().out.startswith(first)


def test_the_module_says_how_it_is_used() -> None:
    done = subprocess.run([sys.executable, "-m", "butler.settings"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("usage:")
