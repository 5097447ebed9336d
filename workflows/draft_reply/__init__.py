"""Drafted replies: for each mail that needs an answer a draft behind the gate, or a plain reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from butler.core.context import Context
    from butler.core.workflow import Graph


@dataclass(frozen=True, slots=True)
class DraftReplyWorkflow:
    """The workflow as the runner finds it; its nodes are imported only when it runs."""

    name: str = "draft_reply"

    def graph(self, context: Context) -> Graph:
        """Wire the nodes for one run."""
        from workflows.draft_reply.graph import build

        return build(context)

    def start(self, context: Context) -> Mapping[str, Any]:
        """Begin with the run and its day; the rest is found on the way."""
        return {"run": context.run, "day": context.day.isoformat()}


WORKFLOW = DraftReplyWorkflow()
