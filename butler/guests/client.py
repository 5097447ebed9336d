"""What runs in the worker that talks to a server of the owner's choice: the SDK over one connection, in bounds."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from typing import Any, TypeVar

import anyio
import mcp_types as types
from anyio.from_thread import BlockingPortal, start_blocking_portal
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from mcp import ClientSession
from mcp.shared.exceptions import MCPError
from mcp.shared.message import SessionMessage
from pydantic import ValidationError

from butler import __version__
from butler.core.errors import SourceError
from butler.core.foreign import LONGEST_DESCRIPTION, LONGEST_SCHEMA, MOST_TOOLS, ForeignTool
from butler.core.plain import canonical
from butler.core.text import one_line, visible
from butler.sandbox.seam import Side

LONGEST_LINE = 4_000_000
LONGEST_RESULT = 200_000
_MOST_BYTES = 64_000_000
"""What a server may say in its life."""
_MOST_NONSENSE = 100
_MOST_PAGES = 20
_LONGEST_WORDS = 400

_NO_ANSWER = (ValidationError, ValueError, RuntimeError, RecursionError, KeyError, TypeError)

T = TypeVar("T")
Came = SessionMessage | Exception


def speak(connection: socket.socket) -> None:
    """Serve who ordered it, to the end of one server."""
    with start_blocking_portal() as portal, ExitStack() as opened:
        speaking = Speaking(portal, opened)
        offers: dict[str, Callable[..., Any]] = {"open": speaking.open, "tools": speaking.tools, "call": speaking.call}
        Side(connection, offers).serve()


class Speaking:
    """A session with one server. What it says is bounded; what it asks for (samples, roots, forms to fill in) is refused."""

    def __init__(self, portal: BlockingPortal, opened: ExitStack) -> None:
        self._portal = portal
        self._opened = opened
        self._wire: Wire | None = None
        self._session: ClientSession | None = None

    def open(self, stream: socket.socket, seconds: float) -> str:
        """Agree on the protocol; returns what the server calls itself. Raises SourceError."""
        self._wire = Wire()
        heard, said = self._opened.enter_context(self._portal.wrap_async_context_manager(self._wire.opened(stream)))
        session = ClientSession(heard, said, client_info=types.Implementation(name="butler", version=__version__))
        self._session = self._opened.enter_context(self._portal.wrap_async_context_manager(session))
        told = self._asked(self._session.initialize, seconds).server_info
        return one_line(f"{told.name} {told.version}", 100)

    def tools(self, server: str, seconds: float) -> list[ForeignTool]:
        """List what it tells of its tools; raises SourceError."""
        found = self._asked(self._every_tool, seconds)
        with _readable():
            return [_tool(server, tool) for tool in found]

    def call(self, tool: str, arguments: str, seconds: float) -> tuple[bool, str]:
        """Call a tool once; whether it says that it failed, and what it gives. Raises SourceError."""
        asked = types.CallToolRequest(params=types.CallToolRequestParams(name=tool, arguments=json.loads(arguments)))
        done = self._asked(lambda: self._opened_session.send_request(asked, types.CallToolResult), seconds)
        with _readable():
            return bool(done.is_error), _text(done)

    @property
    def _opened_session(self) -> ClientSession:
        if self._session is None:
            raise SourceError("It was not opened.")
        return self._session

    async def _every_tool(self) -> list[types.Tool]:
        found: list[types.Tool] = []
        cursor: str | None = None
        for _ in range(_MOST_PAGES):
            page = await self._opened_session.list_tools(params=types.PaginatedRequestParams(cursor=cursor))
            found += page.tools
            cursor = page.next_cursor
            if cursor is None or len(found) > MOST_TOOLS:
                break
        if cursor is not None or len(found) > MOST_TOOLS:
            raise SourceError(f"It tells of more than {MOST_TOOLS} tools.")
        return found

    def _asked(self, ask: Callable[[], Awaitable[T]], seconds: float) -> T:
        """What a question comes to, in so many seconds; raises SourceError."""

        async def bounded() -> T:
            with anyio.fail_after(seconds):
                return await ask()

        try:
            return self._portal.call(bounded)
        except TimeoutError:
            raise SourceError(f"It did not answer within {seconds:g} seconds.") from None
        except MCPError as error:
            why = self._wire.problem if self._wire else ""
            raise SourceError(why or f"It refused: {one_line(error.message, _LONGEST_WORDS)}") from None
        except _NO_ANSWER as error:
            raise SourceError(f"It answers with what is no answer ({type(error).__name__}).") from None


class Wire:
    """One connection to a server, line by line; `problem` says why it was ended, where that was done here."""

    def __init__(self) -> None:
        self.problem = ""
        self._size = self._nonsense = 0

    @asynccontextmanager
    async def opened(self, stream: socket.socket) -> Any:
        """The two streams that a session is made of."""
        reader, writer = await asyncio.open_connection(sock=stream, limit=LONGEST_LINE)
        came, heard = anyio.create_memory_object_stream[Came](0)
        said, goes = anyio.create_memory_object_stream[SessionMessage](0)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._hear, reader, came)
            tasks.start_soon(self._say, writer, goes)
            try:
                yield heard, said
            finally:
                tasks.cancel_scope.cancel()
                writer.close()

    async def _hear(self, reader: asyncio.StreamReader, to: MemoryObjectSendStream[Came]) -> None:
        """Pass on messages until there is a reason to hear no more."""
        async with to:
            while not self.problem:
                message = self._message(await self._line(reader))
                if message is not None:
                    await to.send(SessionMessage(message))

    async def _line(self, reader: asyncio.StreamReader) -> bytes:
        """The next line; an empty one where there is none, and then why."""
        try:
            line = await reader.readline()
        except (ValueError, OSError):
            self.problem = f"It sent a message of over {LONGEST_LINE:,} bytes."
            return b""
        self._size += len(line)
        if not line:
            self.problem = "It ended."
        elif self._size > _MOST_BYTES:
            self.problem = f"It sent over {_MOST_BYTES:,} bytes."
        return b"" if self.problem else line

    def _message(self, line: bytes) -> types.JSONRPCMessage | None:
        """The message that a line is; None where it is none, of which only so many are let pass."""
        try:
            return types.jsonrpc_message_adapter.validate_json(line, by_name=False)
        except ValueError:
            self._nonsense += 1
            if self._nonsense > _MOST_NONSENSE and not self.problem:
                self.problem = "It writes what is no message of MCP."
            return None

    async def _say(self, writer: asyncio.StreamWriter, of: MemoryObjectReceiveStream[SessionMessage]) -> None:
        async with of:
            async for each in of:
                text = each.message.model_dump_json(by_alias=True, exclude_unset=True)
                with suppress(OSError):
                    writer.write(f"{text}\n".encode())
                    await writer.drain()


@contextmanager
def _readable() -> Iterator[None]:
    """Tells what cannot be written down again, such as a number without an end, as the server's fault."""
    try:
        yield
    except _NO_ANSWER as error:
        raise SourceError(f"It answers with what is no answer ({type(error).__name__}).") from None


def _tool(server: str, tool: types.Tool) -> ForeignTool:
    schema = canonical(tool.input_schema)
    description = tool.description or ""
    if len(schema) > LONGEST_SCHEMA or len(description) > LONGEST_DESCRIPTION or len(tool.name) > _LONGEST_WORDS:
        raise SourceError("It tells more of a tool than anybody reads.")
    return ForeignTool(server, visible(tool.name), visible(description), visible(schema))


def _text(done: types.CallToolResult) -> str:
    """What a result says, as far as that is text."""
    parts = [each.text if isinstance(each, types.TextContent) else f"[{each.type} left out]" for each in done.content]
    if not parts and done.structured_content is not None:
        parts = [canonical(done.structured_content)]
    text = visible("\n".join(parts))
    return text if len(text) <= LONGEST_RESULT else text[:LONGEST_RESULT] + "…"
