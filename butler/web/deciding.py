"""What is decided on a page: through the same gate as everywhere, bound to what was shown, and told of from what is kept."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from starlette.routing import Route

from butler.cards import beside
from butler.cards.revealing import as_read, some
from butler.core import payloads as p
from butler.core.actions import Kept
from butler.core.errors import ButlerError, StateError, UnknownActionError, UsageError
from butler.core.requests import WISH, Priority, Request
from butler.core.text import one_line
from butler.web import outcomes
from butler.web.action import alone, number_of, where_of
from butler.web.books import Books
from butler.web.layout import Page, Visit
from butler.web.routes import Deed, Fields, Pages
from butler.web.shown import mark_of

CHANGED = 409
"""Somebody was quicker: it is not what was shown any more."""
_PICKED = re.compile(r"([0-9]{1,18})@([0-9a-f]{64})")
_MOST_PICKED = 100
_LONGEST_REASON = 500


def routes(pages: Pages) -> list[Route]:
    """The routes of decisions; each is a form that was sent."""
    return [
        pages.deed("/review/several", several),
        pages.deed("/review/{id}/approve", approve),
        pages.deed("/review/{id}/reject", reject),
        pages.deed("/review/{id}/respond", respond),
        pages.deed("/review/{id}/undo", undo),
        pages.deed("/review/{id}/withdraw", withdraw),
    ]


def approve(books: Books, visit: Visit, form: Fields) -> Deed | Page:
    """Approve what was shown; whom the thread does not know needs a word of their own."""
    number, digest = number_of(visit), sent(form, "hash")
    kept = books.truth.outbox.get(number)
    strangers = _strangers(books, kept) if (kept.status, kept.hash) == ("held", digest) else ()
    if strangers and sent(form, "strangers") != mark_of(strangers):
        names = some([as_read(each) for each in strangers])
        return alone(books, visit, kept, 400, problem=f"{names} is new in the thread. Say that you mean it, then approve.")
    return _decided(books, visit, digest, lambda: books.gate.approve(number, digest, visit.by, visit.via), carries_out=True)


def reject(books: Books, visit: Visit, form: Fields) -> Deed | Page:
    """Say no, with a reason or without."""
    number, digest = number_of(visit), sent(form, "hash")
    why = one_line(sent(form, "why"), _LONGEST_REASON)
    return _decided(books, visit, digest, lambda: books.gate.reject(number, digest, visit.by, visit.via, why), why=why)


def respond(books: Books, visit: Visit, form: Fields) -> Deed | Page:
    """Ask for another version in the owner's words, and have it made at once."""
    number, digest = number_of(visit), sent(form, "hash")
    wish = sent(form, "wish").replace("\r\n", "\n").strip()
    workflow = p.REVISED_BY.get(books.truth.outbox.get(number).action.kind)
    if workflow is None:
        raise UsageError("No workflow makes another version of this.", advice="Edit it, or reject it.")
    found = _decided(books, visit, digest, lambda: books.gate.respond(number, digest, wish, visit.by, visit.via), wish=wish)
    asked = Request(workflow, WISH, Priority.PERSON, model=bool(books.house.model))
    return Deed(found.to, lambda daemon: daemon.add(asked)) if isinstance(found, Deed) else found


def undo(books: Books, visit: Visit, _form: Fields) -> Deed | Page:
    """Take back what was carried out."""
    number = number_of(visit)
    return _decided(books, visit, "", lambda: books.gate.undo(number, visit.by, visit.via), carries_out=True)


def withdraw(books: Books, visit: Visit, form: Fields) -> Deed | Page:
    """Hold again what was approved but not begun."""
    number, digest = number_of(visit), sent(form, "hash")
    return _decided(books, visit, digest, lambda: books.gate.withdraw(number, digest, visit.by, visit.via))


def several(books: Books, visit: Visit, form: Fields) -> Deed | Page:
    """Approve or reject all that was ticked, each as it was shown; what cannot be is told of by itself."""
    picked = {int(each[1]): each[2] for each in map(_PICKED.fullmatch, form.get("pick", ())[:_MOST_PICKED]) if each}
    verb = sent(form, "deed")
    if not picked or verb not in {"approve", "reject"}:
        raise UsageError("Nothing was ticked.", advice="Go back and tick what you mean.")
    for number, digest in picked.items():
        try:
            _one_of_several(books, visit, verb, number, digest)
        except StateError:
            raise
        except ButlerError:
            # What became of it instead is told on the next page, from what is kept of it.
            continue
    return Deed(back(visit, picked), (lambda daemon: daemon.look()) if verb == "approve" else None)


def back(visit: Visit, seen: dict[int, str], alone_at: int = 0) -> str:
    """Where to go on: to where the form was, which then tells what became of these actions."""
    if alone_at and visit.query.get("on") == "card":
        return f"/review/{alone_at}?{outcomes.tell(seen)}"
    query = where_of(visit).query
    return f"/review?{query}{'&' if query else ''}{outcomes.tell(seen)}"


def sent(form: Fields, name: str) -> str:
    """What a form sent under a name; empty where it did not."""
    values: Sequence[str] = form.get(name, ())
    return values[0] if values else ""


def _decided(
    books: Books, visit: Visit, digest: str, decide: Callable[[], Kept], *, carries_out: bool = False, **typed: str
) -> Deed | Page:
    """Decide; where somebody was quicker, what is there now is shown, with what was typed."""
    number = number_of(visit)
    try:
        kept = decide()
    except StateError:
        raise
    except ButlerError as error:
        now = books.truth.outbox.get(number)
        status = 400 if (now.status, now.hash) == ("held", digest) else CHANGED
        # Where it is no more what was shown, the page shows what it is, and no command has to.
        problem = error.sentence if isinstance(error, UnknownActionError) else str(error)
        return alone(books, visit, now, status, problem=problem, typed=typed)
    return Deed(back(visit, {kept.id: kept.hash}, number), (lambda daemon: daemon.look()) if carries_out else None)


def _one_of_several(books: Books, visit: Visit, verb: str, number: int, digest: str) -> None:
    if verb == "reject":
        books.gate.reject(number, digest, visit.by, visit.via)
    elif not _strangers(books, books.truth.outbox.get(number)):
        books.gate.approve(number, digest, visit.by, visit.via)


def _strangers(books: Books, kept: Kept) -> tuple[str, ...]:
    return beside.card_of(books.mirror, books.owner, kept).strangers
