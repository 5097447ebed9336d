"""The control socket: what it answers, whom, and what it refuses."""

import asyncio
import os
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import AsyncGenerator, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from daemon_process import until

from butler.control import NAME, Server, asking
from butler.core.asks import LONGEST_LINE, Ask, AskCancel, AskRun
from butler.core.errors import ButlerError, StateError, UsageError

TOO_LONG = b'{"refused":"The question is too long.","exit_code":1}\n'
LEFT: list[str] = []


async def answer(ask: Ask) -> AsyncGenerator[dict[str, Any]]:
    """Answer a question about a run with a stream that never ends, and any other with itself."""
    if isinstance(ask, AskCancel):
        raise UsageError("No such run.")
    yield {"asked": ask.ask}
    if isinstance(ask, AskRun):
        try:
            while True:
                await asyncio.sleep(0.01)
                yield {"out": "."}
        finally:
            LEFT.append("left")


@contextmanager
def serving(folder: Path, patience: float = 60.0) -> Iterator[None]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    server = Server(folder, answer, patience)
    try:
        asyncio.run_coroutine_threadsafe(server.start(), loop).result(5)
        yield
    finally:
        asyncio.run_coroutine_threadsafe(server.stop(), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@contextmanager
def listening(folder: Path) -> Iterator[socket.socket]:
    """A daemon's socket that a test answers by hand."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(folder / NAME))
        server.listen()
        yield server


def raw(folder: Path, sent: bytes) -> bytes:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(5)
        connection.connect(str(folder / NAME))
        found = b""
        try:
            connection.sendall(sent)
            while chunk := connection.recv(65_536):
                found += chunk
        except (BrokenPipeError, ConnectionResetError):
            return found
        return found


def test_a_question_is_answered_and_a_refusal_keeps_its_sentence_and_code(tmp_path: Path) -> None:
    with serving(tmp_path):
        with asking(tmp_path, {"ask": "status"}) as answers:
            assert list(answers or ()) == [{"asked": "status"}]
        with asking(tmp_path, {"ask": "cancel", "run": "3f"}) as answers, pytest.raises(ButlerError) as told:
            next(answers or iter(()))
    assert (str(told.value), told.value.exit_code) == ("No such run.", 2)
    assert not (tmp_path / NAME).exists()


def test_where_no_daemon_runs_there_is_no_answer(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "nowhere"):
        with asking(folder, {"ask": "status"}) as answers:
            assert answers is None
    left_behind = socket.socket(socket.AF_UNIX)
    left_behind.bind(str(tmp_path / NAME))
    left_behind.close()
    with asking(tmp_path, {"ask": "status"}) as answers:
        assert answers is None
    with serving(tmp_path), asking(tmp_path, {"ask": "status"}) as answers:
        assert list(answers or ())


def test_garbage_oversize_and_silence_are_refused_and_hurt_nobody(tmp_path: Path) -> None:
    with serving(tmp_path):
        assert b"does not understand the question" in raw(tmp_path, b"GET / HTTP/1.1\r\n")
        assert b"does not understand the question" in raw(tmp_path, b'{"ask": "status", "x": "\xff"}\n')
        # Who sends on may see the end of the connection before the sentence.
        assert raw(tmp_path, b"x" * (2 * LONGEST_LINE) + b"\n") in {TOO_LONG, b""}
        with asking(tmp_path, {"ask": "status"}) as answers:
            assert list(answers or ()) == [{"asked": "status"}]
    with serving(tmp_path, patience=0.3):
        assert raw(tmp_path, b"no end") == b""
    with serving(tmp_path), closing(socket.socket(socket.AF_UNIX)) as silent:
        silent.connect(str(tmp_path / NAME))
        with asking(tmp_path, {"ask": "status"}) as answers:
            assert list(answers or ()) == [{"asked": "status"}]


def test_too_many_at_once_are_told_so(tmp_path: Path) -> None:
    with serving(tmp_path), ExitStack() as open_ones:
        for _ in range(32):
            open_ones.enter_context(socket.socket(socket.AF_UNIX)).connect(str(tmp_path / NAME))
        with asking(tmp_path, {"ask": "status"}) as answers, pytest.raises(ButlerError, match="Too many"):
            next(answers or iter(()))


def test_a_refusal_is_read_though_the_daemon_hung_up_before_it_was_asked(tmp_path: Path) -> None:
    with listening(tmp_path) as server, asking(tmp_path, {"ask": "status"}) as answers:
        connection, _ = server.accept()
        connection.sendall(b'{"refused":"Too many are asking.","exit_code":1}\n')
        connection.close()
        with pytest.raises(ButlerError, match="Too many are asking"):
            next(answers or iter(()))


def test_a_daemon_that_hangs_up_without_a_word_went_away(tmp_path: Path) -> None:
    with listening(tmp_path) as server, asking(tmp_path, {"ask": "status"}) as answers:
        server.accept()[0].close()
        with pytest.raises(StateError, match="went away"):
            next(answers or iter(()))


def test_whoever_goes_away_is_not_answered_any_more(tmp_path: Path) -> None:
    LEFT.clear()
    with serving(tmp_path):
        with asking(tmp_path, {"ask": "run", "command": "sync"}) as answers:
            assert [next(answers or iter(())) for _ in range(3)][1:] == [{"out": "."}] * 2
        until(lambda: LEFT)
    assert LEFT == ["left"]


def test_the_socket_is_its_owners_alone_and_works_in_a_deep_folder(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 90) / ("e" * 90)
    deep.mkdir(parents=True)
    with serving(deep):
        assert (deep / NAME).stat().st_mode & 0o777 == 0o600
        with asking(deep, {"ask": "status"}) as answers:
            assert list(answers or ()) == [{"asked": "status"}]


_OTHER = """
import os, socket, sys
connection = socket.socket(socket.AF_UNIX)
os.setuid(65534)
connection.connect(sys.argv[1])
try:
    connection.sendall(b'{"ask": "status"}\\n')
except BrokenPipeError:
    pass  # It was refused sooner than it could ask.
print(connection.recv(1000).decode())
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_another_user_is_refused_even_where_the_file_lets_them_in() -> None:
    # Not below pytest's folder, which lets nobody else through.
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        folder.chmod(0o755)
        with serving(folder):
            (folder / NAME).chmod(0o666)
            asked = subprocess.run(
                [sys.executable, "-I", "-c", _OTHER, folder / NAME],
                capture_output=True,
                text=True,
                check=False,
                env={},
                timeout=20,
            )
    assert "The daemon answers its owner alone." in asked.stdout, asked.stderr


def test_a_folder_without_room_for_the_socket_is_told_as_a_sentence(tmp_path: Path) -> None:
    (tmp_path / NAME).mkdir()
    with pytest.raises(StateError, match="cannot be made"), serving(tmp_path):
        pass
