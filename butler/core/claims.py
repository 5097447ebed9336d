"""What a phrase claims in plain words: days by name, stretches of time, numbers in words or with a unit, its topic."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from butler.core import everyday, facts, timewords
from butler.core.daynames import positions, unaccented

Claim = tuple[str, str]
_WORD = re.compile(r"[^\W\d_]+")
_ORDINAL = re.compile(r"(?:st|nd|rd|th|er|\.|º|ª|°)(?!\w)", re.IGNORECASE)
_BEFORE_DAY = re.compile(r"\b(?:the|am|den|dem|zum|le|el|il|op|dia|día|on|of)\s*$", re.IGNORECASE)
_CURRENCIES = {
    "eur": "€|eur|euro|euros",
    "usd": "$|usd|dollar|dollars|dólares|dollari|dolarów",
    "gbp": "£|gbp|pound|pounds|pfund|livres|libras|sterline",
    "chf": "chf|franken|francs",
    "pln": "zł|pln|zloty|złotych",
    "%": "%|percent|prozent|procent|por",
}
_NEXT = re.compile(r"\s{0,2}([€$£%]|[^\W\d_]+)")
_SYMBOL = re.compile(r"([€$£]|\b(?:eur|usd|gbp|chf|pln))\s?$", re.IGNORECASE)


def unsaid(phrase: str, source: str, language: str) -> list[str]:
    """List the plain words of a phrase that its source does not say: relative days, spans, numbers in words, noon, and units.

    Where the source is in the phrase's own language, every word that carries meaning must begin like one of the source.
    """
    borne = {claim for _, claims in _claims(source) for claim in claims}
    wrong = [words for words, claims in _claims(phrase) if claims.isdisjoint(borne)]
    return [*wrong, *_unbound(phrase, source), *_strange(phrase, source, language)]


@cache
def _relative() -> dict[str, str]:
    rows = (entry.partition(":") for row in timewords.RELATIVE.values() for entry in row.split(" "))
    return {name.replace("_", " "): days for names, _, days in rows for name in names.split("|")}


@cache
def _ends() -> dict[str, str]:
    return {form: key for key, row in timewords.ENDS.items() for form in row.split("|")}


@cache
def _units() -> dict[str, str]:
    return {name.replace("_", " "): str(min(places)) for name, places in positions(timewords.UNITS).items()}


@cache
def _numbers() -> dict[str, str]:
    """Number words from two on; what is one is an article in most languages."""
    found = positions(timewords.NUMBERS)
    return {name: str(min(places) + 1) for name, places in found.items() if 0 not in places}


@cache
def _expression() -> re.Pattern[str]:
    units = _union(_units())
    return re.compile(
        rf"(?<!\w)(?:(?P<count>\d{{1,3}}|{_union(_numbers())})\s+(?P<unit>{units})|(?P<relative>{_union(_relative())})"
        rf"|(?P<ends>{_union(_ends())})|(?P<noon>{timewords.NOON})|(?P<midnight>{timewords.MIDNIGHT})"
        rf"|(?P<large>{timewords.LARGE})|(?P<number>{_union(_numbers())}))(?!\w)",
        re.IGNORECASE,
    )


def _union(words: dict[str, str]) -> str:
    ordered = sorted(words, key=lambda word: (-len(word), word))
    return "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in ordered)


def _claims(text: str) -> Iterator[tuple[str, frozenset[Claim]]]:
    """The claims of a text with their words; each bears itself out by its own words or by the same value."""
    for found in _expression().finditer(text):
        words = re.sub(r"\s+", " ", found.group()).casefold()
        claims: set[Claim] = {("words", words)}
        if found["count"]:
            count = found["count"].casefold()
            claims.add(("span", f"{_numbers().get(count, count)} {_units()[_folded(found['unit'])]}"))
        elif found["relative"]:
            claims.add(("relative", _relative()[words]))
        elif found["ends"]:
            claims.add(("ends", _ends()[words]))
        elif found["number"]:
            claims.add(("number", _numbers()[words]))
        else:
            claims |= {(kind, "") for kind in ("noon", "midnight") if found[kind]}
        yield found.group(), frozenset(claims)
    for fact in facts.facts(text):
        times = {"12:0": "noon", "0:0": "midnight", "24:0": "midnight"}
        values = {(kind, value) for kind, value in fact.readings if kind == "number"}
        values |= {(times[value], "") for kind, value in fact.readings if kind == "time" and value in times}
        if values:
            yield "", frozenset({*values, ("fact", fact.words)})


def _folded(words: str) -> str:
    return re.sub(r"\s+", " ", words).casefold()


def _unbound(phrase: str, source: str) -> Iterator[str]:
    """The numbers of a phrase whose unit is another than in its source, or that are only days of a date there."""
    counted: dict[Claim, set[str]] = {}
    for fact in facts.facts(source):
        for reading in fact.readings:
            counted.setdefault(reading, set()).add(_unit(source, fact))
    for fact in facts.facts(phrase):
        unit = _unit(phrase, fact)
        if not unit or any(kind != "number" for kind, _ in fact.readings) or _is_ordinal(phrase, fact):
            continue
        units = set().union(*(counted.get(reading, set()) for reading in fact.readings))
        money = unit in _CURRENCIES
        if not units or (money and units.isdisjoint({unit, ""})) or (not money and units <= set(_CURRENCIES)):
            yield fact.words


def _unit(text: str, fact: facts.Fact) -> str:
    """What a number counts: a currency, per cent, another word, or nothing that is said."""
    before, after = _SYMBOL.search(text[max(0, fact.start - 8) : fact.start]), _NEXT.match(text, fact.end)
    for found in (before, after):
        word = found[1].casefold() if found else ""
        kind = next((kind for kind, forms in _CURRENCIES.items() if word in forms.split("|")), "")
        if word and kind:
            return kind
    word = after[1].casefold() if after else ""
    return "" if not word or word in _little() else "word"


@cache
def _little() -> frozenset[str]:
    return frozenset(word for row in everyday.LITTLE.values() for word in row.split(" "))


def _is_ordinal(text: str, fact: facts.Fact) -> bool:
    year = re.fullmatch(r"(?:19|20)\d\d", fact.words) is not None
    return (
        year
        or _ORDINAL.match(text, fact.end) is not None
        or _BEFORE_DAY.search(text[max(0, fact.start - 8) : fact.start]) is not None
    )


def _strange(phrase: str, source: str, language: str) -> Iterator[str]:
    """The words that carry meaning and that no word of a source in the same language begins like."""
    if language not in everyday.LITTLE or not _is_in(source, language):
        return
    known = {_plain(word) for word in _WORD.findall(source)}
    beginnings = {word[:length] for word in known for length in (3, 4, 5) if len(word) >= length}
    passing = {_plain(word) for table in (everyday.LITTLE, everyday.SAYING) for word in table[language].split(" ")}
    rest = _expression().sub(" ", facts.without_facts(phrase))
    for found in _WORD.finditer(rest):
        word = _plain(found.group())
        length = 3 if len(word) <= 5 else 4 if len(word) <= 7 else 5
        if len(word) >= 3 and word not in passing and word[:length] not in beginnings:
            yield found.group()


def _plain(word: str) -> str:
    return unaccented(word.casefold())


def _is_in(text: str, language: str) -> bool:
    """Whether a text's little words are mostly of this language."""
    words = [word.casefold() for word in _WORD.findall(text[:4000])]
    hits = {
        name: sum(word in little for word in words)
        for name, row in everyday.LITTLE.items()
        if (little := frozenset(row.split(" ")))
    }
    return hits[language] >= 3 and hits[language] == max(hits.values())
