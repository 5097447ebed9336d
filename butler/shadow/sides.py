"""The two that are compared: whom each may ask, what was recorded of it, and how far it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from butler.core.accounts import ModelHost
from butler.core.comparing import Day
from butler.core.models import ModelServer, Role
from butler.core.steps import ModelCall
from butler.core.tallies import Cost, Tally, tally
from butler.shadow import reading
from butler.shadow.nothing import Nothing
from butler.shadow.reading import VERDICT


@dataclass
class Side:
    """One of the two: `name` is its model's, `host` whom it asks.

    What its runs share: answers, what was learned of tokens, verdicts on mails (the same whatever day it is), keys of drafts.
    """

    name: str
    host: ModelHost
    answers: dict[str, str] = field(default_factory=dict)
    ratios: dict[str, list[float]] = field(default_factory=dict)
    verdicts: dict[str, str] = field(default_factory=dict)
    keys: set[str] = field(default_factory=set)
    calls: list[ModelCall] = field(default_factory=list)
    days: list[Day] = field(default_factory=list)
    runs: dict[str, Nothing] = field(default_factory=dict)
    unjudged: set[str] = field(default_factory=set)

    def share(self, nothing: Nothing, what: str) -> Nothing:
        """A run's memory, with what earlier runs of this side know; `what` the run is for: triage, drafts or briefing."""
        self.runs[what] = nothing
        nothing.answers, nothing.ratios, nothing.calls = self.answers, self.ratios, []
        nothing.values.update(self.verdicts)
        nothing.known = frozenset(self.verdicts)
        return nothing

    def take(self, nothing: Nothing) -> None:
        """Keep of a run what later ones may use; verdicts for which there was no model are put again."""
        self.calls += nothing.calls
        if nothing is not self.runs.get("drafts"):
            self.unjudged |= reading.unasked(nothing)
        self.keys |= {kept.action.key for kept, _ in nothing.proposed}
        self.verdicts |= {
            stage: value
            for stage, value in nothing.values.items()
            if stage.startswith(VERDICT) and not _is_lost(nothing.kept(stage))
        }

    def end_day(self, *, whole: bool) -> Day:
        """What was made of the day that its runs are about, also of one that was cut short."""
        runs, self.runs = self.runs, {}
        triage, drafting, briefing = (runs.get(what) for what in ("triage", "drafts", "briefing"))
        self.days.append(
            Day(
                reading.judged(triage) if triage else {},
                reading.drafts(drafting) if drafting else {},
                briefing.published if briefing else None,
                set(self.unjudged),
                reading.unasked(drafting) if drafting else set(),
                whole,
            )
        )
        return self.days[-1]

    def digests(self) -> dict[str, str]:
        """The digest that answered for each model that was asked."""
        return {call.model: call.digest for call in self.calls if call.digest}

    def cost(self, first: Callable[[ModelCall], ModelCall | None]) -> Cost:
        """What it cost."""
        return reading.cost(self.calls, first)

    def tally(self) -> Tally:
        """What it found."""
        return tally(self.days)


@contextmanager
def judging(heard: Callable[[str], None], ref: str) -> Iterator[None]:
    """Around the judging of one thing: what breaks inside ends there, on the other side of the seam."""
    heard(ref)
    yield


def shadow_host(present: ModelHost, name: str, role: Role | None, server: ModelServer | None) -> ModelHost:
    """Whom the tried model is asked at: as the present one, in one role or in both; its name is held to no pin."""
    judge = present.named("judge") if role == "write" else name
    write = present.named("write") if role == "judge" else name
    pins = tuple(pin for pin in present.pins if pin.name != name)
    recorded = tuple(each for each in present.only_recorded if each != name)
    host = replace(present, name=judge, write=write, ask="", pins=pins, only_recorded=recorded)
    if server is None:
        return host
    # The present model goes on with the other role where it is.
    others = () if role is None else tuple(each for each in present.servers() if each != server)
    return replace(host, url=server.url, api=server.api, slots=server.slots, more=others)


def _is_lost(verdict: Any) -> bool:
    return isinstance(verdict, dict) and bool(verdict.get("failure")) and not verdict.get("digest")
