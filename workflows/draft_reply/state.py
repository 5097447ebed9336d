"""What LangGraph checkpoints between the nodes: ids only, so that no mail's text is ever in a checkpoint."""

from __future__ import annotations

from typing import TypedDict


class State(TypedDict, total=False):
    """The run, its day, the references of the mails to be answered, and the stage that was finished last."""

    run: str
    day: str
    picked: list[str]
    stage: str
