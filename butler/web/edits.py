"""Edits in place: a form with what may be changed of an action, checked as an edited file is; nothing typed is lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from pydantic import ValidationError
from starlette.routing import Route

from butler.cards.sheets import CALENDAR, Problems, Sheet, file_of, placed, read_sheet, sheet_of
from butler.core import payloads as p
from butler.core.actions import Kept, read_payload
from butler.core.errors import ButlerError, StateError, UsageError
from butler.core.plain import canonical
from butler.web.action import alone, frame, number_of, where_of
from butler.web.books import Books
from butler.web.daemon_port import DaemonPort
from butler.web.deciding import CHANGED, back, sent
from butler.web.layout import Page, Visit
from butler.web.routes import Deed, Fields, Next, Pages
from butler.web.shown import LONGEST_TYPED, Showing

TEXT = "Text"
_PATIENCE = 60.0
_TYPED = "What you typed is kept below."


def routes(pages: Pages) -> list[Route]:
    """The form's routes."""
    return [pages.view("/review/{id}/edit", edit), pages.deed("/review/{id}/edit", take_over)]


def edit(books: Books, visit: Visit) -> Page:
    """The form of an action, filled with how it is."""
    kept = books.truth.outbox.get(number_of(visit))
    if kept.status != "held":
        return alone(books, visit, kept, CHANGED, problem=f"Action {kept.id} is not held any more: it is {kept.status}.")
    sheet = sheet_of(kept.action.payload, books.owner.zone)
    if sum(map(len, (*sheet.fields.values(), sheet.text or ""))) > LONGEST_TYPED:
        raise UsageError("This is too long for a form.", advice=f"`butler edit {kept.id}` opens it in your editor.")
    return _form(books, visit, kept, sheet)


def take_over(books: Books, visit: Visit, form: Fields) -> Deed | Page:
    """Put what was typed in place of an action; what is wrong with it is told beside it."""
    kept = books.truth.outbox.get(number_of(visit))
    payload, zone = kept.action.payload, books.owner.zone
    before = sheet_of(payload, zone)
    typed = Sheet({name: sent(form, name) for name in before.fields}, None if before.text is None else _text(form))
    if kept.status != "held":
        problem = f"Action {kept.id} is not held any more: it is {kept.status}. {_TYPED}"
        return _form(books, visit, kept, typed, problem=problem, status=CHANGED)
    if kept.hash != sent(form, "hash"):
        problem = f"Action {kept.id} was changed since it was shown; beside the form is how it is now. {_TYPED}"
        return _form(books, visit, kept, typed, problem=problem, status=CHANGED)
    found = read_sheet(payload, typed, zone)
    if isinstance(found, Problems):
        return _form(books, visit, kept, typed, found, status=400)
    if isinstance(payload, CALENDAR) and typed != before:
        return Deed(back(visit, {kept.id: kept.hash}, kept.id), partial(_checked, kept=kept, typed=typed))
    return _keep(books, visit, kept, typed, found)


async def _checked(daemon: DaemonPort, kept: Kept, typed: Sheet) -> Next:
    """Have what writes calendars say what becomes of an event or a task; the decision is made here, with what it says."""
    command = ("edit", f"{kept.id}@{kept.hash}", "--from", "-", "--check", "--json")
    try:
        found = await daemon.ask(command, _PATIENCE, file_of(typed))
    except ButlerError as error:
        problem = f"{error} {_TYPED}"
        return lambda books, visit: _form(books, visit, books.truth.outbox.get(kept.id), typed, problem=problem, status=400)
    return lambda books, visit: _written(books, visit, kept, typed, found)


def _written(books: Books, visit: Visit, kept: Kept, typed: Sheet, found: Mapping[str, Any]) -> Deed | Page:
    """Decide with what the daemon's child said of an event or a task."""
    problems = found.get("problems")
    if problems:
        named = [str(each) for each in problems] if isinstance(problems, Sequence) else [str(problems)]
        return _form(books, visit, kept, typed, placed(named, typed), status=400)
    try:
        payload = read_payload(canonical(found.get("payload")))
    except ValidationError:
        return _form(books, visit, kept, typed, problem=f"It cannot be written like this. {_TYPED}", status=400)
    return _keep(books, visit, kept, typed, payload)


def _keep(books: Books, visit: Visit, kept: Kept, typed: Sheet, payload: p.Payload) -> Deed | Page:
    try:
        done = books.gate.edit(kept.id, kept.hash, payload, visit.by, visit.via)
    except StateError:
        raise
    except ButlerError as error:
        now = books.truth.outbox.get(kept.id)
        status = 400 if (now.status, now.hash) == ("held", kept.hash) else CHANGED
        return _form(books, visit, now, typed, problem=f"{error} {_TYPED}", status=status)
    return Deed(f"{back(visit, {done.id: done.hash}, done.id)}#action-{done.id}")


def _form(
    books: Books,
    visit: Visit,
    kept: Kept,
    sheet: Sheet,
    problems: Problems | None = None,
    *,
    problem: str = "",
    status: int = 200,
) -> Page:
    shown = Showing(books).alone(kept)
    values = {
        **frame(books, visit, where_of(visit)),
        "shown": shown,
        "sheet": sheet,
        "problems": (problems or Problems()).by_field,
        "problem": problem,
        "in_place": visit.query.get("in") == "place" and status == 200,
        "long": {"To", "Cc", "Bcc"},
    }
    return Page("edit.html", f"Edit #{kept.id}", values, nav="review", status=status)


def _text(form: Fields) -> str:
    return sent(form, TEXT).replace("\r\n", "\n").replace("\r", "\n")
