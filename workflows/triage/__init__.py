"""Triage: what came by mail is brought in, answers to it are drafted, and invitations get answers to choose from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from butler.core.context import Context
    from butler.core.workflow import Graph


@dataclass(frozen=True, slots=True)
class TriageWorkflow:
    """The workflow as the runner finds it; its nodes are imported only when it runs."""

    name: str = "triage"

    def graph(self, context: Context) -> Graph:
        """Wire the nodes for one run."""
        from workflows.pages.chain import chain
        from workflows.triage.nodes import Nodes

        return chain(Nodes(context).order)

    def start(self, context: Context) -> Mapping[str, Any]:
        """Begin with the run and its day; the rest is found on the way."""
        return {"run": context.run, "day": context.day.isoformat()}


WORKFLOW = TriageWorkflow()
