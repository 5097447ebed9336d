"""The sentences that code writes into answers, in eight languages, and how days, spans, people and things are named in them."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from butler.core.calendar import Occurrence
from butler.core.mail import Address
from butler.core.text import one_line
from workflows.ask.windows import Window
from workflows.draft_reply.language import LANGUAGES, language_of, small_words
from workflows.draft_reply.wordings import day_words

_SENTENCES = Path(__file__).parent / "sentences"
_DAY = dt.timedelta(days=1)
_LONG = dt.timedelta(days=60)
_NEAR = {0: "today", 1: "tomorrow", -1: "yesterday"}
TITLE = 120
_SPANISH = re.compile("[¿¡ñ]")
_READ = 400
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_ASKING: Mapping[str, str] = {
    "en": "add put schedule remind draft remember forget task what what's who when where which how did does is are am can",
    "de": "hab zeit ich wann wer wie wo was welche welcher warum wieviel wieviele hat bin habe gibt erinnere trag merk vergiss",
    "fr": "combien qui quand quel quelle quels quelles où pourquoi est-ce qu'est-ce ai-je suis-je rappelle-moi mets qu'ai-je "
    "souviens-toi retiens comment qu'a m'a m'as j'ai y-a-t-il a-t-il",
    "es": "cuándo cuando quién quien qué cuál cuántos cuántas cuantos dónde cómo estoy tengo recuérdame pon "
    "escribió mandó dijo sabes",
    "it": "quando chi cosa quale quali quanti quante dove perché sono ho ricordami metti che dov'è cos'è com'è quand'è com'era",
    "nl": "wanneer wie wat welke hoeveel waar ben heb heeft herinner zet",
    "pl": "kiedy kto co jaki jakie jaka ile gdzie czy przypomnij",
    "pt": "quando quem que qual quais quantos quantas onde estou tenho lembra-me",
}
"""Words that questions and orders begin with."""


def language_for(text: str, fallback: str) -> str:
    """The language to answer a question in: its own where there are sentences for it, else English.

    A question is short: what it begins with tells more than its small words.
    """
    fallback = fallback if fallback in LANGUAGES else "en"
    if _SPANISH.search(text):
        return "es"
    if language_of(text, fallback) is None:
        return "en"
    words = [word.casefold().replace("’", "'") for word in _WORD.findall(text[:_READ])]
    scores = {name: sum((word in small_words(name)) + 2 * (word in asking(name)) for word in words) for name in LANGUAGES}
    best = max(scores.values())
    leaders = [name for name, score in scores.items() if score == best]
    return leaders[0] if best and fallback not in leaders else fallback


@cache
def asking(language: str) -> frozenset[str]:
    """Words that questions and orders of a language begin with."""
    return frozenset(_ASKING[language].split(" "))


def say(language: str, key: str, **values: object) -> str:
    """One sentence with its gaps filled, its first letter a capital."""
    said = _table(language)[key].format(**values)
    return said[:1].upper() + said[1:]


def words(language: str, key: str, **values: object) -> str:
    """As `say`, as it stands inside of a sentence."""
    return _table(language)[key].format(**values)


@cache
def _table(language: str) -> Mapping[str, str]:
    return tomllib.loads((_SENTENCES / f"{language}.toml").read_text(encoding="utf-8"))


def title(text: str) -> str:
    """Words of the world as they may stand in a sentence."""
    return one_line(text, TITLE)


def name_of(address: Address | None) -> str:
    """A person by name, else by address."""
    if address is None:
        return "?"
    # A name that looks like an address may be somebody else's.
    name = one_line(address.name, 60)
    return name if name and "@" not in name else one_line(address.address, 80)


def day(language: str, date: dt.date, today: dt.date) -> str:
    """A day by weekday and date, with how near it is and the year where it is not this one."""
    near = _NEAR.get((date - today).days)
    plain = day_words(language, date) + (f" {date.year}" if date.year != today.year else "")
    return f"{words(language, near)}, {plain}" if near else plain


def moment(language: str, when: dt.datetime | dt.date, today: dt.date, zone: ZoneInfo) -> str:
    """A moment in its owner's zone, or a day."""
    if not isinstance(when, dt.datetime):
        return day(language, when, today)
    local = when.astimezone(zone)
    return f"{day(language, local.date(), today)}, {local:%H:%M}"


def window(language: str, of: Window, today: dt.date, zone: ZoneInfo) -> str:
    """A window as days and times."""
    start, stop = of.start.astimezone(zone), of.stop.astimezone(zone)
    last = (stop - dt.timedelta(seconds=1)).date()
    if of.stop - of.start > 5 * _LONG:
        return words(language, "since", day=day(language, start.date(), today))
    first = day(language, start.date(), today)
    timed = start.time() != dt.time() or stop.time() != dt.time()
    if start.date() == last:
        return f"{first}, {clock(start, stop)}" if timed else first
    return f"{first} – {day(language, last, today)}"


def clock(start: dt.datetime, stop: dt.datetime) -> str:
    """From when until when, midnight at the end written as 24:00."""
    ends_day = stop.time() == dt.time() and stop.date() > start.date()
    return f"{start:%H:%M}–{'24:00' if ends_day else f'{stop:%H:%M}'}"


def event(language: str, of: Occurrence, today: dt.date, zone: ZoneInfo, *, dated: bool) -> str:
    """An event by its times, title and place, `dated` with its day."""
    start, end = of.start, of.end
    if isinstance(start, dt.datetime) and isinstance(end, dt.datetime):
        start, end = start.astimezone(zone), end.astimezone(zone)
        over = "" if end.date() == start.date() or end - start < _DAY else f"{day(language, end.date(), today)}, "
        when = f"{start:%H:%M}–{over}{end:%H:%M}"
        first = start.date()
    else:
        first, last = _date(start), _date(end) - _DAY
        when = words(language, "all_day")
        if last > first:
            when = f"{when}, {day(language, first, today)} – {day(language, last, today)}"
            dated = False
    told = f"{when} {title(of.summary) or '?'}" + (f", {title(of.location)}" if of.location.strip() else "")
    told = f"{day(language, first, today)}, {told}" if dated else told
    return words(language, "cancelled", what=told) if of.status == "cancelled" else told


def _date(when: dt.datetime | dt.date) -> dt.date:
    return when.date() if isinstance(when, dt.datetime) else when
