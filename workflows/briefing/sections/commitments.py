"""What the owner promised and has not kept yet, and what the owner asked and nobody has answered.

A promise counts as kept as soon as the owner writes in that thread again or to the same person about it, or when a done task
holds its words: nagging about
what is done is worse than missing one. A question counts as answered when one of those it went to, or somebody of their domain,
writes in the thread afterwards; a delivery report or an automatic reply is no answer.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence

from butler.core.mail import Address, Mail
from butler.core.text import one_line
from workflows.briefing.values import Promise, Question, SentJudgement
from workflows.briefing.view import Entry, View, mail_evidence, shortened
from workflows.briefing.words import day_name, distance, listed, person, quoted, say

Written = tuple[dt.datetime, frozenset[str]]
SHOWN = 12
BOUNCED_DAYS = 7
_WORD = re.compile(r"[^\W_]{4,}")
_SMALL_WORDS = (
    "about after again before from have just later more next soon that them then there they this time today tomorrow what when "
    "will with your you'll dich dir euch heute ihnen morgen nach noch wegen werde werden avec dans demain pour vous votre con "
    "mañana para envío mando send sende schicke envoie week monday tuesday wednesday thursday friday"
)
_SHARED = re.compile(
    r"(?:^|\.)(?:gmail|googlemail|outlook|hotmail|live|yahoo|icloud|gmx|web|proton|protonmail|aol|mail|posteo)\.\w+$"
)


def promised(view: View) -> list[Entry]:
    """The lines of "you promised", those with a date first."""
    left = open_promises(view)
    left.sort(key=lambda pair: (pair[0].due.day if pair[0].due else dt.date.max, pair[1].when, pair[1].ref, pair[0].quote))
    return shortened([_promise(promise, mail, view) for promise, mail in left], SHOWN)


def open_promises(view: View) -> list[tuple[Promise, Mail]]:
    """The promises that are not kept yet, with the mails that hold them, oldest first."""
    open_ones = [
        (promise, mail) for judgement, mail in _sent(view) if not _is_kept(mail, view) for promise in judgement.promises
    ]
    written = _written(view)
    return [(one, mail) for one, mail in open_ones if not (_is_done(one, view) or _is_sent(one, mail, written, view))]


def fulfilled_by(quote: str, mail: Mail, view: View) -> Mail | None:
    """The owner's later mail by which what they promised in a mail counts as kept; None as long as it does not."""
    later = sorted((one for one in view.gathered.sent if one.when > mail.when), key=lambda one: (one.when, one.ref))
    promise = Promise(ref=mail.ref, quote=quote)
    about = (one for one in later if _is_sent(promise, mail, _written_in([one], view), view))
    return view.reply_of_owner(mail) or next(about, None)


def waiting(view: View) -> list[Entry]:
    """The lines of "they owe you", the longest waiting first; a mail that came back is told at once."""
    questions = {mail.ref: judgement.questions[0] for judgement, mail in unanswered(view)}
    found = []
    for mail in sorted(view.gathered.sent, key=lambda one: (one.when, one.ref)):
        question, bounce = questions.get(mail.ref), _bounce(mail, view)
        if bounce is not None and view.days_since(bounce.when) <= BOUNCED_DAYS and view.reply_of_owner(mail) is None:
            found.append(_returned(mail, question, bounce, view))
        elif question is not None and view.days_since(mail.when) >= view.options.waiting_days:
            found.append(_question(question, mail, view))
    return shortened(found, SHOWN)


def unanswered(view: View) -> Iterator[tuple[SentJudgement, Mail]]:
    """The newest mails of the owner in their threads that ask something, as long as nobody asked has answered."""
    for judgement, mail in _sent(view):
        if judgement.questions and view.reply_of_owner(mail) is None and answer_to(mail, view) is None:
            yield judgement, mail


def _sent(view: View) -> Iterator[tuple[SentJudgement, Mail]]:
    known = [(judgement, view.mails[judgement.ref]) for judgement in view.judged.sent if judgement.ref in view.mails]
    yield from sorted(known, key=lambda pair: (pair[1].when, pair[1].ref))


def _is_kept(mail: Mail, view: View) -> bool:
    return view.reply_of_owner(mail) is not None


def _is_done(promise: Promise, view: View) -> bool:
    """Whether a done task has at least two words and all of them are the promise's."""
    said = {word.casefold() for word in _WORD.findall(promise.quote)}
    for placed in view.gathered.tasks:
        words = {word.casefold() for word in _WORD.findall(placed.task.summary)}
        if placed.task.completed and len(words) >= 2 and words <= said:
            return True
    return False


