"""What LangGraph checkpoints between the nodes: stages only, so that no text is ever in a checkpoint."""

from __future__ import annotations

from typing import TypedDict


class State(TypedDict, total=False):
    """The run, its day, how many reads were done, where to go on, and the stage that was finished last."""

    run: str
    day: str
    reads: int
    after: str
    stage: str
