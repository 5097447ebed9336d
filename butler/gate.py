"""The gate: what is proposed passes the policy or waits here for its owner, whose word counts for exactly what was shown."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime
from typing import Any

from butler.core.accounts import ModelHost
from butler.core.actions import Action, Decision, Kept, Status, Verb, payload_hash, payload_text
from butler.core.errors import ButlerError, UnknownActionError
from butler.core.merits import KINDS, Merits, Pinned
from butler.core.payloads import UNDOABLE, Payload, Undo
from butler.core.pins import is_pinned
from butler.core.policy import Policy, judge
from butler.store.outbox import Outbox
from butler.store.truth import Truth

REJECTABLE: tuple[Status, ...] = ("held", "approved", "uncertain")
"""To what its owner may still say no."""

MOST_OF_RUN = 1000
"""Actions that one run may propose."""

_HELD: tuple[Status, ...] = ("held",)
_APPROVED: tuple[Status, ...] = ("approved",)
_LONGEST_WISH = 4000


class Gate:
    """Takes proposals and decisions. All of it works while nothing is carried out, and from several processes at once."""

    def __init__(
        self, outbox: Outbox, policy: Policy, clock: Callable[[], datetime], merits: Callable[[], Merits] = Merits
    ) -> None:
        """Rules that want a score are judged by the `merits` of the models as they are then."""
        self._outbox = outbox
        self._policy = policy
        self._clock = clock
        self._merits = merits

    def propose(self, action: Action) -> Kept:
        """Judge and keep an action; what is known by its key already, or stands in its way, is returned in its place.

        Raises UnknownActionError when the action that it is to replace is not held any more, and ButlerError when
        its run has proposed more than any honest one does.
        """
        now = self._clock()
        with self._outbox.transaction():
            known = self._outbox.of_key(action.key)
            if known:
                return known
            standing = self._outbox.standing_in_the_way(action)
            if standing:
                reason = f"Action {standing.id} is open for the same cause."
                self._outbox.refuse(action, now, reason)
                return standing
            self._refuse_flood(action)
            replaced = None if action.replaces is None else self._held(action.replaces)
            kept = self._outbox.add(action, now)
            if replaced:
                self._supersede(replaced, kept, now)
            return self._judged(kept, now)

    def approve(self, number: int, digest: str, by: str, via: str) -> Kept:
        """Approve exactly the payload with this hash; its alternatives are superseded with it."""
        now = self._clock()
        self._outbox.expire(number, now)
        with self._outbox.transaction():
            return self._approve(self._shown(number, digest), now, by, via)

    def reject(self, number: int, digest: str, by: str, via: str, text: str = "") -> Kept:
        """Say no, with a reason or without: to what is held, is approved but not begun, or is uncertain and settled so."""
        now = self._clock()
        with self._outbox.transaction():
            kept = self._shown(number, digest, REJECTABLE)
            self._decide(kept, now, "reject", by, via, text=text)
            return self._outbox.change(kept, replace(kept, status="rejected", note=text), now, "rejected")

    def edit(self, number: int, digest: str, payload: Payload, by: str, via: str) -> Kept:
        """Put the owner's own version in place of the payload; it stays held, and both are kept."""
        now = self._clock()
        self._outbox.expire(number, now)
        with self._outbox.transaction():
            kept = self._shown(number, digest)
            if payload_hash(payload) == kept.hash:
                return kept
            self._refuse_edit(kept, payload, now)
            texts = {"before": payload_text(kept.action.payload), "after": payload_text(payload)}
            self._decide(kept, now, "edit", by, via, **texts)
            return self._outbox.renew(kept, replace(kept, note="You changed it."), payload, now, "edited")

    def respond(self, number: int, digest: str, text: str, by: str, via: str) -> Kept:
        """Ask for another version in the owner's words; the action stays held until that one replaces it."""
        now = self._clock()
        if not text.strip() or len(text) > _LONGEST_WISH:
            raise ButlerError("Say in some words what is to be changed.", advice=f"At most {_LONGEST_WISH} characters.")
        self._outbox.expire(number, now)
        with self._outbox.transaction():
            kept = self._shown(number, digest)
            self._decide(kept, now, "respond", by, via, text=text)
            return self._outbox.change(kept, replace(kept, note=f"You asked for another version: {text}"), now, "answered")

    def withdraw(self, number: int, digest: str, by: str, via: str) -> Kept:
        """Hold again what was approved but not begun; alternatives that were set aside for it stay so.

        To carry it out it has to be approved anew. An undo is not held: who does not want it any more rejects it.
        """
        now = self._clock()
        with self._outbox.transaction():
            kept = self._shown(number, digest, _APPROVED)
            if isinstance(kept.action.payload, Undo):
                raise ButlerError(f"Action {number} takes something back.", advice="Reject it, if it is not to happen.")
            held = replace(kept, status="held", not_before=None, note="You took your approval back.")
            return self._outbox.change(kept, held, now, "withdrawn", by=by, via=via)

    def undo(self, number: int, by: str, via: str) -> Kept:
        """Take back what a done action did, where nothing changed since; approved at once, for its owner asks for it."""
        now = self._clock()
        with self._outbox.transaction():
            kept = self._outbox.get(number)
            payload = Undo(of=number, effects=tuple(_taken_back(kept)))
            cause = f"action:{number}"
            count = len(self._outbox.of_source(cause))
            undo = Action(payload, f"You asked to take back action {number}.", f"undo:{number}:{count}", (cause,))
            standing = self._outbox.standing_in_the_way(undo)
            return standing or self._approve(self._outbox.add(undo, now), now, by, via)

    def _refuse_flood(self, action: Action) -> None:
        """Whoever makes a run propose, there is an end to it."""
        if action.run and self._outbox.count_of_run(action.run) >= MOST_OF_RUN:
            raise ButlerError(
                f"One run has put {MOST_OF_RUN} actions before the gate, and may put no more.",
                advice="Decide on what waits; see `butler actions`.",
            )

    def _judged(self, kept: Kept, now: datetime) -> Kept:
        policy = replace(self._policy, merits=self._merits()) if self._policy.wants_scores else self._policy
        verdict = judge(kept.action, policy, now)
        reasons = " ".join(verdict.reasons)
        via = verdict.rule or "floor"
        if verdict.judgement == "allow":
            return self._approve(kept, now, "rule", via, reasons)
        if verdict.judgement == "deny":
            self._decide(kept, now, "reject", "rule", via, text=reasons)
            return self._outbox.change(kept, replace(kept, status="rejected", note=reasons), now, "rejected")
        self._outbox.note(now, "held", kept.id, reasons=verdict.reasons, rule=verdict.rule)
        return kept

    def _approve(self, kept: Kept, now: datetime, by: str, via: str, text: str = "") -> Kept:
        self._decide(kept, now, "approve", by, via, text=text)
        approved = replace(kept, status="approved", note=text, attempts=0, not_before=None)
        kept = self._outbox.change(kept, approved, now, "approved")
        if kept.action.group:
            for other in self._outbox.alternatives(kept):
                self._supersede(other, kept, now)
        return kept

    def _supersede(self, old: Kept, new: Kept, now: datetime) -> None:
        note = f"Action {new.id} took its place."
        self._outbox.change(old, replace(old, status="superseded", note=note), now, "superseded", by=new.id)

    def _decide(self, kept: Kept, now: datetime, verb: Verb, by: str, via: str, **texts: Any) -> None:
        self._outbox.decide(kept, Decision(kept.id, verb, kept.hash, by, via, now, **texts))

    def _held(self, number: int, statuses: Collection[Status] = _HELD) -> Kept:
        kept = self._outbox.get(number)
        if kept.status not in statuses or (kept.status == "approved" and (kept.begun or kept.done)):
            raise UnknownActionError(
                f"Action {number} is not held any more: it is {kept.status}.", advice=f"See `butler show {number}`."
            )
        return kept

    def _shown(self, number: int, digest: str, statuses: Collection[Status] = _HELD) -> Kept:
        """The held action, if it still is what its owner has seen."""
        kept = self._held(number, statuses)
        if kept.hash != digest:
            raise ButlerError(f"Action {number} was changed since it was shown.", advice="Look at it again, then decide.")
        return kept

    def _refuse_edit(self, kept: Kept, payload: Payload, now: datetime) -> None:
        if payload.kind != kept.action.kind or isinstance(payload, Undo):
            raise ButlerError(f"An edit cannot make another kind of action {kept.id}.", advice="Reject it instead.")
        if kept.done or kept.begun:
            raise ButlerError(f"A part of action {kept.id} is done already.", advice="Approve the rest as it is, or reject it.")
        verdict = judge(replace(kept.action, payload=payload), self._policy, now)
        if verdict.judgement == "deny":
            raise ButlerError(" ".join(verdict.reasons), advice="Change it otherwise.")


