"""What a run printed for the daemon, read as far as that goes by it: how each source fared. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from butler.core.text import one_line

_LONGEST_NAME, _LONGEST = 80, 300


def document_of(printed: bytes) -> dict[str, Any]:
    """The document that a run printed; empty where it printed something else."""
    if not printed.startswith(b"{"):
        return {}
    try:
        found = json.loads(printed)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def sources_of(printed: bytes) -> Sequence[Mapping[str, Any]]:
    """How sources fared as a sync or a briefing printed it: each with `name`, `state` and `error`."""
    found = document_of(printed).get("sources")
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []


def notice_of(printed: bytes) -> str:
    """The sentence that a workflow of the owner's own wants told; empty where it wants none."""
    found = document_of(printed).get("notice")
    return one_line(found, _LONGEST) if isinstance(found, str) else ""


def not_reached(states: Iterable[Mapping[str, object]]) -> str:
    """Say in one line which sources were not reached, each with its own sentence; empty where all of them were."""
    return " ".join(_not_reached(each) for each in states if each.get("name") and each.get("state") != "fresh")


def _not_reached(state: Mapping[str, object]) -> str:
    name, why = one_line(str(state["name"]), _LONGEST_NAME), one_line(str(state.get("error") or ""), _LONGEST)
    return f"{name} is not reached: {why}" if why else f"{name} is not reached."
