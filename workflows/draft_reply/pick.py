"""Which mails are to be answered by a draft, and for the others that want an answer why not."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from pydantic import BaseModel, ConfigDict

from butler.core.context import Context, Wish
from butler.core.mail import Mail
from butler.core.payloads import MailDraft
from tools.mail.reply_to import is_unanswerable
from workflows.briefing.gather import gather
from workflows.briefing.judge import judge
from workflows.briefing.rank import rank
from workflows.briefing.sections.reply import pending
from workflows.briefing.values import Judgement
from workflows.briefing.view import View

_INVITATION = "invitation"
_ANSWERED_DAYS = 7


class Picked(BaseModel):
    """A mail to be answered, and the key of its draft."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    judgement: Judgement
    key: str


class Left(BaseModel):
    """A mail that wants an answer and gets no draft, and why; `waits` where the next run may draft it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ref: str
    reason: str
    waits: bool = False


class Choice(BaseModel):
    """What was picked and what was left, kept so that an interrupted run goes on with the same.

    `waits` is why the model could not judge, where one is configured and away; `more` is how many were left only because
    of the limit of one run.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    picked: tuple[Picked, ...] = ()
    left: tuple[Left, ...] = ()
    waits: str = ""
    more: int = 0


def key_of(mail: Mail, number: int = 1) -> str:
    """The idempotency key of the draft of a mail; `number` counts its revisions."""
    return f"draft|{mail.account}|{mail.ref.partition('/')[2]}|{number}"


def pick(context: Context) -> Choice:
    """Pick what the owner has to answer, judged as the briefing judges it, and asked of the model only once in all."""
    gathered = gather(context, ())
    judging = judge(context, gathered)
    judged = judging.judged
    view = View(gathered, judged, context.owner, context.options)
    waiting = [
        one.judgement
        for one in rank(
            pending(view),
            view.mails,
            gathered.exchanged,
            context.now,
            context.owner,
            remembered=context.remembered,
            contacts=gathered.contacts,
        )
    ]
    newest = _newest(waiting, view.mails)
    picked: list[Picked] = []
    left = [*_answered(view, {one.ref for one in waiting})]
    more = 0
    # When more waits than is drafted at once, the newest goes first.
    for judgement in sorted(waiting, key=lambda one: (view.mails[one.ref].when, one.ref), reverse=True):
        mail = view.mails[judgement.ref]
        reason = _why_not(judgement, mail, newest, context)
        if not reason and len(picked) >= context.most_drafts:
            reason = f"More than {context.most_drafts} mails wait; it will be drafted in the next run, at the latest at night."
            more += 1
        if reason:
            left.append(Left(ref=mail.ref, reason=reason))
        else:
            picked.append(Picked(judgement=judgement, key=key_of(mail)))
    is_away = context.model is not None and not context.model.digest
    return Choice(picked=tuple(picked), left=tuple(left), waits=judging.failure if is_away else "", more=more)


def pick_wished(context: Context, wish: Wish) -> Choice:
    """Pick the one mail whose draft the owner wants changed, with the key of the next revision."""
    action = wish.action.action
    ref = action.sources[0] if action.sources else ""
    if not isinstance(action.payload, MailDraft) or not ref.startswith("mail:"):
        return Choice(left=(Left(ref=ref, reason="Only a draft that answers a mail can be drafted anew."),))
    stem, _, number = action.key.rpartition("|")
    count = int(number) + 1 if number.isdigit() else 2
    while context.known(f"{stem}|{count}"):
        count += 1
    judgement = Judgement(ref=ref, label="reply", rule=action.rule, reason=action.reason)
    return Choice(picked=(Picked(judgement=judgement, key=f"{stem}|{count}"),))


def _why_not(judgement: Judgement, mail: Mail, newest: Collection[str], context: Context) -> str:
    if judgement.label == "unsure":
        return "It is not clear that it wants an answer."
    if judgement.rule == _INVITATION or "METHOD:REQUEST" in mail.message.calendar.upper():
        return "It is an invitation, which has answers of its own."
    if reason := is_unanswerable(mail):
        return reason
    if mail.ref not in newest:
        return "A later mail of the same person in the same thread is answered."
    if context.known(key_of(mail)):
        return "There is a draft for it already."
    return ""


def _newest(waiting: Sequence[Judgement], mails: Mapping[str, Mail]) -> set[str]:
    """The newest mail of each person in each thread."""
    found: dict[tuple[int, str], Mail] = {}
    for judgement in waiting:
        mail = mails[judgement.ref]
        sender = mail.message.sender.address.lower() if mail.message.sender else ""
        before = found.get((mail.thread, sender))
        if judgement.label == "reply" and (before is None or (before.when, before.ref) < (mail.when, mail.ref)):
            found[mail.thread, sender] = mail
    return {mail.ref for mail in found.values()}


def _answered(view: View, waiting: Collection[str]) -> Iterator[Left]:
    """The mails of the last days that asked for an answer and have it."""
    for judgement in view.judged.received:
        mail = view.mails[judgement.ref]
        recent = judgement.label == "reply" and view.days_since(mail.when) <= _ANSWERED_DAYS
        if recent and mail.ref not in waiting:
            reason = "You have answered it already." if view.is_answered(mail) else "It is over."
            yield Left(ref=mail.ref, reason=reason)
