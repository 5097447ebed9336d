"""Writes what is asked for in FTS5's language, purely: nothing of what a person typed has a meaning there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from butler.core.folding import folded, pairs_of, pieces, spellings
from butler.core.queries import KINDS, Field, FoundKind, Query, Term

MONTH = 2_629_800
"""Seconds of the months by which mails are found in time: a twelfth of 365.25 days."""
SPANS = (1, 4, 16, 64)
"""How many months the spans have by which they are found: a mail bears the mark of one of each."""
ATTACHED = "attached"
_COLUMNS: Mapping[Field, str] = {"title": "title", "sender": "sender", "recipient": "recipient", "copied": "copied"}
_WORDS = re.compile(r"[^\W_]+")
_ENDS = " !#$%&()*+,-./:;<=>?@[]^_`{|}~¡¿«»“”„‘’‚…‐–—、。！？：；（）「」"


def kind_mark(kind: FoundKind) -> str:
    """The mark that a thing of a kind bears."""
    return f"kind{kind}"


def time_marks(moment: int) -> list[str]:
    """The marks that a mail of a moment in seconds bears."""
    return [_span(size, moment // MONTH) for size in SPANS]


def all_of(groups: Iterable[str], query: Query) -> str:
    """Ask for all of some groups, and for what the query says besides."""
    return _narrowed(" AND ".join(groups), query)


def any_of(groups: Sequence[str]) -> str:
    """Ask for any of some groups."""
    return _either(groups)


def within(expression: str, first: int, last: int) -> str:
    """Narrow to mails of some months, both included, and to all that is no mail."""
    marks = [*_cover(first, last), *(kind_mark(kind) for kind in KINDS if kind != "mail")]
    return f"({expression}) AND {_marked(marks)}"


def titled(expression: str) -> str:
    """Narrow to what says so in its title."""
    return f"title : ({expression})"


def group_of(terms: Sequence[Term]) -> str:
    """Ask for one of some terms; empty where there is no word in any."""
    return _either([found for term in terms if (found := _term(term))])


def words_of(words: Iterable[str], kind: FoundKind) -> str:
    """Ask for what holds any of some words and is of a kind; empty where there is no word."""
    found = _either([each for word in words if (each := _term(Term(word)))])
    return f"- marks : ({found}) AND {_marked([kind_mark(kind)])}" if found else ""


def all_named(name: str) -> str:
    """Ask for contacts whose name holds all words of a text; empty where there is no word."""
    words = [found for word in name.split() if (found := _term(Term(word)))]
    return f"(title : ({' AND '.join(words)})) AND {_marked([kind_mark('contact')])}" if words else ""


def _narrowed(words: str, query: Query) -> str:
    marks = [kind_mark(kind) for kind in (sorted(query.kinds) or KINDS)]
    parts = [f"(- marks : ({words}))"] if words else []
    if query.kinds or not words:
        parts.append(_marked(marks))
    if query.has_attachment:
        parts.append(_marked([ATTACHED]))
    found = " AND ".join(parts)
    without = [each for term in query.without if (each := _term(term))]
    if without:
        found = f"({found}) NOT (- marks : ({_either(without)}))"
    return f"({found}) NOT {_marked([ATTACHED])}" if query.has_attachment is False else found


def _cover(first: int, last: int) -> Iterator[str]:
    """The marks of the fewest spans that are some months together."""
    at = first
    while at <= last:
        size = max(size for size in SPANS if at % size == 0 and (size == 1 or at + size - 1 <= last))
        yield _span(size, at)
        at += size


def _span(size: int, month: int) -> str:
    return f"span{size}at{month // size}"


def _marked(marks: Iterable[str]) -> str:
    return f"marks : ({' OR '.join(marks)})"


def _term(term: Term) -> str:
    found = [*pieces(term.text.replace('"', " "))]
    if any(unspaced for _, unspaced in found):
        # What is written beside such letters without a blank is one word with them to the tokenizer: no phrase holds it.
        found = [
            (word, unspaced) for text, unspaced in found for word in ([text] if unspaced else _WORDS.findall(folded(text)))
        ]
    parts = [part for text, unspaced in found if (part := _run(text) if unspaced else _spaced(text, term))]
    asked = " AND ".join(parts)
    column = _COLUMNS.get(term.field)
    return f"{column} : ({asked})" if column and asked else (f"({asked})" if len(parts) > 1 else asked)


def _run(text: str) -> str:
    """Letters without blanks, by every two neighbours; a single one begins a pair."""
    pairs = [*pairs_of(text)]
    return f'"{pairs[0]}" *' if len(pairs) == 1 else f'"{" ".join(pairs[:-1])}"'


def _spaced(text: str, term: Term) -> str:
    star = " *" if term.is_prefix else ""
    bare = text if term.is_phrase else text.strip(_ENDS)
    return _either([f'"{each}"{star}' for each in spellings(bare, is_phrase=term.is_phrase)])


def _either(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else (f"({' OR '.join(parts)})" if parts else "")
