"""Who comes to a meeting, and what lies between each of them and the owner."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from butler.core.briefing import Evidence, Line
from butler.core.calendar import Attendee, Placed
from butler.core.contacts import Contact, PlacedContact, card_of
from butler.core.context import Context
from butler.core.mail import Address, Mail
from butler.core.text import one_line
from workflows.briefing.sections.commitments import open_promises, unanswered
from workflows.briefing.sections.reply import pending, what
from workflows.briefing.view import Entry, View
from workflows.briefing.words import day_and_distance, quoted
from workflows.pages.look import entry, lines_of
from workflows.pages.theirs import open_promises_of_others

MOST = 10
_CARDS = 50
_ANSWERS = {
    "accepted": "comes",
    "declined": "does not come",
    "tentative": "may come",
    "needs-action": "has not answered",
    "delegated": "sends somebody else",
}


def guests(placed: Placed, view: View) -> list[Attendee]:
    """All but the owner, the organizer first, each once."""
    occurrence = placed.occurrence
    first = (occurrence.organizer,) if occurrence.organizer else ()
    answers = {one.address: one for one in (*first, *occurrence.attendees)}
    return view.others([answers[address] for address in dict.fromkeys(one.address for one in (*first, *occurrence.attendees))])


def name_of(guest: Attendee, card: PlacedContact | None = None) -> str:
    """A guest's name, else that on their card, else the address, on one line."""
    return one_line(guest.name, 40) or one_line(card.contact.name if card else "", 40) or one_line(guest.address, 60)


def who(context: Context, placed: Placed, view: View) -> list[Line]:
    """Each guest with their answer, and what their card says that they do."""
    organizer = placed.occurrence.organizer
    found = guests(placed, view)
    cards = context.reads.people([one.address for one in found[:MOST]], _CARDS) if found else ()
    lines = []
    for one in found[:MOST]:
        card = card_of(one.address, cards)
        answer = "invites" if organizer and one.address == organizer.address else _ANSWERS[one.answer]
        does = _does(card.contact) if card else ""
        refs = [placed.ref, *([card.ref] if card and (does or not one.name) else [])]
        text = f"{name_of(one, card)} {answer}" + (f" ({does})" if does else "")
        lines.append(entry(text, [Evidence(ref=ref) for ref in refs], "guest"))
    if len(found) > MOST:
        lines.append(entry(f"and {len(found) - MOST} more", [Evidence(ref=placed.ref)], "guest"))
    return lines_of(lines)


def _does(contact: Contact) -> str:
    """What somebody does and where: "Gardener, Cais Jardim"."""
    return ", ".join(one_line(each, 60) for each in (contact.title, contact.organisation) if each)


def last_mails(context: Context, placed: Placed, view: View) -> list[Line]:
    """The last mail from and to each guest."""
    found: list[Entry] = []
    for guest in guests(placed, view)[:MOST]:
        came = [mail for mail in context.reads.letters_from(guest.address, 1) if mail.when <= context.now]
        went = [mail for mail in context.reads.letters_to([guest.address], 1) if mail.when <= context.now]
        found += [_mail(f"{name_of(guest)} wrote", mail, view) for mail in came]
        found += [_mail(f"you wrote to {name_of(guest)}", mail, view) for mail in went]
    return lines_of(found)


def _mail(who: str, mail: Mail, view: View) -> Entry:
    subject = one_line(mail.message.subject, 100) or "(no subject)"
    text = f"{who}: “{subject}” ({day_and_distance(view.local_day(mail.when), view.day)})"
    return entry(text, [Evidence(ref=mail.ref)], "last mail")


def open_matters(placed: Placed, view: View) -> list[Line]:
    """What is open either way between the owner and the guests: questions and promises, in their words."""
    people = {guest.address.casefold(): name_of(guest) for guest in guests(placed, view)}
    return lines_of([*_asked_of_you(people, view), *_asked_by_you(people, view), *_promised(people, view)])


def _asked_of_you(people: dict[str, str], view: View) -> Iterator[Entry]:
    for judgement in pending(view):
        name = people.get(_address(view.mails[judgement.ref].message.sender))
        if name:
            evidence = Evidence(ref=judgement.ref, quote=judgement.quote or None)
            yield entry(f"{name} waits for your answer: {what(judgement, view)}", [evidence], "waits for you")


def _asked_by_you(people: dict[str, str], view: View) -> Iterator[Entry]:
    for judgement, mail in unanswered(view):
        for name in _names(mail, people)[:1]:
            quote = judgement.questions[0].quote
            yield entry(f"you asked {name}: {quoted(quote)}", [Evidence(ref=mail.ref, quote=quote)], "waits for them")


def _promised(people: dict[str, str], view: View) -> Iterator[Entry]:
    for promise, mail in open_promises(view):
        for name in _names(mail, people)[:1]:
            evidence = [Evidence(ref=mail.ref, quote=promise.quote)]
            yield entry(f"you promised {name}: {quoted(promise.quote)}", evidence, "promised by you")
    for promise, mail in open_promises_of_others(view):
        name = people.get(_address(mail.message.sender), "")
        if name:
            evidence = [Evidence(ref=mail.ref, quote=promise.quote)]
            yield entry(f"{name} promised you: {quoted(promise.quote)}", evidence, "promised to you")


def _names(mail: Mail, people: dict[str, str]) -> Sequence[str]:
    return [people[_address(one)] for one in (*mail.message.to, *mail.message.cc) if _address(one) in people]


def _address(one: Address | None) -> str:
    return one.address.casefold() if one else ""
