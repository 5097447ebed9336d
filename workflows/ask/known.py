"""Answers without a model: what code can tell of a question at once. It imports neither graphs nor parsers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from butler.core.asking import Answer
from butler.core.contacts import PlacedContact
from butler.core.context import Context
from butler.core.errors import ButlerError, UnknownRefError
from butler.core.mail import Mail
from butler.core.sources import SourceKind
from workflows.ask import (
    knowncalendar,
    knownclashes,
    knownduties,
    knownguests,
    knownmail,
    knownmemory,
    knownpeople,
    knowntasks,
)
from workflows.ask.followups import PRONOUNS, Meant, meant
from workflows.ask.intents import Intent, intents
from workflows.ask.people import Person, people_named
from workflows.ask.says import name_of
from workflows.ask.wording import Wording

_PLAIN: Mapping[str, Callable[[Context, Intent, Wording], Answer | None]] = {
    "free": knowncalendar.free,
    "free_then": knowncalendar.free,
    "remembered": knownmemory.remembered,
    "birthdays": knownpeople.birthdays,
    "overdue": knowntasks.overdue,
    "next": knowncalendar.upcoming,
    "agenda": knowncalendar.agenda,
    "when": knowncalendar.when_is,
    "where": knowncalendar.when_is,
    "due": knownduties.due,
    "day": knowncalendar.day,
    "attendees": knownguests.attendees,
    "met": knownguests.met,
    "conflicts": knownclashes.conflicts,
    "asks_me": knownduties.asks_me,
    "waiting_for": knownduties.waiting_for,
    "promised": knownduties.promised,
    "reach": knownpeople.on_card,
    "home": knownpeople.on_card,
    "age": knownpeople.age,
    "card": knownpeople.card,
    "phone": knownpeople.on_card,
    "mailbox": knownpeople.on_card,
    "birthday": knownpeople.on_card,
}
_OF_MAIL: Mapping[str, Callable[[Context, Intent, Sequence[Person], Wording], Answer | None]] = {
    "wrote_last": knownmail.wrote_last,
    "wrote": knownmail.wrote,
    "sent": knownmail.sent,
    "count_all": knownmail.count_all,
    "latest_from": knownmail.latest_from,
    "answered": knownmail.answered,
    "exchange": knownmail.exchange,
    "last_to": knownmail.last_to,
    "count_from": knownmail.count_from,
    "count_to": knownmail.count_to,
}
_READ: Mapping[tuple[SourceKind, ...], str] = {
    ("calendar",): "free free_then next agenda when where attendees met conflicts overdue",
    ("calendar", "mail", "notes"): "due",
    ("mail",): f"asks_me waiting_for promised {' '.join(_OF_MAIL)}",
    ("contacts",): "birthdays reach home age card phone mailbox birthday",
    (): "remembered day",
}
_SOURCES = {kind: sources for sources, kinds in _READ.items() for kind in kinds.split()}
"""The kinds of source that an answer to each kind of question looks at; where none is told, those that it cites."""
_OF_NOBODY = frozenset({"sent", "wrote_last", "wrote", "count_all"})


def known(context: Context) -> Answer | None:
    """The answer to the question of a run where code knows it, else None; reads the mirror and nothing else."""
    if context.question is None:
        return None
    found = meant(context.question, context.now, context.owner.zone, context.owner.language)
    for intent in intents(found.text, context.now, context.owner.zone, found.language):
        answer = _answer(context, intent, found)
        if answer is not None:
            return answer.model_copy(update={"sources": _SOURCES.get(intent.kind)})
    return None


def _answer(context: Context, intent: Intent, found: Meant) -> Answer | None:
    wording = Wording(context, found.language)
    if intent.kind in _PLAIN:
        if intent.who in PRONOUNS:
            name = _spoken_of(context, found)
            if not name:
                return None
            intent = replace(intent, who=name.casefold())
        return _PLAIN[intent.kind](context, intent, wording)
    people = [] if intent.kind in _OF_NOBODY else _people(context, intent.who, found)
    if not people and intent.kind not in _OF_NOBODY:
        return None
    return _OF_MAIL[intent.kind](context, intent, people, wording)


def _people(context: Context, who: str, found: Meant) -> list[Person]:
    """The people that are named, or who was spoken of before."""
    if who not in PRONOUNS:
        return people_named(context, who)
    refs = found.before.refs if found.before else ()
    mails = [mail for ref in refs if (mail := _mail(context, ref))]
    return [person for mail in mails[:1] if (person := _other(mail))]


def _spoken_of(context: Context, found: Meant) -> str:
    """The name of who was spoken of before; empty where that is nobody."""
    for ref in found.before.refs if found.before else ():
        try:
            thing = context.reads.show(ref)
        except ButlerError:
            continue
        if isinstance(thing, PlacedContact):
            return thing.contact.name
        if isinstance(thing, Mail) and (person := _other(thing)):
            return person.name
    return ""


def _mail(context: Context, ref: str) -> Mail | None:
    try:
        return context.reads.mail(ref) if ref.startswith("mail:") else None
    except UnknownRefError:
        return None


def _other(mail: Mail) -> Person | None:
    """Who wrote a mail, or to whom the owner wrote it."""
    address = mail.message.to[0] if mail.sent and mail.message.to else mail.message.sender
    return Person(name_of(address), (address.address.lower(),)) if address else None
