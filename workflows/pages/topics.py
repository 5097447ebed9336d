"""What something is about, by its words: those of a title that say something, and which texts share them."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache

from workflows.draft_reply.language import LANGUAGES, small_words

MOST = 8
_WORD = re.compile(r"[^\W\d_]{4,}")
_EVERYWHERE = (
    "meeting call sync weekly monthly daily review update session appointment with jour fixe termin treffen besprechung "
    "gespräch sitzung runde réunion rendez-vous point appel reunión llamada cita riunione incontro chiamata vergadering "
    "overleg afspraak spotkanie rozmowa reunião chamada"
)
"""Words that the title of any meeting may hold."""


@cache
def _said_by_all() -> frozenset[str]:
    return frozenset(_EVERYWHERE.split()).union(*map(small_words, LANGUAGES))


def topic(title: str) -> list[str]:
    """The words of a title that say what it is about, folded, in their order."""
    words = dict.fromkeys(word for word in _WORD.findall(title.casefold()) if word not in _said_by_all())
    return list(words)[:MOST]


def words_of(text: str) -> set[str]:
    """All longer words of a text, folded."""
    return set(_WORD.findall(text.casefold()))


def is_about(text: str, words: Collection[str]) -> bool:
    """Whether a text shares two of some words, or the only one."""
    return bool(words) and len(words_of(text) & set(words)) >= min(2, len(words))
