"""Finds in a text the piece that a query is about, and in a piece what matches. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from butler.core.folding import folded, pieces, spellings
from butler.core.queries import Query, Term
from butler.core.stopwords import is_function_word
from butler.core.text import one_line, visible

WIDTH = 200
_BEFORE = 50
_SHOWN = WIDTH - _BEFORE - 20
_READ = 200_000
_MOST_PLACES = 200
_WORDS = re.compile(r"[\w'’-]+")
_QUOTED = re.compile(r"(?m)^[ \t]*(?:>[ \t]?)+")


class _Flat(dict[int, str]):
    """Maps each letter to one letter of its folded spelling, so that places stay what they are."""

    def __missing__(self, letter: int) -> str:
        own = chr(letter)
        flat = folded(own)
        self[letter] = flat if len(flat) == 1 else (own.lower() if len(own.lower()) == 1 else own)
        return self[letter]


_FLAT = _Flat()


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a text, and whether it matches what was asked for."""

    text: str
    is_match: bool


class Excerpts:
    """What a query looks for in texts."""

    def __init__(self, query: Query) -> None:
        terms = [term for group in query.terms for term in group]
        telling = [term for term in terms if not _is_small(term)] or terms
        needles = dict.fromkeys(needle for term in telling for needle in _needles(term))
        self._pattern = re.compile("|".join(sorted(needles, key=len, reverse=True))) if needles else None

    def of(self, text: str, *others: str) -> str:
        """One line of the text around the best match; of the others where only one of them matches."""
        texts = [_QUOTED.sub("", unicodedata.normalize("NFC", each[:_READ])) for each in (text, *others)]
        best = max(texts, key=lambda each: self._matches(each) > 0) if self._pattern else texts[0]
        return self._cut(best)

    def marked(self, text: str) -> list[Piece]:
        """Take a line apart into what matches and what does not."""
        found: list[Piece] = []
        end = 0
        for match in self._pattern.finditer(_flat(text)) if self._pattern else ():
            if match.start() > end:
                found.append(Piece(text[end : match.start()], is_match=False))
            found.append(Piece(text[match.start() : match.end()], is_match=True))
            end = match.end()
        return [*found, Piece(text[end:], is_match=False)] if end < len(text) else found

    def _matches(self, text: str) -> int:
        return int(self._pattern is not None and self._pattern.search(_flat(text)) is not None)

    def _cut(self, text: str) -> str:
        """The piece of a text in which the most different words match."""
        start = self._start(_flat(text))
        if start <= _BEFORE:
            return one_line(text[: 2 * WIDTH], WIDTH)
        begin = text.find(" ", start - _BEFORE, start) + 1 or start
        return "…" + one_line(text[begin : begin + 2 * WIDTH], WIDTH - 1)

    def _start(self, flat: str) -> int:
        if self._pattern is None:
            return 0
        places = []
        for match in self._pattern.finditer(flat):
            places.append((match.start(), match[0]))
            if len(places) == _MOST_PLACES:
                break
        return _densest(places)


def _densest(places: Sequence[tuple[int, str]]) -> int:
    """Where an excerpt begins that shows the most different matches, the first such place; in time that grows with them."""
    shown: Counter[str] = Counter()
    end = most = best = 0
    for start, text in places:
        while end < len(places) and places[end][0] < start + _SHOWN:
            shown[places[end][1]] += 1
            end += 1
        if len(shown) > most:
            most, best = len(shown), start
        shown[text] -= 1
        if not shown[text]:
            del shown[text]
    return best


def _needles(term: Term) -> list[str]:
    """The regular expressions of a term's words, over flat text."""
    found = []
    for text, unspaced in pieces(visible(term.text)):
        if unspaced:
            found.append(re.escape(_flat(text)))
            continue
        words = _WORDS.findall(text)
        for at, word in enumerate(words):
            end = r"\w*" if term.is_prefix and at == len(words) - 1 else r"(?!\w)"
            for each in spellings(word.strip("'’-"), is_phrase=False):
                found += [rf"(?<!\w){re.escape(_flat(each)).replace('ss', '(?:ss|ß)')}{end}"]
    return found


def _flat(text: str) -> str:
    return text.lower() if text.isascii() else text.translate(_FLAT)


def _is_small(term: Term) -> bool:
    return not (term.is_phrase or term.is_prefix) and is_function_word(term.text.strip("?!.,;:()"))
