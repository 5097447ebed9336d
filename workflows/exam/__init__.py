"""The exam: mails whose right judgements are known, judged and answered as the product does it, and nothing is proposed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from butler.core.context import Context
    from butler.core.workflow import Graph


@dataclass(frozen=True, slots=True)
class ExamWorkflow:
    """The workflow as the runner finds it; its nodes are imported only when it runs."""

    name: str = "exam"

    def graph(self, context: Context) -> Graph:
        """Wire the nodes for one run."""
        from workflows.exam.nodes import Nodes
        from workflows.pages.chain import chain

        return chain(Nodes(context).order)

    def start(self, context: Context) -> Mapping[str, Any]:
        """Begin with the run and its day; the rest is found on the way."""
        return {"run": context.run, "day": context.day.isoformat()}


WORKFLOW = ExamWorkflow()
