"""Child processes of the daemon: started, listened to, ended with all that they started. To be used inside one event loop."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from butler.core.errors import StateError

GRACE = 5.0
"""Seconds from being asked to end to being made to."""
_MOST_BYTES = 16_000_000
_LONGEST_LINE = 8192
_CHUNK = 65_536
_LAST_WORDS = 1.0


@dataclass(frozen=True, slots=True)
class Ended:
    """How a child ended: its exit code (negative: the signal), and what it printed, None where that was too much."""

    code: int
    printed: bytes | None


class Child:
    """One process in a group of its own, with `given` as its input; `tell` gets each line of its standard error.

    `handed` are file descriptors that it shares. It runs when it is made; raises StateError when it cannot be started.
    """

    def __init__(
        self,
        argv: Sequence[str],
        environ: Mapping[str, str],
        tell: Callable[[str], None],
        handed: Sequence[int] = (),
        given: bytes = b"",
    ) -> None:
        source = _in_memory(given) if given else subprocess.DEVNULL
        try:
            self._process = subprocess.Popen(
                argv,
                stdin=source,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=dict(environ),
                start_new_session=True,
                pass_fds=handed,
            )
        except OSError as error:
            raise StateError(f"{argv[0]} cannot be started: {error.strerror or error}.") from error
        finally:
            if given:
                os.close(source)
        self._tell = tell
        self._loop = asyncio.get_running_loop()
        self._killing: asyncio.TimerHandle | None = None
        self._is_over = False
        self._ending = asyncio.ensure_future(self._watch())

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    async def ended(self, within: float | None = None) -> Ended | None:
        """Wait for the end, at most so many seconds: None when it has not come by then."""
        done, _ = await asyncio.wait((self._ending,), timeout=within)
        return self._ending.result() if done else None

    def stop(self, grace: float = GRACE) -> None:
        """Ask it to end; `grace` seconds later it is made to."""
        if self._is_over or self._killing is not None:
            return
        self._process.terminate()
        self._killing = self._loop.call_later(grace, self.kill)

    def kill(self) -> None:
        """End it and all that it started, at once."""
        if not self._is_over:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    async def _watch(self) -> Ended:
        read = asyncio.gather(self._printed(), self._lines())
        await self._exit()
        # It is not reaped yet, so that its number is still its own, and its group's.
        self.kill()
        self._is_over = True
        if self._killing:
            self._killing.cancel()
        code = self._process.wait()
        try:
            async with asyncio.timeout(_LAST_WORDS):
                printed, _ = await read
        except TimeoutError:
            # Something that left the group still holds the pipe.
            printed = None
        return Ended(code, printed)

    async def _exit(self) -> None:
        descriptor = os.pidfd_open(self._process.pid)
        over = asyncio.Event()
        try:
            self._loop.add_reader(descriptor, over.set)
            await over.wait()
        finally:
            self._loop.remove_reader(descriptor)
            os.close(descriptor)

    async def _printed(self) -> bytes | None:
        found = bytearray()
        async with _Pipe(self._process.stdout) as pipe:
            while chunk := await pipe.read(_CHUNK):
                if len(found) <= _MOST_BYTES:
                    found += chunk
        return bytes(found) if len(found) <= _MOST_BYTES else None

    async def _lines(self) -> None:
        rest = b""
        async with _Pipe(self._process.stderr) as pipe:
            while chunk := await pipe.read(_CHUNK):
                *lines, rest = (rest + chunk).split(b"\n")
                for line in lines:
                    self._say(line)
                if len(rest) > _LONGEST_LINE:
                    self._say(rest)
                    rest = b""
        self._say(rest)

    def _say(self, line: bytes) -> None:
        if line.strip():
            self._tell(line[:_LONGEST_LINE].decode("utf-8", "replace").rstrip())


def _in_memory(given: bytes) -> int:
    """A file in memory, to be read from its beginning: unlike a pipe it is never full."""
    descriptor = os.memfd_create("given", os.MFD_CLOEXEC)
    with open(descriptor, "wb", closefd=False) as file:
        file.write(given)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


class _Pipe:
    """A pipe as the loop reads it, closed at the end."""

    def __init__(self, pipe: object) -> None:
        self._pipe = pipe

    async def __aenter__(self) -> asyncio.StreamReader:
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(loop=loop)
        protocol = asyncio.StreamReaderProtocol(reader, loop=loop)
        self._transport, _ = await loop.connect_read_pipe(lambda: protocol, self._pipe)
        return reader

    async def __aexit__(self, *_: object) -> None:
        self._transport.close()
