"""Secrets planted in every place where settings may have one, over a butler's whole life: they come out nowhere."""

from __future__ import annotations

import base64
import gzip
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from canaries import Canaries, Lookout, open_to_others
from whole_life import NAMES, Life, household, live

KEPT = {("token", "tokens/mail.session.json")}
"""Where secrets may be in the state folder: tokens cannot be anywhere else."""


@dataclass
class Lived:
    """A life that is over, and what was seen of its processes meanwhile."""

    life: Life
    lookout: Lookout


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Lived:
    folder = tmp_path_factory.mktemp("life")
    before = os.umask(0)
    try:
        with household(folder) as life, Lookout(life.canaries) as lookout:
            live(life)
    finally:
        os.umask(before)
    return Lived(life, lookout)


def test_the_life_was_a_full_one(lived: Lived) -> None:
    life = lived.life
    (sources,) = (json.loads(out)["sources"] for line, out in life.printed[:4] if line == "sync -vv --json" and out[:1] == "{")
    states = {each["name"]: each["state"] for each in sources}
    assert {name for name, state in states.items() if state == "failed"} == {"mail.wrong", "calendar.away"}
    assert len(states) == 11
    assert life.codes["brief"] == 0
    assert life.ollama.chats
    assert life.sink.came
    assert any("does not accept the user name or password of file@" in out for line, out in life.printed if "approve" in line)
    words = {line: out for line, out in life.printed if out}
    assert "does not accept the user name or password" in words["doctor"]
    assert "login mail.session" in words["doctor"]
    assert words["hook"].startswith("202")
    found = {each.relative_to(life.state).parts[0] for each in life.state.rglob("*") if each.is_file()}
    assert {"backups", "briefings", "kept", "edits", "watched", "tokens", "butler.db", "mirror.db", "refused.json"} <= found


def test_no_state_file_holds_one_but_the_tokens(lived: Lived) -> None:
    assert lived.life.canaries.in_files(lived.life.state) - KEPT == set()


def test_no_backup_holds_one(lived: Lived) -> None:
    folder = lived.life.home / "backups"
    folder.mkdir(exist_ok=True)
    shutil.copy(lived.life.home / "backup.tar.gz", folder)
    shutil.copytree(lived.life.state / "backups", folder / "nightly", dirs_exist_ok=True)
    assert lived.life.canaries.in_files(folder) == set()


def test_none_was_printed_logged_or_shown_on_the_page(lived: Lived) -> None:
    found = {(line, name) for line, out in lived.life.printed for name in lived.life.canaries.in_bytes(out.encode())}
    assert found == set()


def test_none_was_in_a_question_to_the_model(lived: Lived) -> None:
    asked = [repr(each).encode() for each in lived.life.ollama.requests]
    assert len(asked) > 3
    assert set().union(*map(lived.life.canaries.in_bytes, asked)) == set()


def test_none_was_in_a_command_line_or_in_the_environment_of_a_process_that_the_butler_started(lived: Lived) -> None:
    assert len(lived.lookout.seen) > 10
    assert lived.lookout.found == set()


def test_a_notice_holds_none_but_what_its_address_says(lived: Lived) -> None:
    messages = json.dumps([document for _, document in lived.life.sink.came]).encode()
    assert lived.life.canaries.in_bytes(messages) == set()


def test_nothing_of_the_state_is_open_to_others_whatever_the_umask(lived: Lived) -> None:
    assert {**lived.life.open, **open_to_others(lived.life.state)} == {}
    assert open_to_others(lived.life.home / "backup.tar.gz") == {}


def test_there_is_no_core(lived: Lived) -> None:
    assert [*lived.life.home.rglob("core*")] == []


@pytest.mark.parametrize("name", NAMES)
def test_what_is_planted_on_purpose_is_found(tmp_path: Path, name: str) -> None:
    canaries = Canaries(*NAMES)
    (tmp_path / "plain").write_text(f"x{canaries[name]}y")
    (tmp_path / f"a-{canaries[name]}").mkdir()
    (tmp_path / "packed").write_bytes(gzip.compress(b"z" + canaries[name].encode()))
    for number in range(3):
        (tmp_path / f"coded{number}").write_bytes(base64.b64encode(b"u" * number + canaries[name].encode() + b"pp"))
    files = {"plain", f"a-{canaries[name]}", "packed", "coded0", "coded1", "coded2"}
    assert canaries.in_files(tmp_path) == {(name, file) for file in files}


def test_what_a_process_is_given_on_purpose_is_found() -> None:
    canaries = Canaries("one", "two")
    inner = f"import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(5)', '{canaries['one']}'])"
    with Lookout(canaries) as lookout, subprocess.Popen([sys.executable, "-c", inner], env={"X": canaries["two"]}) as process:
        deadline = time.monotonic() + 30
        while len(lookout.found) < 3 and time.monotonic() < deadline:
            time.sleep(0.05)
        process.kill()
    assert {(name, where) for name, where, _ in lookout.found} == {("one", "cmdline"), ("two", "environ")}


def test_what_is_open_to_others_is_found(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    (tmp_path / "file").write_text("")
    (tmp_path / "file").chmod(0o640)
    assert open_to_others(tmp_path) == {"file": "0o640"}


DIES = "import sys, time; sys.stderr.write('x'); sys.stderr.flush(); time.sleep(60)"
LETS = "import resource as r; r.setrlimit(r.RLIMIT_CORE, (r.getrlimit(r.RLIMIT_CORE)[1],) * 2); "
OURS = "import sys; sys.argv = ['butler', '--help']; from butler.cli import main; main(); "


def _leaves_a_core(code: str, folder: Path) -> bool:
    """Whether a program that dies as if by a fault of its own leaves a core."""
    folder.mkdir()
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as process:
        assert process.stderr
        assert process.stderr.read(1) == b"x"
        process.send_signal(signal.SIGABRT)
        _, status = os.waitpid(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    return os.WCOREDUMP(status) or any(folder.glob("core*"))


def test_a_butler_that_dies_of_a_fault_leaves_no_core(tmp_path: Path) -> None:
    if resource.getrlimit(resource.RLIMIT_CORE)[1]:
        assert _leaves_a_core(LETS + DIES, tmp_path / "plain")
    assert not _leaves_a_core(LETS + OURS + DIES, tmp_path / "ours")
    # Not even where the limit was lifted again: what is not dumpable is not dumped, to no program either.
    assert not _leaves_a_core(
        OURS + "import ctypes; assert ctypes.CDLL(None).prctl(3, 0, 0, 0, 0) == 0; " + DIES, tmp_path / "not"
    )
