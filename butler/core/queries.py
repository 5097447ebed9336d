"""What a person types to find something, read purely: words, "phrases", begin*, -without, OR, and operators (from:anna)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal, get_args
from zoneinfo import ZoneInfo

from butler.core.errors import UsageError
from butler.core.querydays import days_of, midnight

FoundKind = Literal["mail", "event", "task", "note", "document", "contact"]
Field = Literal["", "title", "sender", "recipient", "copied"]

KINDS: tuple[FoundKind, ...] = get_args(FoundKind)

_MOST_TERMS = 48
_LONGEST = 200
_LONGEST_QUERY = 20_000
_QUOTES = str.maketrans("“”„‟«»", '""""""')
_ASKED = re.compile(
    r'(?P<minus>(?<!\S)-)?(?:(?P<name>[A-Za-z]{2,10}):)?(?:"(?P<phrase>[^"]*)(?:"|$)|(?P<word>[^\s"]+))?(?P<star>\*)?'
)
_WORD = re.compile(r"\w")
_UNSEEN = re.compile("[\u0000-\u001f\u007f-\u009f\ud800-\udfff]")
_FIELDS: Mapping[str, Field] = {"from": "sender", "to": "recipient", "cc": "copied", "subject": "title", "title": "title"}
_DAYS = frozenset({"after", "since", "before", "until", "on"})
_HAS = frozenset({"attachment", "attachments", "file", "files"})
_PLURALS: Mapping[str, FoundKind] = {
    **{f"{kind}s": kind for kind in KINDS},
    **{kind: kind for kind in KINDS},
    "file": "document",
}
_EXAMPLES = {
    "from": "a name or an address, such as from:anna",
    "to": "a name or an address, such as to:ben",
    "cc": "a name or an address, such as cc:ben",
    "subject": "a word, such as subject:invoice",
    "title": "a word, such as title:invoice",
    "in": "a folder, calendar, notes folder or account, such as in:archive",
    "kind": "mail, event, task, note, document or contact, such as kind:mail",
    "has": "the word attachment: has:attachment",
}
OPERATORS = frozenset({*_EXAMPLES, *_DAYS})
"""What stands before a colon and means something."""


@dataclass(frozen=True, slots=True)
class Found:
    """Something that was found: what it is, when it was or is, where it lies, of whom it is, and its text around the match.

    `whole` says that it holds all that was asked for; what holds only some of the words comes after what holds all. What was
    found by its meaning alone says so in `by`; it is not whole, and its excerpt is the passage that means it.
    """

    ref: str
    kind: FoundKind
    title: str
    when: datetime | None
    excerpt: str
    place: str = ""
    who: str = ""
    whole: bool = True
    by: Literal["words", "meaning"] = "words"


def worth_showing(found: Sequence[Found]) -> list[Found]:
    """Of what was found, best first, what a person is shown: what holds only some of the words where nothing holds all."""
    if not any(each.whole for each in found):
        return list(found)
    return [each for each in found if each.whole or each.by == "meaning"]


@dataclass(frozen=True, slots=True)
class Term:
    """A word, or words that stand together, perhaps only the beginning of the last one, perhaps only in one field."""

    text: str
    is_phrase: bool = False
    is_prefix: bool = False
    field: Field = ""


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked for: of each group of `terms` one at least, none of `without`, and what the operators say.

    `after` is inclusive and `before` exclusive; `kinds` empty: all; `places` empty: everywhere; `has_attachment` None: either.
    """

    terms: tuple[tuple[Term, ...], ...] = ()
    without: tuple[Term, ...] = ()
    kinds: frozenset[FoundKind] = frozenset()
    places: tuple[str, ...] = ()
    not_places: tuple[str, ...] = ()
    after: datetime | None = None
    before: datetime | None = None
    has_attachment: bool | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is asked for."""
        return self == Query()


@dataclass(frozen=True, slots=True)
class _Token:
    minus: bool
    name: str
    text: str
    is_phrase: bool
    is_prefix: bool

    def term(self, field: Field = "") -> Term:
        return Term(self.text[:_LONGEST], self.is_phrase, self.is_prefix, field)


def read_query(text: str, today: date, zone: ZoneInfo) -> Query:
    """Read what a person typed; days begin at midnight in a zone. Raises UsageError where an operator's value is none."""
    reading = _Reading(today, zone)
    tokens = _tokens(text)
    while tokens:
        reading.take(tokens)
    return reading.query()


def plain_query(words: Iterable[str]) -> Query:
    """Ask for words that mean nothing but themselves; never raises."""
    cleaned = (_UNSEEN.sub(" ", word).replace('"', " ").strip()[:_LONGEST] for word in words)
    groups = dict.fromkeys((Term(word, is_phrase=" " in word),) for word in cleaned if _WORD.search(word))
    return Query(terms=tuple(groups)[:_MOST_TERMS])


def _tokens(text: str) -> list[_Token]:
    """Split at blanks outside quotes; an operator that is none is part of its word. The first token stands last."""
    clean = _UNSEEN.sub(" ", text[:_LONGEST_QUERY]).translate(_QUOTES)
    return [*_split(clean)][::-1]


def _split(clean: str) -> Iterator[_Token]:
    for found in _ASKED.finditer(clean):
        if not found[0] or found[0] in "-*":
            continue
        name, phrase, word = (found["name"] or "").lower(), found["phrase"], found["word"] or ""
        if name and name not in OPERATORS:
            word, name = f"{found['name']}:{word if phrase is None else phrase}", ""
        bare = word.rstrip("*")
        is_prefix = bool(found["star"]) or bare != word
        yield _Token(bool(found["minus"]), name, bare if phrase is None else phrase, phrase is not None, is_prefix)


