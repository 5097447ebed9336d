"""What LangGraph checkpoints between the nodes: references only, so that no invitation's text is ever in a checkpoint."""

from __future__ import annotations

from typing import TypedDict


class State(TypedDict, total=False):
    """The run, its day, the references of the mails that carry invitations, and the stage that was finished last."""

    run: str
    day: str
    found: list[str]
    stage: str
