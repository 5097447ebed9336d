"""What a model can be tuned on: drafts as their owner approved them, each as a chat, and what goes with them. Pure."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from butler.core.actions import Decision, Kept, Status
from butler.core.masking import KINDS, Masks
from butler.core.payloads import Letter, MailDraft, MailSend, Payload
from butler.core.steps import ModelCall

Left = Literal["rule", "undone", "unprompted", "unlike"]
LEFT: Mapping[Left, str] = {
    "rule": "approved by a rule of yours, not by you",
    "undone": "taken back, rejected or set aside afterwards",
    "unprompted": "written without a model, or what it was asked is not kept any more",
    "unlike": "changed into what no answer of the model could be: longer than a draft may be, or with other times",
}
"""Why an approved draft is no example."""
_NOT_WANTED: frozenset[Status] = frozenset({"held", "rejected", "superseded", "expired", "undone"})
_MARK = re.compile(r"^<<<text ([0-9a-f]{8,64})>>>$", re.MULTILINE)
_ROLES = ("system", "user")
_ENDS = re.compile("[\\x7f-\\x9f\\u2028\\u2029]")

Learned = Callable[[str, str, str, str], str | None]
"""From the model's answer, the letter before and after, and its owner's name to the answer to learn."""


@dataclass(frozen=True, slots=True)
class Draft:
    """An action that was approved, the letter as it was first proposed, and what the model was asked for it."""

    kept: Kept
    decision: Decision
    first: Payload
    calls: Sequence[ModelCall]


@dataclass(frozen=True, slots=True)
class Example:
    """One chat to learn from; `edited` says that the owner changed the draft, so that the words are theirs."""

    action: int
    day: str
    model: str
    version: str
    edited: bool
    messages: Sequence[Mapping[str, str]]

    @property
    def line(self) -> str:
        """The chat as a line of JSON, in UTF-8, without anything else that a program may take for the end of a line."""
        written = json.dumps({"messages": list(self.messages)}, ensure_ascii=False)
        return _ENDS.sub(lambda found: f"\\u{ord(found[0]):04x}", written.encode(errors="replace").decode())


@dataclass(frozen=True, slots=True)
class Material:
    """The examples, why other drafts are none, and how many things of each kind were masked."""

    examples: Sequence[Example]
    left: Mapping[Left, int]
    masked: Mapping[str, int]

    @property
    def edited(self) -> int:
        """How many of the examples the owner changed."""
        return sum(example.edited for example in self.examples)

    def index(self) -> list[dict[str, Any]]:
        """What each line is, without a word of it."""
        return [
            {
                "line": line,
                "action": each.action,
                "day": each.day,
                "edited": each.edited,
                "model": each.model,
                "step": each.version,
            }
            for line, each in enumerate(self.examples, 1)
        ]


def material(drafts: Iterable[Draft], learned: Learned, step: str, masks: Masks) -> Material:
    """Make examples of drafts for a step, each action once, oldest first; everything but the step's own words is masked."""
    found: dict[int, Example] = {}
    left: Counter[Left] = Counter()
    seen: set[int] = set()
    for draft in drafts:
        if draft.kept.id in seen:
            continue
        seen.add(draft.kept.id)
        made = _example(draft, learned, step, masks)
        if isinstance(made, Example):
            found[draft.kept.id] = made
        else:
            left[made] += 1
    counts = {KINDS[kind]: masks.counts[kind] for kind in KINDS if masks.counts[kind]}
    return Material(list(found.values()), dict(left), counts)


def letter_of(payload: Payload) -> Letter | None:
    """The letter of a draft or of a mail to be sent."""
    return payload.letter if isinstance(payload, (MailDraft, MailSend)) else None


def _example(draft: Draft, learned: Learned, step: str, masks: Masks) -> Example | Left:
    before, after = letter_of(draft.first), letter_of(draft.kept.action.payload)
    if draft.kept.status in _NOT_WANTED:
        return "undone"
    edited = before is not None and after is not None and before.body.strip() != after.body.strip()
    if draft.decision.by == "rule" and not edited:
        return "rule"
    calls = [call for call in draft.calls if call.step == step and call.outcome != "fallback" and call.answer]
    prompt = next((found for call in calls if (found := asked(call.prompt))), None)
    if before is None or after is None or not calls or prompt is None:
        return "unprompted"
    # Where the model was asked again, its last answer is the one that the letter was made of.
    answer = learned(calls[-1].answer, before.body, after.body, after.sender.name)
    if answer is None:
        return "unlike"
    system, user = prompt
    words = json.dumps(masks.each(json.loads(answer)), ensure_ascii=False, separators=(",", ":"))
    messages = (
        {"role": "system", "content": system},
        {"role": "user", "content": masked(user, masks)},
        {"role": "assistant", "content": words},
    )
    call = calls[-1]
    return Example(draft.kept.id, draft.decision.at.date().isoformat(), call.model, call.version, edited, messages)


def masked(question: str, masks: Masks) -> str:
    """A question with all masked but the marks around its text, whose code may look like a number."""
    found = _MARK.search(question)
    if found is None:
        return masks(question)
    marks = (f"<<<text {found[1]}>>>", f"<<<end {found[1]}>>>")
    parts = re.split("(" + "|".join(map(re.escape, marks)) + ")", question)
    return "".join(part if part in marks else masks(part) for part in parts)


def asked(prompt: str) -> tuple[str, str] | None:
    """The fixed words and the first question of a prompt as it was sent; None where that is not kept."""
    try:
        messages = json.loads(prompt) if prompt else None
        first, second = messages[:2] if messages else ({}, {})
        if (first["role"], second["role"]) == _ROLES:
            return str(first["content"]), str(second["content"])
    except (ValueError, KeyError, TypeError):
        pass
    return None
