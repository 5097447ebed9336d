"""Servers of the owner's choice that speak MCP: what is set of one, and what it says of its tools. Pure."""

from __future__ import annotations

import hashlib
import json
import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from butler.core.plain import canonical
from butler.core.text import one_line

if TYPE_CHECKING:
    from butler.core.accounts import Secret

MOST_TOOLS = 200
LONGEST_DESCRIPTION = 8_000
LONGEST_SCHEMA = 60_000
LONGEST_ARGUMENTS = 60_000
_WRITTEN = "A tool is called like recipes.find word=soup: server and tool, and its arguments as name=value."
_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_ALIKE = str.maketrans("0oO1lI", "000111", "_-.")


@dataclass(frozen=True, slots=True)
class ForeignServer:
    """A server as it is set: its program with arguments, the folders that it reads and writes, hosts that it may reach.

    `reads` are the tools that only read; every other one is an action. `variables` are those of its environment, of which
    `secrets` are fetched when it starts. `memory` (bytes) is the most that one of its processes may have, `seconds` what a
    call may take. `without` is a folder with settings, of which it gets nothing; `rules` are further places with what its owner
    decides (workflows, code, rules), `beside` the folders of other servers by their names: it writes to none of these.
    """

    name: str
    command: tuple[str, ...]
    folders: tuple[Path, ...] = ()
    writable: tuple[Path, ...] = ()
    hosts: tuple[tuple[str, int], ...] = ()
    reads: frozenset[str] = frozenset()
    variables: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, Secret] = field(default_factory=dict)
    memory: int = 2 << 30
    seconds: float = 60.0
    without: Path | None = None
    rules: tuple[Path, ...] = ()
    beside: Mapping[str, tuple[Path, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ForeignTool:
    """A tool of a server as it tells of it: `schema` is canonical JSON. None of it is to be believed."""

    server: str
    name: str
    description: str
    schema: str

    @property
    def digest(self) -> str:
        """The SHA-256 (hex) of all that the server tells of it: where that changes, it may be another tool."""
        return hashlib.sha256(canonical([self.name, self.description, self.schema]).encode()).hexdigest()

    @property
    def ref(self) -> str:
        """What a result of it is cited as."""
        return f"mcp:{self.server}/{self.name}"


def read_call(text: str) -> tuple[str, dict[str, str]]:
    """Read a call as a person writes it, `SERVER.TOOL name=value name="more words"`: what is called, and with what.

    Raises ValueError with a sentence.
    """
    try:
        what, *words = shlex.split(text)
    except ValueError:
        raise ValueError(_WRITTEN) from None
    server, dot, tool = what.partition(".")
    pairs = [word.partition("=") for word in words]
    if not (server and dot and tool) or not all(name and sign for name, sign, _ in pairs):
        raise ValueError(_WRITTEN)
    return what, {name: value for name, _, value in pairs}


def usable(tools: Sequence[ForeignTool]) -> tuple[list[ForeignTool], list[str]]:
    """The tools that can be told apart by their names, and a sentence on each that is left out."""
    problems: list[str] = []
    named = [tool for tool in tools if _NAME.fullmatch(tool.name)]
    if len(named) < len(tools):
        problems.append(f"{len(tools) - len(named)} of its tools have names that are none, and are left out.")
    looks = [_look(tool.name) for tool in named]
    twins = sorted({tool.name for tool, look in zip(named, looks, strict=True) if looks.count(look) > 1})
    if twins:
        problems.append(f"Its tools {', '.join(twins[:10])} look like one another, and are left out.")
    return [tool for tool in named if tool.name not in twins], problems


def _look(name: str) -> str:
    """What of a name tells it apart from others, to the eye."""
    return name.translate(_ALIKE).casefold()


def misfit(schema: str, arguments: Mapping[str, Any]) -> str:
    """Say what of some arguments a tool's schema does not take; empty where nothing is known against them.

    Only names and simple types of the first level are looked at: the schema is somebody else's, and is not carried out.
    """
    found = json.loads(schema)
    known = found.get("properties")
    known = known if isinstance(known, dict) else {}
    required = found.get("required")
    for name in required if isinstance(required, list) else ():
        if isinstance(name, str) and name not in arguments:
            return f"{one_line(name, 60)} is missing."
    for name, value in arguments.items():
        if name not in known and found.get("additionalProperties") is False:
            return f"it has no {one_line(name, 60)}; it has {one_line(', '.join(known), 300) or 'nothing'}."
        wanted = known[name].get("type") if isinstance(known.get(name), dict) else None
        if isinstance(wanted, str) and wanted in _TYPES and not _is(wanted, value):
            return f"{one_line(name, 60)} is to be of the type {wanted}."
    return ""


def fitted(schema: str, words: Mapping[str, str]) -> dict[str, Any]:
    """Arguments of what a person wrote: JSON where it is such, but for a text, which is taken as it stands."""
    known = json.loads(schema).get("properties")
    known = known if isinstance(known, dict) else {}
    return {name: _fitted(known.get(name), word) for name, word in words.items()}


def _fitted(told: object, word: str) -> object:
    try:
        value = json.loads(word)
    except (ValueError, RecursionError):
        return word
    is_text = isinstance(told, dict) and told.get("type") == "string"
    return value if isinstance(value, str) or not is_text else word


def _is(wanted: str, value: object) -> bool:
    if isinstance(value, bool):
        return wanted == "boolean"
    if isinstance(value, float) and wanted == "integer":
        return value.is_integer()
    return isinstance(value, _TYPES[wanted])


def changed(tools: Iterable[ForeignTool], pinned: Mapping[str, str]) -> list[ForeignTool]:
    """The tools of which a server tells something else than when they were pinned."""
    return [tool for tool in tools if pinned.get(tool.name, tool.digest) != tool.digest]
