"""What an entry point in `butler.workflows` names: a graph to be run, and where it starts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from butler.core.context import Context


class Graph(Protocol):
    """A LangGraph graph that is not compiled yet; the runner gives it a checkpointer."""

    def compile(self, *, checkpointer: Any) -> Any:
        """Make it runnable."""
        ...


class Workflow(Protocol):
    """One workflow: nodes over a small JSON-like state, wired into a graph when it runs."""

    @property
    def name(self) -> str:
        """Its name, as in the entry point and in each run's row."""
        ...

    def graph(self, context: Context) -> Graph:
        """Wire its nodes to what one run may touch; the first use imports LangGraph."""
        ...

    def start(self, context: Context) -> Mapping[str, Any]:
        """The state before the first node: ids and texts that JSON knows, never bodies."""
        ...
