"""The README shows what the program really prints: the demo's output, and the shape of every JSON document."""

import json
import os
import re
import signal
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from butler_process import PROGRAM, butler, document
from daemon_process import DaemonProcess, children, until
from dovecot_server import USER
from free_ports import free_port
from oauth_server import running_oauth
from written_docs import DAY, ROOT, between, demo_output

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_readme_shows_what_the_demo_prints() -> None:
    assert between(README, "demo") == f"```text\n{demo_output()}\n```", "Run `make docs`."


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    """A home with a demo in it, and the document that the demo printed."""
    home = tmp_path_factory.mktemp("home")
    return home, document(butler(home, "demo", "--date", DAY, "-q", "--json", "--folder", home / "demo"))


@pytest.fixture(scope="module")
def home(printed: tuple[Path, Any]) -> Path:
    home, _ = printed
    assert butler(home, "--config", home / "demo/butler.toml", "backup", home / "saved.tar.gz").returncode == 0
    return home


def latest_run(home: Path) -> str:
    """The id of the latest run."""
    return str(document(butler(home, "--config", home / "demo/butler.toml", "runs", "--json"))["runs"][0]["id"])


def shape(value: Any) -> Any:
    """The keys of a document at every depth; lists by their first element, everything else left out."""
    if isinstance(value, dict):
        return {name: shape(each) for name, each in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return None


def fits(shown: Any, real: Any) -> bool:
    """Whether two shapes are alike, where null and an empty list fit everything."""
    if isinstance(shown, dict) and isinstance(real, dict):
        return list(shown) == list(real) and all(fits(shown[name], real[name]) for name in shown)
    if isinstance(shown, list) and isinstance(real, list):
        return not shown or not real or fits(shown[0], real[0])
    return shown is None or real is None


DEMO = ["demo", "--date", DAY, "-q"]
"""What prints a briefing; it was run to have the home."""
COMMANDS: dict[str, list[list[str]]] = {
    "brief": [DEMO],
    "sync": [["sync"]],
    "search": [["search", "garden"]],
    "ask": [
        ["ask", "what is on tomorrow?", "--no-model"],
        ["ask", "--list"],
        ["ask", "--delete", "--all", "--yes"],
    ],
    "show": [
        ["show", "mail:home/harbour-6@ford-harbour.example"],
        ["show", "event:work/standup@nordwind.example/20261124T093000Z"],
        ["show", "task:tasks/task-cake@berger.example"],
        ["show", "file:notes/Projects/Harbour garden.md"],
        ["show", "contact:friends/paul@hafenmusik.example"],
        ["show", "3"],
    ],
    "why": [["why", "mail:home/harbour-6@ford-harbour.example"], ["why", "1"]],
    "do": [["do", "draft_reply", "--no-sync", "--no-model"], ["do", "weekly", "--tonight"]],
    "actions": [["actions", "--limit", "1"]],
    "approve": [["approve", "4"]],
    "journal": [["journal", "--limit", "1"], ["journal", "--verify"]],
    "runs": [["runs"], ["runs", "show", "RUN"], ["runs", "--cost"]],
    "status": [["status"]],
    "workflow": [["workflow", "list"], ["workflow", "check", "week"], ["workflow", "try", "week", "--no-model"]],
    "mcp": [["mcp", "list"]],
    "web": [["web"], ["web", "--sessions"]],
    "login": [["login"]],
    "stop": [["stop", "--because", "on the road with a bad line"]],
    "resume": [["resume"]],
    "schedule": [["schedule"]],
    "backup": [["backup", "HOME/new.tar.gz", "--force"]],
    "export": [["export", "training", "--out", "HOME/tuning", "--yes"]],
    "restore": [["restore", "HOME/saved.tar.gz", "--force"]],
    "model": [["model"]],
    "doctor": [["doctor"]],
    "prove": [["prove"]],
    "version": [["version"]],
}


def examples() -> list[tuple[str, Any, list[str]]]:
    """Every documented document with the command line that prints one like it."""
    found = []
    for heading, text in re.findall(r"^#### `butler (\w+)[^\n]*\n(.*?)(?=^#)", README, re.MULTILINE | re.DOTALL):
        blocks = [json.loads(block) for block in re.findall(r"^```json\n(.*?)^```", text, re.MULTILINE | re.DOTALL)]
        found += [(heading, block, line) for block, line in zip(blocks, COMMANDS[heading], strict=True)]
    return found


def test_every_command_that_prints_json_has_an_example() -> None:
    assert {heading for heading, _, _ in examples()} == set(COMMANDS)


ALONE = [each for each in examples() if each[2] not in (["web"], ["login"])]
"""Those that need no daemon, and no server to log in at."""


@pytest.mark.parametrize(("heading", "shown", "line"), ALONE, ids=lambda each: each if isinstance(each, str) else "")
def test_the_documents_have_the_keys_that_are_promised(
    heading: str, shown: Any, line: list[str], home: Path, printed: tuple[Path, Any]
) -> None:
    words = [latest_run(home) if each == "RUN" else each.replace("HOME", str(home)) for each in line]
    real = printed[1] if line == DEMO else document(butler(home, "--config", home / "demo/butler.toml", *words, "--json"))
    assert fits(shape(shown), shape(real)), json.dumps(real, indent=1)[:2000]


def held_on(daemon: DaemonProcess) -> int:
    """Stop the process of what runs, so that it is not over before it is told of; its number, 0 where nothing runs."""
    own = told_of(daemon.process.pid, "cmdline")
    for each in children(daemon.process.pid):
        command = told_of(each, "cmdline")
        # The daemon waits for one that still becomes its own program; and what carries out is no run.
        if command in {own, ""} or "execute" in command.split("\0"):
            continue
        if signalled(each, signal.SIGSTOP):
            until(lambda each=each: state_of(each) in {"T", "Z", ""})  # type: ignore[misc]
            if state_of(each) == "T" and daemon.status()["running"]:
                return each
            signalled(each, signal.SIGCONT)
    return 0


def signalled(process: int, number: int) -> bool:
    """Signal a process; whether it is there."""
    with suppress(ProcessLookupError):
        os.kill(process, number)
        return True
    return False


def state_of(process: int) -> str:
    """Whether a process is stopped (T), over (Z), gone ("") or none of these."""
    return told_of(process, "stat").rpartition(")")[2].strip()[:1]


def told_of(process: int, name: str) -> str:
    """What the system tells of a process; nothing where it is gone."""
    with suppress(OSError):
        return Path(f"/proc/{process}/{name}").read_text()
    return ""


def test_a_running_daemon_tells_the_keys_that_are_promised(home: Path) -> None:
    config = str(home / "demo/butler.toml")
    with Path(config).open("a") as settings:
        settings.write(f"\n[web]\nport = {free_port()}\n")
    with DaemonProcess(home / "demo", argv=(str(PROGRAM), "--config", config, "run")) as daemon:
        daemon.ready()
        held = until(lambda: held_on(daemon))
        try:
            real = document(butler(home, "--config", config, "status", "--json"))
            number = str(real["daemon"]["running"]["number"])
            assert list(document(butler(home, "--config", config, "cancel", number, "--json"))) == ["cancelled", "was_running"]
        finally:
            signalled(held, signal.SIGCONT)
        link = document(butler(home, "--config", config, "web", "--json"))
    shown = {line[0]: block for _, block, line in reversed(examples())}
    assert fits(shape(shown["status"]), shape(real)), json.dumps(real, indent=1)
    assert shape(shown["web"]) == shape(link)


def test_a_log_in_tells_the_keys_that_are_promised(tmp_path: Path) -> None:
    account = {
        "BUTLER_OWNER__ADDRESSES": USER,
        "BUTLER_MAIL__HOME__HOST": "imap.berger.example",
        "BUTLER_MAIL__HOME__USER": USER,
    }
    with running_oauth(tmp_path) as server:
        real = document(butler(tmp_path, "login", "home", "--device", "--json", **account, **server.settings()))
    (shown,) = (block for heading, block, _ in examples() if heading == "login")
    assert shape(shown) == shape(real)
