"""Tries a workflow of one's own: all of it runs over the mirror as it is, and nothing of it is kept, proposed or told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from butler.core.actions import Kept
from butler.core.briefing import Usage
from butler.core.definitions import Definition
from butler.core.errors import UsageError
from butler.core.policy import Verdict
from butler.owned import host_of, kept_to, notice_of
from butler.runner import Workflow
from butler.shadow.unkept import Unkept


@dataclass(frozen=True, slots=True)
class Tried:
    """What would have come of a run: its page and where it would lie, what would be proposed and what the policy would say,
    the notice, and what it cost.
    """

    definition: Definition
    day: date
    result: Mapping[str, Any]
    page: str
    place: str
    proposed: Sequence[tuple[Kept, Verdict]]
    notice: str
    usage: Usage


class Trial(Unkept):
    """A house in which a workflow is tried."""

    def attempt(self, named: Workflow, day: date | None = None, *, model: bool = True) -> Tried:
        """Try a workflow as if it were a day; raises UsageError where nothing was mirrored yet, and what ended it."""
        definition, deeds = named.definition, self._deeds
        if definition is None:
            advice = f"Only workflows in files are tried; `butler do {named.name}` runs it."
            raise UsageError(f"{named.name} is code.", advice=advice)
        now = self._clock()
        if day is not None:
            now = datetime.combine(day, now.astimezone(deeds.owner.zone).timetz())
        nothing = self.nothing(now)
        context = kept_to(definition, self.empty(nothing, definition.name), self.truth.runs)
        self.think(named, context, host_of(definition, self._host(model=model)), nothing)
        result = nothing.kept("result") or {}
        place, page = next(iter(nothing.saved.items()), ("", str(result.get("text", ""))))
        notice = notice_of(definition, result, [kept for kept, _ in nothing.proposed])
        return Tried(definition, context.day, result, page, place, tuple(nothing.proposed), notice, nothing.usage())
