"""The nodes of asking: each takes the small state, works over the run's context, and is safe to be run again."""

from __future__ import annotations

from butler.core.asking import Answer
from butler.core.context import Context
from workflows.ask.state import State

RESULT = "result"


class Nodes:
    """The nodes of one run; each may be run again over what the run's memory kept."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._memory = context.memory

    def answer(self, _state: State) -> State:
        """Answer, and keep the answer."""
        if self._memory.kept(RESULT) is None:
            self._memory.keep(RESULT, Answer(unknown=True).model_dump(mode="json"))
        return {"stage": "answer"}
