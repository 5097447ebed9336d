"""Judges every mail and note: rules first, for all of them; then the model, mail by mail, where it can know better."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import Any

from pydantic import BaseModel, ConfigDict

from butler.core.briefing import BriefingModel
from butler.core.context import Context
from butler.core.errors import ButlerError
from butler.core.mail import Mail
from butler.core.notes import PlacedNote
from butler.core.owner import Owner
from butler.core.steps import Asked, Inquiry, Model, Step, ask_all
from butler.core.text import one_line
from tools.mail.message import split_new
from workflows.briefing import recall, rules, steps, verdicts
from workflows.briefing.asking import worth_asking
from workflows.briefing.cases import AnyCase, Case, R
from workflows.briefing.letter import Links, letter
from workflows.briefing.values import DroppedClaim, Gathered, Judged, Judgement, NoteDue, SentJudgement

_LANGUAGES = {
    "en": "English",
    "de": "German",
    "fr": "French",
    "es": "Spanish",
    "it": "Italian",
    "nl": "Dutch",
    "pl": "Polish",
    "pt": "Portuguese",
}

_NO_STRANGER = 2
_FAULTS = (ButlerError, ValueError, TypeError, LookupError, ArithmeticError, RecursionError)
"""What a mail that nobody foresaw can make of the rules; it then wants nothing, and the others are not harmed."""


class Verdict(BaseModel):
    """What came of putting one mail to the model, kept so that an interrupted run never asks again.

    `accepted` says that the model's answer had a say; `failure` why there was none. `model` and `digest` name who was
    asked; the digest is empty when there is no such model.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    received: Judgement | None = None
    sent: SentJudgement | None = None
    dropped: tuple[DroppedClaim, ...] = ()
    accepted: bool = False
    failure: str = ""
    model: str = ""
    digest: str = ""


class Judging(BaseModel):
    """All judgements, and how the model fared: mails put to it, answers that had a say, the first failure's reason.

    `model` is the one whose answers had a say; it is known after an interruption without asking again.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    judged: Judged
    asked: int = 0
    accepted: int = 0
    failure: str = ""
    model: BriefingModel | None = None


def judge(context: Context, gathered: Gathered) -> Judging:
    """Judge all that was gathered; without a model, or where it fails, the rules' word stands."""
    owner = context.owner
    received = recall.cases(
        context, gathered.candidates, lambda mail: _known(mail, gathered), lambda mail: received_case(mail, owner, gathered)
    )
    sent = recall.cases(context, gathered.sent, lambda _mail: (0, 0), lambda mail: sent_case(mail, owner))
    put = dict(_put_all(context, received, sent, gathered))
    failures = [verdict.failure for verdict in put.values() if verdict.failure]
    accepted = [verdict for verdict in put.values() if verdict.accepted]
    judged = Judged(
        received=tuple(_chosen(put.get(case.mail.ref, Verdict()).received, case.rule) for case in received),
        sent=tuple(_chosen(put.get(case.mail.ref, Verdict()).sent, case.rule) for case in sent),
        notes=tuple(due for note in gathered.notes for due in _note_dues(note, context)),
        dropped=tuple(claim for verdict in put.values() for claim in verdict.dropped),
        fallbacks=len(failures),
    )
    model = BriefingModel(name=accepted[-1].model, digest=accepted[-1].digest) if accepted else None
    return Judging(judged=judged, asked=len(put), accepted=len(accepted), failure=next(iter(failures), ""), model=model)


def _chosen(verdict: R | None, rule: R) -> R:
    return rule if verdict is None else verdict


def received_case(mail: Mail, owner: Owner, gathered: Gathered) -> Case[Judgement]:
    """A received mail with the rules' word on it."""
    try:
        text = split_new(mail.message.text).new
        rule = rules.judge_received(mail, text, owner, _known(mail, gathered))
        return Case(mail, text, rule, owner.zone)
    except _FAULTS:
        rule = Judgement(ref=mail.ref, label="none", rule="unreadable", reason="The rules could not read it.")
        return Case(mail, "", rule, owner.zone)


def _known(mail: Mail, gathered: Gathered) -> tuple[int, int]:
    """How many mails were had from its author and written to them; who stands on a card is no stranger with the first one."""
    sender = mail.message.sender.address.lower() if mail.message.sender else ""
    had, written = gathered.exchanged.get(sender, (0, 0))
    return (max(had, _NO_STRANGER) if sender in gathered.contacts else had), written


def sent_case(mail: Mail, owner: Owner) -> Case[SentJudgement]:
    """A mail of the owner's with the rules' word on it."""
    try:
        text = split_new(mail.message.text).new
        return Case(mail, text, rules.judge_sent(mail, text, owner), owner.zone)
    except _FAULTS:
        return Case(mail, "", SentJudgement(ref=mail.ref), owner.zone)


