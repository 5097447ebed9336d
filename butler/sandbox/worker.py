"""A worker process kept for as long as it lives, and started again when it died."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from butler.core.errors import StateError
from butler.sandbox.child import READY
from butler.sandbox.wire import TooLargeError, receive_frame, send_frame

_START_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Limits:
    """What a worker may use: `cpu` seconds for one thing to parse, `memory` in bytes of address space."""

    cpu: int = 10
    memory: int = 1 << 30


class WorkerDiedError(Exception):
    """The worker ended, overran its time or answered with nonsense; it is started again for the next request."""


def child_command(kind: str, target: str, limits: Limits) -> list[str]:
    """Make the command of a worker for the tool `module:attribute`, to which the number of a descriptor is added."""
    return [sys.executable, "-I", "-m", "butler.sandbox.child", kind, target, str(limits.memory)]


class Worker:
    """One process at a time, started when it is first needed, from a command that takes a connection's descriptor."""

    def __init__(self, command: Callable[[], Sequence[str]]) -> None:
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: socket.socket | None = None

    @property
    def running(self) -> bool:
        """Whether the process is there, so that asking it costs no start."""
        return self._process is not None

    def ask(self, request: bytes, seconds: float) -> bytes:
        """Send a request and wait for its answer; raises WorkerDiedError, and StateError when it does not even start."""
        connection = self._connection or self._start()
        try:
            connection.settimeout(seconds)
            send_frame(connection, request)
            answer = receive_frame(connection, seconds)
        except (OSError, TooLargeError) as error:
            self.close()
            raise WorkerDiedError from error
        if answer is None:
            self.close()
            raise WorkerDiedError
        return answer

    def close(self) -> None:
        """End the process; harmless when there is none."""
        if self._connection:
            self._connection.close()
        if self._process:
            self._process.kill()
            self._process.wait()
        self._process, self._connection = None, None

    def _start(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [*self._command(), str(theirs.fileno())],
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={"LANG": "C.UTF-8"},
                start_new_session=True,
            )
        self._connection = ours
        with suppress(OSError, TooLargeError):
            if receive_frame(ours, _START_SECONDS) == READY:
                return ours
        self.close()
        raise StateError(
            "The process that parses mail, calendars and notes does not start.",
            advice="`butler doctor` checks the installation.",
        )
