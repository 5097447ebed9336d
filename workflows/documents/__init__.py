"""Documents: a new file is read, summarised into the inbox note, its deadline found, and a place to file it proposed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from butler.core.context import Context
    from butler.core.workflow import Graph


@dataclass(frozen=True, slots=True)
class DocumentsWorkflow:
    """The workflow as the runner finds it; its nodes are imported only when it runs."""

    name: str = "documents"

    def graph(self, context: Context) -> Graph:
        """Wire the nodes for one run."""
        from workflows.documents.nodes import Nodes
        from workflows.pages.chain import chain

        return chain(Nodes(context).order)

    def start(self, context: Context) -> Mapping[str, Any]:
        """Begin with the run and its day; the rest is found on the way."""
        return {"run": context.run, "day": context.day.isoformat()}


WORKFLOW = DocumentsWorkflow()
