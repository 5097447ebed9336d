"""What the worker process does, here in a thread; and frames that lie, stall or end too soon."""

from __future__ import annotations

import resource
import socket
import threading
import time
from collections.abc import Iterator

import pytest
from memory_source import MemoryTool, message_of, raw_mail

from butler.core.prepared import prepare
from butler.core.sources import Frame
from butler.sandbox import child, wire
from butler.sandbox.wire import TooLargeError, pack_request, read_answer, receive_frame, send_frame


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def test_the_worker_answers_until_the_connection_ends(
    pair: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = pair
    allowed: list[int] = []
    monkeypatch.setattr(child, "allow_seconds", allowed.append)
    worker = threading.Thread(target=child.serve, args=(theirs, "mail", MemoryTool()))
    worker.start()
    raws = [raw_mail(str(number), f"m{number}@x", text="Grüße " * 1000) for number in range(50)]
    for cpu in (3, 4):
        send_frame(ours, pack_request("mail", raws, Frame(), cpu))
        answer = receive_frame(ours, 5)
        assert answer is not None
        assert read_answer("mail", answer) == [prepare(message_of(raw)) for raw in raws]
    ours.shutdown(socket.SHUT_RDWR)
    worker.join(5)
    assert not worker.is_alive()
    assert allowed == [3, 4]


def test_the_time_allowed_is_counted_from_now(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, tuple[int, int]]] = []
    monkeypatch.setattr(resource, "setrlimit", lambda kind, limits: asked.append((kind, limits)))
    monkeypatch.setattr(time, "process_time", lambda: 12.3)
    child.allow_seconds(10)
    assert asked == [(resource.RLIMIT_CPU, (23, resource.getrlimit(resource.RLIMIT_CPU)[1]))]


def test_a_frame_over_the_limit_is_neither_sent_nor_received(
    pair: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = pair
    theirs.sendall(b"\xff\xff\xff\xff")
    with pytest.raises(TooLargeError):
        receive_frame(ours, 1)
    monkeypatch.setattr(wire, "LARGEST_FRAME", 3)
    with pytest.raises(TooLargeError):
        send_frame(ours, b"four")
    theirs.settimeout(0)
    with pytest.raises(BlockingIOError):
        theirs.recv(1)


@pytest.mark.parametrize("sent", [b"", b"\0\0", b"\0\0\0\5four"])
def test_a_connection_that_ends_early_is_told_from_a_frame(pair: tuple[socket.socket, socket.socket], sent: bytes) -> None:
    ours, theirs = pair
    theirs.sendall(sent)
    theirs.close()
    assert receive_frame(ours, 1) is None


def test_a_frame_that_drips_is_not_waited_for_longer_than_allowed(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    theirs.sendall(b"\0\0\0\5fou")
    with pytest.raises(TimeoutError):
        receive_frame(ours, 0.05)
