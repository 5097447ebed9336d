"""Judging by rules: what a received mail wants of the owner, what a sent one promises and asks, and what is due in a note.

Nothing in a mail is obeyed; its words are only looked at, and quoted to the letter. Each mail is judged alone.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from butler.core.mail import Mail, Message
from butler.core.notes import PlacedNote
from butler.core.owner import Owner
from butler.core.text import one_line
from workflows.briefing import duties, notedues, phrases
from workflows.briefing.addressed import addressing, concerns, is_for_another, is_owner
from workflows.briefing.dates import find_dates, find_dues
from workflows.briefing.promising import promises
from workflows.briefing.sentences import is_quoted, questions, sentence
from workflows.briefing.values import Due, Judgement, NoteDue, Question, SentJudgement

__all__ = ("STRANGER", "addressing", "is_machine", "judge_received", "judge_sent", "note_dues", "real_questions")

READ = 20_000
STRANGER = "question from a stranger"
DUES = 5
QUESTIONS = 3
_MACHINE = re.compile(
    r"(?i)^(?:no[-_.]?reply|do[-_.]?not[-_.]?reply|noreply.*|mailer-daemon|postmaster|bounces?|notifications?|notify|alerts?|automated|"
    r"newsletter|news|mailing|nicht-?antworten|ne-?pas-?repondre|no-?responder|auto(?:matic)?|daemon|root|system|cron|jenkins|"
    r"ci|builds?|promo(?:tion)?s?|offers?|deals|marketing|calendar-\w+|\w*bot)(?:[+._-].*)?@|\S*[._-](?:bot|notifications?)@"
)
_ORDERS = re.compile(
    r"(?i)^(?:orders?|bestell\w*|auftrag\w*|versand\w*|shipping|shipments?|tracking|delivery|paket\w*|sendung\w*|commandes?|"
    r"pedidos?|ordini|receipts?|confirmations?|bookings?)(?:[+._-].*)?@"
)
_ANSWERS = re.compile(r"(?i)^\s*(?:re|aw|fwd?|wg|tr|rv|antw|odp|res|enc|sv|r)\s*(?:\[\d+\])?\s*:")
_METHOD = re.compile(r"(?im)^METHOD:(\w+)")


@dataclass(frozen=True, slots=True)
class _Ask:
    """The sentence that asks something, and the rule that found it."""

    quote: str
    rule: str
    reason: str


def judge_received(mail: Mail, new_text: str, owner: Owner, known: tuple[int, int]) -> Judgement:
    """Judge whether a received mail needs the owner's answer, and by when it wants something done.

    `new_text` is what its author wrote now; `known` how many mails the owner had from its author and sent to them.
    """
    message, text = mail.message, new_text[:READ]
    if message.list_id or message.bounce:
        return _none(mail, "mailing list" if message.list_id else "delivery report")
    if phrases.holds("ABSENT", message.subject):
        return _none(mail, "automatic reply")
    if not concerns(message, text, owner):
        # What came by an address of many ("profs@") may still name a day for all of them.
        to_many = addressing(message, owner) == "none" and not (message.bulk or is_machine(message))
        return _none(mail, "not addressed to you", _dues_of_owner(mail, text, owner, machine=False) if to_many else ())
    machine = message.bulk or is_machine(message) or _is_about_an_order(message, known)
    dues = _dues_of_owner(mail, text, owner, machine=machine)
    if machine:
        return _none(mail, "sent by a machine", dues)

    def mine(quote: str) -> bool:
        return not is_for_another(quote, message, owner) and not duties.recalls(quote)

    if _method(message) == "REQUEST":
        found = _find_ask(text, known, mine)
        quote = found.quote if found else ""
        return _asks(mail, _Ask(quote, "invitation", "It is an invitation that waits for your answer."), dues)
    if phrases.holds("NO_REPLY", text):
        return _none(mail, "says that no answer is needed", dues)
    ask = _find_ask(text, known, mine) or _find_ask(_own_subject(message), known, mine)
    if ask is None:
        return _none(mail, "asks nothing", dues)
    if dues and known[1] == 0 and not ask.quote.endswith("?") and phrases.holds("PAYMENT", f"{message.subject}\n{ask.quote}"):
        return _none(mail, "asks for a payment or a return", dues)
    return _asks(mail, ask, dues or _due_today(ask, mail, owner))


def judge_sent(mail: Mail, new_text: str, owner: Owner) -> SentJudgement:
    """Judge what one of the owner's mails promises and asks."""
    text = new_text[:READ]
    if mail.message.bulk or all(is_owner(address.address, owner) for address in mail.message.to):
        return SentJudgement(ref=mail.ref)
    asked = tuple(Question(ref=mail.ref, quote=quote) for quote in real_questions(text))[:QUESTIONS]
    return SentJudgement(ref=mail.ref, promises=tuple(promises(mail, text, owner)), questions=asked)


def note_dues(note: PlacedNote, day: dt.date, zone: ZoneInfo | None = None) -> tuple[NoteDue, ...]:
    """Find the deadlines in a note, line by line; done tasks are skipped. `day` is today, from which bare dates count."""
    return notedues.note_dues(note, day, zone)


