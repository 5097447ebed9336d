"""The state folder and its lock."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from butler.core.errors import BusyError, StateError
from butler.store.state import StateLock, state_folder


def test_a_missing_folder_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    folder = state_folder(tmp_path / "deep" / "state")
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_folder_open_to_others_is_closed(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    assert state_folder(tmp_path).stat().st_mode & 0o777 == 0o700


def test_what_cannot_be_a_state_folder_is_refused_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StateError, match="is not a folder"):
        state_folder(tmp_path / "file")
    with pytest.raises(StateError, match="lies below something"):
        state_folder(tmp_path / "file" / "state")
    with pytest.raises(StateError, match="cannot be made"):
        state_folder(Path("/proc/state"))
    with pytest.raises(StateError, match="cannot be made"):
        state_folder(tmp_path / ("x" * 300))


def test_a_folder_that_may_not_be_written_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    if os.geteuid() == 0:
        # Nothing is closed to root but what the kernel itself keeps.
        with pytest.raises(StateError, match="cannot be made"):
            state_folder(Path("/proc/self/fdinfo"))
    else:
        with pytest.raises(StateError, match="not writable"):
            state_folder(Path("/"))


def test_the_second_butler_leaves_and_names_the_first(tmp_path: Path) -> None:
    with StateLock(tmp_path):
        with pytest.raises(BusyError, match=rf"process {os.getpid()}\b"), StateLock(tmp_path):
            pass
        code = "import sys, pathlib, butler.store.state as state; state.StateLock(pathlib.Path(sys.argv[1])).__enter__()"
        again = [sys.executable, "-c", code, str(tmp_path)]
        other = subprocess.run(again, capture_output=True, text=True, check=False)
        assert f"process {os.getpid()}" in other.stderr
    with StateLock(tmp_path):
        pass


def test_the_lock_is_free_after_a_failure_inside(tmp_path: Path) -> None:
    with pytest.raises(KeyError), StateLock(tmp_path):
        raise KeyError
    with StateLock(tmp_path):
        pass
