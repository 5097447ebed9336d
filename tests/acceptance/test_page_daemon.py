"""What the page asks of the real daemon: the doctor as a child of its own, a job run now, and a run given up."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from butler_process import PROGRAM, butler, document
from daemon_process import DaemonProcess, until, write_settings
from free_ports import free_port
from page_case import words
from plain_browser import PlainBrowser


def shown(browser: PlainBrowser, path: str) -> str:
    """What is read on a page."""
    assert browser.ask("GET", path) == 200
    return words(browser.text[browser.text.index("<main") :])


def until_shown(browser: PlainBrowser, path: str, wanted: Callable[[str], bool]) -> str:
    """What is read on a page once it is what is waited for."""
    return str(until(lambda: text if wanted(text := shown(browser, path)) else ""))


def send(browser: PlainBrowser, path: str, **form: str) -> int:
    """Send a form with the token that the page just shown has."""
    token = re.search(r'name="csrf" value="([0-9a-f]+)"', browser.text)
    assert token
    return browser.send(path, csrf=token[1], **form)


def test_the_doctor_looks_a_job_runs_and_a_run_is_given_up(tmp_path: Path) -> None:
    port = free_port()
    more = f"[web]\nport = {port}\n[model]\nenabled = false\n"
    file = write_settings(tmp_path, more)
    file.chmod(0o600)
    with DaemonProcess(tmp_path, (str(PROGRAM), "--config", str(file), "run")) as daemon:
        daemon.ready()
        browser = PlainBrowser(port)
        assert browser.enter(document(butler(tmp_path, "--config", str(file), "web", "--json"))["url"]) == 303
        assert "for the first time since the daemon began" in shown(browser, "/health")
        well = until_shown(browser, "/health", lambda text: "Nothing needs mending." in text)
        assert "notes.notes Reached; it holds notes." in well
        assert send(browser, "/schedule/run", job="sync") == 303
        until_shown(browser, "/health", lambda text: "notes notes fresh" in text)
        shown(browser, "/schedule")
        assert send(browser, "/schedule/run", job="lookahead") == 303
        until_shown(browser, "/runs", lambda text: "Running now lookahead (you asked for it)" in text)
        number = re.search(r'name="number" value="(\d+)"', browser.text)
        assert number
        assert send(browser, "/runs/cancel", number=number[1]) == 303
        until_shown(browser, "/runs", lambda text: "Running now" not in text)
        shown(browser, "/runs")
        assert send(browser, "/runs/cancel", number=number[1]) == 400
        assert "Nothing waits or runs as number" in browser.text
        until_shown(browser, "/journal", lambda text: "lines are as they were written" in text)
        assert daemon.end() < 6
    assert "lookahead was ended" in daemon.logged()
