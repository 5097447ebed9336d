"""To whom a mail speaks: the owner, whatever sub-address was used, or one of the others that it went to."""

from __future__ import annotations

import re
from itertools import islice
from typing import Literal

from butler.core.mail import Message
from butler.core.owner import Owner
from workflows.briefing import phrases
from workflows.briefing.sentences import questions, sentence

Way = Literal["alone", "to", "cc", "none"]

_CALLED = re.compile(r"\W*@([^\W\d_]{2,})")
_OPENED = re.compile(r"[^\w@]*(?:(?:and|und|et|y|e|en|i)\s)?([^\W\d_]{3,})\s?[,:–]\s")
_ALL = frozenset({"all", "alle", "everyone", "everybody", "channel", "here", "team", "tous", "todos", "tutti", "allen"})
_GREETING_WORDS = 5


def is_owner(address: str, owner: Owner) -> bool:
    """Whether an address is the owner's, with or without a sub-address ("anna+school@…")."""
    folded = address.casefold()
    local, at, domain = folded.rpartition("@")
    return folded in owner.addresses or f"{local.partition('+')[0]}{at}{domain}" in owner.addresses


def addressing(message: Message, owner: Owner) -> Way:
    """How a mail is addressed to the owner: alone in To, among others in To, in Cc, or not by name."""
    if any(is_owner(address.address, owner) for address in message.to):
        return "alone" if len(message.to) == 1 and not message.cc else "to"
    return "cc" if any(is_owner(address.address, owner) for address in message.cc) else "none"


def concerns(message: Message, text: str, owner: Owner) -> bool:
    """Whether a mail speaks to the owner: in To, or greeted by name where only in Cc or reached by another address."""
    way = addressing(message, owner)
    if way == "to" and _greets_another(message, text, owner):
        return False
    return way in ("alone", "to") or (way == "none" and not message.to and not message.cc) or _is_greeted(text, owner)


def is_for_another(quote: str, message: Message, owner: Owner) -> bool:
    """Whether a sentence calls somebody else by name: "@Paul: can you …", or "Paul, could you …" where it went to Paul too."""
    mine = _names_of_owner(owner)
    called = [name.casefold() for name in re.findall(r"@([^\W\d_]{2,})", quote)]
    if _CALLED.match(quote):
        return not any(name in mine or name in _ALL for name in called)
    opened = _OPENED.match(quote)
    return opened is not None and opened[1].casefold() in _others(message, owner)


def _names_of_owner(owner: Owner) -> frozenset[str]:
    return frozenset(name.casefold() for name in owner.name.split() if len(name) > 2)


def _others(message: Message, owner: Owner) -> frozenset[str]:
    """The names of the others that a mail went to, from how they are called there and from their addresses."""
    people = [one for one in (*message.to, *message.cc) if not is_owner(one.address, owner)]
    words = (re.findall(r"[^\W\d_]{3,}", f"{one.name} {one.address.partition('@')[0]}") for one in people)
    return frozenset(word.casefold() for row in words for word in row) - _names_of_owner(owner)


def _greets_another(message: Message, text: str, owner: Owner) -> bool:
    """Whether the greeting names another recipient, and the owner's name stands nowhere in the text."""
    head = re.split(r"[,:!\n]", text.lstrip()[:80], maxsplit=1)[0]
    words = [word.casefold() for word in re.findall(r"[^\W\d_]{3,}", head)]
    if len(words) > _GREETING_WORDS or _others(message, owner).isdisjoint(words):
        return False
    return _names_of_owner(owner).isdisjoint(word.casefold() for word in re.findall(r"[^\W\d_]{3,}", text))


def _is_greeted(text: str, owner: Owner) -> bool:
    """Whether the first line names the owner before its first comma, or a question or request of the mail names them."""
    greeting = re.split(r"[,:!\n]", text.lstrip()[:80], maxsplit=1)[0]
    asked = (sentence(text, found.start(), found.end()) for found in islice(phrases.found("REQUESTS", text), 5))
    places = (greeting, *questions(text, 5), *asked)
    names = [re.escape(name) for name in owner.name.split() if len(name) > 2]
    return bool(names) and any(re.search(rf"(?i)(?<!\w)(?:{'|'.join(names)})(?!\w)", place) for place in places)
