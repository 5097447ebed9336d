"""Copies of models that nobody can go back to any more: named, or removed where the owner says so."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from butler.cli import output
from butler.cli.modelled import Model, Room
from butler.core.errors import ButlerError
from butler.core.pins import Copy, old_copies
from butler.core.text import one_line


def remove_old(options: argparse.Namespace, room: Room, models: Sequence[Model]) -> list[str]:
    """Remove the copies that are older than the last one to go back to, if the owner says so; returns their names."""
    found = [(model, copy) for model in models for copy in _old(room, model)]
    if not found:
        return []
    names = ", ".join(copy.alias for _, copy in found)
    if not _agreed(options, names):
        output.say(options, f"Older copies stay: {names}. `ollama rm NAME` frees their room.")
        return []
    removed = [copy.alias for model, copy in found if _removed(room, model, copy)]
    if removed:
        output.say(options, f"Removed from the server: {', '.join(removed)}.")
    return removed


def _old(room: Room, model: Model) -> list[Copy]:
    url, name = model.look.url, model.look.name
    return old_copies(room.pins.get(url, name), room.pins.copies(url, name))


def _agreed(options: argparse.Namespace, names: str) -> bool:
    """Whether they may go: said with an option, or asked for at a terminal; no other yes counts for that."""
    if options.remove_copies:
        return True
    if options.yes or not sys.stdin.isatty():
        return False
    output.ask(f"Remove older copies from the server ({names})? [y/N] ")
    return sys.stdin.readline().strip().casefold() in {"y", "yes"}


def _removed(room: Room, model: Model, copy: Copy) -> bool:
    try:
        room.pinned.remove(room.host_of(model), copy)
    except ButlerError as error:
        output.fail(f"{copy.alias} could not be removed: {one_line(str(error), 300)}")
        return False
    return True
