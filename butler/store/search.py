"""Full-text search over the mirror."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from butler.core.queries import Found, FoundKind
from butler.core.refs import event_ref, file_ref, mail_ref, task_ref
from butler.store.database import Database
from butler.store.sql import statements

_ASKED = re.compile(r'"([^"]*)"|(\S+)')
_WORD = re.compile(r"\w")
_NAMES: dict[str, tuple[FoundKind, Callable[[str, str], str]]] = {
    "search_mail": ("mail", mail_ref),
    "search_notes": ("note", file_ref),
    "search_events": ("event", event_ref),
    "search_tasks": ("task", task_ref),
}


def match_expression(text: str) -> str:
    """Turn what a person types (words, "phrases", a last* letter) into FTS5's language, in which nothing else has a meaning."""
    terms = []
    for phrase, word in _ASKED.findall(text):
        words = (phrase or word.rstrip("*")).replace("\0", " ").replace('"', " ")
        if _WORD.search(words):
            terms.append(f'"{words}"' + ("*" if word.endswith("*") else ""))
    return " ".join(terms)


def match_any(words: Iterable[str]) -> str:
    """Turn words into an expression that matches whatever holds one of them; empty when there is no word."""
    cleaned = (word.replace("\0", " ").replace('"', " ") for word in words)
    return " OR ".join(f'"{word}"' for word in cleaned if _WORD.search(word))


def search(database: Database, text: str, limit: int) -> list[Found]:
    """Find mails, notes, events and tasks that contain all words, best first."""
    asked = match_expression(text)
    if not asked:
        return []
    sql = statements("reads")
    hits = []
    for statement, (kind, name) in _NAMES.items():
        for place, key, title, when, excerpt, rank in database.rows(sql[statement], (asked, limit)):
            moment = None if when is None else datetime.fromtimestamp(when, UTC)
            hits.append((rank, Found(name(place, key), kind, title, moment, excerpt, place)))
    return [found for _, found in sorted(hits, key=lambda hit: hit[0])[:limit]]
