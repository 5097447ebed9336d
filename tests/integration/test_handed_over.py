"""What the daemon hands to its children: the settings, and where they order their workers, also after that died."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from butler_process import butler, environment

from butler.daemon.lifeline import Handed, orders_of
from butler.sandbox.worker import Forkserver
from butler.settings import Loaded, Places, read

ORDERING = """
import sys
from butler.daemon.lifeline import hold_on_to_read, orders_of
from butler.sandbox.order import Order
from butler.sandbox.worker import Forkserver
reading = hold_on_to_read(sys.argv[1])
with Forkserver(orders_of(sys.argv[1])) as forkserver, forkserver.order(Order("parser", "butler.sandbox.child:main")) as worker:
    status = open(f"/proc/{worker.pid}/status").read()
    print(reading.sandbox, forkserver._process is None, status.partition("PPid:")[2].split()[0])
"""


@pytest.fixture
def loaded(tmp_path: Path) -> Loaded:
    (tmp_path / "butler.toml").write_text('state_dir = "state"\nsandbox = "degraded"\n[notes.notes]\npath = "notes"\n')
    return read(Places({"HOME": str(tmp_path)}, config=tmp_path / "butler.toml", folder=tmp_path))


@pytest.fixture
def forkserver() -> Iterator[Forkserver]:
    with Forkserver() as forkserver:
        yield forkserver


def child(handed: Handed, home: Path) -> list[str]:
    """What a child says: how strictly workers are confined, whether it uses what it was handed, and who forked its worker."""
    argv = [sys.executable, "-P", "-c", ORDERING, handed.option[1]]
    done = subprocess.run(
        argv, cwd=home, env=environment(home), capture_output=True, text=True, check=False, pass_fds=handed.descriptors
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def process_of(forkserver: Forkserver) -> int:
    assert forkserver._process is not None
    return forkserver._process.pid


def test_children_order_at_the_forkserver_they_are_handed(loaded: Loaded, forkserver: Forkserver, tmp_path: Path) -> None:
    with closing(Handed(loaded, forkserver)) as handed:
        assert child(handed, tmp_path) == ["degraded", "True", str(process_of(forkserver))]
        option, first = handed.option, process_of(forkserver)
        os.kill(first, signal.SIGKILL)
        forkserver._process.wait()  # type: ignore[union-attr]
        # The next one is handed over under the same number.
        assert child(handed, tmp_path) == ["degraded", "True", str(process_of(forkserver))]
        assert handed.option == option
        assert process_of(forkserver) != first


def test_a_child_whose_forkserver_dies_meanwhile_has_its_own(loaded: Loaded, forkserver: Forkserver, tmp_path: Path) -> None:
    class Dead:
        descriptor = forkserver.descriptor

    with closing(Handed(loaded, Dead())) as handed:
        os.kill(process_of(forkserver), signal.SIGKILL)
        forkserver._process.wait()  # type: ignore[union-attr]
        assert child(handed, tmp_path)[:2] == ["degraded", "False"]


def test_without_one_each_has_its_own(loaded: Loaded, tmp_path: Path) -> None:
    with closing(Handed(loaded)) as handed:
        assert orders_of(handed.option[1]) is None
        assert child(handed, tmp_path)[:2] == ["degraded", "False"]


@pytest.mark.parametrize("option", ["1", "1:2:3:4", "a:b", "1:2:x", "-1:2", "1:2:"])
def test_nobody_else_pretends_to_be_a_child(option: str, tmp_path: Path) -> None:
    done = butler(tmp_path, f"--child={option}", "sync")
    assert (done.returncode, done.stderr) == (2, "butler: --child is for the daemon alone.\n")
