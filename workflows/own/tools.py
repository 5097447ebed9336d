"""Loads reckoners by their entry points, or from a file of the owner's own; it happens in the jail, where they run."""

from __future__ import annotations

import importlib.util
import sys
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import Any, cast

from butler.core.definitions import Reckoning

GROUP = "butler.reckoners"
NAME = "RECKONER"


def find(name: str, place: str) -> Reckoning:
    """Load a reckoner; raises ValueError where there is none, and whatever its code raises."""
    found: Any = getattr(module_at(place), NAME, None) if place else _named(name)
    if not callable(found):
        raise ValueError(f"there is no {NAME} in it that can be called." if place else "there is no such tool any more.")
    return cast("Reckoning", found)


@cache
def module_at(place: str) -> ModuleType:
    """Load a file as a module of its own; what stands beside it can be imported from it, after all else of that name."""
    path = Path(place)
    if str(path.parent) not in sys.path:
        sys.path.append(str(path.parent))
    spec = importlib.util.spec_from_file_location(f"butler_reckoner_{path.stem}", place)
    if spec is None or spec.loader is None:
        raise ValueError("its file is no code.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _named(name: str) -> Any:
    # The later counts, as for tools: one of the owner's own stands in for one that ships.
    points = sorted(entry_points(group=GROUP), key=lambda point: not point.value.startswith("workflows."))
    return {point.name: point for point in points}[name].load() if name in {point.name for point in points} else None
