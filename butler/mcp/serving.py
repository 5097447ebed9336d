"""Serves a program that speaks MCP over standard input and output: bytes are passed on here, and read in a worker."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable
from contextlib import suppress
from threading import Thread

from butler.core.errors import StateError
from butler.core.text import one_line
from butler.sandbox.order import Limits, Order
from butler.sandbox.seam import FOREVER, WorkerDiedError
from butler.sandbox.worker import Forkserver

MAIN = "butler.mcp.inside:serve"
LONGEST_LINE = 1_000_000
"""Bytes of one message; a longer one is none."""

_LIMITS = Limits(cpu=0, memory=1 << 30)
_PIECE = 65_536
_log = logging.getLogger(__name__)

Tool = Callable[[str, str, str], str]
"""Answers what is asked of a tool: its name, a JSON object with `arguments`, and what the program calls itself."""


def serve(forkserver: Forkserver, tool: Tool, heard: int, said: int, *, degraded: bool = False) -> None:
    """Serve who writes to the descriptor `heard` and reads from `said`, until they hang up; raises StateError."""
    ours, theirs = socket.socketpair()
    order = Order("mcp", MAIN, ("butler.mcp.inside",), limits=_LIMITS, degraded=degraded)
    with ours, forkserver.order(order) as worker:
        hearing = _Hearing(heard, ours)
        saying = Thread(target=_say, args=(ours, said), daemon=True)
        side = worker.side({"tool": tool})
        hearing.start()
        saying.start()
        try:
            side.ask("serve", theirs, seconds=FOREVER)
        except WorkerDiedError as error:
            raise StateError(
                hearing.problem or f"The process that speaks MCP ended ({one_line(str(error), 200).rstrip('.')}).",
                advice="Start it again; if that happens again, `butler -v mcp serve` tells more.",
            ) from error
        saying.join()
    if hearing.problem:
        raise StateError(hearing.problem)


class _Hearing(Thread):
    """Passes on what comes in, line by line at most so long; `problem` is why it ended where that was no hanging up."""

    def __init__(self, heard: int, to: socket.socket) -> None:
        super().__init__(daemon=True)
        self._heard = heard
        self._to = to
        self.problem = ""

    def run(self) -> None:
        """Pass on to the end."""
        length = 0
        with suppress(OSError):
            while piece := os.read(self._heard, _PIECE):
                length = len(piece) - piece.rfind(b"\n") - 1 if b"\n" in piece else length + len(piece)
                if length > LONGEST_LINE:
                    self.problem = f"A message of over {LONGEST_LINE:,} bytes came, so the program was hung up on."
                    break
                self._to.sendall(piece)
        with suppress(OSError):
            self._to.shutdown(socket.SHUT_WR)


def _say(answers: socket.socket, said: int) -> None:
    """Pass on what is answered; where nobody hears it any more, that is the end."""
    try:
        while piece := answers.recv(_PIECE):
            rest = memoryview(piece)
            while rest:
                rest = rest[os.write(said, rest) :]
    except OSError as error:
        _log.info("nobody hears the answers: %s", error)
    with suppress(OSError):
        answers.shutdown(socket.SHUT_RDWR)
