"""The daemon's page, as the real process: health, numbers, and hooks that are kept before they are answered."""

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

from daemon_process import ARRIVAL, DaemonProcess, lines, until, write_settings
from free_ports import free_port

TOKEN = "sesame-open"


@contextmanager
def served(folder: Path) -> Iterator[tuple[DaemonProcess, int]]:
    port = free_port()
    hook = f'[web]\nport = {port}\n[web.hooks.garden]\nworkflow = "water"\ntoken = "{TOKEN}"\n'
    write_settings(folder, ARRIVAL + hook)
    with DaemonProcess(folder) as daemon:
        daemon.ready()
        yield daemon, port


def call(port: int, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, str]:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    except (BrokenPipeError, ConnectionResetError):
        return 413, ""
    finally:
        connection.close()


def test_health_and_numbers_are_told_and_hooks_need_their_token(tmp_path: Path) -> None:
    allowed = f"Bearer {TOKEN}"
    with served(tmp_path) as (daemon, port):
        assert call(port, "GET", "/healthz") == (200, '{"alive":true,"dead":[]}')
        status, numbers = call(port, "GET", "/metrics")
        assert status == 200
        assert {"butler_alive 1", "butler_actions_held 0", "butler_effects_stopped 0"} <= set(numbers.splitlines())
        for name, sent in (
            ("garden", ""),
            ("garden", "Bearer "),
            ("garden", "Bearer x"),
            ("other", allowed),
            ("other", "Bearer "),
        ):
            assert call(port, "POST", f"/hooks/{name}", authorization=sent)[0] == 401
        assert call(port, "GET", "/hooks/garden", authorization=allowed)[0] == 405
        assert call(port, "GET", "/healthz", host="evil.example")[0] == 400
        assert call(port, "POST", "/hooks/garden", b"x" * 200_000, authorization=allowed)[0] == 413
        assert lines(tmp_path / "started") == []
        status, told = call(port, "POST", "/hooks/garden", b"{}", authorization=allowed, idempotency_key="one")
        assert (status, json.loads(told)) == (202, {"accepted": "one"})
        assert call(port, "POST", "/hooks/garden", authorization=allowed, idempotency_key="one")[0] == 202
        until(lambda: [line.split()[0] for line in lines(tmp_path / "started")] == ["water"])
        until(lambda: daemon.status()["running"] is None)
        assert len(lines(tmp_path / "started")) == 1
        (tmp_path / "dead").write_text("")
        assert call(port, "GET", "/healthz") == (503, '{"alive":false,"dead":["spool"]}')
        assert daemon.end() < 4
    assert TOKEN not in daemon.logged()


def test_what_a_hook_is_about_is_kept_over_a_death(tmp_path: Path) -> None:
    port = free_port()
    hook = f'[web]\nport = {port}\n[web.hooks.garden]\nworkflow = "water"\ntoken = "{TOKEN}"\nsubject = true\n'
    write_settings(tmp_path, f'{ARRIVAL}[web.hooks.scans]\nworkflow = "documents"\ntoken = "{TOKEN}"\n{hook}')
    (tmp_path / "water").write_text("30")
    sent = {"authorization": f"Bearer {TOKEN}", "idempotency_key": "two", "content_type": "application/json"}
    with DaemonProcess(tmp_path) as daemon:
        daemon.ready()
        assert call(port, "POST", "/hooks/scans", b'{"subject": "/etc/passwd"}', **sent)[0] == 400
        assert call(port, "POST", "/hooks/garden", authorization=f"Bearer {TOKEN}")[0] == 202
        until(lambda: daemon.status()["running"])
        assert call(port, "POST", "/hooks/garden", b'{"subject": "--quiet\\nroses"}', **sent)[0] == 202
        assert "--quiet roses" in [each["subject"] for each in daemon.status()["waiting"]]
        daemon.end(signal.SIGKILL)
    (tmp_path / "water").write_text("0")
    with DaemonProcess(tmp_path) as daemon:
        daemon.ready()
        until(lambda: any(line.startswith("water --quiet roses ") for line in lines(tmp_path / "started")))


def test_a_port_that_is_taken_is_told_as_a_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        write_settings(tmp_path, f"[web]\nport = {taken.getsockname()[1]}\n")
        with DaemonProcess(tmp_path) as daemon:
            assert daemon.process.wait(20) == 1
    assert "cannot be served: Address already in use. Set web.port" in daemon.logged()


def refused(daemon: DaemonProcess, more: str) -> list[str]:
    """What is told of settings that are read anew and have problems."""
    before = daemon.logged().count("the old ones are kept")
    write_settings(daemon.folder, more)
    daemon.process.send_signal(signal.SIGHUP)
    until(lambda: daemon.logged().count("the old ones are kept") > before)
    problems: list[str] = daemon.status()["problems"]
    return problems


def test_settings_whose_page_cannot_be_served_are_not_taken_and_the_page_goes_on(tmp_path: Path) -> None:
    port, hook = free_port(), '[web.hooks.garden]\nworkflow = "water"\n'
    good = f'[web]\nport = {port}\n{hook}token = "{TOKEN}"\n'
    write_settings(tmp_path, good)
    with socket.socket() as taken, DaemonProcess(tmp_path) as daemon:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        daemon.ready()
        for wrong, word in (
            (f'[web]\nport = {port}\n{hook}token_command = "false"\n', "The password command false"),
            (good.replace(str(port), str(taken.getsockname()[1])), "Address already in use"),
        ):
            (problem,) = refused(daemon, f'{wrong}[jobs.tick]\nevery = "10s"\n')
            assert word in problem
            assert call(port, "POST", "/hooks/garden", authorization=f"Bearer {TOKEN}")[0] == 202
        assert not any("tick" in each for each in lines(tmp_path / "started"))
        assert "the settings were read anew\n" not in daemon.logged()
        write_settings(tmp_path, good)
        daemon.process.send_signal(signal.SIGHUP)
        until(lambda: not daemon.status()["problems"])


def test_what_is_changed_while_settings_are_taken_is_not_left_out(tmp_path: Path) -> None:
    slow = tmp_path / "slow"
    slow.write_text(f"#!/bin/sh\ntouch {tmp_path}/asked\nsleep 2\necho {TOKEN}\n")
    slow.chmod(0o700)
    hook = f'[web]\nport = {free_port()}\n[web.hooks.garden]\nworkflow = "water"\ntoken_command = "{slow}"\n'
    write_settings(tmp_path)
    with DaemonProcess(tmp_path) as daemon:
        daemon.ready()
        write_settings(tmp_path, hook)
        daemon.process.send_signal(signal.SIGHUP)
        until((tmp_path / "asked").exists)
        write_settings(tmp_path, '[jobs.tick]\nevery = "10s"\n')
        daemon.process.send_signal(signal.SIGHUP)
        until(lambda: any("tick" in each for each in lines(tmp_path / "started")))


def test_what_only_runs_need_is_not_loaded() -> None:
    loaded = "import sys, butler.cli.run, butler.watch.build; print(*sorted(name.partition('.')[0] for name in sys.modules))"
    found = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True).stdout.split()
    never = {
        "langgraph",
        "langchain_core",
        "ollama",
        "httpx",
        "dateparser",
        "lxml",
        "icalendar",
        "starlette",
        "uvicorn",
        "caldav",
    }
    assert never & set(found) == set()
