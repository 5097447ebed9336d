"""The nodes of commitments: each takes the small state, works over the run's context, and is safe to be run again."""

from __future__ import annotations

from collections.abc import Iterator

from butler.core.actions import Action
from butler.core.context import Context
from tools.calendar.lines import EditError
from workflows.briefing.gather import gather
from workflows.briefing.judge import judge
from workflows.briefing.view import View
from workflows.commitments.state import State
from workflows.commitments.tasks import Found, completion, creation, kept, promises

RESULT = "result"
_NO_LIST = "There is no task list that may be written to."


class Nodes:
    """The nodes of one run, in their order; each may be run again over what the run's memory kept."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._memory = context.memory

    def sync(self, _state: State) -> State:
        """Bring the mirror up to date, once a run."""
        if self._memory.kept("synced") is None:
            self._context.sync()
            self._memory.keep("synced", value=True)
        return {"stage": "sync"}

    def find(self, _state: State) -> State:
        """Find the promises, as the briefing judges them, and the tasks that are done; keep what was found."""
        if self._memory.kept("found") is None:
            context = self._context
            gathered = gather(context, ())
            view = View(gathered, judge(context, gathered).judged, context.owner, context.options)
            done = [[placed.ref, mail.ref, later.ref] for placed, mail, later in kept(view, gathered.tasks)]
            found = [one.model_dump(mode="json") for one in promises(view) if not context.known(one.key)]
            self._memory.keep("found", {"promises": found, "done": done})
        return {"found": [one.promise.ref for one in self._found()], "stage": "find"}

    def propose(self, _state: State) -> State:
        """Put tasks and completions before the gate, and keep what came of each."""
        context = self._context
        proposed: list[dict[str, object]] = []
        left: list[dict[str, str]] = []
        for one in self._found():
            if not context.tasks.calendar:
                left.append({"ref": one.promise.ref, "reason": _NO_LIST})
            else:
                self._put(creation(one, context.tasks, context.now, context.owner.zone), proposed, left)
        for action in self._completions():
            self._put(action, proposed, left)
        self._memory.keep(RESULT, {"proposed": proposed, "left": left})
        return {"stage": "propose"}

    def _put(self, action: Action, proposed: list[dict[str, object]], left: list[dict[str, str]]) -> None:
        """Propose an action; where another one is open for the same mail, say so: its turn comes when that is decided."""
        there = self._context.propose(action)
        ref = action.sources[0]
        if there.action.key == action.key:
            proposed.append({"id": there.id, "ref": ref, "kind": action.kind})
        else:
            left.append({"ref": ref, "reason": f"Action {there.id} for the same mail is to be decided first."})

    def _found(self) -> list[Found]:
        return [Found.model_validate(one) for one in (self._memory.kept("found") or {})["promises"]]

    def _completions(self) -> Iterator[Action]:
        """What marks kept promises' tasks as done; one that is gone or cannot be written is left alone."""
        context = self._context
        tasks = {placed.ref: placed for placed in context.reads.tasks()}
        for ref, mail, later in (self._memory.kept("found") or {})["done"]:
            stored = context.reads.object_of(ref)
            if stored is None or ref not in tasks:
                continue
            try:
                yield completion(tasks[ref], context.reads.mail(mail), context.reads.mail(later), stored, context.now)
            except EditError:
                continue