def undoable(kept: Kept) -> bool:
    """Whether what an action did can be taken back, as far as its receipts tell."""
    return kept.status == "done" and _can_take_back(kept)


def _can_take_back(kept: Kept) -> bool:
    undone = sum(receipt.undo is not None for receipt in kept.done)
    return UNDOABLE.get(kept.action.kind, True) and undone >= max(len(kept.done), 1)


def _taken_back(kept: Kept) -> list[dict[str, object]]:
    """The effects that take an action back, last one first; raises ButlerError where there are none for a part of it."""
    if kept.status != "done":
        raise UnknownActionError(
            f"Action {kept.id} cannot be undone: it is {kept.status}.", advice="Only what was carried out can be taken back."
        )
    if not _can_take_back(kept):
        raise ButlerError(
            f"Action {kept.id} cannot be undone: what it did cannot be taken back.",
            advice=f"See `butler why {kept.id}` for what was done.",
        )
    return [receipt.undo.model_dump(mode="json") for receipt in reversed(kept.done) if receipt.undo is not None]


def merits_of(truth: Truth, host: ModelHost | None) -> Merits:
    """What the models of the settings are pinned as, and what they have reached in whole exams as they would be taken now."""
    from butler.sample.exam.version import exam_version

    if host is None or not host.name:
        return Merits()
    urls = {server.url for server in host.servers()}
    models: list[Pinned] = []
    for name in dict.fromkeys((host.named("judge"), host.named("write"), host.named("ask"))):
        pins = [kept for kept in truth.pins.all() if kept.pin.name == name and kept.pin.url in urls]
        digests = [(kept.pin.identity.digest, kept.change is not None) for kept in pins] or [("", False)]
        models += [Pinned(name, digest if is_pinned(digest) else "", changed) for digest, changed in digests]
    totals = {
        kind: {digest: one.total for digest, one in truth.exams.standings(kind, exam_version(kind)).items() if one.whole}
        for kind in KINDS
    }
    return Merits(tuple(models), totals)
