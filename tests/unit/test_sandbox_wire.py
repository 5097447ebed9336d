"""What the worker that parses does, here in a thread; and frames that lie, stall or end too soon."""

from __future__ import annotations

import array
import os
import resource
import socket
import struct
import threading
import time
from collections.abc import Iterator

import pytest
from memory_source import message_of, raw_mail

from butler.core.errors import StateError
from butler.core.prepared import PreparedMail, prepare
from butler.core.sources import Frame
from butler.sandbox import child, wire
from butler.sandbox.seam import Side
from butler.sandbox.wire import MOST_DESCRIPTORS, Parcel, Patience, TooLargeError, Wire, close_all

HEAD = struct.Struct(">IIB")
Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def test_the_worker_answers_until_the_connection_ends(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = pair
    allowed: list[int] = []
    monkeypatch.setattr(child, "allow_seconds", allowed.append)
    worker = threading.Thread(target=child.main, args=(theirs,))
    worker.start()
    side = Side(ours, {})
    side.ask("load", "memory_source:MAIL", seconds=5)
    raws = [raw_mail(str(number), f"m{number}@x", text="Grüße " * 1000) for number in range(50)]
    for cpu in (3, 4):
        answer = side.ask("parse", "mail", raws, Frame(), cpu, gives=list[PreparedMail], seconds=5)
        assert answer == [prepare(message_of(raw)) for raw in raws]
    side.close()
    worker.join(5)
    assert not worker.is_alive()
    assert allowed == [3, 4]


def test_nothing_is_parsed_before_a_tool_is_there() -> None:
    with pytest.raises(StateError, match="No tool"):
        child.Parsing().parse("mail", [], Frame(), 1)
    for target in ("no_such_tool:TOOL", "memory_source:NONE"):
        with pytest.raises(StateError, match=f"there is no tool {target}"):
            child.Parsing().load(target)


def test_the_time_allowed_is_counted_from_now(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, tuple[int, int]]] = []
    monkeypatch.setattr(resource, "setrlimit", lambda kind, limits: asked.append((kind, limits)))
    monkeypatch.setattr(time, "process_time", lambda: 12.3)
    child.allow_seconds(10)
    assert asked == [(resource.RLIMIT_CPU, (23, resource.getrlimit(resource.RLIMIT_CPU)[1]))]


@pytest.mark.parametrize("head", [b"\xff" * 9, HEAD.pack(1 << 26, 1, 0), HEAD.pack(0, (1 << 26) + 1, 0), HEAD.pack(1, 0, 9)])
def test_a_frame_over_the_limit_is_not_received(pair: Pair, head: bytes) -> None:
    ours, theirs = pair
    theirs.sendall(head)
    with pytest.raises(TooLargeError):
        Wire(ours).receive(Patience(1))


def test_a_frame_over_the_limit_is_not_sent(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = pair
    monkeypatch.setattr(wire, "LARGEST_FRAME", 3)
    for parcel in (Parcel(b"four"), Parcel(b"tw", (b"o", b"o")), Parcel(b"", (), [ours.fileno()] * (MOST_DESCRIPTORS + 1))):
        with pytest.raises(TooLargeError):
            Wire(ours).send(parcel, Patience(1))
    theirs.settimeout(0)
    with pytest.raises(BlockingIOError):
        theirs.recv(1)


@pytest.mark.parametrize(
    "sent", [b"", b"\0\0", HEAD.pack(5, 0, 0) + b"four", HEAD.pack(1, 4, 0) + b"four", HEAD.pack(1, 0, 1) + b"x"]
)
def test_a_connection_that_ends_early_is_told_from_a_frame(pair: Pair, sent: bytes) -> None:
    ours, theirs = pair
    theirs.sendall(sent)
    theirs.close()
    assert Wire(ours).receive(Patience(1)) is None


@pytest.mark.parametrize("sent", [b"", b"\0\0\0", HEAD.pack(5, 0, 0) + b"fou"])
def test_a_frame_that_drips_is_not_waited_for_longer_than_allowed(pair: Pair, sent: bytes) -> None:
    ours, theirs = pair
    theirs.sendall(sent)
    with pytest.raises(TimeoutError):
        Wire(ours).receive(Patience(0.05))


def test_the_time_is_one_for_the_whole_frame(pair: Pair) -> None:
    ours, theirs = pair
    stop = threading.Event()

    def drip() -> None:
        theirs.sendall(HEAD.pack(1000, 0, 0))
        while not stop.wait(0.02):
            theirs.sendall(b"x")

    dripping = threading.Thread(target=drip)
    dripping.start()
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        Wire(ours).receive(Patience(0.2))
    assert time.monotonic() - began < 2
    stop.set()
    dripping.join()


def test_who_does_not_read_is_not_waited_for_longer_than_allowed(pair: Pair) -> None:
    ours, _ = pair
    with pytest.raises(TimeoutError):
        Wire(ours).send(Parcel(b"x" * (8 << 20)), Patience(0.1))


@pytest.mark.parametrize("size", [0, 1, 65_000, 65_536, 1 << 20, 20 << 20])
def test_frames_of_any_size_arrive_whole_and_in_order(pair: Pair, size: int) -> None:
    ours, theirs = Wire(pair[0]), Wire(pair[1])
    parcels = [Parcel(b"t" * size, (b"a" * 10, b"b" * size)), Parcel(b"last")]

    def send() -> None:
        for parcel in parcels:
            ours.send(parcel, Patience(20))

    sending = threading.Thread(target=send)
    sending.start()
    for parcel in parcels:
        again = theirs.receive(Patience(20))
        assert again is not None
        assert (again.text, b"".join(again.beside)) == (parcel.text, b"".join(parcel.beside))
    sending.join()


def test_descriptors_come_with_their_frame_and_are_closed_in_other_programs(pair: Pair) -> None:
    ours, theirs = Wire(pair[0]), Wire(pair[1])
    read, write = os.pipe()
    ours.send(Parcel(b"one", (), [read]), Patience(1))
    ours.send(Parcel(b"none"), Patience(1))
    ours.send(Parcel(b"two", (), [write, read]), Patience(1))
    close_all([read, write])
    one, none, two = (theirs.receive(Patience(1)) for _ in range(3))
    assert one is not None
    assert none is not None
    assert two is not None
    assert [len(each.descriptors) for each in (one, none, two)] == [1, 0, 2]
    assert not any(os.get_inheritable(number) for number in two.descriptors)
    os.write(two.descriptors[0], b"x")
    assert os.read(one.descriptors[0], 1) == b"x"
    close_all([*one.descriptors, *two.descriptors])


def test_descriptors_that_no_frame_names_are_closed(pair: Pair) -> None:
    ours, theirs = pair
    read, write = os.pipe()
    numbers = array.array("i", [write])
    theirs.sendmsg([HEAD.pack(0, 0, 0)], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, numbers)])
    os.close(write)
    receiving = Wire(ours)
    assert receiving.receive(Patience(1)) is None
    receiving.close()
    # Nobody has the other end of the pipe any more.
    assert os.read(read, 1) == b""
    os.close(read)


def test_more_descriptors_than_are_taken_are_not_kept(pair: Pair) -> None:
    ours, theirs = pair
    read, write = os.pipe()
    numbers = array.array("i", [write] * (MOST_DESCRIPTORS + 20))
    theirs.sendmsg([HEAD.pack(0, 0, MOST_DESCRIPTORS)], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, numbers)])
    os.close(write)
    receiving = Wire(ours)
    assert receiving.receive(Patience(1)) is None
    receiving.close()
    assert os.read(read, 1) == b""
    os.close(read)