def _is_sent(promise: Promise, mail: Mail, written: Mapping[str, Sequence[Written]], view: View) -> bool:
    """Whether a later mail to one of the same people has a word of the promise for its subject: "The photos"."""
    said = {word.casefold() for word in _WORD.findall(promise.quote)} - set(_SMALL_WORDS.split(" "))
    people = {address.address.casefold() for address in _recipients(mail, view)}
    return any(when > mail.when and said & words for address in people for when, words in written.get(address, ()))


def _written(view: View) -> Mapping[str, Sequence[Written]]:
    """When the owner wrote to each address, and the words of those subjects."""
    return _written_in(view.gathered.sent, view)


def _written_in(mails: Sequence[Mail], view: View) -> Mapping[str, Sequence[Written]]:
    found: dict[str, list[Written]] = {}
    for mail in mails:
        words = frozenset(word.casefold() for word in _WORD.findall(mail.message.subject))
        for address in {address.address.casefold() for address in _recipients(mail, view)}:
            found.setdefault(address, []).append((mail.when, words))
    return found


def _recipients(mail: Mail, view: View) -> list[Address]:
    return [address for address in (*mail.message.to, *mail.message.cc) if not view.is_owner(address.address)]


def answer_to(mail: Mail, view: View) -> Mail | None:
    """The first later mail in the thread by one of those asked, or by somebody of their domain if it is no mail provider's."""
    asked = {address.address.casefold() for address in _recipients(mail, view)}
    domains = {domain for address in asked if not _SHARED.search(domain := address.rpartition("@")[2])}
    for other in _later(mail, view):
        message = other.message
        author = message.sender.address.casefold() if message.sender else ""
        if not (message.bulk or message.bounce) and (author in asked or author.rpartition("@")[2] in domains):
            return other
    return None


def _bounce(mail: Mail, view: View) -> Mail | None:
    """The delivery report on a mail: one in its thread, or a later one that names somebody it went to."""
    of_thread = [other for other in _later(mail, view) if other.message.bounce]
    addresses = [address.address.casefold() for address in _recipients(mail, view)]
    naming = [
        other
        for other in view.gathered.bounces
        if dt.timedelta(0) < other.when - mail.when <= dt.timedelta(BOUNCED_DAYS)
        and any(address in other.message.text.casefold() for address in addresses)
    ]
    return min((*of_thread, *naming), key=lambda other: (other.when, other.ref), default=None)


def _later(mail: Mail, view: View) -> Sequence[Mail]:
    thread = view.gathered.threads.get(mail.thread, ())
    return [other for other in thread if not other.sent and other.when > mail.when]


def _to(mail: Mail, view: View) -> str:
    return listed([person(address) for address in _recipients(mail, view)] or [say("nobody")], 1)


def _promise(promise: Promise, mail: Mail, view: View) -> Entry:
    when = say("promised_on", when=distance(view.local_day(mail.when), view.day))
    if promise.due is not None:
        key = "due_on" if promise.due.day >= view.day else "was_due"
        when = f"{say(key, when=day_name(promise.due.day, view.day))}; {when}"
    return Entry(
        text=say("promise", who=_to(mail, view), what=quoted(promise.quote), when=when),
        evidence=(mail_evidence(promise.ref, promise.quote),),
        rule=promise.rule or "first-person commitment",
        reason="You wrote so, and have not written in that thread since.",
        by=promise.by,
        step=promise.step,
        digest=promise.digest,
    )


def _question(question: Question, mail: Mail, view: View) -> Entry:
    when = say("asked", when=distance(view.local_day(mail.when), view.day))
    return Entry(
        text=say("question", who=_to(mail, view), what=quoted(question.quote), when=when),
        evidence=(mail_evidence(question.ref, question.quote),),
        rule="question without an answer",
        reason=f"You asked, and nobody asked has written in that thread for {view.days_since(mail.when)} days.",
        by="rules",
    )


def _returned(mail: Mail, question: Question | None, bounce: Mail, view: View) -> Entry:
    when = say("returned", when=distance(view.local_day(mail.when), view.day))
    what = question.quote if question else mail.message.subject or say("no_subject")
    return Entry(
        text=say("question", who=_to(mail, view), what=quoted(what), when=when),
        evidence=(mail_evidence(mail.ref, question.quote if question else ""), mail_evidence(bounce.ref, "")),
        rule="mail not delivered",
        reason=f"Your mail came back: “{one_line(bounce.message.subject, 80)}”.",
    )
