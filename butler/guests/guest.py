"""One server of the owner's choice while it runs: its program in a jail, what speaks with it in another, and its way out."""

from __future__ import annotations

import logging
import shutil
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector
from threading import Lock, Thread
from typing import Any

from butler.core.connections import Ledger
from butler.core.endpoints import of_server
from butler.core.errors import ButlerError, SourceError, StateError
from butler.core.foreign import ForeignServer, ForeignTool
from butler.core.text import one_line
from butler.dialing import Dialer
from butler.guests.hiding import Hiding
from butler.guests.proxy import Proxy
from butler.guests.reach import program_of, reach_of, search_path, unread
from butler.sandbox.order import UNLIMITED, Limits, Order
from butler.sandbox.seam import Side, WorkerDiedError
from butler.sandbox.worker import Forkserver

_WARDEN, _SPEAKER = "butler.sandbox.guest:warden", "butler.guests.client:speak"
_LIMITS = Limits(cpu=0, memory=1 << 30)
_STARTING = 60.0
_MORE = 15.0
"""Seconds that the worker which speaks with a server has beyond those of the server."""
_LAST_WORDS = 2_000
_TOLD = 300
_TRIES, _PAUSE = 3, 0.1
_MOST_WORDS = 64_000_000
_log = logging.getLogger(__name__)


class Guest:
    """A server that runs; to be closed, which ends it and all that it started.

    `state` is the butler's own folder, of which it gets nothing; `ledger` is told of its connections. `patience` (seconds) is
    how long its start and its list of tools are waited for at most.
    """

    def __init__(
        self, server: ForeignServer, forkserver: Forkserver, ledger: Ledger, state: Path, patience: float = float("inf")
    ) -> None:
        self._server = server
        self._soon = min(server.seconds, patience)
        self._opened = ExitStack()
        self._words = _Words()
        self._hiding = Hiding()
        self.title = ""
        """What it calls itself."""
        try:
            self._start(forkserver, ledger, state)
        except StateError as error:
            self.close()
            sentence = f"The server mcp.{server.name} is not started: {error.sentence}"
            raise SourceError(sentence, permanent=True, advice=error.advice) from error
        except BaseException:
            self.close()
            raise

    def tools(self) -> list[ForeignTool]:
        """List what it tells of its tools now; raises SourceError."""
        seconds = self._soon
        found: list[ForeignTool] = self._ask("tools", self._server.name, seconds, gives=list[ForeignTool], seconds=seconds)
        if any(tool.server != self._server.name for tool in found):
            raise self._failed("It tells of another's tools.")
        return found

    def call(self, tool: str, arguments: str) -> tuple[bool, str]:
        """Call a tool once; whether it says that it failed, and what it gives. Raises SourceError."""
        seconds = self._server.seconds
        found: tuple[bool, str] = self._ask("call", tool, arguments, seconds, gives=tuple[bool, str], seconds=seconds)
        failed, text = found
        return failed, self._hiding.text(text) if failed else text

    def close(self) -> None:
        """End it."""
        self._opened.close()

    def _start(self, forkserver: Forkserver, ledger: Ledger, state: Path) -> None:
        server, program = self._server, program_of(self._server)
        folder = Path(tempfile.mkdtemp(prefix="butler-mcp-")).resolve()
        self._opened.callback(_remove, folder)
        reach = reach_of(server, program, folder, state)
        dialer = Dialer(of_server(server), ledger)
        self._opened.callback(dialer.close)
        secrets = {name: secret() for name, secret in server.secrets.items()}
        self._hiding = self._words.hiding = Hiding(secrets.values())
        variables = {
            "LANG": "C.UTF-8",
            "PATH": search_path(program),
            "HOME": str(folder),
            "TMPDIR": str(folder),
            **server.variables,
            **secrets,
        }
        wire, theirs = socket.socketpair()
        heard, told = socket.socketpair()
        for ours in (wire, heard):
            self._opened.enter_context(ours)
        with theirs, told:
            # It is loaded beforehand, for once it is confined it reads no code of ours.
            order = Order("guest", _WARDEN, ("butler.sandbox.guest",), reach, UNLIMITED)
            warden = self._opened.enter_context(forkserver.order(order))
            side = warden.side({})
            if server.hosts:
                variables |= self._way_out(side, dialer)
            given = [[program, *server.command[1:]], *([name, value] for name, value in variables.items())]
            with _told(self._failed):
                side.ask("start", given, str(folder), server.memory, theirs, told, gives=None, seconds=_STARTING)
        self._words.listen(heard)
        speaker = self._opened.enter_context(forkserver.order(Order("mcp", _SPEAKER, limits=_LIMITS)))
        self._side = speaker.side({})
        self.title = self._hiding.text(self._ask("open", wire, self._soon, gives=str, seconds=self._soon))

    def _way_out(self, warden: Side, dialer: Dialer) -> dict[str, str]:
        """Have its connections to the hosts of its settings made; returns the variables that say where."""
        listening: socket.socket = warden.ask("network", gives=socket.socket, seconds=_STARTING)
        proxy = Proxy(listening, dialer)
        self._opened.callback(proxy.close)
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        proxy.start()
        names = ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy")
        return {**dict.fromkeys(names, address), "NO_PROXY": "", "no_proxy": "", "NODE_USE_ENV_PROXY": "1"}

    def _ask(self, what: str, *values: Any, gives: Any, seconds: float) -> Any:
        with _told(self._failed):
            return self._side.ask(what, *values, gives=gives, seconds=seconds + _MORE)

    def _failed(self, why: str) -> SourceError:
        """Say what is wrong with it, with its own last words."""
        words = _end(one_line(self._words.last(), _LAST_WORDS))
        said = f" It said: {words.rstrip('.')}." if words else ""
        told = one_line(self._hiding.text(why), 400).rstrip(".")
        sentence = f"The server mcp.{self._server.name}: {told}.{said}"
        closed = unread(self._server)
        folder = f"It may not read {closed}: name the folder of that in mcp.{self._server.name}.folders." if closed else ""
        return SourceError(sentence, advice=folder or "`butler doctor` checks it.")


