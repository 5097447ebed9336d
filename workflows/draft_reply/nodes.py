"""The nodes of drafting: each takes the small state, works over the run's context, and is safe to be run again."""

from __future__ import annotations

from butler.core.actions import Kept
from butler.core.context import Context
from butler.core.errors import UnknownActionError, UnknownRefError
from butler.core.mail import Mail
from butler.core.payloads import MailDraft
from workflows.draft_reply.asking import unsigned
from workflows.draft_reply.drafting import Draft, Waits, draft
from workflows.draft_reply.gather import Old, gather
from workflows.draft_reply.letters import Drafted, finish
from workflows.draft_reply.pick import Choice, Left, Picked, pick, pick_wished
from workflows.draft_reply.slots import days_of
from workflows.draft_reply.state import State

RESULT = "result"
_BROKE = "Its drafting failed; `butler runs` says why."
_GONE = "The mail is not in the mirror any more."


class Nodes:
    """The nodes of one run, in their order; each may be run again over what the run's memory kept."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._memory = context.memory

    def sync(self, _state: State) -> State:
        """Bring the mirror up to date, once a run."""
        if self._memory.kept("synced") is None:
            self._context.sync()
            self._memory.keep("synced", value=True)
        return {"stage": "sync"}

    def pick(self, _state: State) -> State:
        """Find what is to be answered, and keep the choice."""
        wish = self._context.wish
        if self._memory.kept("choice") is None:
            choice = pick_wished(self._context, wish) if wish else pick(self._context)
            self._memory.keep("choice", choice.model_dump(mode="json"))
        return {"picked": [one.judgement.ref for one in self._choice().picked], "stage": "pick"}

    def draft(self, _state: State) -> State:
        """Draft the answers, each in a run of its own, and keep each as soon as it is there."""
        for picked in self._choice().picked:
            ref = picked.judgement.ref
            if self._memory.kept(_stage(ref)) is None:
                # What breaks on one mail ends in its own run, and the others are drafted all the same.
                with self._context.judging(ref):
                    made = _made(self._context, picked)
                    self._memory.keep(_stage(ref), made.model_dump(mode="json"))
        return {"stage": "draft"}

    def propose(self, _state: State) -> State:
        """Put the drafts before the gate, and keep what came of each mail."""
        choice = self._choice()
        drafted: list[dict[str, object]] = []
        left = list(choice.left)
        for picked in choice.picked:
            made = self._drafted(picked.judgement.ref)
            if isinstance(made, Left):
                left.append(made)
                continue
            kept = self._proposed(made)
            if isinstance(kept, Left):
                left.append(kept)
            else:
                drafted.append({"id": kept.id, **made.summary()})
        waits = choice.waits or next((one.reason for one in left if one.waits), "")
        told = [{"ref": one.ref, "reason": one.reason} for one in left]
        rest = {**({"waits": waits} if waits else {}), **({"more": choice.more} if choice.more else {})}
        self._memory.keep(RESULT, {"drafted": drafted, "left": told, **rest})
        return {"stage": "propose"}

    def _proposed(self, made: Drafted) -> Kept | Left:
        """Propose a draft; where another action stands in its way, or what it replaces is decided, say so."""
        try:
            kept = self._context.propose(made.action(self._context))
        except UnknownActionError as error:
            return Left(ref=made.ref, reason=str(error))
        return kept if kept.action.key == made.key else Left(ref=made.ref, reason=f"Action {kept.id} is open for it.")

    def _choice(self) -> Choice:
        return Choice.model_validate(self._memory.kept("choice"))

    def _drafted(self, ref: str) -> Drafted | Left:
        kept = self._memory.kept(_stage(ref))
        if kept is None:
            return Left(ref=ref, reason=_BROKE)
        return Left.model_validate(kept) if "letter" not in kept else Drafted.model_validate(kept)


def _stage(ref: str) -> str:
    return f"drafted:{ref}"


def _made(context: Context, picked: Picked) -> Drafted | Left:
    """The draft of one mail, or why there is none."""
    ref = picked.judgement.ref
    mail = _mail(context, ref)
    if mail is None:
        return Left(ref=ref, reason=_GONE)
    case = gather(context, mail, picked.judgement, _old(context))
    made = case if isinstance(case, str) else draft(context, case)
    if isinstance(made, Waits):
        return Left(ref=ref, reason=made.reason, waits=True)
    if isinstance(made, Draft) and not isinstance(case, str):
        return finish(context, case, made, picked.key)
    return Left(ref=ref, reason=str(made))


def _mail(context: Context, ref: str) -> Mail | None:
    try:
        return context.reads.mail(ref)
    except UnknownRefError:
        return None


def _old(context: Context) -> Old | None:
    """What a revision starts from."""
    wish = context.wish
    payload = wish.action.action.payload if wish else None
    if wish is None or not isinstance(payload, MailDraft):
        return None
    days = days_of(wish.text, context.day, context.owner)
    body, kept = unsigned(payload.letter.body), wish.action
    told = (kept.action.reason, *([body] if kept.version > 1 else []))
    return Old(body, wish.text, tuple(days), told)
