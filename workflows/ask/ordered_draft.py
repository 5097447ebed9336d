"""A draft that the owner tells the butler to write: an answer to a last letter, in the owner's own words or drafted."""

from __future__ import annotations

from dataclasses import replace

from butler.core.actions import Action
from butler.core.asking import Answer
from butler.core.context import Context
from butler.core.mail import Mail
from butler.core.text import one_line
from tools.mail.reply_to import is_unanswerable
from workflows.ask import says
from workflows.ask.people import people_named
from workflows.ask.wording import Wording
from workflows.briefing.values import Judgement
from workflows.draft_reply import writing
from workflows.draft_reply.drafting import Draft, Waits, draft
from workflows.draft_reply.gather import Case, gather
from workflows.draft_reply.letters import finish
from workflows.draft_reply.pick import key_of
from workflows.draft_reply.steps import DraftAnswer

_LETTERS = 10
_LONGEST = 1_000


def draft_answer(context: Context, who: str, words: str, wording: Wording) -> Answer:
    """Propose the draft; the answer says that it is held, or why there is none."""
    mail = _letter_of(context, who)
    if mail is None:
        wording.say("nobody_such", words=says.title(who))
        return wording.answer()
    asked = one_line(context.question.text if context.question else "", 200)
    case = gather(context, mail, Judgement(ref=mail.ref, label="reply", rule="the owner's own words", reason=asked))
    made = case if isinstance(case, str) else _made(context, case, words)
    if isinstance(case, str) or not isinstance(made, Draft):
        wording.say("no_draft", [wording.mail(mail)], reason=made.reason if isinstance(made, Waits) else str(made))
        return wording.answer()
    action: Action = finish(context, case, made, _key(context, mail)).action(context)
    kept = context.propose(replace(action, reason=f"You asked: “{asked}”.", workflow="ask"))
    wording.say("held_draft", [wording.mail(mail)], who=says.name_of(mail.message.sender))
    return wording.answer(proposed=[kept.id])


def _made(context: Context, case: Case, words: str) -> Draft | Waits | str:
    """The owner's words in the form of a letter, or what is drafted where they said none."""
    if not words:
        return draft(context, case)
    written = writing.write(case, DraftAnswer(body=words[:_LONGEST], answers=(), offers=(), unsure=False))
    return Draft(written.body, ())


def _letter_of(context: Context, who: str) -> Mail | None:
    """The last letter of somebody that can be answered."""
    for person in people_named(context, who):
        mails = [mail for address in person.addresses for mail in context.reads.letters_from(address, _LETTERS)]
        fitting = [mail for mail in mails if is_unanswerable(mail) is None and not mail.sent and mail.when <= context.now]
        if fitting:
            return max(fitting, key=lambda mail: (mail.when, mail.ref))
    return None


def _key(context: Context, mail: Mail) -> str:
    """A key that no draft to this mail has had."""
    number = 1
    while context.known(key_of(mail, number)):
        number += 1
    return key_of(mail, number)
