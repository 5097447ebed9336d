"""`butler mcp list`, `tools` and `call`: the servers of the owner's choice, what they tell of their tools, and calls."""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from butler.cli import deciding, opening, output
from butler.cli.beside import card_of, show_card
from butler.core.actions import Action, Taint
from butler.core.errors import SourceError, UsageError
from butler.core.foreign import fitted
from butler.core.payloads import McpCall
from butler.core.text import one_line
from butler.house import wall_clock
from butler.staff import Staff

if TYPE_CHECKING:
    from butler.core.foreign import ForeignServer, ForeignTool
    from butler.guests.guests import Guests, Listed
    from butler.house import House
    from butler.settings import Settings

_LONGEST = 300


def run(options: argparse.Namespace) -> int:
    """List the servers, or what one tells; or call a tool, at once where it only reads."""
    settings = opening.settings(options)
    if options.what == "list":
        return _list(options, settings)
    if not options.server:
        raise UsageError(f"Name a server, such as `butler mcp {options.what} recipes`.", advice="`butler mcp list` has them.")
    deeds = opening.deeds(settings, output.fail)
    staff = Staff(deeds.state, deeds.found, wall_clock, deeds.sandbox, deeds.forkserver, deeds.servers)
    with opening.house(settings) as house, closing(staff):
        if options.what == "tools":
            return _tools(options, house, staff.guests)
        if not options.tool:
            raise UsageError("Name a tool.", advice=f"`butler mcp tools {options.server}` lists them.")
        return _call(options, settings, house, staff.guests)


def _list(options: argparse.Namespace, settings: Settings) -> int:
    servers = settings.servers()
    if options.json:
        output.show_json({"servers": [_server_json(server) for server in servers]})
        return 0
    for server in servers:
        hosts = ", ".join(f"{host}:{port}" for host, port in server.hosts) or "no hosts"
        reads = ", ".join(sorted(server.reads)) or "nothing"
        output.show(f"{server.name}: {one_line(' '.join(server.command), 200)}\n  {hosts}; only reads: {reads}")
    if not servers:
        output.say(options, "There is no server in the settings. docs/mcp.md shows how to set one.")
    return 0


def _server_json(server: ForeignServer) -> dict[str, Any]:
    return {
        "name": server.name,
        "command": list(server.command),
        "folders": [str(folder) for folder in server.folders],
        "writable": [str(folder) for folder in server.writable],
        "hosts": [f"{host}:{port}" for host, port in server.hosts],
        "reads": sorted(server.reads),
    }


def _tools(options: argparse.Namespace, house: House, guests: Guests) -> int:
    listed = guests.listed(options.server)
    if options.accept:
        count = house.truth.foreign.take(options.server, deciding.owner(), wall_clock())
        output.say(options, f"{count} tools are used as they are now." if count else "No tool has changed.")
        listed = guests.listed(options.server)
    reads = guests.server(options.server).reads
    if options.json:
        output.show_json(_listed_json(listed, reads))
        return 0
    output.show(f"{options.server} calls itself {listed.title or 'nothing'}.")
    for tool in listed.tools:
        output.show("\n".join(_tool_lines(tool, listed, reads)))
    for problem in listed.problems:
        output.say(options, problem)
    return 0


def _tool_lines(tool: ForeignTool, listed: Listed, reads: frozenset[str]) -> Iterator[str]:
    kind = "only reads" if tool.name in reads else "an action, held"
    mark = " It has changed: not used before you take it with --accept." if tool.name in listed.changed else ""
    yield f"{tool.name} ({kind}).{mark}"
    yield f"    it says: {one_line(tool.description, _LONGEST) or 'nothing'}"
    yield f"    it takes: {one_line(tool.schema, _LONGEST)}"


def _listed_json(listed: Listed, reads: frozenset[str]) -> dict[str, Any]:
    tools = [
        {
            "name": tool.name,
            "reads": tool.name in reads,
            "changed": tool.name in listed.changed,
            "hash": tool.digest,
            "description": tool.description,
            "schema": tool.schema,
        }
        for tool in listed.tools
    ]
    return {"title": listed.title, "tools": tools, "problems": list(listed.problems)}


def _call(options: argparse.Namespace, settings: Settings, house: House, guests: Guests) -> int:
    from butler.guests.guests import check_arguments

    words = dict(map(_argument, options.arg))
    tool = guests.listed(options.server).tool(options.tool)
    arguments = fitted(tool.schema if tool else "{}", words)
    if tool:
        check_arguments(tool, arguments)
    if options.tool in guests.server(options.server).reads:
        text = guests.read(f"{options.server}.{options.tool}", arguments)
        if options.json:
            output.show_json({"ref": f"mcp:{options.server}/{options.tool}", "text": text})
        else:
            output.show(text)
        return 0
    card = card_of(house, settings, house.gate.propose(_action(options, settings, guests, arguments)))
    if options.json:
        from butler.cards import document

        output.show_json(document.as_json(card))
    else:
        output.show(show_card(card, settings))
    return 0


def _action(options: argparse.Namespace, settings: Settings, guests: Guests, arguments: dict[str, Any]) -> Action:
    """The action that calls a tool, with all that its server tells of it now."""
    from butler.guests.guests import arguments_text, changed_since

    listed = guests.listed(options.server)
    tool = listed.tool(options.tool)
    if tool is None:
        known = ", ".join(each.name for each in listed.tools) or "none"
        sentence = f"mcp.{options.server} has no tool {one_line(options.tool, 60)}."
        raise SourceError(sentence, advice=f"It has: {one_line(known, 500)}.")
    if tool.name in listed.changed:
        raise changed_since(tool)
    text, now = arguments_text(arguments), wall_clock()
    cause = f"person:{deciding.owner()}:{hashlib.sha256(f'{tool.ref} {text}'.encode()).hexdigest()[:16]}"
    return Action(
        _payload(tool, text),
        one_line(options.because, 500) or "You proposed it.",
        f"{cause}|{now.isoformat()}",
        (cause,),
        taint=(Taint(tool.ref, f"the server mcp.{tool.server}"),),
        expires=now + timedelta(days=settings.drafting.hold_days),
    )


def _payload(tool: ForeignTool, arguments: str) -> McpCall:
    told, takes = tool.description, tool.schema
    return McpCall(server=tool.server, tool=tool.name, arguments=arguments, digest=tool.digest, told=told, takes=takes)


def _argument(word: str) -> tuple[str, str]:
    name, sign, value = word.partition("=")
    if not sign or not name:
        raise UsageError(f"{one_line(word, 60)!r} is no argument.", advice="Write it like word=soup, or count=3.")
    return name, value
