"""The folder of tokens: private, whole or not at all, one at a time; and what counts as a log-in that still holds."""

from __future__ import annotations

import json
import math
import os
import stat
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from butler.core.errors import SourceError, StateError
from butler.oauth.tokens import Kept, Tokens

KEPT = Kept("client", "access", "refresh", began=1000.0, ends=4600.0)


@pytest.mark.parametrize(("now", "holds"), [(999.9, False), (1000.0, True), (4539.9, True), (4540.0, False), (9e9, False)])
def test_a_token_holds_until_a_minute_before_its_end_and_never_before_its_beginning(now: float, holds: bool) -> None:
    assert KEPT.holds(now) is holds


def test_what_was_refused_never_holds() -> None:
    assert not Kept("client", "access", "refresh", 0, 1e12, refused="No more.").holds(1000)


def test_no_token_is_shown() -> None:
    assert "access" not in repr(KEPT)
    assert "refresh" not in repr(KEPT)


def test_what_is_kept_is_read_again_and_private_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        tokens = Tokens(tmp_path)
        with tokens.held("mail.home", 1):
            tokens.keep("mail.home", KEPT)
    finally:
        os.umask(before)
    assert tokens.read("mail.home") == KEPT
    found = {each.name: stat.S_IMODE(each.stat().st_mode) for each in (tmp_path / "tokens").iterdir()}
    assert found == {"mail.home.json": 0o600, "mail.home.lock": 0o600}
    assert stat.S_IMODE((tmp_path / "tokens").stat().st_mode) == 0o700


def test_what_is_forgotten_is_gone(tmp_path: Path) -> None:
    tokens = Tokens(tmp_path)
    assert not tokens.forget("mail.home")
    tokens.keep("mail.home", KEPT)
    assert tokens.forget("mail.home")
    assert tokens.read("mail.home") is None


def test_what_a_killed_process_left_half_written_is_in_nobodys_way(tmp_path: Path) -> None:
    tokens = Tokens(tmp_path)
    tokens.keep("mail.home", KEPT)
    (tmp_path / "tokens/mail.home.part").write_text('{"client": "cl')
    assert tokens.read("mail.home") == KEPT
    tokens.keep("mail.home", KEPT)
    assert tokens.read("mail.home") == KEPT


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"client": "c"}',
        json.dumps({"client": 1, "access": "a", "refresh": "r", "began": 0, "ends": 1}).encode(),
        json.dumps({"client": "c", "access": "a", "refresh": "r", "began": "0", "ends": 1}).encode(),
        json.dumps({"client": "c", "access": "a", "refresh": "r", "began": math.nan, "ends": 1}).encode(),
        json.dumps({"client": "c", "access": "a", "refresh": "r", "began": 0, "ends": 1, "more": 1}).encode(),
    ],
)
def test_a_damaged_file_is_as_good_as_none(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "tokens/mail.home.json"
    file.parent.mkdir()
    file.write_bytes(content)
    file.chmod(0o600)
    assert Tokens(tmp_path).read("mail.home") is None


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reading(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    state = tmp_path_factory.mktemp("state")
    (state / "tokens").mkdir()
    (state / "tokens/a.json").write_bytes(content)
    (state / "tokens/a.json").chmod(0o600)
    assert Tokens(state).read("a") is None


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_file_that_others_may_read_or_write_is_not_believed(tmp_path: Path, mode: int) -> None:
    Tokens(tmp_path).keep("mail.home", KEPT)
    (tmp_path / "tokens/mail.home.json").chmod(mode)
    with pytest.raises(StateError, match="is not a private file of yours"):
        Tokens(tmp_path).read("mail.home")


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    Tokens(tmp_path).keep("mail.home", KEPT)
    (tmp_path / "tokens/mail.home.json").rename(tmp_path / "elsewhere")
    (tmp_path / "tokens/mail.home.json").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StateError, match="cannot be read"):
        Tokens(tmp_path).read("mail.home")


def test_a_folder_that_is_a_link_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir(mode=0o755)
    (tmp_path / "elsewhere").chmod(0o755)
    (tmp_path / "tokens").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StateError, match="cannot be written"):
        Tokens(tmp_path).keep("mail.home", KEPT)
    with pytest.raises(StateError, match="cannot be written"), Tokens(tmp_path).held("mail.home", 1):
        pass
    assert stat.S_IMODE((tmp_path / "elsewhere").stat().st_mode) == 0o755
    assert [*(tmp_path / "elsewhere").iterdir()] == []


def test_what_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "tokens").write_text("no folder")
    with pytest.raises(StateError, match="cannot be written"):
        Tokens(tmp_path).keep("mail.home", KEPT)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can write for another user")
def test_what_root_writes_for_the_user_of_a_service_is_that_users(tmp_path: Path) -> None:
    os.chown(tmp_path, 65534, 65534)
    tokens = Tokens(tmp_path)
    with tokens.held("mail.home", 1):
        tokens.keep("mail.home", KEPT)
    assert {each.stat().st_uid for each in (tmp_path / "tokens", *(tmp_path / "tokens").iterdir())} == {65534}
    assert tokens.read("mail.home") == KEPT
    os.chown(tmp_path / "tokens/mail.home.json", 65533, 65533)
    with pytest.raises(StateError, match="is not a private file of yours"):
        tokens.read("mail.home")


def test_only_one_at_a_time_has_a_log_in_and_the_others_wait(tmp_path: Path) -> None:
    tokens, order, began = Tokens(tmp_path), list[str](), threading.Event()

    def first() -> None:
        with tokens.held("mail.home", 5):
            began.set()
            time.sleep(0.3)
            order.append("first")

    thread = threading.Thread(target=first)
    thread.start()
    began.wait(5)
    with tokens.held("mail.other", 0), tokens.held("mail.home", 20):
        order.append("second")
    thread.join()
    assert order == ["first", "second"]


def test_nobody_waits_for_ever(tmp_path: Path) -> None:
    tokens = Tokens(tmp_path)
    with tokens.held("mail.home", 1), pytest.raises(SourceError, match="for too long"), tokens.held("mail.home", 0.1):
        pass
