"""A tool in a package of an owner's own: it stands in for the one that ships, and works in the jail without knowing of it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest
from butler_process import environment

ROOT = Path(__file__).parent.parent.parent
SETTINGS = """
state_dir = "{home}/state"
[owner]
name = "Anna Berger"
addresses = ["anna@berger.example"]
[model]
enabled = false
[notes.notes]
path = "{home}/notes"
"""
WRITE = {"kind": "file.write", "root": "notes", "path": "new.md", "content": "Hello"}
RUN = "import sys; from butler.cli import main; sys.exit(main())"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python of its own, in which the butler and a package with a tool are installed, and a folder of notes."""
    home = tmp_path_factory.mktemp("own")
    package = home / "package"
    about = package / "own_tool-1.0.dist-info"
    about.mkdir(parents=True)
    shutil.copy(ROOT / "tests/servers/own_tool.py", package)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: own-tool\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[butler.tools]\nnotes = own_tool:TOOL\n")
    venv.create(home / "venv", symlinks=True)
    site = home / "venv/lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
    # Before the butler's own, so that it is not what is found last.
    (site / "all.pth").write_text(f"{package}\n{sysconfig.get_path('purelib')}\n{ROOT}\n")
    (home / "notes").mkdir()
    (home / "butler.toml").write_text(SETTINGS.format(home=home))
    (home / "butler.toml").chmod(0o600)
    return home


def butler(home: Path, *arguments: str | Path) -> str:
    done = subprocess.run(
        [home / "venv/bin/python", "-c", RUN, *map(str, arguments), "--config", home / "butler.toml"],
        cwd=home,
        env=environment(home),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_what_it_reads_and_parses_it_reads_and_parses_in_the_jail(home: Path) -> None:
    butler(home, "sync")
    shown = butler(home, "show", "file:notes/own.md")
    assert "Read: It could read the folder." in shown
    assert "Parsed: It could do nothing." in shown


def test_what_it_does_it_does_in_the_jail_and_only_in_its_folder(home: Path) -> None:
    (home / "payload.json").write_text(json.dumps(WRITE))
    butler(home, "propose", home / "payload.json")
    assert "#1 done: Write the file new.md" in butler(home, "approve", "1", "--yes")
    assert (home / "notes/new.md").read_text() == "Hello"
    assert (home / "notes/acted.md").read_text() == "It could read the folder, write into the folder."


def test_without_the_jail_it_could_do_all_of_it(home: Path) -> None:
    command = "import own_tool, pathlib, sys; print(own_tool.could(pathlib.Path(sys.argv[1])))"
    told = subprocess.run([home / "venv/bin/python", "-c", command, home / "notes"], capture_output=True, text=True, check=True)
    everything = ("read the settings", "make a socket", "look up a name", "run a program", "write beside the folder")
    assert all(each in told.stdout for each in everything)
