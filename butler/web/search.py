"""The page that finds things: a form that works by itself, and what was found, linked to the evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from starlette.routing import Route

from butler.core.errors import UsageError
from butler.core.excerpts import Excerpts, Piece
from butler.core.queries import Found, Query, read_query
from butler.core.text import one_line
from butler.web.books import Books
from butler.web.layout import Page, Visit
from butler.web.routes import Pages

PAGE = 20
"""Hits on a page."""
_LAST_PAGE = 50
_LONGEST = 2_000
_STALE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Hit:
    """Something found as the page shows it: its title and its words with what matches marked."""

    found: Found
    title: Sequence[Piece]
    excerpt: Sequence[Piece]
    is_timed: bool


def routes(pages: Pages) -> list[Route]:
    """The routes."""
    return [pages.view("/search", search)]


def search(books: Books, visit: Visit) -> Page:
    """What is asked for, a page of it; a query that is none is told above the form, which keeps it."""
    text = visit.query.get("q", "")[:_LONGEST]
    number = _number(visit.query.get("page", ""))
    try:
        query = read_query(text, books.now.date(), books.owner.zone)
        found = books.mirror.search(text, number * PAGE + 1)
    except UsageError as error:
        return _page(books, text, problem=str(error))
    whole = [each for each in found if each.whole] or found
    shown = whole[(number - 1) * PAGE : number * PAGE]
    return _page(books, text, query, shown, number=number, has_more=len(whole) > number * PAGE and number < _LAST_PAGE)


def _page(
    books: Books,
    text: str,
    query: Query | None = None,
    shown: Sequence[Found] = (),
    *,
    number: int = 1,
    has_more: bool = False,
    problem: str = "",
) -> Page:
    asked = query or Query()
    excerpts = Excerpts(asked)
    values = {
        "text": text,
        "is_asked": not asked.is_empty,
        "hits": [_hit(each, excerpts, books) for each in shown],
        "is_whole": all(each.whole for each in shown),
        "problem": problem,
        "number": number,
        "earlier": urlencode({"q": text, "page": number - 1}) if number > 1 else "",
        "later": urlencode({"q": text, "page": number + 1}) if has_more else "",
        "old": _old(books),
    }
    return Page("search.html", "Search", values, nav="search")


def _hit(found: Found, excerpts: Excerpts, books: Books) -> Hit:
    """Mark what matches in lines that were made harmless before."""
    title, excerpt = one_line(found.title, 200) or "(no title)", one_line(found.excerpt)
    at = found.when.astimezone(books.owner.zone) if found.when else None
    is_timed = at is not None and found.kind in {"mail", "event"} and (at.hour, at.minute) != (0, 0)
    return Hit(found, excerpts.marked(title), excerpts.marked(excerpt), is_timed)


def _old(books: Books) -> list[str]:
    """The sources that were not read for a day."""
    states = books.mirror.sources()
    return [one_line(each.name, 40) for each in states if each.as_of is None or books.now - each.as_of > _STALE]


def _number(text: str) -> int:
    """The number of a page, from 1."""
    return min(max(int(text), 1), _LAST_PAGE) if text.isascii() and text.isdigit() and len(text) < 5 else 1
