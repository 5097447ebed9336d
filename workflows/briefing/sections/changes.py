"""What moved, was cancelled, came new or got answered since the last briefing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from butler.core.briefing import Evidence
from butler.core.mail import Mail
from butler.core.text import one_line
from workflows.briefing.sections import calendar_changes, snapshot
from workflows.briefing.sections.commitments import answer_to
from workflows.briefing.sections.snapshot import Snapshot
from workflows.briefing.view import Entry, View, shortened
from workflows.briefing.words import person, say

SHOWN = 20


def entries(view: View) -> list[Entry]:
    """The lines of the section, none without an earlier snapshot."""
    before = snapshot.read(view.gathered.before)
    if before is None:
        return []
    return shortened([*calendar_changes.entries(before, view), *_answered_mails(before, view)], SHOWN)


def _answered_mails(before: Snapshot, view: View) -> Iterator[Entry]:
    """What the owner answered of what waited for them, and what others answered of what the owner asked."""
    told: set[tuple[str, str]] = set()
    for ref, kept in sorted(before.waiting.items(), key=lambda pair: _age(pair[0], view), reverse=True):
        mail = view.mails.get(ref)
        if mail is not None and view.is_answered(mail):
            reply = view.reply_of_owner(mail)
            # One answer to somebody's mail and their reminder is told once, of the newer one.
            once = (kept.who, reply.ref if reply else ref)
            if once in told:
                continue
            told.add(once)
            text = say("answered_by_you", who=one_line(kept.who, 40), what=one_line(kept.what, 120))
            yield _answered(text, (mail, reply), "It waited for your answer at the last briefing.")
    for ref, kept in sorted(before.asked.items()):
        mail = view.mails.get(ref)
        answer = answer_to(mail, view) if mail is not None else None
        if answer is not None:
            text = say("answered_you", who=person(answer.message.sender), what=one_line(kept.what, 120))
            yield _answered(text, (mail, answer), "You waited for an answer at the last briefing.")


def _age(ref: str, view: View) -> tuple[float, str]:
    mail = view.mails.get(ref)
    return mail.when.timestamp() if mail else 0.0, ref


def _answered(text: str, mails: Sequence[Mail | None], reason: str) -> Entry:
    evidence = tuple(Evidence(ref=mail.ref) for mail in mails if mail is not None)
    return Entry(text=text, evidence=evidence, rule="changes: answered", reason=reason)
