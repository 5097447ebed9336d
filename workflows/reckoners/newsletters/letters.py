"""What a newsletter says before it is opened: its first sentence, its links with their domains, how long it takes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from butler.core.mail import Message
from butler.core.text import one_line
from workflows.briefing.sentences import without_urls
from workflows.reckoners.reading import sentences

WORDS_A_MINUTE = 238
"""Silent reading of English non-fiction: M. Brysbaert, "How many words do we read per minute?" (2019)."""

LINKS = 3
READ = 40_000
_URL = re.compile(r"(?i)\bhttps?://[^\s<>\"'\]]+")
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_LEAST_WORDS = 3
_GREETS = re.compile(
    r"(?i)^(?:dear|hello|hi|hey|liebe[rsn]?|hallo|guten|sehr geehrte|bonjour|chère?s?|hola|querid|estimad|"
    r"ciao|gentil|car[aoie]\b|beste|geachte|cześć|drodzy|szanowni|olá|car[oa]s)\b[^.!?]{0,80}[,!:]?$"
)
_LEAVE = (
    r"unsubscribe|abmelden|abbestell|austragen|désabonn|désinscri|cancelar (?:la )?suscripci|darse? de baja|disiscri|"
    r"cancella\w* iscrizione|uitschrijven|afmelden|wypisz|rezygn|opt[- ]?out"
)
_LEAVING = re.compile(rf"(?i){_LEAVE}")
_HOUSEKEEPING = re.compile(
    rf"(?i){_LEAVE}|preferences|einstellungen|préférences|browser|webversion|web version|view (?:this|it) online|"
    r"online ansehen|privacy|datenschutz|impressum|mailto:"
)


@dataclass(frozen=True, slots=True)
class Link:
    """A link's words and the domain that it leads to, in plain letters."""

    words: str
    domain: str


def first_sentence(message: Message) -> str:
    """The first sentence that says something: no greeting, no housekeeping; empty where there is none."""
    text = without_urls(message.text[:READ])
    for one in sentences(text):
        words = one.text.strip()
        if len(_WORD.findall(words)) >= _LEAST_WORDS and not _GREETS.match(words) and not _HOUSEKEEPING.search(words):
            return words
    return ""


def says_how_to_leave(message: Message) -> bool:
    """Whether it tells how not to get it any more, as what is sent to many has to."""
    return _LEAVING.search(message.text[-READ:]) is not None


def minutes(message: Message) -> float:
    """How long it takes to read its text, in minutes."""
    return len(_WORD.findall(without_urls(message.text))) / WORDS_A_MINUTE


def links(message: Message) -> list[Link]:
    """The first links of a letter that are not housekeeping, each domain and wording once."""
    found = dict.fromkeys(_links(message.text[:READ]))
    return list(found)[:LINKS]


def _links(text: str) -> Iterator[Link]:
    """Links with the words that stand before them in their line, else with their path."""
    for found in _URL.finditer(text):
        address = found[0].rstrip(".,;:!?)")
        before = text[text.rfind("\n", 0, found.start()) + 1 : found.start()]
        words = _label(before)
        domain = domain_of(address)
        if domain and not _HOUSEKEEPING.search(f"{words} {address}"):
            yield Link(words, domain)


def _label(before: str) -> str:
    """The last words before a link, back to the end of the sentence or link before it."""
    last = re.split(r"(?:https?://\S+|[.!?]\s)", before)[-1]
    return one_line(last.strip(" \t:([<*-–→>"), 60)


def domain_of(address: str) -> str:
    """The host that an address leads to, in the plain letters in which it is asked for; empty where it names none."""
    try:
        host = urlsplit(address).hostname or ""
        return host.encode("idna").decode() if host else ""
    except ValueError:
        return ""
