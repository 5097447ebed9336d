"""What runs in the workers of the tests of the seam: it does what it is asked, also what no worker should."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from butler.core.errors import EffectError, SettingsError
from butler.core.mail import Address
from butler.sandbox.seam import FOREVER, SeamDial, Side


def obliging(connection: socket.socket) -> None:
    """Serve what an honest worker might."""
    Obliging(connection).side.serve()


class OwnError(EffectError):
    """A failure that only a tool of somebody else's knows."""


class Obliging:
    """Answers, asks back, streams, fails and dials."""

    def __init__(self, connection: socket.socket) -> None:
        names = "add echo swell work fail back deep threads count endless faulty dialled stops"
        self.side = Side(connection, {name: getattr(self, name) for name in names.split()})
        self.stopped = 0

    def add(self, first: int, second: int) -> int:
        return first + second

    def echo(self, value: Any) -> Any:
        return value

    def swell(self, size: int) -> bytes:
        return b"x" * size

    def work(self, seconds: float) -> None:
        time.sleep(seconds)

    def fail(self, how: str) -> None:
        failures: Mapping[str, Callable[[], Exception]] = {
            "effect": lambda: EffectError("No.", permanent=True, uncertain=True, held=True, wait=3.5, advice="Wait."),
            "settings": lambda: SettingsError(["One.", "Two."]),
            "system": lambda: PermissionError(13, "Not here"),
            "name": lambda: socket.gaierror(-2, "Name or service not known"),
            "time": lambda: TimeoutError("timed out"),
            "bug": lambda: KeyError("secret"),
            "own": lambda: OwnError("Own.", wait=1),
        }
        raise failures[how]()

    def back(self, name: str, values: Sequence[Any]) -> Any:
        return self.side.ask(name, *values, gives=object, seconds=FOREVER)

    def deep(self, depth: int) -> int:
        """Ask for this to be asked for again, one deeper."""
        return depth if depth == 0 else 1 + self.side.ask("deeper", depth - 1, gives=int, seconds=FOREVER)

    def threads(self, count: int) -> list[int]:
        """Ask back from so many threads at the same time."""
        found: list[int] = []

        def ask(number: int) -> None:
            found.extend(self.side.ask("double", number, gives=int, seconds=FOREVER) for _ in range(20))

        asking = [threading.Thread(target=ask, args=(number,)) for number in range(count)]
        for each in asking:
            each.start()
        for each in asking:
            each.join()
        return sorted(found)

    def count(self, end: int, ask_back: int) -> Iterator[Address]:
        try:
            for number in range(end):
                if ask_back:
                    self.side.ask("double", number, gives=int, seconds=FOREVER)
                yield Address(str(number), "a@b")
        finally:
            self.stopped += 1

    def stops(self) -> int:
        """How many streams came to their end or were stopped."""
        return self.stopped

    def endless(self) -> Iterator[int]:
        number = 0
        while True:
            yield number
            number += 1

    def faulty(self) -> Iterator[int]:
        yield 1
        raise EffectError("It broke off.", wait=2)

    def dialled(self, host: str, port: int) -> str:
        dial = SeamDial(self.side)
        with dial(host, port, 5.0) as line:
            dial.secured(host, port, "TLSv1.3", b"\x30\x82")
            line.sendall(b"hello\n")
            return f"{line.gettimeout()} {line.recv(100).decode()}"


HEAD = struct.Struct(">IIB")


def frame(text: bytes, beside: bytes = b"") -> bytes:
    return HEAD.pack(len(text), len(beside), 0) + text + beside


