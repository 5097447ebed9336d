"""All servers of the owner's choice: started when they are first needed, held to what they told at first, ended together."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from butler.core.arguments import converted
from butler.core.connections import Ledger
from butler.core.errors import SourceError, UsageError
from butler.core.foreign import LONGEST_ARGUMENTS, ForeignServer, ForeignTool, misfit, usable
from butler.core.plain import canonical
from butler.core.text import one_line
from butler.guests.guest import Guest
from butler.sandbox.worker import Forkserver

if TYPE_CHECKING:
    from butler.store.foreign import Foreign

_PATIENCE = 15.0
"""Seconds that a question waits for a server to start and to tell of its tools."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Listed:
    """What a server tells: what it calls itself, its tools that can be used, the names of those that have changed, problems."""

    title: str
    tools: Sequence[ForeignTool]
    changed: frozenset[str]
    problems: Sequence[str]

    def tool(self, name: str) -> ForeignTool | None:
        """The tool of a name."""
        return next((tool for tool in self.tools if tool.name == name), None)


class Guests:
    """The servers of one owner; `pins` knows what they told at first. To be closed.

    `state` is the butler's own folder, of which no server gets anything; `ledger` is told of connections.
    """

    def __init__(
        self,
        servers: Sequence[ForeignServer],
        forkserver: Callable[[], Forkserver],
        ledger: Ledger,
        pins: Callable[[], Foreign],
        clock: Callable[[], datetime],
        state: Path,
    ) -> None:
        self._servers = {server.name: server for server in servers}
        self._forkserver = forkserver
        self._ledger = ledger
        self._pins = pins
        self._clock = clock
        self._state = state
        self._running: dict[str, Guest] = {}

    @property
    def reads(self) -> tuple[str, ...]:
        """What only reads, as `SERVER.TOOL`."""
        return tuple(f"{name}.{tool}" for name, server in self._servers.items() for tool in sorted(server.reads))

    def server(self, name: str) -> ForeignServer:
        """The server of a name; raises UsageError."""
        found = self._servers.get(name)
        if found is None:
            known = ", ".join(self._servers) or "none"
            raise UsageError(f"There is no server mcp.{one_line(name, 60)} in the settings.", advice=f"There are: {known}.")
        return found

    def listed(self, name: str) -> Listed:
        """What a server tells of its tools now, held against what it told at first; raises SourceError."""
        guest = self._guest(name)
        try:
            tools, problems = usable(guest.tools())
        except SourceError:
            self._end(name)
            raise
        return Listed(guest.title, tools, self._pins().meet(name, tools, self._clock()), problems)

    def readers(self) -> Sequence[ForeignTool]:
        """The tools that only read and are told of as they were at first; a server that does not answer soon has none."""
        found: list[ForeignTool] = []
        for name in [name for name, server in self._servers.items() if server.reads]:
            try:
                if name not in self._running:
                    self._running[name] = self._started(name, _PATIENCE)
                listed = self.listed(name)
            except SourceError as error:
                _log.warning("%s", error)
                continue
            reads = self._servers[name].reads - listed.changed
            found += [tool for tool in listed.tools if tool.name in reads]
        return found

    def read(self, what: str, arguments: Mapping[str, Any]) -> str:
        """Call a tool that only reads, named `SERVER.TOOL`; what it gives was written by others.

        Raises UsageError where it is no such tool, and SourceError.
        """
        name, _, tool = what.partition(".")
        if tool not in self.server(name).reads:
            sentence = f"{one_line(tool, 60)!r} is no tool of mcp.{name} that only reads."
            raise UsageError(sentence, advice=f"mcp.{name}.reads names those that are.")
        asked, digest = self._fitting(name, tool, arguments)
        failed, text = self.call(name, tool, asked, digest)
        self._pins().read(f"mcp:{name}/{tool}", len(asked), len(text), self._clock())
        if failed:
            raise SourceError(f"The server mcp.{name}: {tool} failed: {one_line(text, 300)}")
        return text

    def _fitting(self, name: str, tool: str, arguments: Mapping[str, Any]) -> tuple[str, str]:
        """Arguments as the tool's schema wants them, and its digest: what a person wrote as a text may be a number there."""
        found = self.listed(name).tool(tool)
        if found is None:
            return arguments_text(arguments), ""
        try:
            made = converted(found.schema, arguments)
        except ValueError as error:
            raise unfit(found, str(error)) from None
        return arguments_text(made), found.digest

    def call(self, name: str, tool: str, arguments: str, digest: str = "") -> tuple[bool, str]:
        """Call a tool once, where it is told of as it was (`digest`: as it was then); raises SourceError."""
        listed = self.listed(name)
        found = listed.tool(tool)
        if found is None:
            raise SourceError(f"The server mcp.{name} has no tool {one_line(tool, 60)}.", permanent=True)
        if tool in listed.changed or (digest and found.digest != digest):
            raise changed_since(found)
        try:
            return self._guest(name).call(tool, arguments)
        except SourceError:
            self._end(name)
            raise

    def close(self) -> None:
        """End all of them."""
        for name in list(self._running):
            self._end(name)

    def _guest(self, name: str) -> Guest:
        if name not in self._running:
            self._running[name] = self._started(name)
        return self._running[name]

    def _started(self, name: str, patience: float = float("inf")) -> Guest:
        return Guest(self.server(name), self._forkserver(), self._ledger, self._state, patience)

    def _end(self, name: str) -> None:
        guest = self._running.pop(name, None)
        if guest is not None:
            guest.close()


def changed_since(tool: ForeignTool) -> SourceError:
    """Say that a tool is not what it was when it was first seen."""
    return SourceError(
        f"The server mcp.{tool.server} tells something else of its tool {tool.name} than at first, so it is not used.",
        permanent=True,
        advice=f"`butler mcp tools {tool.server}` shows it; with --accept it is used as it is now.",
    )


def check_arguments(tool: ForeignTool, arguments: Mapping[str, Any]) -> None:
    """Raise UsageError where a tool does not take such arguments, as far as its first level says."""
    if fault := misfit(tool.schema, arguments):
        raise unfit(tool, fault)


def unfit(tool: ForeignTool, fault: str) -> UsageError:
    """Say that a tool does not take some arguments, and why."""
    sentence = f"{tool.name} of mcp.{tool.server} does not take that: {fault}"
    return UsageError(sentence, advice=f"`butler mcp tools {tool.server}` shows what it takes.")


def arguments_text(arguments: Mapping[str, Any]) -> str:
    """Arguments as canonical JSON; raises UsageError where that is none, or too long."""
    try:
        text = canonical(json.loads(json.dumps(dict(arguments), allow_nan=False)))
        text.encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise UsageError("The arguments of a tool are a JSON object.") from error
    if len(text) > LONGEST_ARGUMENTS:
        raise UsageError(f"The arguments of a tool have at most {LONGEST_ARGUMENTS:,} characters.")
    return text
