"""Questions: an answer whose sentences cite what they rest on, by code where code can tell, else by reading and noting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from butler.core.context import Context
    from butler.core.workflow import Graph


@dataclass(frozen=True, slots=True)
class AskWorkflow:
    """The workflow as the runner finds it; its nodes are imported only when it runs."""

    name: str = "ask"

    def graph(self, context: Context) -> Graph:
        """Wire the nodes for one run."""
        from workflows.ask.graph import build

        return build(context)

    def start(self, context: Context) -> Mapping[str, Any]:
        """Begin with the run and its day; the question stands in the context."""
        return {"run": context.run, "day": context.day.isoformat()}


WORKFLOW = AskWorkflow()