ANSWERS: Mapping[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "half a head": lambda: b"\0\0",
    "half a frame": lambda: frame(b'["gives",1]')[:-1],
    "a huge head": lambda: b"\xff" * 9,
    "a large frame": lambda: HEAD.pack(65 << 20, 0, 0) + b"x",
    "descriptors that are not there": lambda: HEAD.pack(11, 0, 3) + b'["gives",1]',
    "no text": lambda: frame(b""),
    "no json": lambda: frame(b"\x80\x81"),
    "no utf-8": lambda: frame(b'["gives","\xff"]'),
    "half a character": lambda: frame(b'["gives","\\ud800"]'),
    "deep": lambda: frame(b"[" * 200_000),
    "many": lambda: frame(b'["gives",[' + b"[]," * 3_000_000 + b"[]]]"),
    "a number": lambda: frame(b"1"),
    "an empty list": lambda: frame(b"[]"),
    "an unknown message": lambda: frame(b'["hello",1]'),
    "another type": lambda: frame(b'["gives","1"]'),
    "too few fields": lambda: frame(b'["gives"]'),
    "too many fields": lambda: frame(b'["gives",1,2]'),
    "an unknown class": lambda: frame(b'["gives",{"\\u0000":["Popen","sh"]}]'),
    "a class of another module": lambda: frame(b'["gives",{"\\u0000":["Path","/"]}]'),
    "a field of another type": lambda: frame(b'["gives",{"\\u0000":["Address","a",1]}]'),
    "a bad moment": lambda: frame(b'["gives",{"\\u0000":["moment","2026-11-26T08:00[/etc/passwd]"]}]'),
    "bytes from nowhere": lambda: frame(b'["gives",{"\\u0000":["bytes",0,10]}]', b"x"),
    "a socket from nowhere": lambda: frame(b'["gives",{"\\u0000":["socket",0]}]'),
    "an unknown failure": lambda: frame(b'["fails","SystemExit",1,"",{}]'),
    "a failure of another form": lambda: frame(b'["fails","EffectError",{"sentence":"a"}]'),
    "a failure with a field of another type": lambda: frame(
        b'["fails","SourceError",{"sentence":"a","permanent":"no","advice":""}]'
    ),
    "a failure without anything": lambda: frame(b'["fails"]'),
    "an end": lambda: frame(b'["dies","It is over."]'),
    "the end of a stream": lambda: frame(b'["over"]'),
    "an unknown question": lambda: frame(b'["ask","steal",[]]'),
    "a question with too much": lambda: frame(b'["ask","double",[1,2]]'),
    "a question of another type": lambda: frame(b'["ask","double",["1"]]'),
    "a question without form": lambda: frame(b'["ask","double"]'),
    "a question by a list": lambda: frame(b'["ask",[],[1]]'),
    "a question with no list": lambda: frame(b'["ask","double",1]'),
    "a question that breaks": lambda: frame(b'["ask","breaks",[]]'),
    "a stream of what is none": lambda: frame(b'["stream","double",[1]]'),
}
"""What a worker that was taken over might answer."""


def hostile(connection: socket.socket) -> None:
    """Answer once as `ANSWERS` says, to the question whose name that is; then wait, or end where there is nothing more."""
    connection.settimeout(None)
    name = connection.recv(65_536).decode("utf-8", "replace").split('["ask","')[1].split('"')[0]
    with suppress(OSError):
        connection.sendall(ANSWERS[name]())
    if name in ("nothing", "half a head", "half a frame"):
        return
    # Whoever asked does not wait for it.
    time.sleep(60)


def silent(connection: socket.socket) -> None:
    """Read nothing and say nothing."""
    time.sleep(600)


def dripping(connection: socket.socket) -> None:
    """Answer so slowly that each piece comes in time and the whole never does."""
    connection.settimeout(None)
    connection.recv(65_536)
    connection.sendall(HEAD.pack(100_000, 0, 0))
    with suppress(OSError):
        while True:
            connection.sendall(b" ")
            time.sleep(0.02)


def nagging(connection: socket.socket) -> None:
    """Ask back without end."""
    connection.settimeout(None)
    connection.recv(65_536)
    with suppress(OSError):
        while True:
            connection.sendall(frame(b'["ask","double",[1]]'))
            connection.recv(65_536)


def greedy(connection: socket.socket) -> None:
    """Stream numbers without being asked for the next."""
    connection.settimeout(None)
    connection.recv(65_536)
    with suppress(OSError):
        while True:
            connection.sendall(frame(b'["gives",1]') * 1000)
