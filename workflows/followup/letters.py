"""The letter of a follow-up, and the action that proposes it: an answer to the same mail, by fixed sentences and its words."""

from __future__ import annotations

from butler.core.actions import Action, Taint
from butler.core.context import Context
from butler.core.mail import Address, Mail
from butler.core.payloads import Letter, MailDraft, Person
from butler.core.text import one_line
from tools.mail.message import split_new
from tools.mail.reply_to import draft_message_id, in_reply_to_of, quoted_original, references_of, reply_subject
from workflows.briefing.words import listed, person
from workflows.draft_reply.language import language_of
from workflows.draft_reply.manners import manners
from workflows.followup.find import Asking
from workflows.followup.words import LANGUAGES, body

_READ = 20_000
_LETTERS = 5
READ_ONLY = "The account {account} may not be written to."
UNKNOWN = "It is in a language that the butler cannot write."


def follow_up(context: Context, asking: Asking, mail: Mail, people: list[Address]) -> Action | str:
    """The action that puts a follow-up into Drafts, or a sentence on why there is none."""
    identity = context.identities.get(mail.account)
    if identity is None:
        return READ_ONLY.format(account=mail.account)
    text = split_new(mail.message.text[:_READ]).new
    language = language_of(f"{mail.message.subject}\n\n{text}", context.owner.language)
    if language not in LANGUAGES:
        return UNKNOWN
    own = [other for other in context.reads.letters_to([people[0].address], _LETTERS) if other.ref != mail.ref]
    theirs = next((other.message.text[:_READ] for other in context.reads.letters_from(people[0].address, 1)), "")
    style = manners(language, people[0], split_new(theirs).new, identity.name, [mail, *own] if mail.sent else own)
    day = mail.when.astimezone(context.owner.zone).date()
    said = body(language, asking.matter, day, one_line(asking.quote, 400))
    signature = f"\n\n-- \n{identity.signature.strip()}" if identity.signature.strip() else ""
    sender = mail.message.sender if mail.sent else None
    address = sender.address if sender and sender.address.lower() in context.owner.addresses else identity.address
    letter = Letter(
        account=mail.account,
        sender=Person(name=identity.name, address=address),
        to=tuple(Person(name=one.name, address=one.address) for one in people),
        cc=_copied(context, mail),
        subject=reply_subject(mail.message.subject),
        body=f"{style.greeting}\n\n{said}\n\n{style.closing}{signature}",
        quoted=quoted_original(mail, context.owner.zone, language),
        in_reply_to=in_reply_to_of(mail),
        references=references_of(mail),
        thread=one_line(mail.message.subject, 200),
        message_id=draft_message_id(asking.key, address),
        date=context.now,
    )
    return Action(
        MailDraft(letter=letter),
        _reason(context, asking, mail, people),
        asking.key,
        sources=(mail.ref,),
        taint=(Taint(mail.ref, sender.address if sender else _author(mail), foreign=not mail.sent),),
        rule="question without an answer" if asking.matter == "question" else "promise to you overdue",
        workflow="followup",
        run=context.run,
    )


def _copied(context: Context, mail: Mail) -> tuple[Person, ...]:
    """Who was in copy of the owner's own question; nobody else hears of a promise that is overdue."""
    if not mail.sent:
        return ()
    others = [one for one in mail.message.cc if one.address.lower() not in context.owner.addresses]
    return tuple(Person(name=one.name, address=one.address) for one in others)


def _reason(context: Context, asking: Asking, mail: Mail, people: list[Address]) -> str:
    days = (context.day - mail.when.astimezone(context.owner.zone).date()).days
    who, words = listed([person(one) for one in people], 2), one_line(asking.quote, 160)
    if asking.matter == "question":
        return f"{who} has not answered for {days} days: “{words}”."
    return f"{who} promised this {days} days ago, and it is overdue: “{words}”."


def _author(mail: Mail) -> str:
    return mail.message.sender.address if mail.message.sender else ""
