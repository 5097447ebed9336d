"""Parses vCards into contacts: pure, never raises, and takes time in proportion to the bytes.

What it says is text of the world. A name that is the address of somebody else is none, for it would stand where names do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from hashlib import sha256

from butler.core.contacts import Cards, Contact, RawCards, YearDay
from butler.core.text import one_line
from tools.contacts.days import read_day
from tools.contacts.lines import LARGEST, LONGEST_VALUE, Block, Property, blocks
from tools.contacts.relations import anniversary, nicknames_of_android, relations
from tools.contacts.values import Reading, addresses, homes, phones

_MOST_PROBLEMS = 20
_MOST = 50
"""Addresses, nicknames, categories and the like of one card."""
_MOST_MEMBERS = 1_000
_MOST_CARDS = 20_000
_LONGEST_UID = 250
_LONGEST_NAME = 200
_LOOKS_LIKE_ADDRESS = re.compile(r"\S[@＠﹫]\S|[@＠﹫]\s*[\w-]+\.\w")
_FAMILY_FIRST = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")
_GROUPS = ("KIND", "X-ADDRESSBOOKSERVER-KIND")
_MEMBERS = ("MEMBER", "X-ADDRESSBOOKSERVER-MEMBER")


class _Problems:
    """Collects sentences, each once, and not without end."""

    def __init__(self) -> None:
        self.sentences: list[str] = []

    def add(self, sentence: str) -> None:
        if sentence not in self.sentences and len(self.sentences) < _MOST_PROBLEMS:
            self.sentences.append(sentence)


def parse(raw: RawCards) -> Cards:
    """Parse a file of cards."""
    problems = _Problems()
    found: dict[str, Contact] = {}
    for number, block in enumerate(blocks(raw.content)):
        if number >= _MOST_CARDS:
            problems.add("There are more cards in it than are read.")
            break
        contact = _contact(block, problems)
        if contact.uid in found:
            if found[contact.uid] == contact:
                continue
            problems.add(f"Two of its cards have the UID {one_line(contact.uid, 80)}; the first one is kept.")
            continue
        found[contact.uid] = contact
    if len(raw.content) > LARGEST:
        problems.add("It is too large; the beginning was read.")
    if not found:
        problems.add("It is broken off or not a vCard.")
    return Cards(raw.key, raw.version, tuple(found.values()), tuple(problems.sentences))


def _contact(block: Block, problems: _Problems) -> Contact:
    reading = Reading(block.properties)
    mails = addresses(reading)[:_MOST]
    name = _name(reading, mails, problems)
    birthday = reading.first("BDAY")
    # Nobody is told of the birthday of somebody who is dead.
    day = None if reading.first("DEATHDATE") else _day(birthday)
    if block.is_cut:
        problems.add(f"The card of {one_line(name, 80)} is too long; parts of it were left out.")
    if not block.is_whole:
        problems.add(f"The card of {one_line(name, 80)} is broken off.")
    return Contact(
        uid=_uid(reading, block),
        name=name,
        nicknames=_lines((*reading.several("NICKNAME", ","), *nicknames_of_android(reading)), without=(name,)),
        addresses=tuple(mails),
        phones=tuple(phones(reading)[:_MOST]),
        organisation=one_line(", ".join(filter(None, reading.parts("ORG", ";"))), _LONGEST_NAME),
        title=one_line(reading.text("TITLE") or reading.text("ROLE"), _LONGEST_NAME),
        birthday=day,
        birthday_text="" if day or birthday is None else one_line(birthday.text, _LONGEST_NAME),
        anniversary=anniversary(reading),
        relations=tuple(relations(reading)[:_MOST]),
        categories=_lines(reading.several("CATEGORIES", ",")),
        note="\n".join(each.text for each in reading.all("NOTE"))[:LONGEST_VALUE].strip(),
        is_group=any(reading.text(each).strip().lower() == "group" for each in _GROUPS),
        members=tuple(one_line(each.text, _LONGEST_UID) for each in reading.all(*_MEMBERS))[:_MOST_MEMBERS],
        given=_given(reading, name),
        revised=one_line(reading.text("REV"), 40),
        homes=tuple(homes(reading)[:_MOST]),
        pages=tuple(page for each in reading.all("URL")[:_MOST] if (page := one_line(each.text, _LONGEST_NAME))),
    )


def _lines(texts: Sequence[str], without: Sequence[str] = ()) -> tuple[str, ...]:
    """Texts on one line each, without those that are addresses, empty or known."""
    found = (one_line(each, _LONGEST_NAME) for each in texts)
    kept = (each for each in found if each and each not in without and not _LOOKS_LIKE_ADDRESS.search(each))
    return tuple(dict.fromkeys(kept))[:_MOST]


def _uid(reading: Reading, block: Block) -> str:
    uid = one_line(reading.text("UID"), LONGEST_VALUE)
    if not uid:
        return f"no-uid-{sha256(block.content).hexdigest()[:24]}"
    return uid if len(uid) <= _LONGEST_UID else f"long-uid-{sha256(uid.encode()).hexdigest()[:24]}"


def _name(reading: Reading, mails: Sequence[str], problems: _Problems) -> str:
    """What to call it; empty where nothing on the card is a name, not even an address of its own."""
    for name in _names(reading):
        if not _LOOKS_LIKE_ADDRESS.search(name):
            return name
        if name.lower() not in mails:
            problems.add(f"A card is named {one_line(name, 80)}, which is no address of its own; that name is not used.")
    return next(iter(mails), "")


def _names(reading: Reading) -> Iterator[str]:
    given = sorted(reading.all("FN"), key=lambda each: each.parameters.get("PREF") != ["1"])
    family, first, middle, *_ = [*reading.parts("N", ";"), "", "", ""]
    # Chinese, Japanese and Korean names begin with the family's.
    is_family_first = bool(family and first and _FAMILY_FIRST.fullmatch(family + first))
    whole = family + first if is_family_first else " ".join(filter(None, (first, middle, family)))
    others = (whole, ", ".join(filter(None, reading.parts("ORG", ";"))))
    for text in (*(each.text for each in given), *others, *reading.several("NICKNAME", ",")):
        if found := one_line(text, _LONGEST_NAME):
            yield found


def _given(reading: Reading, name: str) -> str:
    """The given name, where the card has it and it stands in the whole name as a word."""
    given = one_line([*reading.parts("N", ";"), "", ""][1], _LONGEST_NAME)
    return given if given and re.search(rf"(?<!\w){re.escape(given)}(?!\w)", name) else ""


def _day(found: Property | None) -> YearDay | None:
    if found is None or "CALSCALE" in found.parameters:
        return None
    day = read_day(found.text)
    # Apple's programs tell the year that stands for none.
    omitted = str(day.year) in found.parameters.get("X-APPLE-OMIT-YEAR", ()) if day else False
    return replace(day, year=0) if day and omitted else day
