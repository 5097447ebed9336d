"""A reading digest of newsletters: by list, in their own words. Whether one was read is not known, nor asked."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Sequence

from butler.core.definitions import Definition, Material, Reckoned, ReckonedLine, ReckonedSection, Reckoner
from butler.core.mail import Mail
from butler.core.owner import Owner
from butler.core.text import one_line
from workflows.briefing.addressed import is_owner
from workflows.briefing.rules import is_machine
from workflows.briefing.words import day_name, person
from workflows.reckoners.newsletters.letters import WORDS_A_MINUTE, first_sentence, links, minutes, says_how_to_leave
from workflows.reckoners.showing import counted, fitting, line, quoted, section, sections_of, whole

LISTS = 20
LETTERS = 5
OPTIONS = {
    "lists": f"how many lists are shown ({LISTS})",
    "letters": f"how many letters of each are shown ({LETTERS})",
}


def reckon(material: Material, definition: Definition, day: dt.date) -> Reckoned:
    """Group the letters by list, the list with the most to read last: short ones are done soon."""
    options = definition.options("newsletters")
    most = whole(options.get("lists"), "lists", LISTS, 200)
    each = whole(options.get("letters"), "letters", LETTERS, 50)
    bulk = [mail for mail in material.mails if mail.message.bulk and not mail.sent and not mail.message.bounce]
    letters = [mail for mail in bulk if _is_newsletter(mail, material.owner)]
    groups: dict[str, list[Mail]] = {}
    for mail in sorted(letters, key=lambda one: (one.when, one.ref), reverse=True):
        groups.setdefault(_list(mail), []).append(mail)
    ordered = sorted(groups.values(), key=lambda group: (_minutes(group), _name(group)))
    sections: list[ReckonedSection] = [section("In all", _all(letters, ordered))] if letters else []
    sections += [section(_heading(group), _letters(group, each, day, material.owner)) for group in ordered[:most]]
    if ordered[most:]:
        rest = [mail for group in ordered[most:] for mail in group]
        said = f"{counted(len(ordered) - most, 'more list')}: {', '.join(_name(group) for group in ordered[most:])}"
        sections.append(section("More", [line(said, [mail.ref for mail in rest[:LETTERS]])]))
    return Reckoned(sections_of(*sections))


NEWSLETTERS = Reckoner(reckon, OPTIONS, ("mail",))


def _is_newsletter(mail: Mail, owner: Owner) -> bool:
    """Whether it is of a list that sends to many; without a list's name, that no machine wrote it to the owner alone."""
    message = mail.message
    if message.list_id:
        return not _is_discussion(mail, owner)
    return not message.in_reply_to and (not is_machine(message) or says_how_to_leave(message))


def _is_discussion(mail: Mail, owner: Owner) -> bool:
    """Whether it came over a list that people write to, rather than from one that writes to many."""
    message = mail.message
    return bool(message.list_id) and not any(is_owner(one.address, owner) for one in message.to)


def _list(mail: Mail) -> str:
    message = mail.message
    return message.list_id.casefold() or (message.sender.address if message.sender else mail.ref)


def _name(group: Sequence[Mail]) -> str:
    return person(group[0].message.sender)


def _minutes(group: Sequence[Mail]) -> int:
    return max(1, math.ceil(sum(minutes(mail.message) for mail in group)))


def _heading(group: Sequence[Mail]) -> str:
    return f"{_name(group)}, {counted(len(group), 'letter')}, {_minutes(group)} min"


def _all(letters: Sequence[Mail], groups: Sequence[Sequence[Mail]]) -> Iterator[ReckonedLine]:
    said = f"{counted(len(letters), 'letter')} of {counted(len(groups), 'list')}, {_minutes(letters)} min to read"
    yield line(f"{said} at {WORDS_A_MINUTE} words a minute", [mail.ref for mail in letters])


def _letters(group: Sequence[Mail], most: int, day: dt.date, owner: Owner) -> Iterator[ReckonedLine]:
    for mail in group[:most]:
        yield line(_letter(mail, day, owner), [mail.ref])
    if group[most:]:
        yield line(f"and {counted(len(group) - most, 'earlier letter')}", [mail.ref for mail in group[most:][:LETTERS]])


def _letter(mail: Mail, day: dt.date, owner: Owner) -> str:
    message = mail.message
    when = day_name(mail.when.astimezone(owner.zone).date(), day)
    subject = one_line(message.subject, 400)
    first = first_sentence(message)
    parts = [f"{when}: {quoted(subject, 90) if subject else '(no subject)'}"]
    if first and first.casefold() not in subject.casefold():
        parts.append(quoted(first, 110))
    return fitting([*parts, *(f"{link.words} [{link.domain}]".strip() for link in links(message))], " ")
