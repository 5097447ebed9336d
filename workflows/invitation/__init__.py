"""Invitations: what each is, whether the owner is free, and answers held for them; by code alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from butler.core.context import Context
    from butler.core.workflow import Graph


@dataclass(frozen=True, slots=True)
class InvitationWorkflow:
    """The workflow as the runner finds it; its nodes are imported only when it runs."""

    name: str = "invitation"

    def graph(self, context: Context) -> Graph:
        """Wire the nodes for one run."""
        from workflows.invitation.graph import build

        return build(context)

    def start(self, context: Context) -> Mapping[str, Any]:
        """Begin with the run and its day; the rest is found on the way."""
        return {"run": context.run, "day": context.day.isoformat()}


WORKFLOW = InvitationWorkflow()