def _end(words: str) -> str:
    """The end of what was said: why something ends stands there."""
    return words if len(words) <= _TOLD else f"…{words[-_TOLD:]}"


@contextmanager
def _told(failed: Callable[[str], SourceError]) -> Iterator[None]:
    """Tell what ends a worker, or fails in it, as a failure of the server."""
    try:
        yield
    except ButlerError as error:
        raise failed(error.sentence) from error
    except (WorkerDiedError, OSError) as error:
        raise failed(str(error)) from error


class _Words:
    """What a program says on its standard error, of which only the end is kept; who says too much is hung up on.

    What is to be hidden in it is hidden before its beginning is dropped, so that no half of it is left.
    """

    def __init__(self) -> None:
        self.hiding = Hiding()
        self._kept = b""
        self._size = 0
        self._heard: socket.socket | None = None
        self._hearing = Lock()

    def listen(self, heard: socket.socket) -> None:
        """Hear it in a thread of its own."""
        self._heard = heard.dup()
        Thread(target=self._listen, args=(self._heard,), daemon=True).start()

    def last(self) -> str:
        """The end of what it said, up to now: the thread may not have come to hear why it ended."""
        if self._heard is not None:
            with suppress(OSError):
                while self._size < _MOST_WORDS and self._hear(self._heard):
                    pass
        return self._kept.decode("utf-8", "replace")

    def _listen(self, heard: socket.socket) -> None:
        with heard, suppress(OSError), DefaultSelector() as ready:
            ready.register(heard, EVENT_READ)
            while self._size < _MOST_WORDS:
                ready.select()
                if not self._goes_on(heard):
                    break
            # Whoever would wait for ever to say more is told that nobody hears it.
            heard.shutdown(socket.SHUT_RDWR)

    def _goes_on(self, heard: socket.socket) -> bool:
        """Keep what is there, unless it was heard meanwhile; False at the end."""
        try:
            return self._hear(heard)
        except BlockingIOError:
            return True

    def _hear(self, heard: socket.socket) -> bool:
        """Keep a piece that is there; False at the end. Raises BlockingIOError where there is none yet."""
        with self._hearing:
            piece = heard.recv(65_536, socket.MSG_DONTWAIT)
            self._size += len(piece)
            self._kept = self.hiding.bytes(self._kept + piece)[-_LAST_WORDS:]
        return bool(piece)


def _remove(folder: Path) -> None:
    """Remove what a server kept meanwhile; what cannot be removed is left to whoever clears that folder."""
    for _ in range(_TRIES):
        try:
            shutil.rmtree(folder)
        except (OSError, RecursionError) as error:
            # Whoever writes there is about to end.
            _log.info("%s cannot be removed: %s", folder, one_line(str(error)))
            time.sleep(_PAUSE)
        else:
            return
