"""One action on a page of its own, and what all pages of actions have in common: which part of the list one came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

from butler.cards import beside
from butler.cards.contents import letter_of
from butler.cards.revealing import as_read, some
from butler.cards.saying import saying
from butler.core.actions import Kept
from butler.core.errors import UnknownActionError
from butler.core.payloads import account_of
from butler.core.record import facts_told
from butler.core.text import one_line
from butler.store.waiting import SOON
from butler.web import outcomes
from butler.web.books import Books
from butler.web.layout import Page, Visit
from butler.web.shown import Showing
from butler.web.sources import sender_of

FILTERS = ("kind", "account", "workflow")
_LAST_PAGE = 10_000
_LINKED = ("mail", "event", "task", "file")
"""The kinds of references that have a page of evidence."""

KINDS: Mapping[str, str] = MappingProxyType(
    {
        "mail.draft": "Drafts",
        "mail.send": "Mails to be sent",
        "mail.move": "Mails to be moved",
        "mail.keyword": "Marks on mails",
        "calendar.create": "New events",
        "calendar.update": "Changed events",
        "calendar.respond": "Answers to invitations",
        "calendar.cancel": "Events taken out",
        "task.create": "New tasks",
        "task.complete": "Tasks done",
        "file.write": "Files written",
        "file.append": "Additions to files",
        "file.move": "Files moved",
        "memory.add": "Things to remember",
        "mcp.call": "Tools to be called",
        "undo": "Taken back",
    }
)


@dataclass(frozen=True, slots=True)
class Where:
    """Which part of the list somebody looks at: what it is narrowed to, and the page's number from 1 on.

    `each` is whether what came in floods is shown one by one.
    """

    kind: str = ""
    account: str = ""
    workflow: str = ""
    page: int = 1
    each: bool = False

    @property
    def query(self) -> str:
        """The same as a query of an address; empty for the list from its beginning."""
        named = {name: getattr(self, name) for name in FILTERS if getattr(self, name)}
        each = {"each": "1"} if self.each else {}
        return urlencode(named | each | ({"page": str(self.page)} if self.page > 1 else {}))

    @property
    def is_narrowed(self) -> bool:
        """Whether it shows only some kinds of actions."""
        return bool(self.kind or self.account or self.workflow)


def action(books: Books, visit: Visit) -> Page:
    """One action: all of it, and its story."""
    return alone(books, visit, books.truth.outbox.get(number_of(visit)))


def alone(books: Books, visit: Visit, kept: Kept, status: int = 200, **more: Any) -> Page:
    """The page of one action; `more` are a `problem` that it is shown with, and what was `typed` there."""
    outbox = books.truth.outbox
    shown = Showing(books).alone(kept)
    story = beside.story_of(books.truth, books.mirror, kept)
    values = {
        **frame(books, visit, where_of(visit), on_card=visit.path == f"/review/{kept.id}"),
        "shown": shown,
        "story": story,
        "successor": next((event.facts.get("by") for event in story.events if event.what == "superseded"), None),
        "others": outbox.alternatives(kept) if kept.status == "held" and kept.action.group else [],
        "outcome": outcomes.outcome(kept, outbox.stopped),
        "problem": "",
        "typed": {},
        **more,
    }
    return Page("action.html", f"#{kept.id} {shown.what}", values, nav="review", status=status)


def frame(books: Books, visit: Visit, where: Where, *, on_card: bool = False) -> dict[str, Any]:
    """What all pages of actions show: what became of what was decided just now, and where a form leads back to."""
    on = {"on": "card"} if on_card or visit.query.get("on") == "card" else {}
    query = "&".join(part for part in (where.query, urlencode(on)) if part)
    return {
        **_ASKED,
        "where": where,
        "query": f"?{query}" if query else "",
        "kinds": KINDS,
        "told": outcomes.told(books, visit.query.get("told", "")),
        "stopped": books.truth.outbox.stopped,
    }


def where_of(visit: Visit) -> Where:
    """Which part of the list a visit asks for, or came from."""
    page = visit.query.get("page", "")
    number = int(page) if page.isascii() and page.isdigit() and len(page) < 9 else 1
    kind, account, workflow = (one_line(visit.query.get(name, ""), 100) for name in FILTERS)
    return Where(kind, account, workflow, min(max(number, 1), _LAST_PAGE), visit.query.get("each") == "1")


def number_of(visit: Visit) -> int:
    """The number of the action that an address names; raises UnknownActionError where that is none."""
    name = visit.args["id"]
    if not (name.isascii() and name.isdigit() and len(name) < 19):
        raise UnknownActionError("There is no such action.", advice="The list names those that wait.")
    return int(name)


def _is_linked(ref: str) -> bool:
    return ref.partition(":")[0] in _LINKED


def _turned(where: Where, by: int) -> str:
    return replace(where, page=where.page + by).query


_ASKED: Mapping[str, Any] = MappingProxyType(
    {
        "account": account_of,
        "facts_told": facts_told,
        "letter": letter_of,
        "linked": _is_linked,
        "saying": saying,
        "sender": sender_of,
        "some": lambda strangers: some([as_read(each) for each in strangers]),
        "soon": SOON,
        "turned": _turned,
    }
)
"""What templates of actions ask."""
