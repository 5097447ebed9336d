"""Whether a day is named to say goodbye ("alles klar, bis Freitag!"), which sets no limit to anything."""

from __future__ import annotations

import re
from functools import cache

from workflows.briefing import phrases
from workflows.briefing.datespans import pattern

_WORDS = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_CLAUSE = re.compile(r"[,;:!–—]\s*|\s-\s|\n")
# Nothing but these stands before the day in the clause of a farewell.
_GREETS = (
    "bis tot do até hasta jusqu'à jusqu'au till until til el la den dem zum le "
    "ok okay ja gerne gern dann also na super alles klar gut prima toll danke dir euch ihnen liebe viele herzliche schöne "
    "grüße gruß lg vg und freu freue mich ich wir sehen uns tschüss ciao hej so well great fine thanks thank you cheers bye "
    "and see then alright right merci bon bien alors donc et bises vale bueno genial perfecto gracias pues entonces un "
    "abrazo y saludos "
    "va bene perfetto grazie allora oké goed dan groetjes en fajnie dobra dobrze to no dzięki i pozdrawiam beleza tá bom "
    "então obrigado obrigada abraço nächsten nächste nächster kommenden am spätestens noch auf next"
)
# What may follow it: a place or an hour, "then".
_TAIL = re.compile(
    r"(?i)^\W*(?:(?:dann|also|then|alors|entonces|allora|dan|então|mal|früh|abend|lieber|liebe|everyone|all|alle|zusammen)\W*)?"
    r"(?:(?:am|um|im|in|bei|beim|zur|zum|auf|at|on|à|au|chez|en|a|alle|op|om|w|na|o|às)\s[^.?!]{1,40})?(?:,\s*[^\W\d_]+)?\W*$"
)
_MEET = (
    "see you|see you all|talk to you|speak to you|speak soon|catch you|see ya|wir sehen uns|sehen wir uns|man sieht sich|"
    "wir hören uns|à bientôt|on se voit|on se retrouve|nos vemos|hablamos|ci vediamo|ci sentiamo|tot ziens|we zien elkaar|"
    "do zobaczenia|widzimy się|vemo-nos|a gente se vê"
)
_POLITE = re.compile(r"(?i)\b(?:please|pls|bitte|svp|stp|por favor|per favore|graag|proszę)\b")


@cache
def _greets() -> frozenset[str]:
    return frozenset(_GREETS.casefold().split(" "))


@cache
def _meet() -> re.Pattern[str]:
    return re.compile(rf"(?:^|[\s,!.])(?:{pattern(_MEET.split('|'))})(?:\s[^\W\d_]+){{0,3}}\s*$", re.IGNORECASE)


def says_goodbye(text: str, start: int) -> bool:
    """Whether the words right before a date say "see you", whatever cue they use."""
    return _meet().search(text, max(0, start - 48), start) is not None


def is_farewell(before: str, after: str, whole: str) -> bool:
    """Whether a day with a weak cue is a goodbye: greeting words alone before it, at most a place or an hour after it."""
    clauses = _CLAUSE.split(before)
    words = _WORDS.findall(clauses[-1].casefold().replace("’", "'"))
    if any(word not in _greets() for word in words) or _POLITE.search(whole):
        return False
    return _TAIL.match(after) is not None and not phrases.holds("REQUESTS", whole)
