"""`butler mcp`: the butler's reads for other programs on this machine, over the Model Context Protocol."""

from __future__ import annotations

import argparse
import sys
from importlib.util import find_spec

from butler.cli import opening, output
from butler.core.errors import UsageError, extra

_NEEDED = "mcp"


def run(options: argparse.Namespace) -> int:
    """Serve the program at the other end of standard input and output, or see to the servers of the settings."""
    if find_spec(_NEEDED) is None:
        raise UsageError("`butler mcp` needs the package mcp.", advice=extra("mcp"))
    if options.what != "serve":
        from butler.cli.foreign import run as use

        return use(options)
    return _serve(options)


def _serve(options: argparse.Namespace) -> int:
    from butler.cli.meant import seeking
    from butler.core.accounts import NotesFolder
    from butler.desk import Drafting
    from butler.house import House, wall_clock
    from butler.mcp.hatch import Hatch
    from butler.mcp.proposing import Proposing
    from butler.mcp.serving import serve
    from butler.mcp.sessions import Session
    from butler.papers import Papers
    from butler.sandbox.worker import Forkserver

    if sys.stdin.isatty():
        output.say(options, "This is for programs: it speaks MCP over standard input and output. docs/mcp.md shows how.")
    settings = opening.settings(options)
    deeds = opening.deeds(settings, output.fail)
    notes = [each for each in deeds.accounts if isinstance(each, NotesFolder)]
    session, degraded = Session(wall_clock), deeds.sandbox == "degraded"
    with seeking(settings) as seeker, Forkserver(deeds.forkserver) as forkserver:
        papers = Papers({}, notes, forkserver, degraded=degraded)
        proposing = Proposing(deeds.owner, tuple(deeds.accounts), deeds.drafting or Drafting(), papers, wall_clock)
        hatch = Hatch(lambda: House(deeds), session, proposing, seeker.near if seeker else None)
        try:
            serve(forkserver, hatch.tool, sys.stdin.fileno(), sys.stdout.fileno(), degraded=degraded)
        finally:
            hatch.close()
    return 0
