"""The page that finds things: a form that works by itself, and what was found, linked to the evidence.

What holds the words is shown at once. No page reaches a model: what means the like is found by a child of the daemon, and its
page is fetched by the script, or by whoever follows the link.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from pydantic import TypeAdapter, ValidationError
from starlette.routing import Route

from butler.core.errors import ButlerError, UsageError
from butler.core.excerpts import Excerpts, Piece
from butler.core.passages import meant_by
from butler.core.queries import Found, Query, read_query, worth_showing
from butler.core.text import one_line
from butler.store.meaning import is_there
from butler.web.books import Books
from butler.web.daemon_port import DaemonPort
from butler.web.layout import Page, Visit
from butler.web.routes import Pages

PAGE = 20
"""Hits on a page."""
MEANT = "/search/meaning"
PATIENCE = 6.0
"""Seconds that a page waits for a child that finds by meaning: it begins, and waits two seconds for the model itself."""
_COMMAND = ("search", "-", "--json", "--remarks")
_AT_ONCE = 2
_AWAY = "Only words were looked for: what finds by meaning did not answer."
_BUSY = "Only words were looked for: others look by meaning just now. Look again in a moment."
_FOUND: TypeAdapter[list[Found]] = TypeAdapter(list[Found])
_REMARKS: TypeAdapter[list[str]] = TypeAdapter(list[str])
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


@dataclass(frozen=True, slots=True)
class Meant:
    """What was found by words and meaning together; None where only words can be looked for, and `remark` says why."""

    found: Sequence[Found] | None = None
    remark: str = ""


def routes(pages: Pages) -> list[Route]:
    """The routes."""
    return [pages.view("/search", search), pages.view_for(MEANT, Asking(), meant)]


class Asking:
    """Has children of the daemon look for what means the like, few at a time."""

    def __init__(self) -> None:
        self._free = asyncio.Semaphore(_AT_ONCE)

    async def __call__(self, daemon: DaemonPort, visit: Visit) -> Meant:
        """What is found for a visit, at most so much as its page needs; or why there is nothing, whatever went wrong."""
        text, number = _asked(visit)
        if self._free.locked():
            return Meant(remark=_BUSY)
        async with self._free:
            try:
                told = await daemon.ask([*_COMMAND, f"--limit={number * PAGE + 1}"], PATIENCE, given=text)
                return Meant(_FOUND.validate_python(told.get("found")), " ".join(_REMARKS.validate_python(told.get("remarks"))))
            except ValidationError:
                return Meant(remark=_AWAY)
            except ButlerError as error:
                return Meant(remark=f"{_AWAY} {one_line(error.sentence, 200)}")


def search(books: Books, visit: Visit) -> Page:
    """What holds the words that are asked for, a page of it; a query that is none is told above the form, which keeps it."""
    return _searched(books, visit, None)


def meant(books: Books, visit: Visit, meant: Meant) -> Page:
    """The same together with what means the like."""
    return _searched(books, visit, meant)


def _searched(books: Books, visit: Visit, meant: Meant | None) -> Page:
    text, number = _asked(visit)
    try:
        query = read_query(text, books.now.date(), books.owner.zone)
        joined = meant.found if meant else None
        found = books.mirror.search(text, number * PAGE + 1) if joined is None else joined
    except UsageError as error:
        return _page(books, text, problem=str(error))
    whole = worth_showing(found)
    shown = whole[(number - 1) * PAGE : number * PAGE]
    has_more = len(whole) > number * PAGE and number < _LAST_PAGE
    return _page(books, text, query, shown, number=number, has_more=has_more, meant=meant)


def _asked(visit: Visit) -> tuple[str, int]:
    """The words of a visit, and which page of what they find."""
    return visit.query.get("q", "")[:_LONGEST], _number(visit.query.get("page", ""))


def _page(
    books: Books,
    text: str,
    query: Query | None = None,
    shown: Sequence[Found] = (),
    *,
    number: int = 1,
    has_more: bool = False,
    problem: str = "",
    meant: Meant | None = None,
) -> Page:
    asked = query or Query()
    excerpts = Excerpts(asked)
    can_mean = meant is None and books.house.embeds and bool(meant_by(asked)) and is_there(books.house.state)
    values = {
        "text": text,
        "is_asked": not asked.is_empty,
        "hits": [_hit(each, excerpts, books) for each in shown],
        "is_whole": all(each.whole or each.by == "meaning" for each in shown),
        "problem": problem,
        "number": number,
        "here": "/search" if meant is None else MEANT,
        "meant": urlencode({"q": text, "page": number}) if can_mean else "",
        "remark": meant.remark if meant else "",
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
