"""Whom a name in a question means: those who wrote to the owner, or to whom they wrote, and who are called so."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from butler.core.context import Context
from butler.core.mail import Address, Mail
from workflows.ask.dayhits import fold
from workflows.ask.says import name_of

MOST = 3
_LOOKED_AT = 30
_WORDS = 4
_NAMES = 6
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody by name, with the addresses that they use."""

    name: str
    addresses: tuple[str, ...]


def people_named(context: Context, words: str) -> list[Person]:
    """The people that words may name, those heard of last first; none where nobody is called so."""
    asked = [word for word in _WORD.findall(fold(words)) if len(word) > 1][:_WORDS]
    if not asked:
        return []
    found: dict[str, list[str]] = {}
    names: dict[str, str] = {}
    for address in _addresses(context, asked):
        folded = fold(name_of(address))
        names.setdefault(folded, name_of(address))
        known = found.setdefault(folded, [])
        if address.address.lower() not in known:
            known.append(address.address.lower())
    return [Person(names[folded], tuple(addresses)) for folded, addresses in found.items()][:MOST]


def _addresses(context: Context, asked: list[str]) -> Iterator[Address]:
    """Those on cards first, then the senders of mails, then whom the owner wrote to."""
    for placed in context.reads.people([" ".join(asked)], MOST):
        yield from (Address(placed.contact.name, mailbox) for mailbox in placed.contact.addresses)
    for operator in ("from", "to"):
        query = " ".join(("kind:mail", *(f"{operator}:{word}" for word in asked)))
        found = [one.ref for one in context.reads.search(query, _LOOKED_AT) if one.kind == "mail" and one.whole]
        named = (address for ref in found for address in _of(context.reads.mail(ref), operator))
        yield from (each for each in named if is_called(each, asked) and each.address.lower() not in context.owner.addresses)


def _of(mail: Mail, operator: str) -> tuple[Address, ...]:
    if mail.message.bounce:
        return ()
    if operator == "from":
        return (mail.message.sender,) if mail.message.sender else ()
    return mail.message.to


def name_words(context: Context, words: Sequence[str]) -> frozenset[str]:
    """Which of some folded words are names of people."""
    named = set()
    for word in words[:_NAMES]:
        on_cards = (placed.contact.name for placed in context.reads.people([word], MOST))
        called = (person.name for person in people_named(context, word))
        if any(word in _WORD.findall(fold(name)) for name in chain(on_cards, called)):
            named.add(word)
    return frozenset(named)


def is_called(address: Address, asked: list[str]) -> bool:
    """Whether each of some folded words is one of a person's name or address."""
    known = _WORD.findall(fold(f"{address.name} {address.address.partition('@')[0]}"))
    host = _WORD.findall(fold(address.address.partition("@")[2]))[:-1]
    return all(word in known or word in host for word in asked)
