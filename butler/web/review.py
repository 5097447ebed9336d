"""What waits for its owner, in the order of its need, what was decided lately, and each action on a page of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import groupby
from typing import Any

from starlette.routing import Route

from butler.cards.revealing import as_read
from butler.core.actions import Kept, Status
from butler.core.floods import Flood
from butler.store.waiting import Tally
from butler.web import deciding, edits, outcomes
from butler.web.action import FILTERS, KINDS, Where, action, frame, where_of
from butler.web.books import Books
from butler.web.layout import Page, Visit
from butler.web.routes import Pages
from butler.web.shown import Showing, Shown

PAGE = 10
SMALL_PAGE = 40
"""Actions on one page, and of those that are small."""
_SMALL = frozenset({"mail.move", "mail.keyword", "file.move"})
_LATELY = 8
_MOST_UNSETTLED = 20
FAILED_LATELY = timedelta(days=7)
_FAILED: tuple[Status] = ("failed",)
_UNCERTAIN: tuple[Status] = ("uncertain",)
_UNDER_WAY: tuple[Status, ...] = ("approved", "executing")


@dataclass(frozen=True, slots=True)
class Choice:
    """A value that the list can be narrowed to: how it is named, and how many held actions have it."""

    value: str
    name: str
    count: int
    is_chosen: bool


def routes(pages: Pages) -> list[Route]:
    """The routes of what waits."""
    return [
        pages.view("/review", review),
        pages.view("/review/{id}", action),
        *edits.routes(pages),
        *deciding.routes(pages),
    ]


def review(books: Books, visit: Visit) -> Page:
    """What waits, most needed first, and what became of what was decided."""
    tallies = books.truth.waiting.tallies()
    where = where_of(visit)
    floods = [] if where.each else _floods(books, where)
    folded = {number for flood in floods for number in flood.ids}
    total = sum(tally.count for tally in tallies if _is_meant(tally, where)) - len(folded)
    size = SMALL_PAGE if where.kind in _SMALL else PAGE
    pages = max((total + size - 1) // size, 1)
    where = replace(where, page=min(where.page, pages))
    skip = (where.page - 1) * size
    kept = books.truth.waiting.needs(
        books.now, where.kind, where.account, where.workflow, limit=size, skip=skip, without=folded
    )
    showing = Showing(books)
    values = {
        **frame(books, visit, where),
        "stacks": _stacks([showing.among_others(each) for each in kept]),
        "total": total,
        "floods": [
            (replace(flood, by=as_read(flood.by)), replace(where, kind=flood.kind, page=1, each=True)) for flood in floods
        ],
        "pages": pages,
        "choices": {name: _choices(name, tallies, where) for name in FILTERS},
        **_decided(books),
    }
    return Page("review.html", "Review", values, nav="review")


def _floods(books: Books, where: Where) -> list[Flood]:
    """What came in floods, where the list is not narrowed to one workflow, of which floods know nothing."""
    if where.workflow:
        return []
    return [flood for flood in books.truth.waiting.floods(where.account) if where.kind in ("", flood.kind)]


def _decided(books: Books) -> dict[str, Any]:
    """What is to be settled by its owner, what is under way, and what was decided lately."""
    outbox, stopped = books.truth.outbox, books.truth.outbox.stopped
    failed = [kept for kept in outbox.find(statuses=_FAILED, limit=_MOST_UNSETTLED) if _is_late(books, kept)]
    unsettled = [*outbox.find(statuses=_UNCERTAIN, limit=_MOST_UNSETTLED), *failed]
    shown = {kept.id for kept in unsettled}
    lately = [kept for kept in books.truth.waiting.decided(_LATELY + len(shown)) if kept.id not in shown]
    return {
        "unsettled": [outcomes.outcome(kept, stopped) for kept in unsettled],
        "under_way": outbox.count(statuses=_UNDER_WAY),
        "lately": [outcomes.outcome(kept, stopped) for kept in lately[:_LATELY]],
    }


def _is_late(books: Books, kept: Kept) -> bool:
    return books.now - kept.changed < FAILED_LATELY


def _stacks(shown: Iterable[Shown]) -> list[list[Shown]]:
    """Actions, those that are alternatives to each other together, in the order in which they were proposed."""
    groups = groupby(shown, key=lambda each: each.kept.action.group or each.kept.id)
    return [sorted(group, key=lambda each: each.kept.id) for _, group in groups]


def _is_meant(tally: Tally, where: Where) -> bool:
    return all(getattr(where, name) in ("", getattr(tally, name)) for name in FILTERS)


def _choices(name: str, tallies: Sequence[Tally], where: Where) -> list[Choice]:
    """The values of a filter, each with how many there are of it among what the other filters let through."""
    rest = Where(**{other: getattr(where, other) for other in FILTERS if other != name})
    counts: dict[str, int] = {}
    for tally in tallies:
        value = getattr(tally, name)
        counts[value] = counts.get(value, 0) + (tally.count if _is_meant(tally, rest) else 0)
    chosen = getattr(where, name)
    named = ((value, KINDS.get(value, value) if name == "kind" else value.replace("_", " ")) for value in counts if value)
    return [Choice(value, title, counts[value], value == chosen) for value, title in named if counts[value] or value == chosen]
