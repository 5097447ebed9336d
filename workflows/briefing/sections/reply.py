"""Mails that need the owner's answer and have none yet, ranked, with the reason and how long they have waited."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from butler.core.mail import Mail
from butler.core.text import one_line
from workflows.briefing.rank import Ranked, rank
from workflows.briefing.sections.invitations import invites, settled
from workflows.briefing.values import Judgement
from workflows.briefing.view import Entry, View, mail_evidence, shortened
from workflows.briefing.words import person, quoted, say

Group = tuple[int, str]


def entries(view: View) -> list[Entry]:
    """The lines of the section: one a person and thread, the newest mail of theirs, up to the owner's limit."""
    groups = _groups(pending(view), view)
    newest = [group[-1] for group in groups.values()]
    all_of = view.gathered
    ranked = rank(newest, view.mails, all_of.exchanged, all_of.now, view.owner, view.day, all_of.remembered, all_of.contacts)
    found = [_entry(one, groups[_group(one.judgement, view)], view) for one in ranked]
    return shortened(found, view.options.reply_limit, view.is_of_stranger)


def pending(view: View) -> list[Judgement]:
    """The judgements that ask for an answer, of mails that are not answered yet; a mail in several accounts is asked once."""
    mails = view.mails
    asking = {one.ref: one for one in view.judged.received if one.label != "none" and one.ref in mails}
    copies = {ref: _identity(mails[ref]) for ref in asking}
    done = {copies[ref] for ref in asking if view.is_answered(mails[ref]) or view.is_over(mails[ref])}
    done |= {copies[ref] for ref in settled({ref: mails[ref] for ref in asking}, view)}
    once = {copies[ref]: one for ref, one in reversed(asking.items())}
    kept = {one.ref for identity, one in once.items() if identity not in done}
    return [one for ref, one in asking.items() if ref in kept]


def _identity(mail: Mail) -> tuple[str, str]:
    """What a mail's copies in other accounts have in common."""
    sender = mail.message.sender.address.casefold() if mail.message.sender else ""
    return (mail.message.message_id, sender) if mail.message.message_id else (mail.ref, "")


def what(judgement: Judgement, view: View) -> str:
    """What is asked: the event it invites to, the model's checked phrase, else the mail's own words, else its subject."""
    mail = view.mails[judgement.ref]
    said = one_line(judgement.summary, 120) if judgement.summary else quoted(judgement.quote) if judgement.quote else ""
    known = [part for part in (invites(mail, view), said) if part]
    if known:
        return " – ".join(known)
    subject = one_line(mail.message.subject, 100)
    return f"“{subject}”" if subject else say("no_subject")


def _groups(judgements: Iterable[Judgement], view: View) -> Mapping[Group, list[Judgement]]:
    """Judgements by thread and author, oldest first."""
    groups: dict[Group, list[Judgement]] = {}
    for judgement in sorted(judgements, key=lambda one: (view.mails[one.ref].when, one.ref)):
        groups.setdefault(_group(judgement, view), []).append(judgement)
    return groups


def _group(judgement: Judgement, view: View) -> Group:
    mail = view.mails[judgement.ref]
    return mail.thread, mail.message.sender.address.casefold() if mail.message.sender else judgement.ref


def _entry(ranked: Ranked, group: list[Judgement], view: View) -> Entry:
    judgement, mail = ranked.judgement, ranked.mail
    days = view.days_since(view.mails[group[0].ref].when)
    waited = say("waiting_today") if days == 0 else say("waiting_one") if days == 1 else say("waiting_many", n=days)
    earlier = [say("earlier", n=len(group) - 1)] if len(group) > 1 else []
    remarks = "; ".join((waited, *ranked.why, *earlier))
    return Entry(
        text=f"{say('ask', who=person(mail.message.sender), what=what(judgement, view))} ({remarks})",
        evidence=tuple(mail_evidence(one.ref, one.quote) for one in reversed(group)),
        rule=judgement.rule,
        reason=ranked.reason,
        by=judgement.by,
        step=judgement.step,
        digest=judgement.digest,
    )
