"""The nodes of follow-ups: each takes the small state, works over the run's context, and is safe to be run again."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from butler.core.actions import Action
from butler.core.context import Context
from butler.core.errors import UnknownRefError
from workflows.briefing.values import Gathered, Judged
from workflows.briefing.view import View
from workflows.followup.find import Asking, Left, find, others
from workflows.followup.letters import follow_up
from workflows.pages.chain import State
from workflows.pages.nodes import RESULT, sync

_BROKE = "Its drafting failed; `butler runs` says why."
_GONE = "The mail is not in the mirror any more."
_WISHED = "A follow-up has fixed words; edit it instead."


class Nodes:
    """The nodes of one run, in their order."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._memory = context.memory

    @property
    def order(self) -> Mapping[str, Callable[[State], State]]:
        """The nodes by name, in their order."""
        return {"sync": self.sync, "find": self.find, "propose": self.propose}

    def sync(self, _state: State) -> State:
        """Bring the mirror up to date."""
        sync(self._context)
        return {"stage": "sync"}

    def find(self, _state: State) -> State:
        """Find what is to be asked again, and keep it."""
        wish = self._context.wish
        if self._memory.kept("found") is None:
            found, left = ([], [Left(ref=wish.action.action.sources[0], reason=_WISHED)]) if wish else find(self._context)
            self._memory.keep("left", [one.model_dump() for one in left])
            self._memory.keep("found", [one.model_dump() for one in found])
        return {"found": [one.ref for one in self._found()], "stage": "find"}

    def propose(self, _state: State) -> State:
        """Put each follow-up before the gate, and keep what came of it."""
        drafted: list[dict[str, object]] = []
        left = [dict(one) for one in self._memory.kept("left") or []]
        for asking in self._found():
            action = self._action(asking)
            if isinstance(action, str):
                left.append({"ref": asking.ref, "reason": action})
                continue
            kept = self._context.propose(action)
            if kept.action.key == action.key:
                drafted.append({"id": kept.id, "ref": asking.ref, "key": asking.key, "matter": asking.matter})
            else:
                left.append({"ref": asking.ref, "reason": f"Action {kept.id} is open for it."})
        self._memory.keep(RESULT, {"drafted": drafted, "left": left})
        return {"stage": "propose"}

    def _found(self) -> list[Asking]:
        return [Asking.model_validate(one) for one in self._memory.kept("found") or []]

    def _action(self, asking: Asking) -> Action | str:
        """The action of one follow-up; what breaks on one ends in a run of its own, and the others go on."""
        context = self._context
        try:
            mail = context.reads.mail(asking.ref)
        except UnknownRefError:
            return _GONE
        view = View(Gathered(context.now, context.day, ()), Judged(), context.owner, context.options)
        made: list[Action | str] = []
        with context.judging(asking.ref):
            made.append(follow_up(context, asking, mail, others(mail, view)))
        return made[0] if made else _BROKE
