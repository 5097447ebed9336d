"""The nodes of triage: those of the invitations, which ask no model, then those of drafting, over one sync."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from butler.core.briefing import Usage
from butler.core.context import Context, RunMemory
from workflows.draft_reply.nodes import Nodes as Drafting
from workflows.invitation.nodes import Nodes as Inviting
from workflows.pages.chain import State
from workflows.pages.nodes import RESULT, sync

_SYNCED = "synced"


class Part:
    """The memory of one part of a run: the stages of two parts may be named alike."""

    def __init__(self, memory: RunMemory, name: str) -> None:
        self._memory = memory
        self._name = name

    def snapshot_before(self, day: dt.date) -> Mapping[str, Any] | None:
        """The snapshot kept with the last briefing of an earlier day."""
        return self._memory.snapshot_before(day)

    def keep(self, stage: str, value: Any) -> None:
        """Keep a value under the part's own name."""
        self._memory.keep(f"{self._name}/{stage}", value)

    def kept(self, stage: str) -> Any | None:
        """What was kept under the part's own name."""
        return self._memory.kept(f"{self._name}/{stage}")

    def usage(self) -> Usage:
        """What the whole run's model calls cost so far."""
        return self._memory.usage()


class Nodes:
    """The nodes of one run; a wish is about a draft, which is drafted anew."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._parts = {name: Part(context.memory, name) for name in ("invitation", "draft_reply")}
        self._inviting = Inviting(dataclasses.replace(context, memory=self._parts["invitation"]))
        self._drafting = Drafting(dataclasses.replace(context, memory=self._parts["draft_reply"]))

    @property
    def order(self) -> Mapping[str, Callable[[State], State]]:
        """The nodes by name, in their order."""
        return {
            "sync": self.sync,
            "invitations": self.invitations,
            "pick": self.pick,
            "draft": self.draft,
            "report": self.report,
        }

    def sync(self, _state: State) -> State:
        """Bring the mirror up to date, once for both parts."""
        sync(self._context)
        for part in self._parts.values():
            part.keep(_SYNCED, value=True)
        return {"stage": "sync"}

    def invitations(self, _state: State) -> State:
        """Put the answers to invitations before the gate."""
        found = self._inviting.gather({}).get("found", [])
        self._inviting.propose({"found": found})
        return {"found": found, "stage": "invitations"}

    def pick(self, state: State) -> State:
        """Find what is to be answered by a letter."""
        picked = self._drafting.pick({}).get("picked", [])
        return {"found": [*state.get("found", []), *picked], "stage": "pick"}

    def draft(self, _state: State) -> State:
        """Draft the answers and put them before the gate."""
        self._drafting.draft({})
        self._drafting.propose({})
        return {"stage": "draft"}

    def report(self, _state: State) -> State:
        """Say what came of both."""
        invited, drafted = (part.kept(RESULT) or {} for part in self._parts.values())
        result = {
            "answered": invited.get("answered", []),
            "drafted": drafted.get("drafted", []),
            "left": [*invited.get("left", []), *drafted.get("left", [])],
            **{name: drafted[name] for name in ("waits", "more") if drafted.get(name)},
        }
        self._context.memory.keep(RESULT, result)
        return {"stage": "report"}
