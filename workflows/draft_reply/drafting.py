"""Makes the draft of one mail: asks the model, checks what it wrote, repairs it once, or writes a skeleton."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from butler.core.actions import Finding
from butler.core.context import Context
from butler.core.steps import Asked, Model
from butler.core.text import one_line
from workflows.briefing.dates import find_dates
from workflows.draft_reply import asking, steps, wordings, writing
from workflows.draft_reply.checks import NOTE_WORDS, Elsewhere, Ground, check, repairs
from workflows.draft_reply.gather import READ, Case
from workflows.draft_reply.steps import DraftAnswer
from workflows.draft_reply.writing import Written

NO_MODEL = "No model is configured."
_TOLD = 5


@dataclass(frozen=True, slots=True)
class Waits:
    """Why a draft waits until its model is there again, as a sentence."""

    reason: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A reply's body with what was found in it; `step` and `digest` name the model's part where it had one."""

    body: str
    findings: tuple[Finding, ...]
    step: str | None = None
    digest: str | None = None


def draft(context: Context, case: Case) -> Draft | Waits | str:
    """Draft the answer to one mail; a revision for which there is no model and no free time is refused with a sentence.

    Where the model that is configured is away, the mail waits for it.
    """
    model = context.model
    if model is None:
        return _without_model(case, NO_MODEL)
    said = _ask(model, case)
    if said.answer is None and not said.digest and case.old is None:
        return Waits(f"It waits for the model: {one_line(said.reason, 200)}")
    if said.answer is None:
        return _without_model(case, said.reason)
    if writing.is_empty(said.answer, case):
        return _without_model(case, "The model had nothing to say.")
    written, found = _checked(said.answer, case)
    if repairs(found):
        again = _ask(model, case, found)
        if again.answer is not None and not writing.is_empty(again.answer, case):
            mended, left = _checked(again.answer, case)
            if len(repairs(left)) <= len(repairs(found)):
                said, written, found = again, mended, left
    return Draft(written.body, (*found, *_remarks(said, written, case)), steps.draft().name, said.digest)


def ground(case: Case) -> Ground:
    """What the draft of a mail is held against."""
    mails = [*case.thread, case.mail]
    elsewhere = [Elsewhere(f"your note {note.path}", note.text[:READ], NOTE_WORDS) for note in case.notes]
    elsewhere += [Elsewhere("what you wanted remembered", line, NOTE_WORDS) for line in _remembered(case)]
    elsewhere += [Elsewhere("another letter", mail.message.text[:READ]) for mail in (*case.examples, *case.earlier)]
    return Ground(
        language=case.language,
        thread="\n\n".join(f"{mail.message.subject}\n{mail.message.text[:READ]}" for mail in mails),
        plan=case.plan,
        day=case.day,
        notes="\n\n".join((*(asking.note_passage(case, note.text) for note in case.notes), *_remembered(case))),
        known=tuple(_known(case)),
        people=frozenset(_people(case)),
        asked=case.asked,
        elsewhere=elsewhere,
    )


def _remembered(case: Case) -> list[str]:
    return [each.text for each in case.remembered]


def _ask(model: Model, case: Case, found: Sequence[Finding] = ()) -> Asked[DraftAnswer]:
    refused = [one_line(finding.sentence, 300) for finding in found[:_TOLD]]
    return model.ask(
        steps.draft(),
        subject=case.mail.ref,
        facts=asking.facts(case, repairs(found)),
        text=asking.text(case, refused),
    )


def _checked(answer: DraftAnswer, case: Case) -> tuple[Written, list[Finding]]:
    written = writing.write(case, answer)
    return written, check(written.said, written.offered, ground(case))


def _remarks(said: Asked[DraftAnswer], written: Written, case: Case) -> Iterator[Finding]:
    """What the owner should know of a draft beside what was checked."""
    if said.answer is not None and said.answer.unsure:
        yield Finding("unsure", "The model is not sure of it: something in it is yours to decide.")
    if written.open:
        count = len(written.open)
        yield Finding("open", f"{count} question{'s' if count > 1 else ''} left to you, marked {wordings.ROOM}.")
    if said.cut:
        yield Finding("cut", "The model has read only a part of it: it was too long.")
    yield from _wish(case, written)


def _wish(case: Case, written: Written) -> Iterator[Finding]:
    if case.old and case.old.days and not written.offered:
        days = ", ".join(f"{day:%a %d %b}" for day in case.old.days)
        yield Finding("wish", f"You have no free time on {days} within your hours, so none is offered.")


def _without_model(case: Case, why: str) -> Draft | str:
    reason = one_line(why, 200).rstrip(".")
    if case.old is None:
        written = writing.skeleton(case)
        sentence = f"It is a skeleton, to be filled in by you where it says {wordings.ROOM}: {reason}."
        return Draft(written.body, (Finding("skeleton", sentence, warning=False),))
    if not case.old.days or not case.slots:
        return f"Your wish needs a model: {reason}. The draft is as it was."
    written = writing.with_offers(case, case.old.body)
    return Draft(written.body, (Finding("wish", f"Only the free times of your wish were put in: {reason}."),))


def _known(case: Case) -> Iterator[str]:
    """Names, and the weekdays of dates and free times, which code knows to be true."""
    zone = case.plan.owner.zone
    yield case.identity.name
    yield case.reader
    for mail in (*case.thread, case.mail):
        message = mail.message
        people = (*((message.sender,) if message.sender else ()), *message.to, *message.cc)
        yield from (f"{person.name} {person.address}" for person in people)
        written = mail.when.astimezone(zone).date()
        found = find_dates(message.text[:READ], written, zone)
        yield from (f"{one.due.day:%A} {one.due.day.isoformat()}" for one in found)
    for span in (*case.slots, *(one.span for one in case.asked)):
        start = span.start.astimezone(zone)
        yield f"{start:%A} {start.date().isoformat()} {start:%H:%M}"
        yield f"{span.end.astimezone(zone):%H:%M}"
    if case.old:
        yield from (case.old.wish, *case.old.told)


def _people(case: Case) -> Iterator[str]:
    for mail in (*case.thread, case.mail):
        message = mail.message
        everybody = (*message.reply_to, *message.to, *message.cc, *((message.sender,) if message.sender else ()))
        yield from (person.address.lower() for person in everybody)
