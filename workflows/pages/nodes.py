"""The nodes of a workflow that ends in a page: each takes the small state, and is safe to be run again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from butler.core.context import Context
from butler.core.text import LONGEST_TROUBLE, one_line
from workflows.pages.chain import State
from workflows.pages.page import Page, render

RESULT = "result"
UNREAD = "unread"


@dataclass(frozen=True, slots=True)
class Made:
    """A page, None where there is none to be made, and what else the run has to say (JSON values by name)."""

    page: Page | None
    result: Mapping[str, Any] = field(default_factory=dict)


def sync(context: Context) -> None:
    """Bring the mirror up to date, once a run, and keep sentences on the sources that are not fresh."""
    if context.memory.kept(UNREAD) is None:
        states = context.sync()
        stale = [state for state in states if state.state != "fresh"]
        told = [f"{state.setting}: {one_line(state.error or state.state, LONGEST_TROUBLE)}" for state in stale]
        context.memory.keep(UNREAD, told)


def unread(context: Context) -> tuple[str, ...]:
    """The sentences that `sync` kept."""
    return tuple(context.memory.kept(UNREAD) or ())


class PageNodes:
    """Sync, compose, save: `make` composes the page from what the mirror has."""

    def __init__(self, context: Context, make: Callable[[Context], Made]) -> None:
        self._context = context
        self._make = make

    @property
    def order(self) -> Mapping[str, Callable[[State], State]]:
        """The nodes by name, in their order."""
        return {"sync": self.sync, "compose": self.compose, "save": self.save}

    def sync(self, _state: State) -> State:
        """Bring the mirror up to date."""
        sync(self._context)
        return {"stage": "sync"}

    def compose(self, _state: State) -> State:
        """Make the page, and keep it."""
        memory = self._context.memory
        if memory.kept("page") is None:
            made = self._make(self._context)
            page = made.page
            refs = list(dict.fromkeys(evidence.ref for line in page.lines for evidence in line.evidence)) if page else []
            result = {"lines": len(page.lines) if page else 0, **made.result}
            kept = {"name": page.name if page else "", "text": render(page) if page else "", "refs": refs, "result": result}
            memory.keep("page", kept)
        return {"found": (memory.kept("page") or {})["refs"], "stage": "compose"}

    def save(self, _state: State) -> State:
        """Save the page as a note of the butler's own, and say what came of it."""
        kept = self._context.memory.kept("page") or {}
        path = self._context.save(kept["name"], kept["text"]) if kept["name"] else ""
        self._context.memory.keep(RESULT, {"page": kept["name"], "path": path, **kept["result"]})
        return {"stage": "save"}
