"""What a worker that was taken over tries, and in what world: an attempt that comes to its end has succeeded."""

import ctypes
import socket
from collections.abc import Callable
from dataclasses import dataclass, field

Attempt = Callable[["World"], object]


@dataclass
class World:
    """What was planted: folders, sockets and processes; `handed` are sockets of the process, connected to nothing."""

    home: str
    own: str
    bus: str
    agent: str
    log: str
    abstract: str
    tcp: int
    udp: int
    kept: str = ""
    namespace: int = -1
    handed: dict[str, socket.socket] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return f"{self.home}/.ssh/id_ed25519"

    @property
    def letter(self) -> str:
        return f"{self.home}/letter.txt"


ATTEMPTS: dict[str, Attempt] = {}
ROOT_ONLY: set[str] = set()
"""What only root can do, jail or not."""
UNSURE: set[str] = set()
"""What a kernel may refuse to anybody."""


def attempt(root: bool = False, unsure: bool = False) -> Callable[[Attempt], Attempt]:
    """Make a function an attempt; `root` and `unsure` say why it may fail without any jail."""

    def known(function: Attempt) -> Attempt:
        name = function.__name__
        ATTEMPTS[name] = function
        ROOT_ONLY.update({name} if root else ())
        UNSURE.update({name} if unsure else ())
        return function

    return known


DEATHS: dict[str, Attempt] = {}
"""What no honest program does: it ends the process."""


def death(function: Attempt) -> Attempt:
    """Make a function one of them."""
    DEATHS[function.__name__] = function
    return function


def text(text: str) -> ctypes.Array[ctypes.c_char]:
    """A text as the kernel takes it."""
    return ctypes.create_string_buffer(text.encode())
