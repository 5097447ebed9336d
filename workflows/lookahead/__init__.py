"""The evening look-ahead: what tomorrow holds, what is due soon, and what still waits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from butler.core.context import Context
    from butler.core.workflow import Graph


@dataclass(frozen=True, slots=True)
class LookaheadWorkflow:
    """The workflow as the runner finds it; its nodes are imported only when it runs."""

    name: str = "lookahead"

    def graph(self, context: Context) -> Graph:
        """Wire the nodes for one run."""
        from workflows.lookahead.compose import compose
        from workflows.pages.chain import chain
        from workflows.pages.nodes import PageNodes

        return chain(PageNodes(context, compose).order)

    def start(self, context: Context) -> Mapping[str, Any]:
        """Begin with the run and its day; the rest is found on the way."""
        return {"run": context.run, "day": context.day.isoformat()}


WORKFLOW = LookaheadWorkflow()
