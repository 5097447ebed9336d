"""The nodes of the briefing: each takes the small state, works over the run's context, and is safe to be run again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from butler.core.briefing import Briefing, BriefingSource, Dropped, Origin
from butler.core.context import Context
from butler.core.sources import SourceState
from workflows.briefing import compose as composing
from workflows.briefing import gather as gathering
from workflows.briefing import judge as judging
from workflows.briefing.judge import Judging
from workflows.briefing.state import State
from workflows.briefing.values import Gathered

NO_MODEL = "Composed by rules alone: no model is configured."
NOTHING_TO_ASK = "Composed by rules alone: there was nothing to ask the model."
NOTHING_STOOD = "Composed by rules alone: nothing that the model said stands in its sources."


class Nodes:
    """The nodes of one run, in their order; each may be run again over what the run's memory kept."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._memory = context.memory
        self._found: Gathered | None = None

    def sync(self, _state: State) -> State:
        """Bring the mirror up to date, once a run, and keep how each source fared."""
        if self._memory.kept("sources") is None:
            self._memory.keep("sources", [_plain(source) for source in self._context.sync()])
        return {"stage": "sync"}

    def gather(self, _state: State) -> State:
        """Find what is to be judged."""
        self._found = gathering.gather(self._context, _sources(self._context))
        received, sent = self._found.candidates, self._found.sent
        return {"received": [mail.ref for mail in received], "sent": [mail.ref for mail in sent], "stage": "gather"}

    def judge(self, state: State) -> State:
        """Judge it, by rules and mail by mail by the model, and keep the judgements."""
        if self._memory.kept("judged") is None:
            judged = judging.judge(self._context, self._gathered(state))
            self._memory.keep("judged", judged.model_dump(mode="json"))
        return {"stage": "judge"}

    def compose(self, state: State) -> State:
        """Make the briefing of what was gathered and judged, and keep it."""
        if self._memory.kept("briefing") is None:
            self._memory.keep("briefing", _composed(self._context, self._gathered(state)))
        return {"stage": "compose"}

    def save(self, _state: State) -> State:
        """Hand the kept briefing out."""
        kept = self._memory.kept("briefing") or {}
        origins = tuple(Origin.model_validate(origin) for origin in kept["origins"])
        self._context.publish(Briefing.model_validate(kept["briefing"]), origins, kept["snapshot"])
        return {"stage": "save"}

    def _gathered(self, state: State) -> Gathered:
        """What this process gathered, or after an interruption the same mails again."""
        if self._found is None:
            wanted = frozenset((*state["received"], *state["sent"]))
            self._found = gathering.gather(self._context, _sources(self._context), wanted)
        return self._found


def notice(context: Context, judged: Judging) -> str:
    """How the briefing was composed, where that needs to be said; the first line of every output."""
    if context.model is None:
        return NO_MODEL
    if not judged.asked:
        return NOTHING_TO_ASK
    fallbacks = judged.judged.fallbacks
    if judged.accepted:
        return f"Rules judged {fallbacks} of {judged.asked} mails: {judged.failure}" if fallbacks else ""
    return f"Composed by rules alone: the model did not answer: {judged.failure}" if fallbacks else NOTHING_STOOD


def _composed(context: Context, gathered: Gathered) -> Mapping[str, Any]:
    judged = Judging.model_validate(context.memory.kept("judged"))
    made = composing.compose(gathered, judged.judged, context.owner, context.options)
    briefing = Briefing(
        date=context.day,
        timezone=context.owner.zone.key,
        generated_at=context.now.astimezone(context.owner.zone),
        composed_by="model" if judged.model else "rules",
        model=judged.model,
        sources=tuple(_shown(source, context) for source in gathered.sources),
        sections=tuple(made.sections),
        dropped=tuple(Dropped(text=claim.text, reason=claim.reason) for claim in made.dropped),
        quiet=made.quiet,
        usage=context.memory.usage(),
    )
    return {
        "briefing": briefing.model_dump(mode="json"),
        "origins": [origin.model_dump(mode="json") for origin in made.origins],
        "snapshot": {**made.snapshot, "notice": notice(context, judged)},
    }


def _shown(source: SourceState, context: Context) -> BriefingSource:
    as_of = source.as_of.astimezone(context.owner.zone) if source.as_of else None
    return BriefingSource(name=source.setting, kind=source.kind, state=source.state, as_of=as_of, error=source.error)


def _plain(source: SourceState) -> list[str | None]:
    as_of = source.as_of.isoformat() if source.as_of else None
    return [source.name, source.kind, source.state, as_of, source.error, *(["documents"] if source.documents else [])]


def _sources(context: Context) -> list[SourceState]:
    rows = context.memory.kept("sources") or ()
    return [
        SourceState(name, kind, state, dt.datetime.fromisoformat(as_of) if as_of else None, error, documents=bool(documents))
        for name, kind, state, as_of, error, *documents in rows
    ]
