"""Actions: what a workflow proposes and its owner decides; frozen values, and the hash that binds a decision."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Literal

from pydantic import TypeAdapter

from butler.core.effects import Receipt
from butler.core.payloads import PAYLOADS, ActionKind, Payload
from butler.core.plain import canonical

Status = Literal[
    "held",  # waits for its owner
    "approved",  # is carried out as soon as possible
    "executing",  # claimed; its effects may or may not have happened
    "done",  # carried out and seen in the world
    "failed",  # not carried out, and will not be
    "uncertain",  # may have happened; only the owner can tell
    "rejected",  # the owner, or a rule of theirs, said no
    "superseded",  # another action took its place
    "expired",  # its time went by undecided
    "undone",  # was carried out and taken back
]
OPEN: frozenset[Status] = frozenset({"held", "approved", "executing"})
"""What is not at its end yet."""

_KIND = re.compile(r'"kind":\s*"([a-z.]+)"')

Verb = Literal["approve", "edit", "respond", "reject"]


@dataclass(frozen=True, slots=True)
class Taint:
    """A source that the content of an action came from; `foreign` says that somebody else wrote it."""

    ref: str
    by: str = ""
    foreign: bool = True


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found in an action: a sentence for its card; `warning` says that the owner should look twice."""

    check: str
    sentence: str
    warning: bool = True


@dataclass(frozen=True, slots=True)
class Action:
    """A proposal: `reason` is a sentence for the owner, `sources` the references that it rests on, the first one its cause.

    `key` is its idempotency key: an action with a key that is known is never proposed again. `group` names alternatives,
    of which approving one supersedes the others. `step` and `digest` name the model's part where it had one.
    `replaces` is the id of the action that this one revises.
    """

    payload: Payload
    reason: str
    key: str
    sources: tuple[str, ...] = ()
    taint: tuple[Taint, ...] = ()
    findings: tuple[Finding, ...] = ()
    group: str = ""
    rule: str = ""
    step: str | None = None
    digest: str | None = None
    workflow: str = ""
    run: str = ""
    expires: datetime | None = None
    replaces: int | None = None

    @property
    def kind(self) -> ActionKind:
        """What it would do; its risk belongs to this and to nothing that a model says."""
        return self.payload.kind


@dataclass(frozen=True, slots=True)
class Kept:
    """An action as the outbox keeps it.

    `hash` is that of its present payload, `version` counts the payloads that it had, `attempts` the tries to carry it
    out, `not_before` when the next may be. `note` is a sentence on its present status. `done` are the receipts of its
    effects so far, in order; `begun` counts the effects that were begun, the intent being on disk before each.
    """

    id: int
    action: Action
    status: Status
    hash: str
    version: int
    created: datetime
    changed: datetime
    attempts: int = 0
    not_before: datetime | None = None
    note: str = ""
    done: tuple[Receipt, ...] = field(default=())
    begun: int = 0


@dataclass(frozen=True, slots=True)
class Decision:
    """What somebody decided about exactly the payload with this hash: `by` and `via` say who and from where (cli, rule …).

    `text` is the wish of a respond or the reason of a reject, `before` and `after` the payloads around an edit.
    """

    action: int
    verb: Verb
    hash: str
    by: str
    via: str
    at: datetime
    text: str = ""
    before: str = ""
    after: str = ""


def payload_text(payload: Payload) -> str:
    """Write a payload as canonical JSON."""
    return canonical(payload.model_dump(mode="json"))


def read_payload(text: str) -> Payload:
    """Read what `payload_text` wrote; raises pydantic's ValidationError when it is none."""
    kind = _KIND.search(text)
    if kind and (known := PAYLOADS.get(kind[1])):
        # Only the model of this kind is built; what is found inside another text is refused by it.
        return known.model_validate_json(text)
    return _payloads().validate_json(text)


@cache
def _payloads() -> TypeAdapter[Payload]:
    return TypeAdapter(Payload)


def payload_hash(payload: Payload) -> str:
    """Compute the SHA-256 (hex) of a payload's canonical JSON: what an approval is bound to."""
    return hashlib.sha256(payload_text(payload).encode()).hexdigest()