def is_machine(message: Message) -> bool:
    """Whether the author's address is one that nobody reads."""
    return message.sender is None or _MACHINE.match(message.sender.address) is not None


def _is_about_an_order(message: Message, known: tuple[int, int]) -> bool:
    """Whether a shop or carrier that the owner never wrote to tells of an order: its questions want no answer."""
    sender = message.sender.address if message.sender else ""
    return known[1] == 0 and (_ORDERS.match(sender) is not None or phrases.holds("ORDERS", message.subject))


def _own_subject(message: Message) -> str:
    """The subject where this author wrote it: of answers and forwards it is somebody else's."""
    return "" if _ANSWERS.match(message.subject) else message.subject


def _none(mail: Mail, rule: str, dues: Sequence[Due] = ()) -> Judgement:
    return Judgement(ref=mail.ref, label="none", due=next(iter(dues), None), also=tuple(dues[1:]), rule=f"no answer: {rule}")


def _asks(mail: Mail, ask: _Ask, dues: Sequence[Due]) -> Judgement:
    return Judgement(
        ref=mail.ref,
        label="unsure" if ask.rule == STRANGER else "reply",
        quote=ask.quote,
        due=next(iter(dues), None),
        also=tuple(dues[1:]),
        rule=ask.rule,
        reason=ask.reason,
    )


def _method(message: Message) -> str:
    found = _METHOD.search(message.calendar) if message.calendar else None
    return found[1].upper() if found else ""


def _find_ask(text: str, known: tuple[int, int], mine: Callable[[str], bool]) -> _Ask | None:
    """The first request phrase outside quoted lines, else the first question that is more than politeness."""
    reminded: _Ask | None = None
    for found in phrases.found("REQUESTS", text):
        quote = sentence(text, found.start(), found.end())
        if is_quoted(text, found.start()) or not mine(quote) or not _really_asks(found.group(), quote):
            continue
        words = one_line(found.group(), 40)
        if phrases.holds("CLOSING", words):
            quote = next(real_questions(text[: found.start()]), quote)
        ask = _Ask(quote, "request phrase", f"It asks something of you (“{words}”).")
        if not phrases.is_one("REMINDERS", found.group()):
            return ask
        reminded = reminded or ask
    if reminded:
        return reminded
    for quote in filter(mine, real_questions(text)):
        if known[0] <= 1 and known[1] == 0:
            return _Ask(quote, STRANGER, "It asks a question, and is the first mail from its author.")
        return _Ask(quote, "question", "It asks you a question.")
    return None


def _really_asks(words: str, quote: str) -> bool:
    """Whether a request phrase asks in its sentence: some only do in a question, or where they open it."""
    if phrases.holds("OFFERS", quote):
        return False
    if quote.endswith(("?", "？")):
        return not _is_formula(quote.lstrip("¿ -*\"'“„«").rstrip("?？ "))
    opens = quote[: quote.find(words)].rstrip().endswith(",") or quote.startswith(words)
    if phrases.is_one("OPENING", words):
        return opens
    return not phrases.is_one("ASKED_ONLY", words)


def real_questions(text: str) -> Iterator[str]:
    """The questions of a text but for formulas such as "How are you?"."""
    if "?" not in text and "？" not in text:
        return
    for quote in questions(text):
        plain = quote.lstrip("¿ -*\"'“„«").rstrip("?!？ ")
        if sum(c.isalpha() for c in plain) >= 3 and not _is_formula(plain):
            yield quote


def _is_formula(plain: str) -> bool:
    """Whether a question is only politeness: it opens with a formula, or is one word of it ("Right?")."""
    found = next(phrases.found("RHETORICAL", plain), None)
    if found is None:
        return False
    before = plain[: found.start()].rstrip()
    opens = len(before) <= 24 and (not before or before.endswith((",", "!"))) and len(plain) - found.end() <= 24
    return opens and (" " in found.group() or found.group() == plain)


def _dues_of_owner(mail: Mail, text: str, owner: Owner, *, machine: bool) -> tuple[Due, ...]:
    """The days by which the owner is to do something, the next one first; not what the author or somebody else is to keep."""
    written = mail.when.astimezone(owner.zone).date()
    places = (text, _own_subject(mail.message))
    found = [due for place in places for due in find_dues(place, written, owner.zone)]
    mine = [
        due
        for due in found
        if duties.is_owners(due, mail.message, machine=machine) and not is_for_another(due.quote, mail.message, owner)
    ]
    by_day = {due.day: due for due in reversed(mine)}
    return tuple(sorted(by_day.values(), key=lambda due: (due.day < written, due.day)))[:DUES]


def _due_today(ask: _Ask, mail: Mail, owner: Owner) -> tuple[Due, ...]:
    """A request for today needs no "by": "could you send it today?"."""
    if ask.rule != "request phrase":
        return ()
    written = mail.when.astimezone(owner.zone).date()
    dates = (found.due for found in find_dates(ask.quote, written, owner.zone))
    return tuple(due.model_copy(update={"quote": ask.quote}) for due in dates if due.day == written)[:1]
