"""Full-text search over the mirror: which things are asked for, the best of them first.

One table holds the words of everything, so that what is found of different kinds can be compared. What matches more often than
is worth ranking is looked for in the latest months, and in titles of any time.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from butler.core.fusing import fused
from butler.core.passages import hash_of, passages_of
from butler.core.queries import Found, Query, Term
from butler.core.stopwords import is_function_word
from butler.store.addressbook import ContactReads
from butler.store.database import Database
from butler.store.findings import Findings, span_of
from butler.store.match import MONTH, all_of, any_of, group_of, titled, within
from butler.store.places import Places
from butler.store.sql import statements

_WORTH = 1500
"""So many matches are all ranked; of more the latest so many at least."""
_CANDIDATES = 200
_FEW = 10_000
"""What lies in so few is looked for among them."""
_FIRST_MONTHS, _FURTHER = 4, 3
_AHEAD = 2
_LEAST_BEGINNING = 4
_LEAST_STEM, _ENDING = 5, 2
_COMMON = 0.1
"""A word that this share of all things hold says little when not all words can be met."""
_RARE = 50
_RECENCY = 0.3
_FADES = 30 * 86_400
"""After so many seconds half of what nearness in time is worth is gone."""
_PEOPLE = {"sender", "recipient", "copied"}
_ON_CARDS = 20
"""So many addresses of a name are looked for."""
_LONGEST_EXCERPT = 300
_CARD = 3
"""Ends the row of a contact, which is of every day: a card does not fade."""
_POOR = 0.5
"""What a match in junk, trash or a draft is worth beside another."""

Near = Callable[[Collection[int] | None, int], Sequence[tuple[int, bytes]]]
"""Tells what is nearest in meaning of some things (None: of all), best first, each with the hash of the passage that is."""
NearTo = Callable[[Query], Near | None]
"""Tells what is near to a query; None where words alone are to be looked for."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A query made ready: in FTS5's language what has to be met in any case and the words that are wanted; and where it lies.

    `stems` are the beginnings of these words, one for each, for what holds them in another form. `rows` are the things in its
    places (JSON) where those are few, else `places` the numbers of these.
    """

    query: Query
    fixed: tuple[str, ...]
    words: tuple[str, ...]
    stems: tuple[str, ...] = ()
    rows: str = ""
    places: str = ""
    not_places: str = ""

    @property
    def is_ranked(self) -> bool:
        """Whether some words are looked for, and not only who, where and when."""
        return any(not term.field for group in self.query.terms for term in group)

    @property
    def is_wide(self) -> bool:
        """Whether the beginning of a word is looked for with which so many begin that each look takes long."""
        return any(term.is_prefix and len(term.text) < _LEAST_BEGINNING for group in self.query.terms for term in group)

    @property
    def is_narrowed(self) -> bool:
        """Whether more is asked for than words can tell."""
        return any(self.values[:3]) or self.values[3] is not None

    @property
    def values(self) -> tuple[str, str, str, int | None, int]:
        """What the SQL's placeholders stand for, beside the words."""
        return self.rows, self.places, self.not_places, *span_of(self.query)


