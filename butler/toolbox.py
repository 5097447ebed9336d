"""Finds the tools by their entry points, which bear the name of the kind of source that they read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import cast

from butler.core.sources import SourceKind, Tool


def targets() -> dict[SourceKind, str]:
    """Where each tool is, as `module:attribute`."""
    # Imported here: whoever is told where the tools are need not look through all that is installed.
    from importlib.metadata import entry_points

    # The later of a kind counts: a tool of an owner's own stands in for the one that ships, wherever it is installed.
    found = sorted(entry_points(group="butler.tools"), key=lambda point: not point.value.startswith("tools."))
    return {cast("SourceKind", point.name): point.value for point in found}


def tool_at(target: str) -> Tool:
    """Import the tool at such a place."""
    module, _, attribute = target.partition(":")
    found: Tool = getattr(import_module(module), attribute)
    return found


def tools(kinds: Iterable[SourceKind], known: Mapping[SourceKind, str] | None = None) -> dict[SourceKind, Tool]:
    """Import the tools of some kinds; `known` says where they are, where that was told."""
    places = known or targets()
    return {kind: tool_at(places[kind]) for kind in dict.fromkeys(kinds)}
