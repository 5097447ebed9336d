"""Collects what one reply rests on: thread, earlier mail, notes, the owner's own letters, free times; code only, "
"reads only."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from butler.core.calendar import Placed
from butler.core.contacts import card_of
from butler.core.context import Context, Edit, Identity
from butler.core.dayplan import Span
from butler.core.mail import Address, Mail
from butler.core.notes import PlacedNote
from butler.core.prepared import bare_subject
from butler.core.remembering import Remembered
from tools.mail.message import split_new
from tools.mail.reply_to import Recipients, recipients_of
from workflows.briefing.rules import real_questions
from workflows.briefing.values import Judgement
from workflows.draft_reply import phrasings, slots
from workflows.draft_reply.language import LANGUAGES, language_of, small_words
from workflows.draft_reply.manners import Manners, manners
from workflows.draft_reply.slots import Asked, Plan
from workflows.draft_reply.steps import MOST_QUESTIONS
from workflows.remembered import about, general, meeting_hours

EXAMPLES = 3
EDITS = 2
EARLIER = 2
NOTES = 2
REMEMBERED = 8
READ = 20_000
_SEARCHED = 8
_LOOKED_AT = 12
_CARDS = 20
_AHEAD = 60
_WORD = re.compile(r"[^\W\d_]{4,}")
_EVERYWHERE = (
    "before after again hour hours time today tomorrow week weeks month year next meet meeting talk call send sent "
    "need want know think could should might still then than more most much many very good well back over into only other "
    "zeit woche heute morgen termin treffen machen kommen geben noch schon wieder dann nächste nächsten "
    "temps semaine demain rendez-vous faire avant après encore tiempo semana antes después hacer todavía"
)
"""Words that stand in any note, and say nothing of what it is about."""


@dataclass(frozen=True, slots=True)
class Old:
    """What a revision starts from: the body that the owner was shown, their wish, and the days that it names.

    `told` are the owner's own earlier words on it: an earlier wish, or the body where they had edited it.
    """

    body: str
    wish: str
    days: tuple[dt.date, ...] = ()
    told: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """One mail to be answered, with all that its answer may rest on.

    `address` is the owner's address that it was sent to, `text` what its author wrote now, `questions` what is asked in it to
    the letter, `thread` the other mails of its thread (oldest first), `examples` letters of the owner's to the same person in
    that language, `slots` the free times to choose from. `reader` is the name of whoever wrote, in the mail or on their card.
    """

    mail: Mail
    judgement: Judgement
    identity: Identity
    address: str
    recipients: Recipients
    language: str
    text: str
    questions: Sequence[str]
    manners: Manners
    plan: Plan
    day: dt.date
    thread: Sequence[Mail] = ()
    earlier: Sequence[Mail] = ()
    notes: Sequence[PlacedNote] = ()
    remembered: Sequence[Remembered] = ()
    examples: Sequence[Mail] = ()
    edits: Sequence[Edit] = ()
    asked: Sequence[Asked] = ()
    slots: Sequence[Span] = ()
    old: Old | None = field(default=None)
    reader: str = ""


def called(sender: Address, context: Context) -> Address:
    """Who wrote, by the name on their card where the mail tells none: where one person alone has that address on a card."""
    card = None if sender.name.strip() else card_of(sender.address, context.reads.people([sender.address], _CARDS))
    return replace(sender, name=card.contact.name) if card and card.contact.given else sender


def gather(context: Context, mail: Mail, judgement: Judgement, old: Old | None = None) -> Case | str:
    """Gather what a reply rests on, or say in a sentence why there can be none."""
    identity, sender = context.identities.get(mail.account), mail.message.sender
    if identity is None or sender is None:
        return f"The account {mail.account} may not be written to."
    thread = [other for other in context.reads.threads([mail.thread]).get(mail.thread, ()) if other.ref != mail.ref]
    recipients = recipients_of(mail, context.owner.addresses, thread)
    if not recipients.to:
        return "Nobody is left to answer to."
    text = split_new(mail.message.text[:READ]).new
    own = [other for other in context.reads.letters_to([sender.address], _LOOKED_AT) if other.when < mail.when]
    language = _language(mail, text, [*reversed(thread), *own], context)
    if language is None:
        return "It is in a language that the butler cannot write."
    own = [other for other in own if language_of(_new(other), language) == language]
    reader = called(sender, context)
    days = old.days if old else ()
    plan = Plan(_events(context, days), context.owner, context.options, meeting_hours(context.remembered))
    meeting = bool(phrasings.found("MEETING", _source(mail, text)))
    asked = slots.proposed(_source(mail, text), _day(mail, context), plan, context.now) if meeting else []
    known = _are_known(recipients, context)
    return Case(
        mail,
        judgement,
        identity,
        _address(mail, context, identity),
        recipients,
        language,
        text,
        _questions(text, judgement),
        manners(language, reader, text, identity.name, own),
        plan,
        context.day,
        thread=thread,
        earlier=_earlier(context, mail) if known else (),
        # Whoever the owner never wrote to gets to hear nothing that stands in a note.
        notes=_notes(context, mail, text) if known else (),
        remembered=_remembered(context, recipients) if known else (),
        examples=[other for other in own if other.thread != mail.thread][:EXAMPLES] if known else (),
        edits=context.edits(recipients.to[0].address, EDITS),
        asked=asked,
        slots=slots.offers(plan, context.day, asked, days) if meeting or days else (),
        old=old,
        reader=reader.name,
    )


def _remembered(context: Context, recipients: Recipients) -> Sequence[Remembered]:
    """What is remembered of those whom a reply goes to, and of the owner."""
    people = (*recipients.to, *recipients.cc)
    return list(dict.fromkeys((*about(people, context.remembered), *general(context.remembered))))[:REMEMBERED]


def _are_known(recipients: Recipients, context: Context) -> bool:
    """Whether the owner has written before to all whom a reply goes to; who a mail says that it is from proves nothing."""
    addresses = [person.address.lower() for person in (*recipients.to, *recipients.cc)]
    exchanged = context.reads.exchanged(addresses)
    return all(exchanged.get(address, (0, 0))[1] > 0 for address in addresses)


def _new(mail: Mail) -> str:
    return split_new(mail.message.text[:READ]).new


def _source(mail: Mail, text: str) -> str:
    return f"{mail.message.subject}\n\n{text}"


def _day(mail: Mail, context: Context) -> dt.date:
    return mail.when.astimezone(context.owner.zone).date()


def _language(mail: Mail, text: str, others: Sequence[Mail], context: Context) -> str | None:
    """The mail's language; where it says too little, that of the thread and of earlier letters, else the owner's."""
    told = language_of(_source(mail, text), "")
    found = (language for other in others if (language := language_of(_new(other), "")))
    return told if told is None or told else next(found, context.owner.language)


def _address(mail: Mail, context: Context, identity: Identity) -> str:
    people = (*mail.message.to, *mail.message.cc)
    return next((one.address for one in people if one.address.lower() in context.owner.addresses), identity.address)


def _questions(text: str, judgement: Judgement) -> list[str]:
    """What is asked, in its order: the questions, and the request that was seen, to the letter."""
    found = list(real_questions(text))[:MOST_QUESTIONS]
    quote = judgement.quote
    if quote and quote in text and not any(quote in question or question in quote for question in found):
        found.append(quote)
    return sorted(found, key=text.find)[:MOST_QUESTIONS]


def _events(context: Context, days: Sequence[dt.date]) -> Sequence[Placed]:
    """What is in the calendar from today on, as far as free times are looked for."""
    last = max((*days, context.day + dt.timedelta(_AHEAD)))
    edges = (dt.datetime.combine(day, dt.time(), context.owner.zone) for day in (context.day, last + dt.timedelta(1)))
    return context.reads.occurrences(*edges)


def _earlier(context: Context, mail: Mail) -> list[Mail]:
    sender = mail.message.sender
    found = context.reads.letters_from(sender.address, _LOOKED_AT) if sender else ()
    return [other for other in found if other.thread != mail.thread and other.when < mail.when][:EARLIER]


def _notes(context: Context, mail: Mail, text: str) -> list[PlacedNote]:
    """The notes that share at least two words with the mail's subject and questions."""
    words = searched(mail, text)
    least = min(2, len(words))
    return [note for note in context.reads.notes_about(words, _LOOKED_AT) if _shared(note, words) >= least > 0][:NOTES]


def searched(mail: Mail, text: str) -> list[str]:
    """The words of a mail that a note about the same thing would hold: of its subject and questions, without small ones."""
    asked = " ".join((bare_subject(mail.message.subject)[0], *real_questions(text)))
    small = frozenset(_EVERYWHERE.split()).union(*map(small_words, LANGUAGES))
    words = dict.fromkeys(word for word in _WORD.findall(asked.casefold()) if word not in small)
    return list(words)[:_SEARCHED]


def holds(text: str, word: str) -> bool:
    """Whether a text has a word that begins like this one, whatever its ending."""
    return re.search(rf"(?<!\w){re.escape(word)}", text.casefold()) is not None


def _shared(note: PlacedNote, words: Collection[str]) -> int:
    return sum(holds(note.text[:READ], word) for word in words)
