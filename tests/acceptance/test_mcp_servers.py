"""Servers of the owner's choice by the command line: listed, told, checked; a read is called at once, all else is proposed."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from butler_process import butler, called, document
from gate_house import Household

SERVERS = Path(__file__).parents[1] / "servers"
SECRET = "canary-of-the-server"


def section(home: Household, **more: str) -> str:
    """The part of the settings for the server of the tests."""
    out = home.home / "out"
    out.mkdir(exist_ok=True)
    words = {
        "command": json.dumps([sys.executable, "-P", str(SERVERS / "foreign_server.py")]),
        "folders": json.dumps([str(SERVERS)]),
        "writable": json.dumps([str(out)]),
        "reads": '["echo"]',
        "env": json.dumps([f"PYTHONPATH={SERVERS}", f"OUT={out}"]),
        "secret": json.dumps(SECRET),
        "secret_name": '"API_TOKEN"',
        **more,
    }
    return "[mcp.helper]\n" + "".join(f"{name} = {value}\n" for name, value in words.items())


@pytest.fixture
def home(tmp_path: Path) -> Household:
    return Household(tmp_path / "home")


def test_a_read_is_called_at_once_and_another_tool_is_proposed(home: Household) -> None:
    home.write_config(section(home))
    told = butler(home.home, "--config", home.config, "mcp", "call", "helper", "echo", "--arg", "text=soup", "--json")
    assert document(told) == {"ref": "mcp:helper/echo", "text": f"soup {SECRET}"}
    kept = document(
        butler(home.home, "--config", home.config, "mcp", "call", "helper", "write", "--arg", 'text="soup"', "--json")
    )
    assert (kept["kind"], kept["status"], kept["payload"]["arguments"]) == ("mcp.call", "held", '{"text":"soup"}')
    assert kept["origin"] == [{"ref": "mcp:helper/write", "by": "the server mcp.helper", "foreign": True}]
    assert not (home.home / "out" / "written.txt").exists()
    done = butler(home.home, "--config", home.config, "approve", "1", "--yes")
    assert (done.returncode, (home.home / "out" / "written.txt").read_text()) == (0, "soup\n")
    undone = butler(home.home, "--config", home.config, "undo", "1")
    assert "cannot be undone" in undone.stderr
    for path in home.state.rglob("*"):
        assert not path.is_file() or SECRET.encode() not in path.read_bytes()


def test_the_doctor_starts_each_server_and_lists_show_what_is_set_and_told(home: Household) -> None:
    home.write_config(section(home, reads='["echo", "sing"]'))
    listed = butler(home.home, "--config", home.config, "mcp", "list", "--json")
    assert document(listed)["servers"][0]["reads"] == ["echo", "sing"]
    assert SECRET not in listed.stdout
    checks = document(butler(home.home, "--config", home.config, "doctor", "--json"))["checks"]
    found = [(check["level"], check["sentence"]) for check in checks if check["name"] == "mcp.helper"]
    assert found == [
        ("warning", "It has no tool sing."),
        ("ok", "It starts in its jail, and has 3 tools, of which 1 can only read."),
    ]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"command": "[]"}, "command is missing"),
        ({"hosts": '["example.org"]'}, "'example.org' is no host with a port. Write it like api.example.org:443."),
        ({"folders": '["Recipes"]'}, "'Recipes' is no folder from the root or from ~."),
        ({"env": '["HTTPS_PROXY=x"]'}, "'HTTPS_PROXY' is no variable that can be set."),
        ({"secret_name": '""'}, "secret and secret_name belong together"),
        ({"tools": "[]"}, "mcp.helper.tools"),
    ],
)
def test_settings_that_cannot_be_used_are_told_in_a_sentence(home: Household, more: dict[str, str], words: str) -> None:
    home.write_config(section(home, **more))

    done = called(home.home, "--config", home.config, "mcp", "list")
    assert done.returncode == 78
    assert words in done.stderr
    assert SECRET not in done.stderr