def _note_dues(note: PlacedNote, context: Context) -> Sequence[NoteDue]:
    try:
        return rules.note_dues(note, context.day, context.owner.zone)
    except _FAULTS:
        return ()


def _put_all(
    context: Context, received: Sequence[Case[Judgement]], sent: Sequence[Case[SentJudgement]], gathered: Gathered
) -> Iterator[tuple[str, Verdict]]:
    """Put the mails to the model, each in a run of its own; what was put before an interruption is not put again."""
    model = context.model
    if model is None:
        return
    cases = worth_asking(received, sent, gathered, context.owner)
    kept = [_kept(context, case.mail.ref) for case in cases]
    letters = [_letter(case, context.owner) if known is None else None for case, known in zip(cases, kept, strict=True)]
    asked = [written.inquiry for written in letters if isinstance(written, _Letter)]
    with closing(ask_all(model, asked)) as answers:
        for case, known, written in zip(cases, kept, letters, strict=True):
            verdict = known if written is None else _judged(context, model, case, partial(_put, written, answers))
            yield case.mail.ref, verdict or Verdict(failure="The judging of a mail failed.")
            if verdict is not None and verdict.failure and not verdict.digest:
                return  # There is no model behind the name: the others need not be tried.


def _judged(context: Context, model: Model, case: AnyCase, put: Callable[[Model, Owner], Verdict]) -> Verdict | None:
    """What the model makes of one mail, kept; None where that cannot be understood, which ends in its own run."""
    verdict: Verdict | None = None
    with context.judging(case.mail.ref):
        verdict = put(model, context.owner)
        context.memory.keep(_stage(case.mail.ref), verdict.model_dump(mode="json"))
    return verdict


def _stage(ref: str) -> str:
    return f"judged:{ref}"


def _kept(context: Context, ref: str) -> Verdict | None:
    kept = context.memory.kept(_stage(ref))
    return None if kept is None else Verdict.model_validate(kept)


@dataclass(frozen=True, slots=True)
class _Letter:
    """A mail as it is put to the model."""

    case: AnyCase
    inquiry: Inquiry[Any]
    links: Links


def _letter(case: AnyCase, owner: Owner) -> _Letter | Exception:
    """A mail as it is put to the model, or what it made of that, which is told in its own run."""
    try:
        text, links = letter(case)
        step: Step[Any] = steps.received() if isinstance(case.rule, Judgement) else steps.promise()
        return _Letter(case, Inquiry(step, case.mail.ref, _facts(case, owner), text), links)
    except _FAULTS as fault:
        return fault


def _put(written: _Letter | Exception, answers: Iterator[Asked[Any]], model: Model, owner: Owner) -> Verdict:
    if isinstance(written, Exception):
        raise written
    said, case = next(answers), written.case
    if said.answer is None:
        return _failed(model, said.reason, said.digest)
    ground = _ground(case, owner, written.links, written.inquiry.step.name, said.digest)
    if isinstance(case.rule, Judgement):
        held = verdicts.received(said.answer, case.rule, ground)
        verdict = Verdict(received=held.judgement, dropped=held.dropped, accepted=held.accepted)
    else:
        kept = verdicts.sent(said.answer, case.rule, ground)
        verdict = Verdict(sent=kept.judgement, dropped=kept.dropped, accepted=kept.accepted)
    return verdict.model_copy(update={"model": model.name, "digest": model.digest})


def _failed(model: Model, reason: str, digest: str) -> Verdict:
    return Verdict(failure=reason or "It gave no reason.", model=model.name, digest=digest)


def _facts(case: AnyCase, owner: Owner) -> str:
    """Lines that code computed; none of them depends on today, so that an answer is found again tomorrow."""
    dates = "; ".join(f"{number} = {due.day:%A %Y-%m-%d}" for number, due in enumerate(case.dues, 1))
    written = f"Written: {case.mail.when.astimezone(owner.zone):%A %Y-%m-%d}"
    # What is the same for all mails comes first: a server reads the beginning that prompts share once.
    same = [f"Owner: {one_line(owner.name, 100)}"]
    if isinstance(case.rule, Judgement):
        same.append(f"Language: {_LANGUAGES.get(owner.language, owner.language)}")
    return "\n".join((*same, written, f"Dates: {dates or 'none'}"))


def _ground(case: AnyCase, owner: Owner, links: Links, step: str, digest: str) -> verdicts.Ground:
    sender = case.mail.message.sender
    author = (sender.name, sender.address) if sender else ()
    days = (f"{due.day:%A} {due.day.isoformat()}" for due in case.dues)
    return verdicts.Ground(case.source, case.dues, step, digest, owner.language, (owner.name, *author, *days), links)
