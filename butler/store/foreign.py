"""What servers of the owner's choice told of their tools when they were first seen, and what they tell now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from butler.core.foreign import ForeignTool, changed
from butler.store.database import Database
from butler.store.journal import Journal, when_text
from butler.store.sql import statements


class Foreign:
    """Pins tools at first sight; each change is one transaction with its line of the journal."""

    def __init__(self, database: Database, journal: Journal) -> None:
        self._database = database
        self._journal = journal
        self._sql = statements("foreign")

    def meet(self, server: str, tools: Sequence[ForeignTool], now: datetime) -> frozenset[str]:
        """Pin the tools that are new, note those that have changed, and name these."""
        with self._database.joined():
            known = self.pinned(server)
            for tool in tools:
                if tool.name not in known:
                    self._database.run(self._sql["pin"], (server, tool.name, tool.digest, when_text(now)))
                    self._journal.append(now, "mcp tool seen", tool.ref, hash=tool.digest)
            others = changed(tools, known)
            back = {tool.name for tool in tools} - {tool.name for tool in others}
            for tool in others:
                if self._database.run(self._sql["offer"], (server, tool.name, tool.digest)):
                    self._journal.append(now, "mcp tool changed", tool.ref, hash=tool.digest, before=known[tool.name])
            for name in back:
                self._database.run(self._sql["offer"], (server, name, ""))
        return frozenset(tool.name for tool in others)

    def pinned(self, server: str) -> Mapping[str, str]:
        """The SHA-256 (hex) of what a server first told of each of its tools, by name."""
        return {tool: digest for tool, digest, _ in self._database.rows(self._sql["tools"], (server,))}

    def take(self, server: str, by: str, now: datetime) -> int:
        """Take the changed tools of a server as they are now; returns how many there were."""
        with self._database.joined():
            count = self._database.run(self._sql["take"], (server, when_text(now)))
            if count:
                self._journal.append(now, "mcp tools taken", f"mcp:{server}", by=by, tools=count)
            return count

    def read(self, ref: str, asked: int, got: int, now: datetime) -> None:
        """Write down that a tool which only reads was called: how many characters it was told, and how many it gave."""
        with self._database.joined():
            self._journal.append(now, "mcp tool read", ref, asked=asked, got=got)

    def changed(self) -> Sequence[tuple[str, str]]:
        """The tools of all servers that are told of differently and wait for their owner: server and tool."""
        return [(server, tool) for server, tool in self._database.rows(self._sql["all_offered"])]
