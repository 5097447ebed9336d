"""A program that uses the butler over MCP: the SDK's own client, with the real `butler mcp serve` as a process."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import anyio
from butler_process import PROGRAM, environment
from mcp import ClientSession, StdioServerParameters, stdio_client
from mcp_types import Implementation, TextContent

T = TypeVar("T")


class Program:
    """A session that was initialised."""

    def __init__(self, session: ClientSession) -> None:
        self.session = session

    async def tell(self, tool: str, **arguments: Any) -> tuple[bool, str]:
        """Call a tool; whether it failed, and its text."""
        done = await self.session.call_tool(tool, arguments)
        (content,) = done.content
        assert isinstance(content, TextContent)
        return bool(done.is_error), content.text

    async def ask(self, tool: str, **arguments: Any) -> Any:
        """Call a tool that answers with JSON."""
        failed, text = await self.tell(tool, **arguments)
        assert not failed, text
        return json.loads(text)


def visit(home: Path, do: Callable[[Program], Awaitable[T]], *arguments: str, name: str = "notebook") -> T:
    """Have a program visit the butler of a household once, and do something."""
    config = str(home / "butler.toml")
    given = StdioServerParameters(
        command=str(PROGRAM), args=["--config", config, "mcp", "serve", *arguments], env=environment(home), cwd=home
    )

    async def run() -> T:
        known = Implementation(name=name, version="1.2")
        with anyio.fail_after(60):
            async with stdio_client(given) as (heard, said), ClientSession(heard, said, client_info=known) as session:
                await session.initialize()
                return await do(Program(session))

    return anyio.run(run)
