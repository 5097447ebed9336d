"""What the owner commits to in a sent mail: first words of a commitment, but for what only sounds like one."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence

from butler.core.mail import Mail
from butler.core.owner import Owner
from workflows.briefing import phrases
from workflows.briefing.dates import find_dates
from workflows.briefing.sentences import bounds, is_quoted, sentence
from workflows.briefing.values import Due, Promise

PROMISES = 3
# Sayings, and going somewhere instead of doing something: they begin like a commitment and are none.
_IDLE = re.compile(
    r"(?:(?:i'll|i will|we'll|we will|i shall|i'm going to|i am going to) (?:see\b(?! (?:to|about|whether|if|what))|"
    r"pass\b(?! (?:it|this|that|on|the|your))|leave (?:it|that|this|you|the rest)\b(?! with)|admit|take the (?:bus|train|tube)|"
    r"stay (?:home|here|at)|need|live|survive|manage\b|understand|remember|forget|never|have been|assume|the )|"
    r"(?:wir werden|ich werde|werde ich) (?:(?:ja|schon|mal|dann|es|das|nie|kaum|langsam) )*"
    r"(?:sehen|alt|älter|krank|verrückt|müde|arm|reich|vergessen|vermissen)\b|"
    r"ich (?:mache mir|mache (?:sport|urlaub|pause|gerade|mit)\b|"
    r"gebe (?:zu|auf)\b|komme (?:aus|kaum|mir)\b|schaue (?:gern|fern|zu)\b|"
    r"kann (?:dir|ihnen|euch|das) (?:sagen|versichern|nur|nicht|leider|gar|kaum|verstehen)\b)|"
    r"(?:je vais|nous allons) (?:au|aux|à|chez|en|bien|mal|mieux|avec|dans|être)\b|"
    r"(?:voy|vamos) a (?:la|el|los|las|casa|mi|un|una|clase|ver|cenar|comer|dormir|estar)\b|"
    r"ik (?:ga (?:op|naar|met|weg|ook|er|dood|slapen|eten|akkoord)|maak me|neem aan|kijk (?:uit|er))\b|"
    r"vou (?:à|ao|às|aos|para|a casa|embora|bem|indo|ver|jantar|dormir|estar|de)\b)",
    re.IGNORECASE,
)
_MAYBE = re.compile(
    r"(?i)\b(?:maybe|perhaps|vielleicht|eventuell|peut-être|quizás?|tal vez|forse|misschien|może|talvez)\W+(?:\w+\W+)?$|"
    r"(?i:\b(?:said|sagte|schrieb|dijo|ha detto|zei)\b[^.]{0,10}[\"“„«])$|\b(?i:if|wenn|falls|si|se|als|jeśli) it\b[^,.]{0,40}$"
)
_DENIED = re.compile(
    r"(?i)[^,.;!?\n]{0,60}?\b(?:nicht(?! (?:vergessen|nur|später|vor))|keine?\w?|doch nicht|niet(?! later)|geen)\b"
)
_FUTURE = re.compile(r"(?i)(?:ich werde|werde ich|wir werden)\b")
_INFINITIVE = re.compile(
    r"\b(?!werden\b|dann\b|ihnen\b|einen\b|den\b|keinen\b|ihren\b|deinen\b|meinen\b)[a-zäöüß]{2,}(?:en|ern|eln|tun)\b"
)


def promises(mail: Mail, text: str, owner: Owner) -> Iterator[Promise]:
    """Yield the commitments of a sent mail, three at most, each with the date until which it is to be kept."""
    written = mail.when.astimezone(owner.zone).date()
    said: list[str] = []
    for found in phrases.found("PROMISES", text):
        quote = sentence(text, found.start(), found.end())
        if is_quoted(text, found.start()) or quote in said or quote.endswith(("?", "？")) or not _commits(text, found):
            continue
        said.append(quote)
        yield Promise(ref=mail.ref, quote=quote, due=_first_due(quote, written, owner), rule="first-person commitment")
        if len(said) == PROMISES:
            return


def _commits(text: str, found: re.Match[str]) -> bool:
    """Whether the words commit to something, read with what stands around them."""
    left, right = bounds(text, found.start(), found.end())
    before, rest = text[left : found.start()], text[found.end() : right]
    if phrases.is_one("OPENING_PROMISES", found.group()) and any(c.isalnum() for c in re.split(r"[,!:–-]", before)[-1]):
        return False
    if _IDLE.match(re.sub(r"\s+", " ", text[found.start() : right].replace("’", "'"))) or _MAYBE.search(before):
        return False
    if _FUTURE.match(found.group()) and not _INFINITIVE.search(rest):
        return False
    return not _DENIED.match(rest)


def _first_due(quote: str, written: dt.date, owner: Owner) -> Due | None:
    """Until when a promise is to be kept: any date in its sentence counts, a cued one first."""
    dates: Sequence[Due] = [
        found.due for found in sorted(find_dates(quote, written, owner.zone), key=lambda found: not found.cued)
    ]
    return dates[0].model_copy(update={"quote": quote}) if dates else None
