"""Finds the tools by their entry points, which bear the name of the kind of source that they read."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import cast

from butler.core.sources import SourceKind, Tool

TOOL = "TOOL"
"""What a file of the owner's own names."""


def targets(own: Mapping[str, str] | None = None) -> dict[SourceKind, str]:
    """Where each tool is, as `module:attribute`; `own` are files of the owner's by the kind that they read, which go first."""
    # Imported here: whoever is told where the tools are need not look through all that is installed.
    from importlib.metadata import entry_points

    # The later of a kind counts: a tool of an owner's own stands in for the one that ships, wherever it is installed.
    found = sorted(entry_points(group="butler.tools"), key=lambda point: not point.value.startswith("tools."))
    places = {point.name: point.value for point in found} | {kind: f"{place}:{TOOL}" for kind, place in (own or {}).items()}
    return {cast("SourceKind", kind): place for kind, place in places.items()}


def tool_at(target: str) -> Tool:
    """Import the tool at such a place, or from a file of the owner's own."""
    module, _, attribute = target.rpartition(":")
    found: Tool = getattr(module_at(module) if is_file(module) else import_module(module), attribute)
    return found


def is_file(module: str) -> bool:
    """Whether a place is a file of the owner's own, which only a worker loads, once it is confined."""
    return Path(module).is_absolute()


@cache
def module_at(place: str) -> ModuleType:
    """Load a file as a module; what stands beside it can be imported from it, and comes after all else of that name."""
    if (beside := str(Path(place).parent)) not in sys.path:
        sys.path.append(beside)
    spec = spec_from_file_location(f"butler_own_{hashlib.sha256(place.encode()).hexdigest()[:12]}", place)
    if spec is None or spec.loader is None:
        raise ImportError(f"{place} is no code")
    module = module_from_spec(spec)
    sys.modules[module.__name__] = module
    spec.loader.exec_module(module)
    return module


def tools(kinds: Iterable[SourceKind], known: Mapping[SourceKind, str] | None = None) -> dict[SourceKind, Tool]:
    """Import the tools of some kinds; `known` says where they are, where that was told."""
    places = known or targets()
    return {kind: tool_at(places[kind]) for kind in dict.fromkeys(kinds)}