class _Reading:
    """Takes one token after the other."""

    def __init__(self, today: date, zone: ZoneInfo) -> None:
        self._today = today
        self._zone = zone
        self._groups: list[tuple[Term, ...]] = []
        self._without: list[Term] = []
        self._kinds: set[FoundKind] = set()
        self._not_kinds: set[FoundKind] = set()
        self._asked = Query()
        self._either = False
        self._last = ""

    def take(self, tokens: list[_Token]) -> None:
        """Read the last token, and those before it that belong to its operator."""
        token = tokens.pop()
        self._choose(token)
        if not token.name:
            self._word(token)
            return
        if not token.text.strip() and tokens and not (tokens[-1].name or tokens[-1].minus):
            token = replace(tokens.pop(), name=token.name, minus=token.minus)
        if token.name in _DAYS:
            self._day(token, tokens)
        elif not _WORD.search(token.text):
            raise _wrong(token, f"{token.name}: needs {_EXAMPLES[token.name]}.")
        elif token.name in _FIELDS:
            self._add(token, token.term(_FIELDS[token.name]))
        else:
            {"in": self._place, "kind": self._kind, "has": self._has}[token.name](token)

    def query(self) -> Query:
        """All that was read."""
        kinds = frozenset(self._kinds or (KINDS if self._not_kinds else ())) - self._not_kinds
        if self._not_kinds and not kinds:
            raise UsageError("Nothing is left to look for.", advice="Leave a kind: or a -kind: out.")
        terms, without = tuple(self._groups[:_MOST_TERMS]), tuple(self._without[:_MOST_TERMS])
        return replace(self._asked, terms=terms, without=without, kinds=kinds)

    def _choose(self, token: _Token) -> None:
        """Refuse an OR beside what only narrows; of several kinds or places any one is enough anyway."""
        narrows = ("-" if token.minus else "") + (token.name if token.minus or token.name not in _FIELDS else "")
        if self._either and (narrows or self._last):
            if narrows != self._last or narrows not in {"in", "kind"}:
                raise UsageError(
                    f"OR cannot stand beside {_shown(narrows or self._last)}."[:_LONGEST],
                    advice="It chooses between words, from:, to:, cc: and subject:; search twice for the rest.",
                )
            self._either = False
        if not _is_or(token):
            self._last = narrows

    def _word(self, token: _Token) -> None:
        if _is_or(token):
            self._either = bool(self._groups or self._last)
        elif _WORD.search(token.text):
            self._add(token, token.term())

    def _add(self, token: _Token, term: Term) -> None:
        if token.minus:
            self._without.append(term)
        elif self._either:
            self._groups[-1] = (*self._groups[-1], term)[:_MOST_TERMS]
        elif (term,) not in self._groups:
            self._groups.append((term,))
        self._either = False

    def _place(self, token: _Token) -> None:
        name = token.text.strip()[:_LONGEST]
        if token.minus:
            self._asked = replace(self._asked, not_places=(*self._asked.not_places, name)[:_MOST_TERMS])
        else:
            self._asked = replace(self._asked, places=(*self._asked.places, name)[:_MOST_TERMS])

    def _kind(self, token: _Token) -> None:
        kind = _PLURALS.get(token.text.strip().lower())
        if kind is None:
            raise _wrong(token, f"There is no kind {token.text!r}.", f"It is {_EXAMPLES['kind']}.")
        (self._not_kinds if token.minus else self._kinds).add(kind)

    def _has(self, token: _Token) -> None:
        if token.text.strip().lower() not in _HAS:
            raise _wrong(token, f"has: does not know {token.text!r}.", f"It knows {_EXAMPLES['has']}.")
        self._asked = replace(self._asked, has_attachment=not token.minus)

    def _day(self, token: _Token, tokens: list[_Token]) -> None:
        """Read a day or span, of which the words that follow may be a part: `after:last week`."""
        follow = _plain(tokens)
        for many in range(len(follow), -1, -1):
            words = " ".join((token.text, *follow[:many]))
            found = days_of(words, self._today)
            if found:
                del tokens[len(tokens) - many :]
                self._between(token, *found)
                return
        raise _wrong(
            token,
            f"{token.text!r} is no day." if token.text.strip() else f"{token.name}: needs a day.",
            f'Write it like {token.name}:2026-11-20, {token.name}:2026-11, {token.name}:monday, {token.name}:"last week" or '
            f"{token.name}:7d.",
        )

    def _between(self, token: _Token, first: date, end: date) -> None:
        """Narrow to what an operator says of the days from `first` until before `end`."""
        if token.minus:
            raise _wrong(token, f"-{token.name}: means nothing.", "Write before: or after: without the sign.")
        start, stop = midnight(first, self._zone), midnight(end, self._zone)
        after, before = self._asked.after, self._asked.before
        if token.name in {"after", "since", "on"}:
            after = max(after, start) if after else start
        if token.name == "before":
            before = min(before, start) if before else start
        if token.name in {"on", "until"}:
            before = min(before, stop) if before else stop
        self._asked = replace(self._asked, after=after, before=before)


def _shown(narrows: str) -> str:
    return "a word with -" if narrows == "-" else f"{narrows}:"


def _is_or(token: _Token) -> bool:
    return token.text == "OR" and not (token.name or token.is_phrase or token.minus)


def _plain(tokens: Sequence[_Token]) -> list[str]:
    """The next words that are nothing but words, two at most, the next one first."""
    found: list[str] = []
    for token in tokens[:-3:-1]:
        if token.name or token.minus or token.is_phrase or token.is_prefix:
            break
        found.append(token.text)
    return found


def _wrong(token: _Token, sentence: str, advice: str = "") -> UsageError:
    return UsageError(sentence[:_LONGEST], advice=advice or f'To look for the text itself, put it in quotes: "{token.name}:…".')
