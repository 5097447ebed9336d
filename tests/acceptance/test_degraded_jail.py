"""A jail that is degraded by the settings is told wherever somebody looks."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from butler_process import PROGRAM
from daemon_process import DaemonProcess, until, write_settings
from free_ports import free_port
from page_case import words
from plain_browser import PlainBrowser

from butler.core.jailing import DEGRADED


def butler(home: Path, *arguments: str, sandbox: str = "") -> subprocess.CompletedProcess[str]:
    environ = {"HOME": str(home), "PATH": os.environ["PATH"]} | ({"BUTLER_SANDBOX": sandbox} if sandbox else {})
    command = [str(PROGRAM), "--config", str(home / "butler.toml"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=home, env=environ, timeout=120)


@pytest.mark.parametrize(("sandbox", "told"), [("degraded", True), ("", False)])
def test_a_daemon_tells_in_its_sentence_and_document(tmp_path: Path, sandbox: str, told: bool) -> None:
    write_settings(tmp_path)
    environ = {"BUTLER_SANDBOX": sandbox} if sandbox else {}
    with DaemonProcess(tmp_path, environ=environ) as daemon:
        daemon.ready()
        status = daemon.status()
        assert status["sandbox"] == (sandbox or "enforced")
        assert (DEGRADED in status["sentence"]) is told
        assert (DEGRADED in butler(tmp_path, "status").stdout) is told


def test_a_status_without_a_daemon_and_the_doctor_tell_it(tmp_path: Path) -> None:
    write_settings(tmp_path)
    assert DEGRADED in butler(tmp_path, "status", sandbox="degraded").stdout
    assert DEGRADED not in butler(tmp_path, "status").stdout
    assert json.loads(butler(tmp_path, "status", "--json", sandbox="degraded").stdout)["sandbox"] == "degraded"
    told = butler(tmp_path, "doctor", "--quiet", sandbox="degraded").stdout
    assert f"warning  jail: {DEGRADED}" in told
    assert "jail" not in butler(tmp_path, "doctor", "--quiet").stdout


def test_the_page_and_the_proof_tell_it(tmp_path: Path) -> None:
    port = free_port()
    file = write_settings(tmp_path, f"[web]\nport = {port}\n[model]\nenabled = false\n")
    file.chmod(0o600)
    with DaemonProcess(
        tmp_path, (str(PROGRAM), "--config", str(file), "run"), environ={"BUTLER_SANDBOX": "degraded"}
    ) as daemon:
        daemon.ready()
        browser = PlainBrowser(port)
        assert browser.enter(json.loads(butler(tmp_path, "web", "--json").stdout)["url"]) == 303

        def told() -> bool:
            assert browser.ask("GET", "/health") == 200
            return f"jail warning {DEGRADED}" in words(browser.text)

        until(told)
        # How the daemon says that it is, beside what the doctor says.
        assert words(browser.text).count(DEGRADED) == 2
        daemon.end()
    assert json.loads(butler(tmp_path, "prove", "--json", sandbox="degraded").stdout)["kernel"]["remarks"] == [DEGRADED]
    told_by_proof = words(butler(tmp_path, "prove", sandbox="degraded").stdout)
    assert DEGRADED in told_by_proof
    # What the settings allow is one thing, what this kernel does another.
    assert "This kernel confines every role all the same" in told_by_proof
    assert "all the same" not in words(butler(tmp_path, "prove").stdout)
    assert json.loads(butler(tmp_path, "prove", "--json").stdout)["kernel"]["remarks"] == []


def test_another_word_than_these_two_is_refused(tmp_path: Path) -> None:
    write_settings(tmp_path)
    refused = butler(tmp_path, "status", sandbox="off")
    assert refused.returncode == 78
    assert "BUTLER_SANDBOX in the environment must be 'enforced' or 'degraded'" in refused.stderr
