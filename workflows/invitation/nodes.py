"""The nodes of the invitations: each takes the small state, works over the run's context, and is safe to be run again."""

from __future__ import annotations

from butler.core.actions import Action
from butler.core.context import Context
from workflows.invitation.answers import answer
from workflows.invitation.cancels import cancel
from workflows.invitation.counters import counter
from workflows.invitation.gather import Asked, Left, gather
from workflows.invitation.state import State

RESULT = "result"
_WISHED = "An answer to an invitation is one of those that are held; none is made anew."
_BROKE = "It could not be worked out; `butler runs` says why."


class Nodes:
    """The nodes of one run, in their order."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._memory = context.memory

    def sync(self, _state: State) -> State:
        """Bring the mirror up to date, once a run."""
        if self._memory.kept("synced") is None:
            self._context.sync()
            self._memory.keep("synced", value=True)
        return {"stage": "sync"}

    def gather(self, _state: State) -> State:
        """Find the mails that carry an invitation which is still to be answered."""
        if self._memory.kept("found") is None:
            found, left = ((), [Left("", _WISHED)]) if self._context.wish else gather(self._context)
            self._memory.keep("found", [one.mail.ref for one in found])
            self._memory.keep("left", [[one.ref, one.reason] for one in left])
        return {"found": self._memory.kept("found") or [], "stage": "gather"}

    def propose(self, state: State) -> State:
        """Put the answers to each before the gate; what breaks on one ends in a run of its own, and the others go on."""
        left = [Left(ref, reason) for ref, reason in self._memory.kept("left") or []]
        refs = state.get("found", [])
        missing = any(self._memory.kept(_stage(ref)) is None for ref in refs)
        asked = {one.mail.ref: one for one in gather(self._context)[0]} if missing else {}
        for ref in refs:
            if self._memory.kept(_stage(ref)) is None and ref in asked:
                self._memory.keep(_stage(ref), self._answered(asked[ref]))
        outcomes = [(ref, self._memory.kept(_stage(ref)) or {}) for ref in refs]
        answered = [{"ref": ref, **outcome} for ref, outcome in outcomes if "ids" in outcome]
        left += [Left(ref, outcome["reason"]) for ref, outcome in outcomes if "reason" in outcome]
        result = {"answered": answered, "left": [{"ref": one.ref, "reason": one.reason} for one in left]}
        self._memory.keep(RESULT, result)
        return {"stage": "propose"}

    def _answered(self, asked: Asked) -> dict[str, object]:
        """Propose the answers to one invitation; the ids of the actions, or the reason why there are none."""
        outcome: list[Action] | Left = Left(asked.mail.ref, _BROKE)
        with self._context.judging(asked.mail.ref):
            outcome = actions(self._context, asked)
        if isinstance(outcome, Left):
            return {"reason": outcome.reason}
        ids = [self._context.propose(action).id for action in outcome]
        return {"method": asked.invitation.method.lower(), "ids": ids}


def _stage(ref: str) -> str:
    return f"answered:{ref}"


def actions(context: Context, asked: Asked) -> list[Action] | Left:
    """The actions to choose from for one invitation, or why there are none."""
    match asked.invitation.method:
        case "REQUEST":
            return answer(context, asked)
        case "CANCEL":
            return cancel(context, asked)
    return counter(context, asked)
