"""The settings of the daemon, and what the control socket takes for a question."""

import json
from datetime import date, time
from pathlib import Path

import pytest

from butler.core.asks import AskCancel, AskRun, line_of, read_ask
from butler.core.errors import UsageError
from butler.core.policy import Hours
from butler.core.requests import WISH, Priority, Request
from butler.daemon.commands import Commands, program, request_of
from butler.daemon.systemd import Systemd, without
from butler.settings import Places, read
from butler.settings.daemon import read_hours


def problems(tmp_path: Path, **environ: str) -> str:
    named = {f"BUTLER_DAEMON__{name.upper()}": value for name, value in environ.items()}
    return "\n".join(read(Places(environ={"HOME": str(tmp_path), **named}, folder=tmp_path)).problems)


def test_hours_are_read_over_midnight_and_until_it() -> None:
    assert read_hours(["20:00-23:30", "9:00 - 24:00"]) == (Hours(time(20), time(23, 30)), Hours(time(9), time(0)))


@pytest.mark.parametrize("word", ["20-22", "25:00-26:00", "20:00-20:00", "20:61-21:00", "evening"])
def test_what_are_no_hours_is_told_with_an_example(tmp_path: Path, word: str) -> None:
    told = problems(tmp_path, busy_hours=f"08:00-09:00,{word}")
    assert "BUTLER_DAEMON__BUSY_HOURS" in told
    assert "must be hours such as 20:00-23:30" in told
    assert f"not {word!r}" in told


def test_a_command_that_no_shell_would_read_is_a_problem(tmp_path: Path) -> None:
    assert "must be a command as a shell would read it" in problems(tmp_path, busy_command="pgrep 'game")
    assert problems(tmp_path, busy_command="pgrep -x 'my game'") == ""


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"[]",
        b"null",
        b"\xff\xfe",
        b"[" * 30_000,
        b'{"ask": "fly"}',
        b'{"ask": "run", "command": "demo"}',
        b'{"ask": "run", "command": "do", "workflow": "../../bin/sh"}',
        b'{"ask": "run", "command": "do", "workflow": "--config"}',
        b'{"ask": "run", "command": "brief", "day": "--json"}',
        b'{"ask": "status", "more": 1}',
        b'{"ask": "cancel", "run": ""}',
    ],
)
def test_what_is_no_question_is_refused(line: bytes) -> None:
    with pytest.raises(UsageError, match="The daemon does not understand the question"):
        read_ask(line)


def test_a_question_is_read_as_it_was_written() -> None:
    assert read_ask(line_of({"ask": "cancel", "run": "3f"})) == AskCancel(ask="cancel", run="3f")
    asked = read_ask(line_of({"ask": "run", "command": "brief", "day": "2026-11-25", "model": False, "json": True}))
    assert asked == AskRun(ask="run", command="brief", day=date(2026, 11, 25), model=False, json=True)
    assert json.loads(line_of({"out": "\x1b\u2028"})) == {"out": "\x1b\u2028"}


def test_command_lines_name_what_is_wanted_and_whose_child_it_is() -> None:
    commands = Commands(("butler",), ("--child", "1:2"))
    assert commands.of_request(Request("meeting", "event:x", subject="event:a/b")) == [
        *("butler", "--child", "1:2", "do", "meeting", "--about=event:a/b", "--unasked", "--json")
    ]
    assert commands.of_request(Request("sync", "schedule")) == ["butler", "--child", "1:2", "sync", "--unasked", "--json"]
    wish = Request("draft_reply", WISH, Priority.PERSON, model=True)
    assert commands.of_request(wish) == ["butler", "--child", "1:2", "respond", "--waiting", "--json"]
    asked = AskRun(ask="run", command="brief", day=date(2026, 11, 25), sync=False, model=False, quiet=True)
    assert commands.of_ask(asked)[3:] == ["brief", "--date", "2026-11-25", "--no-sync", "--no-model", "--quiet"]
    assert request_of(asked) == Request("briefing", "person", Priority.PERSON, "2026-11-25")
    assert commands.execute()[3:] == ["execute", "--json"]
    assert program()[1] == "-P"


def test_the_watchdog_is_only_for_the_process_that_it_was_meant_for() -> None:
    assert Systemd({"WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "7"}, 7).watchdog == 3.0
    assert Systemd({"WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "8"}, 7).watchdog == 0
    assert Systemd({"WATCHDOG_USEC": "soon"}, 7).watchdog == 0
    assert without({"NOTIFY_SOCKET": "/x", "WATCHDOG_USEC": "1", "HOME": "/h"}) == {"HOME": "/h"}
