"""Workflows of one's own: what a Markdown file describes, gathered, reckoned, asked about and written, always in that order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from butler.core.context import Context
    from butler.core.workflow import Graph


@dataclass(frozen=True, slots=True)
class OwnWorkflow:
    """The one graph that runs every definition; its nodes are imported only when it runs."""

    name: str = "own"

    def graph(self, context: Context) -> Graph:
        """Wire the nodes for one run."""
        from workflows.own.nodes import Nodes
        from workflows.pages.chain import chain

        return chain(Nodes(context).order)

    def start(self, context: Context) -> Mapping[str, Any]:
        """Begin with the run and its day; the rest is found on the way."""
        return {"run": context.run, "day": context.day.isoformat()}


WORKFLOW = OwnWorkflow()
