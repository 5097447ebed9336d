"""`butler sync`: the mirror brought up to date."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from butler.cli import beyond, opening, output
from butler.core.errors import EXIT_UNAVAILABLE
from butler.core.sources import SourceState
from butler.core.text import LONGEST_TROUBLE, one_line
from butler.house import House

_SHOWN = 5


def run(options: argparse.Namespace) -> int:
    """Sync all sources; exit code 69 unless all of them are fresh."""
    with opening.forks(options):
        return _run(options)


def _run(options: argparse.Namespace) -> int:
    deeds = opening.deeds_to_sync(options)
    if (code := beyond.run(options, deeds.state, "sync", allow_empty=options.allow_empty)) is not None:
        return code
    with House(deeds, warn=output.fail, unasked=options.unasked) as house, output.progress(options) as progress:
        states = house.sync(allow_empty=options.allow_empty, progress=progress)
    if options.json:
        output.show_json({"sources": [{**as_json(state), "set_aside": list(state.aside)} for state in states]})
    else:
        output.show("\n".join(_lines(states)))
    return 0 if all(state.state == "fresh" for state in states) else EXIT_UNAVAILABLE


def as_json(state: SourceState) -> dict[str, Any]:
    """A source as in the JSON of a briefing."""
    return {
        "name": state.setting,
        "kind": state.kind,
        "state": state.state,
        "as_of": state.as_of.isoformat() if state.as_of else None,
        "error": state.error,
    }


def _lines(states: Sequence[SourceState]) -> list[str]:
    names = [state.setting for state in states]
    longest = max(map(len, names), default=0)
    lines = [
        f"{name:<{longest}}  {state.state}" + (f"  {one_line(state.error, LONGEST_TROUBLE)}" if state.error else "")
        for name, state in zip(names, states, strict=True)
    ]
    aside = [f"{name}/{each}" for name, state in zip(names, states, strict=True) for each in state.aside]
    lines += [f"{one_line(each)} was too much for the parser and is set aside." for each in aside[:_SHOWN]]
    return lines + ([f"{len(aside) - _SHOWN} more were too much for it."] if aside[_SHOWN:] else [])
