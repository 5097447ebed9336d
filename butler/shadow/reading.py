"""Reads what a run kept as judgements and drafts; it read what others wrote, so that nothing about it is taken for granted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from butler.core.actions import Action
from butler.core.comparing import NEVER_ASKED, Check, Draft, Due, Judged, Pledge
from butler.core.payloads import MailDraft
from butler.core.steps import ModelCall
from butler.core.tallies import Cost
from butler.core.text import one_line
from butler.shadow.nothing import Nothing

VERDICT = "judged:"
"""What the stages of a run begin with that keep what came of putting one mail to the model."""
_DRAFTED = "drafted:"
_LONGEST = 400
_MOST = 20
_LABELS = frozenset({"reply", "unsure", "none"})
_ATTEMPTS = 3


def judged(nothing: Nothing) -> dict[str, Judged]:
    """The judgement of each mail by its reference; of a run that was cut short, or lost its model, of those judged so far."""
    whole = {} if lost(nothing) else _mapping(_mapping(nothing.kept("judged")).get("judged"))
    # What earlier runs judged is not of this one, unless it says so itself.
    stages = [stage for stage in nothing.values if stage.startswith(VERDICT) and (whole or stage not in nothing.known)]
    verdicts = {stage.removeprefix(VERDICT): _mapping(nothing.kept(stage)) for stage in stages}
    found: dict[str, Judged] = {}
    for key, read in (("received", _received), ("sent", _sent)):
        rows = _list(whole.get(key)) if whole else [verdict.get(key) for verdict in verdicts.values()]
        for row in map(_mapping, rows):
            if ref := _text(row.get("ref")):
                found[ref] = read(row, verdicts.get(ref, {}))
    return found


def lost(nothing: Nothing) -> str:
    """Why there was no model any more that could be asked; empty where there was."""
    for stage in nothing.values:
        kept = _mapping(nothing.kept(stage))
        if stage.startswith(VERDICT) and kept.get("failure") and not kept.get("digest"):
            return _text(kept.get("failure"))
        if stage.startswith(_DRAFTED) and kept.get("waits"):
            return _text(kept.get("reason"))
    return ""


def drafts(nothing: Nothing) -> dict[str, Draft]:
    """The draft of each mail by its reference, or why there is none."""
    found = {
        ref: Draft(reason=_text(row.get("reason")))
        for row in map(_mapping, _list(_mapping(nothing.kept("result")).get("left")))
        if (ref := _text(row.get("ref")))
    }
    for kept, _ in nothing.proposed:
        if isinstance(kept.action.payload, MailDraft) and kept.action.sources:
            found[kept.action.sources[0]] = _draft(kept.action, kept.action.payload)
    return found


def unasked(nothing: Nothing) -> set[str]:
    """What was never asked, where only recorded answers count."""
    return {call.subject for call in nothing.calls if call.error == NEVER_ASKED}


def cost(calls: Iterable[ModelCall], first: Callable[[ModelCall], ModelCall | None]) -> Cost:
    """What a model's questions cost, each counted once; `first` finds the asking of a recorded answer."""
    by_key: dict[str, ModelCall] = {}
    for call in calls:
        known = by_key.get(call.key)
        if known is None or (known.cached and not call.cached):
            by_key[call.key] = call
    whole = [(first(call) or call) if call.cached else call for call in by_key.values()]
    fallbacks = [call for call in whole if call.outcome == "fallback" and call.error != NEVER_ASKED]
    return Cost(
        questions=len(whole),
        recorded=sum(call.cached for call in by_key.values()),
        repaired=sum(call.outcome == "repaired" for call in whole),
        unusable=sum(call.attempts >= _ATTEMPTS for call in fallbacks),
        unanswered=sum(call.attempts < _ATTEMPTS for call in fallbacks),
        unasked=sum(call.error == NEVER_ASKED for call in whole),
        tokens_in=sum(call.tokens_in for call in whole),
        tokens_out=sum(call.tokens_out for call in whole),
        seconds=sum(call.seconds for call in whole),
    )


def _received(row: Mapping[str, Any], verdict: Mapping[str, Any]) -> Judged:
    label = _text(row.get("label"))
    dues = [row.get("due"), *_list(row.get("also"))]
    return Judged(
        label if label in _LABELS else "none",
        _text(row.get("quote")),
        tuple(_dues(dues)),
        (),
        *_origin(row, verdict),
    )


def _sent(row: Mapping[str, Any], verdict: Mapping[str, Any]) -> Judged:
    rows = [_mapping(each) for each in _list(row.get("promises"))[:_MOST]]
    pledges = tuple(Pledge(_text(each.get("quote")), next((due.when for due in _dues([each.get("due")])), "")) for each in rows)
    by = next((each for each in rows if each.get("by") == "model"), {})
    return Judged("promise" if pledges else "none", "", (), pledges, *_origin(by, verdict))


def _origin(row: Mapping[str, Any], verdict: Mapping[str, Any]) -> tuple[str, str, int]:
    by = "model" if row.get("by") == "model" or verdict.get("accepted") else "rules"
    return by, _text(verdict.get("failure")), len(_list(verdict.get("dropped")))


def _dues(rows: Sequence[Any]) -> Iterator[Due]:
    for row in map(_mapping, rows[:_MOST]):
        if day := _text(row.get("day")):
            yield Due(f"{day} {_text(row.get('time'))[:5]}".strip(), _text(row.get("quote")))


def _draft(action: Action, payload: MailDraft) -> Draft:
    checks = tuple(Check(one.check, one_line(one.sentence, _LONGEST), one.warning) for one in action.findings)
    return Draft(payload.letter.body, "", checks, any(one.name == "skeleton" for one in checks))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str:
    return one_line(value, _LONGEST) if isinstance(value, str) else ""