class Search:
    """Finds things of a mirror, seen from a moment."""

    def __init__(self, database: Database, now: datetime, zone: ZoneInfo) -> None:
        self._database = database
        self._sql = statements("search")
        self._now = int(now.timestamp())
        self._findings = Findings(database, now, zone)
        self._contacts = ContactReads(database)

    def find(self, query: Query, limit: int, near: Near | None = None) -> list[Found]:
        """Find what holds all that is asked for, best first, and after it what holds some of the words.

        With `near`, what is near in meaning is put between by reciprocal rank. Raises UsageError where a place is asked for
        that there is not.
        """
        asked = self._asked(query)
        query = asked.query
        if query.is_empty or limit < 1 or (query.terms and not (asked.fixed or asked.words)):
            return []
        found = self._worded(asked, limit)
        return found if near is None else self._joined(asked, found, near, limit)

    def _worded(self, asked: _Asked, limit: int) -> list[Found]:
        """What is found by words alone."""
        query = asked.query
        whole = self._by_words(asked, all_of((*asked.fixed, *asked.words), query), limit)[:limit]
        found = self._findings.of(whole, query)
        if len(found) < limit and (len(asked.words) > 1 or any(asked.stems)):
            known = set(whole)
            some = any_of(self._telling(asked))
            partly = self._by_words(asked, all_of((*asked.fixed, some), query), 2 * limit)
            rest = [row for row in partly if row not in known][: limit - len(found)]
            found += [replace(one, whole=False) for one in self._findings.of(rest, query)]
        return found

    def _joined(self, asked: _Asked, worded: Sequence[Found], near: Near, limit: int) -> list[Found]:
        """Put what is near in meaning, and meets all but the words, into what was found by words."""
        query, allowed = asked.query, None
        if asked.fixed or asked.is_narrowed or query.kinds or query.without or query.has_attachment is not None:
            allowed = self._matches(asked, all_of(asked.fixed, query), -1)
        named = self._named(near(allowed, limit), query)
        known = {one.ref: one for one in (*named, *worded)}
        return [known[ref] for ref in fused([[one.ref for one in worded], [one.ref for one in named]])][:limit]

    def _named(self, things: Sequence[tuple[int, bytes]], query: Query) -> list[Found]:
        """What is near in meaning, if its text still has the passage that is said to be: nothing stands for anything else."""
        texts = {row: (title, text) for row, title, text in texts_of(self._database, [row for row, _ in things])}
        held = {
            row: passage
            for row, wanted in things
            for passage in passages_of(row, *texts.get(row, ("", "")))
            if hash_of(passage) == wanted
        }
        found = ((row, self._findings.of([row], query)) for row in held)
        return [
            replace(one, whole=False, by="meaning", excerpt=_excerpt(held[row], one.title)) for row, few in found for one in few
        ]

    def _asked(self, asked: Query) -> _Asked:
        query = replace(asked, without=self._with_cards(asked.without))
        made = [(terms, found) for terms in query.terms if (found := group_of(self._with_cards(terms)))]
        fixed = tuple(found for terms, found in made if _is_fixed(terms))
        words = [(terms, found) for terms, found in made if not _is_fixed(terms)]
        telling = [(terms, found) for terms, found in words if not all(map(_is_small, terms))] or words
        stems = tuple(group_of([*_stems(terms)]) for terms, _ in telling)
        places = Places(self._database)
        inside, outside = places.named(query.places), places.named(query.not_places)
        lying = self._database.rows(self._sql["lying"], (inside, _FEW + 1)) if inside else []
        ready = _Asked(query, fixed, tuple(found for _, found in telling), stems, "", inside, outside)
        if inside and len(lying) <= _FEW:
            return replace(ready, rows=json.dumps([row for (row,) in lying]), places="")
        return ready

    def _with_cards(self, terms: Sequence[Term]) -> tuple[Term, ...]:
        """Terms of whom a mail is from or to, also by the addresses that stand on the cards of those names."""
        found = [
            Term(address, is_phrase=True, field=term.field)
            for term in terms
            if term.field in _PEOPLE and not term.is_prefix and "@" not in term.text
            for address in self._contacts.addresses_of(term.text)[:_ON_CARDS]
        ]
        return (*terms, *found)

    def _by_words(self, asked: _Asked, expression: str, limit: int) -> Sequence[int]:
        """Rank by words, nearness in time and where it lies; without words by time alone."""
        most = max(_CANDIDATES, 2 * limit)
        enough = max(_WORTH, most) if asked.is_ranked else most
        narrowed, is_all = self._bounded(asked, expression, enough)
        if not asked.is_ranked:
            return self._ordered(asked, dict.fromkeys(self._matches(asked, narrowed, -1), 1.0))
        scores = self._scores(asked, narrowed, most)
        titles = [] if is_all or asked.is_wide else self._matches(asked, titled(expression), enough + 1)
        if 0 < len(titles) <= enough:
            for row, score in self._scores(asked, titled(expression), most).items():
                scores[row] = max(score, scores.get(row, 0.0))
        return self._ordered(asked, scores)

    def _scores(self, asked: _Asked, expression: str, most: int) -> dict[int, float]:
        """The best by their words alone, and what they are worth."""
        rows = json.dumps(self._matches(asked, expression, -1)) if asked.is_narrowed else ""
        return {row: -score for row, score in self._database.rows(self._sql["ranked"], (expression, rows, most))}

    def _ordered(self, asked: _Asked, scores: dict[int, float]) -> list[int]:
        metas = self._database.rows(self._sql["metas"], (json.dumps(sorted(scores)), self._now, *span_of(asked.query)))
        if not asked.is_ranked:
            return [row for row, when, _ in sorted(metas, key=lambda meta: (self._age(meta[1]), -meta[0]))]

        def worth(row: int, when: int | None, is_poor: int) -> float:
            near = _FADES / (_FADES + self._age(when)) if when is not None else float(row & 3 == _CARD)
            return scores[row] * (1 + _RECENCY * near) * (_POOR if is_poor else 1.0)

        return [meta[0] for meta in sorted(metas, key=lambda meta: (-worth(*meta), -meta[0]))]

    def _age(self, when: int | None) -> float:
        return abs(self._now - when) if when is not None else float("inf")

    def _bounded(self, asked: _Asked, expression: str, enough: int) -> tuple[str, bool]:
        """What to look for so that not much more is found than is enough, and whether that is all there is."""
        first, last = self._months(asked)
        if asked.query.after or asked.query.before:
            expression = within(expression, first, last)
        months = _FIRST_MONTHS
        while (not asked.rows or not asked.is_ranked) and months < last - first:
            latest = within(expression, last - months, last)
            if len(self._matches(asked, latest, enough + 1)) > enough:
                return latest, False
            if months == _FIRST_MONTHS and len(self._matches(asked, expression, enough + 1)) <= enough:
                break
            months *= _FURTHER
        return expression, True

    def _months(self, asked: _Asked) -> tuple[int, int]:
        """The first and the last month in which mails may be that are asked for."""
        start, end = span_of(asked.query)
        return max(0, (start or 0) // MONTH), min(self._now // MONTH + _AHEAD, end // MONTH)

    def _matches(self, asked: _Asked, expression: str, most: int) -> list[int]:
        """What matches, in no order; up to a number, -1: all."""
        return [row for (row,) in self._database.rows(self._sql["matches"], (expression, *asked.values, most))]

    def _telling(self, asked: _Asked) -> Sequence[str]:
        """Of the words those that not too many things hold, where there are such, and of rare ones their other forms, too."""
        most = int(self._database.value(self._sql["all"]) * _COMMON) + _RARE
        holding = [self._database.value(self._sql["holding"], (word, most)) for word in asked.words]
        telling = [word for word, many in zip(asked.words, holding, strict=True) if many < most] or asked.words
        stems = [stem for stem, many in zip(asked.stems, holding, strict=True) if stem and many < _RARE]
        return [*telling, *stems]


def texts_of(database: Database, things: Sequence[int]) -> list[tuple[int, str, str]]:
    """Of some things their row, title and text; those that are gone are left out."""
    return database.rows(statements("search")["texts_of"], (json.dumps(list(things)),))


def _excerpt(passage: str, title: str) -> str:
    """The beginning of a passage without the title above it."""
    return passage.removeprefix(title).strip()[:_LONGEST_EXCERPT]


def _stems(terms: Sequence[Term]) -> Iterator[Term]:
    """The beginnings of longer words, with which their other forms begin, too."""
    for term in terms:
        word = term.text.strip("?!.,;:()")
        is_plain = not (term.field or term.is_phrase or term.is_prefix or _is_small(term))
        if is_plain and len(word) >= _LEAST_STEM and word.isalpha():
            yield Term(word[: max(_LEAST_STEM - 1, len(word) - _ENDING)], is_prefix=True)


def _is_fixed(terms: Sequence[Term]) -> bool:
    """Whether a group has to be met in any case: an operator has."""
    return any(term.field for term in terms)


def _is_small(term: Term) -> bool:
    """Whether a word need not be met where others are asked for, too."""
    return not (term.field or term.is_phrase or term.is_prefix) and is_function_word(term.text.strip("?!.,;:()"))
