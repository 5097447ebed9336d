"""The weekly review: what was done, what is open, and what is fixed for next week."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from butler.core.context import Context
    from butler.core.workflow import Graph


@dataclass(frozen=True, slots=True)
class WeeklyWorkflow:
    """The workflow as the runner finds it; its nodes are imported only when it runs."""

    name: str = "weekly"

    def graph(self, context: Context) -> Graph:
        """Wire the nodes for one run."""
        from workflows.pages.chain import chain
        from workflows.pages.nodes import PageNodes
        from workflows.weekly.compose import compose

        return chain(PageNodes(context, compose).order)

    def start(self, context: Context) -> Mapping[str, Any]:
        """Begin with the run and its day; the rest is found on the way."""
        return {"run": context.run, "day": context.day.isoformat()}


WORKFLOW = WeeklyWorkflow()
