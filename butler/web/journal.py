"""The journal: its lines, newest first, found by what happened, about what, when, and words; and whether it is whole."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.routing import Route

from butler.core.errors import UnknownRefError, UsageError
from butler.core.localtime import day_start
from butler.core.text import one_line
from butler.store.journal import Found, Wanted
from butler.web.books import Books
from butler.web.layout import Page, Visit
from butler.web.record import told
from butler.web.routes import Deed, Fields, Pages
from butler.web.verifying import Verifying

_PAGE = 50
_LONGEST = 500
_MOST = 2**62
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class JournalPages:
    """The pages of one journal, which is looked through for both."""

    verifying: Verifying

    def lines(self, books: Books, visit: Visit) -> Page:
        """The lines that are looked for. The first time that somebody looks, the whole journal is looked through beside."""
        journal = books.truth.journal
        if self.verifying.verdict is None:
            self.verifying.begin(journal, books.now)
        query = {name: one_line(visit.query.get(name, ""), _LONGEST) for name in ("what", "subject", "day", "words")}
        before = number_of(visit.query.get("before", ""))
        found = journal.find(wanted_of(query, books), before, _PAGE)
        number, head = journal.head()
        values = {
            "lines": told(found.lines),
            "older": _older(query, found),
            "is_rare": found.further > 0 and len(found.lines) < _PAGE,
            "further": found.further,
            "latest": urlencode({name: value for name, value in query.items() if value}),
            "is_first": not before,
            "wanted": query,
            "kinds": [kind for kind in journal.kinds() if kind == one_line(kind)],
            "number": number,
            "head": head,
            "verdict": self.verifying.verdict,
            "since": self.verifying.since,
        }
        return Page("journal.html", "Journal", values, nav="journal")

    def verify(self, books: Books, _visit: Visit, _form: Fields) -> Deed:
        """Look through the whole journal."""
        self.verifying.begin(books.truth.journal, books.now)
        return Deed("/journal")


def routes(pages: Pages) -> list[Route]:
    """The routes."""
    journal = JournalPages(Verifying())
    return [
        pages.view("/journal", journal.lines),
        pages.deed("/journal/verify", journal.verify),
        pages.view("/journal/{number}", line),
    ]


def line(books: Books, visit: Visit) -> Page:
    """One line with all of its facts and its hash."""
    number = number_of(visit.args["number"])
    found = books.truth.journal.find(Wanted(), number + 1, 1).lines if number else []
    if not found or found[0].seq != number:
        raise UnknownRefError("There is no such line in the journal.", advice="The page Journal lists those there are.")
    facts = [(one_line(name, 60), _whole(value)) for name, value in found[0].facts.items()]
    return Page("journal_line.html", f"Line {number}", {"line": found[0], "facts": facts}, nav="journal")


def wanted_of(query: dict[str, str], books: Books) -> Wanted:
    """What a form asks for; raises UsageError for a day that is none."""
    since = until = None
    if query["day"]:
        try:
            day = dt.date.fromisoformat(query["day"])
            since, until = day_start(day, books.owner.zone), day_start(day + _DAY, books.owner.zone)
        except (ValueError, OverflowError):
            raise UsageError(f"{query['day']!r} is not a day.", advice="Write it like 2026-11-24.") from None
    return Wanted(query["what"], query["subject"], since, until, query["words"])


def number_of(text: str) -> int:
    """The number that a text is, 0 where it is none."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0
    return number if number < _MOST else 0


def _older(query: dict[str, str], found: Found) -> str:
    wanted = {name: value for name, value in query.items() if value}
    return urlencode({**wanted, "before": found.further}) if found.further else ""


def _whole(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)
