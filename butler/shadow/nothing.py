"""What a run of which nothing stays has in the place of its memory, the book of calls, and the gate."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol, cast

from butler.core.actions import Action, Kept, payload_hash
from butler.core.briefing import Briefing, Origin, Usage
from butler.core.models import ModelIdentity, ModelPin
from butler.core.policy import Policy, Verdict, judge
from butler.core.steps import ModelCall

_STATUSES = {"allow": "approved", "hold": "held", "deny": "rejected"}
_PERCENTILE = 0.95


class Recorded(Protocol):
    """What was recorded before, which is read and never written."""

    def answer(self, key: str) -> str | None:
        """The recorded JSON answer under a cache key."""
        ...

    def tokens_per_byte(self, digest: str) -> float | None:
        """The highest ratio of prompt tokens to prompt bytes seen lately with a digest."""
        ...


def _no_snapshot(_day: date) -> Mapping[str, Any] | None:
    return None


@dataclass
class Nothing:
    """Takes what a run would keep, and keeps it in memory: its own values, the record of its calls, pages and proposals.

    `before` are answers of earlier runs; None: they do not count, so that what is told is what it costs. `answers` and `ratios`
    may be shared by several runs, `snapshots` are those of earlier briefings, `known` names the values of earlier runs.
    """

    policy: Policy
    now: datetime
    before: Recorded | None = None
    snapshots: Callable[[date], Mapping[str, Any] | None] = _no_snapshot
    answers: dict[str, str] = field(default_factory=dict)
    ratios: dict[str, list[float]] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    known: frozenset[str] = frozenset()
    calls: list[ModelCall] = field(default_factory=list)
    saved: dict[str, str] = field(default_factory=dict)
    proposed: list[tuple[Kept, Verdict]] = field(default_factory=list)
    published: Briefing | None = None

    def snapshot_before(self, day: date) -> Mapping[str, Any] | None:
        """The snapshot of the last briefing of an earlier day, where such count."""
        return self.snapshots(day)

    def keep(self, stage: str, value: Any) -> None:
        """Keep a value until the end."""
        self.values[stage] = json.dumps(value)

    def kept(self, stage: str) -> Any | None:
        """What was kept."""
        return json.loads(self.values.get(stage, "null"))

    def usage(self) -> Usage:
        """What the calls cost so far."""
        asked = [call for call in self.calls if not call.cached]
        return Usage(
            model_calls=len(asked),
            cached=len(self.calls) - len(asked),
            tokens_in=sum(call.tokens_in for call in asked),
            tokens_out=sum(call.tokens_out for call in asked),
            seconds=sum(call.seconds for call in asked),
        )

    def answer(self, key: str) -> str | None:
        """An answer of these runs, or of earlier ones where they count."""
        found = self.answers.get(key)
        return self.before.answer(key) if found is None and self.before is not None else found

    def record(self, call: ModelCall) -> None:
        """Keep a call."""
        self.calls.append(call)
        if call.outcome != "fallback":
            self.answers[call.key] = call.answer

    def tokens_per_byte(self, digest: str) -> float | None:
        """What was learned here, or else before."""
        if found := sorted(self.ratios.get(digest, ())):
            return found[math.ceil(_PERCENTILE * len(found)) - 1]
        return self.before.tokens_per_byte(digest) if self.before is not None else None

    def learn(self, digest: str, tokens: int, size: int) -> None:
        """Note how many tokens a prompt came to, for the next one."""
        if tokens > 0 and size > 0:
            self.ratios.setdefault(digest, []).append(tokens / size)

    def met(self, _url: str, _name: str, _seen: ModelIdentity, _at: datetime) -> ModelPin | None:
        """Pin nothing."""

    def save(self, name: str, markdown: str) -> str:
        """Keep a page."""
        self.saved[name] = markdown
        return name

    def publish(self, briefing: Briefing, _origins: Sequence[Origin], _snapshot: Mapping[str, Any]) -> None:
        """Keep a briefing."""
        self.published = briefing

    def propose(self, action: Action) -> Kept:
        """Keep what would be proposed, with what the policy would say."""
        verdict = judge(action, self.policy, self.now)
        status = cast("Any", _STATUSES[verdict.judgement])
        kept = Kept(len(self.proposed) + 1, action, status, payload_hash(action.payload), 1, self.now, self.now)
        self.proposed.append((kept, verdict))
        return kept
