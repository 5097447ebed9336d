"""A house in which runs leave nothing behind: the truth is read alone, and what a run would keep is kept in memory."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from pathlib import Path

from butler.core.accounts import ModelHost
from butler.core.context import Context, Reads
from butler.core.errors import UsageError
from butler.core.policy import Policy
from butler.desk import Desk, Drafting, Folders
from butler.dialing import StateLedger
from butler.house import House
from butler.runner import Way, Workflow
from butler.shadow.nothing import Nothing
from butler.store.truth import Truth
from butler.thinker import Thinker


def _unheard(node: str, waited: float = 0.0) -> None:
    pass


class Unkept(House):
    """Whom it asked is written down all the same, as for everything that connects."""

    @cached_property
    def truth(self) -> Truth:
        """The butler's own database, read alone; where there is none yet, one that is thrown away."""
        path = self._deeds.state / "butler.db"
        if not path.is_file():
            path = Path(self._opened.enter_context(tempfile.TemporaryDirectory(prefix="butler-try-"))) / path.name
        truth = Truth.open(path)
        self._opened.callback(truth.close)
        return truth

    @cached_property
    def thinker(self) -> Thinker:
        """Who runs workflows here, with checkpoints in its memory alone: there is nothing to be left behind."""
        staff = self._staff
        ledger = self._opened.enter_context(closing(StateLedger(self._deeds.state / "butler.db", self._clock)))
        thinker = Thinker(lambda: staff.forkserver, ledger, None, degraded=staff.is_degraded)
        return self._opened.enter_context(closing(thinker))

    def nothing(self, now: datetime) -> Nothing:
        """What takes what a run would keep, with the owner's rules."""
        if not (self._deeds.state / "mirror.db").is_file():
            raise UsageError("Nothing was mirrored yet.", advice="Run `butler sync` first.")
        policy = self._deeds.policy or Policy()
        return Nothing(replace(policy, trash=policy.trash | self.mirror.reads.folders("\\Trash")), now)

    def think(
        self,
        named: Workflow,
        context: Context,
        host: ModelHost | None,
        nothing: Nothing,
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        """Run a workflow from its first node to its end; raises what ended it."""
        thinking = self.thinker.prepare(named, host, nothing, clock or self._clock)
        thinking.go(named, Way("try"), context, _unheard)

    def empty(self, nothing: Nothing, name: str, reads: Reads | None = None) -> Context:
        """A context as a run has it, from which nothing comes out."""
        deeds, staff, now = self._deeds, self._staff, nothing.now
        day = now.astimezone(deeds.owner.zone).date()
        whole = self.mirror.reads if reads is None else reads
        context = Context("try", now, day, deeds.owner, deeds.options, whole, nothing, None, self.states)
        drafting = deeds.drafting or Drafting()
        desk = Desk(self.gate, self.truth.outbox, deeds.accounts, drafting, staff.forkserver, degraded=staff.is_degraded)
        folders = Folders(deeds.state / "pages", deeds.briefings, deeds.watched)
        equipped = desk.equip(context, name, folders)
        more = {"remembered": self.remembered(), **staff.foreign()}
        return replace(
            equipped, propose=nothing.propose, save=nothing.save, publish=nothing.publish, known=lambda _key: False, **more
        )
