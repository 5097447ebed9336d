"""The control socket of the daemon: `butler.sock` in the state folder, for the processes of the owner alone."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import struct
from collections.abc import AsyncGenerator, Callable, Generator, Iterator
from contextlib import aclosing, closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from butler.core.asks import LONGEST_LINE, Ask, line_of, read_ask
from butler.core.errors import EXIT_FAILED, ButlerError, StateError

NAME = "butler.sock"
_MOST_CLIENTS = 32
_PATIENCE = 5.0
_LONGEST_ANSWER = 64_000_000
"""Bytes of one answer: how the daemon stands names all that waits, which may be thousands."""
_CREDENTIALS = struct.Struct("3i")
_ADVICE = "Make room, or give the state folder to the user that the butler runs as."

Answer = Callable[[Ask], AsyncGenerator[dict[str, Any]]]
"""Answers a question in one or more objects; what it raises of the butler's own errors is told to whoever asked."""


class Server:
    """Serves the control socket of a state folder. Only one process may: whoever holds the pid file."""

    def __init__(self, folder: Path, answer: Answer, patience: float = _PATIENCE) -> None:
        self._folder = folder
        self._answer = answer
        self._patience = patience
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Begin to serve; what an earlier process left of the socket is taken away. Raises StateError."""
        try:
            listening = _listen(self._folder)
        except OSError as error:
            path = self._folder / NAME
            raise StateError(f"The socket {path} cannot be made: {error.strerror or error}.", advice=_ADVICE) from error
        self._server = await asyncio.start_unix_server(self._serve, sock=listening, limit=LONGEST_LINE)

    async def stop(self) -> None:
        """Answer nobody any more, and take the socket away."""
        if self._server is None:
            return
        self._server.close()
        (self._folder / NAME).unlink(missing_ok=True)
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - asyncio runs this in a task
        self._open.add(task)
        try:
            with suppress(ConnectionError, TimeoutError):
                await self._converse(reader, writer)
        finally:
            self._open.discard(task)
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if _peer_of(writer.get_extra_info("socket")) not in {os.geteuid(), 0}:
            return await _send(writer, _refusal("The daemon answers its owner alone."))
        if len(self._open) > _MOST_CLIENTS:
            return await _send(writer, _refusal("Too many are asking the daemon at once. Try again."))
        try:
            async with asyncio.timeout(self._patience):
                line = await reader.readuntil(b"\n")
        except asyncio.LimitOverrunError:
            return await _send(writer, _refusal("The question is too long."))
        except asyncio.IncompleteReadError:
            return None
        await self._respond(line, reader, writer)
        return None

    async def _respond(self, line: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer; whoever goes away before the end is not answered any more."""
        answering = asyncio.ensure_future(self._stream(line, writer))
        gone = asyncio.ensure_future(reader.read(1))
        try:
            await asyncio.wait((answering, gone), return_when=asyncio.FIRST_COMPLETED)
        finally:
            gone.cancel()
            answering.cancel()
            await asyncio.gather(answering, gone, return_exceptions=True)

    async def _stream(self, line: bytes, writer: asyncio.StreamWriter) -> None:
        try:
            async with aclosing(self._answer(read_ask(line))) as answers:
                async for each in answers:
                    await _send(writer, each)
        except ButlerError as error:
            await _send(writer, _refusal(str(error), error.exit_code))


@contextmanager
def asking(folder: Path, question: dict[str, Any], patience: float | None = None) -> Iterator[Iterator[dict[str, Any]] | None]:
    """Ask the daemon of a state folder and read its answers as they come; None where no daemon runs.

    `patience` is in seconds, for each answer. Raises StateError when the daemon does not answer, goes away in the middle of
    it or is somebody else's, and a ButlerError with the sentence of whatever it refuses.
    """
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(_PATIENCE)
        try:
            with _short(folder) as name:
                connection.connect(name)
        except (FileNotFoundError, ConnectionRefusedError, NotADirectoryError):
            yield None
            return
        except OSError as error:
            raise StateError(f"The daemon cannot be asked: {error.strerror or error}.") from error
        connection.settimeout(patience)
        with closing(_answers(connection, question)) as answers:
            yield answers


def _answers(connection: socket.socket, question: dict[str, Any]) -> Generator[dict[str, Any]]:
    try:
        cut_off = _put(connection, line_of(question))
        with connection.makefile("rb") as lines:
            while (line := lines.readline(_LONGEST_ANSWER)).endswith(b"\n"):
                cut_off = None
                yield _read(line)
        if cut_off is not None:
            raise cut_off
    except TimeoutError:
        raise StateError("The daemon does not answer.", advice="`butler status` or its log may tell more.") from None
    except OSError as error:
        raise StateError(f"The daemon went away: {error.strerror or error}.") from error


def _put(connection: socket.socket, line: bytes) -> ConnectionError | None:
    """Send a question, and what cut it off: a daemon that refuses at once has said why before it hung up."""
    try:
        connection.sendall(line)
    except ConnectionError as error:
        return error
    return None


def _read(line: bytes) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(line)
    if "refused" in answer:
        refusal = ButlerError(str(answer["refused"]))
        refusal.exit_code = int(answer["exit_code"])
        raise refusal
    return answer


def _refusal(sentence: str, exit_code: int = EXIT_FAILED) -> dict[str, Any]:
    return {"refused": sentence, "exit_code": exit_code}


async def _send(writer: asyncio.StreamWriter, answer: dict[str, Any]) -> None:
    writer.write(line_of(answer))
    await writer.drain()


def _listen(folder: Path) -> socket.socket:
    listening = socket.socket(socket.AF_UNIX)
    try:
        (folder / NAME).unlink(missing_ok=True)
        # No moment in which others could connect: what is bound is made with the mask of the process.
        before = os.umask(0o177)
        try:
            with _short(folder) as name:
                listening.bind(name)
        finally:
            os.umask(before)
        listening.listen(_MOST_CLIENTS)
    except BaseException:
        listening.close()
        raise
    return listening


@contextmanager
def _short(folder: Path) -> Iterator[str]:
    """The socket's name by way of an open folder, for the kernel takes 107 bytes only."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{descriptor}/{NAME}"
    finally:
        os.close(descriptor)


def _peer_of(connection: socket.socket) -> int:
    """The user that the other side runs as."""
    _, uid, _ = _CREDENTIALS.unpack(connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size))
    return int(uid)
