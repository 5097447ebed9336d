"""Tries a workflow of one's own: all of it runs over the mirror as it is, and nothing of it is kept, proposed or told."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, cast

from butler.core.accounts import ModelHost
from butler.core.actions import Action, Kept, payload_hash
from butler.core.briefing import Usage
from butler.core.context import Context
from butler.core.definitions import Definition
from butler.core.errors import UsageError
from butler.core.policy import Policy, Verdict, judge
from butler.core.steps import ModelCall
from butler.desk import Desk, Drafting, Folders
from butler.dialing import StateLedger
from butler.house import House
from butler.owned import host_of, kept_to, notice_of
from butler.runner import Way, Workflow
from butler.store.truth import Truth
from butler.thinker import Thinker

_STATUSES = {"allow": "approved", "hold": "held", "deny": "rejected"}


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


@dataclass
class _Nothing:
    """Takes what a run would keep, and keeps it in memory: its own values, the record of its calls, pages and proposals."""

    policy: Policy
    now: datetime
    values: dict[str, str] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)
    calls: list[ModelCall] = field(default_factory=list)
    saved: dict[str, str] = field(default_factory=dict)
    proposed: list[tuple[Kept, Verdict]] = field(default_factory=list)

    def snapshot_before(self, day: date) -> Mapping[str, Any] | None:
        """No briefing was before."""

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
        """An answer of this run; those of earlier ones do not count, so that what is told is what it costs."""
        return self.answers.get(key)

    def record(self, call: ModelCall) -> None:
        """Keep a call."""
        self.calls.append(call)
        if call.outcome != "fallback":
            self.answers[call.key] = call.answer

    def tokens_per_byte(self, digest: str) -> float | None:
        """Nothing was learned."""

    def learn(self, digest: str, tokens: int, size: int) -> None:
        """Learn nothing."""

    def save(self, name: str, markdown: str) -> str:
        """Keep a page."""
        self.saved[name] = markdown
        return name

    def propose(self, action: Action) -> Kept:
        """Keep what would be proposed, with what the policy would say."""
        verdict = judge(action, self.policy, self.now)
        status = cast("Any", _STATUSES[verdict.judgement])
        kept = Kept(len(self.proposed) + 1, action, status, payload_hash(action.payload), 1, self.now, self.now)
        self.proposed.append((kept, verdict))
        return kept


class Trial(House):
    """A house in which a workflow is tried; whom it asked is written down all the same, as for everything that connects."""

    def attempt(self, named: Workflow, day: date | None = None, *, model: bool = True) -> Tried:
        """Try a workflow as if it were a day; raises UsageError where nothing was mirrored yet, and what ended it."""
        definition, deeds = named.definition, self._deeds
        if definition is None:
            advice = f"Only workflows in files are tried; `butler do {named.name}` runs it."
            raise UsageError(f"{named.name} is code.", advice=advice)
        if not (deeds.state / "mirror.db").is_file():
            raise UsageError("Nothing was mirrored yet.", advice="Run `butler sync` first.")
        now = self._clock()
        if day is not None:
            now = datetime.combine(day, now.astimezone(deeds.owner.zone).timetz())
        policy = deeds.policy or Policy()
        nothing = _Nothing(replace(policy, trash=policy.trash | self.mirror.reads.folders("\\Trash")), now)
        context = kept_to(definition, self._empty(nothing, now, definition.name), self.truth.runs)
        self._run(named, context, host_of(definition, self._host(model=model)), nothing)
        result = nothing.kept("result") or {}
        place, page = next(iter(nothing.saved.items()), ("", str(result.get("text", ""))))
        notice = notice_of(definition, result, [kept for kept, _ in nothing.proposed])
        return Tried(definition, context.day, result, page, place, tuple(nothing.proposed), notice, nothing.usage())

    @cached_property
    def truth(self) -> Truth:
        """The butler's own database, read alone; where there is none yet, one that is thrown away."""
        path = self._deeds.state / "butler.db"
        if not path.is_file():
            path = Path(self._opened.enter_context(tempfile.TemporaryDirectory(prefix="butler-try-"))) / path.name
        truth = Truth.open(path)
        self._opened.callback(truth.close)
        return truth

    def _run(self, named: Workflow, context: Context, host: ModelHost | None, nothing: _Nothing) -> None:
        """Have it run, over checkpoints that are thrown away."""
        staff = self._staff
        with (
            tempfile.TemporaryDirectory(prefix="butler-try-") as folder,
            closing(StateLedger(self._deeds.state / "butler.db", self._clock)) as ledger,
            closing(Thinker(lambda: staff.forkserver, ledger, Path(folder), degraded=staff.is_degraded)) as thinker,
        ):
            thinking = thinker.prepare(named, host, nothing, self._clock)
            thinking.go(named, Way("try"), context, lambda _node, _waited=0.0: None)

    def _empty(self, nothing: _Nothing, now: datetime, name: str) -> Context:
        """A context as a run has it, from which nothing comes out."""
        deeds, staff = self._deeds, self._staff
        day = now.astimezone(deeds.owner.zone).date()
        context = Context("try", now, day, deeds.owner, deeds.options, self.mirror.reads, nothing, None, self.states)
        drafting = deeds.drafting or Drafting()
        desk = Desk(self.gate, self.truth.outbox, deeds.accounts, drafting, staff.forkserver, degraded=staff.is_degraded)
        folders = Folders(deeds.state / "pages", deeds.briefings, deeds.watched)
        equipped = desk.equip(context, name, folders)
        more = {"remembered": self.remembered(), **staff.foreign()}
        return replace(equipped, propose=nothing.propose, save=nothing.save, known=lambda _key: False, **more)
