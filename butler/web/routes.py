"""From an HTTP request to a page and back: a view makes a page, a deed decides something and says where to go on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TypeVar
from urllib.parse import parse_qs

from starlette.requests import Request as HttpRequest
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from butler.core.errors import ButlerError, StateError, UnknownActionError, UnknownRefError, UsageError
from butler.web.books import Books, Reading
from butler.web.daemon_port import DaemonPort
from butler.web.layout import NOBODY, Page, Visit, written
from butler.web.times import Times

T = TypeVar("T")
STATIC = Path(__file__).parent / "static"
LARGEST_FORM = 1_000_000
_MOST_FIELDS = 2_000

Fields = Mapping[str, Sequence[str]]
"""What a form sent: all values by name."""

View = Callable[[Books, Visit], Page]
"""Makes a page, in the books' thread."""


@dataclass(frozen=True, slots=True)
class Deed:
    """What came of a form: where to go on, and what the daemon is to do for it, in its loop.

    Where that takes time and something has to be decided with what came of it, `then` ends with what decides that: it makes
    another deed, or a page, in the books' thread.
    """

    to: str
    then: Callable[[DaemonPort], Awaitable[Next | None] | None] | None = None


Next = Callable[[Books, Visit], "Deed | Page"]
"""Decides with what the daemon answered, in the books' thread."""


Act = Callable[[Books, Visit, Fields], Deed | Page]
"""Decides what a form asks for, in the books' thread; a page in place of a deed says what is wrong with the form."""


class Pages:
    """Turns views and deeds into routes, and what they raise into pages that say so."""

    def __init__(self, reading: Reading, daemon: DaemonPort) -> None:
        self.reading = reading
        self.daemon = daemon

    def view(self, path: str, view: View) -> Route:
        """A page to look at."""

        async def answer(request: HttpRequest) -> Response:
            return await self.reading.ask(partial(_shown, view, visit_of(request)))

        return Route(path, answer, methods=["GET"])

    def view_with(self, path: str, ask: Callable[[DaemonPort], Awaitable[T]], view: Callable[[Books, Visit, T], Page]) -> Route:
        """A page to look at that shows something for which the daemon is asked first, in its loop."""
        return self.view_for(path, lambda daemon, _visit: ask(daemon), view)

    def view_for(
        self, path: str, ask: Callable[[DaemonPort, Visit], Awaitable[T]], view: Callable[[Books, Visit, T], Page]
    ) -> Route:
        """The same, where what the daemon is asked for hangs on the visit."""

        async def answer(request: HttpRequest) -> Response:
            visit = visit_of(request)
            try:
                told = await ask(self.daemon, visit)
            except ButlerError as error:
                return sorry(error, visit)
            return await self.reading.ask(partial(_shown, lambda books, visit: view(books, visit, told), visit))

        return Route(path, answer, methods=["GET"])

    def deed(self, path: str, act: Act) -> Route:
        """Something to decide: a form that was sent, whose token the guard has checked (`request.state.form`)."""

        async def answer(request: HttpRequest) -> Response:
            visit = visit_of(request)
            form: Fields = request.state.form
            found = await self.reading.ask(partial(_done, lambda books, visit: act(books, visit, form), visit))
            while isinstance(found, Deed):
                try:
                    more = await _then(found, self.daemon)
                except ButlerError as error:
                    return sorry(error, visit)
                if more is None:
                    return RedirectResponse(found.to, 303)
                found = await self.reading.ask(partial(_done, more, visit))
            return found

        return Route(path, answer, methods=["POST"])


async def read_form(request: HttpRequest) -> Fields:
    """Read what a form sent; raises UsageError when it is too large or no form."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_FORM:
            raise UsageError("That is more than can be sent at once.", advice="Shorten the text.")
    try:
        return parse_qs(body.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict")
    except ValueError:
        raise UsageError("What was sent is no form.") from None


def sorry(error: ButlerError, visit: Visit, status: int = 0) -> Response:
    """The page that tells what is wrong."""
    status = status or _status_of(error)
    title = "Not found" if status == 404 else "That did not work"
    page = Page("sorry.html", title, {"sentence": error.sentence, "advice": error.advice}, status=status)
    return HTMLResponse(written(page, visit, _NO_TIMES, held=0, style=style()), status)


def _status_of(error: ButlerError) -> int:
    """Whose fault it is: what was asked for is not there, the butler's files cannot be used, or what was sent is wrong."""
    if isinstance(error, UnknownRefError | UnknownActionError):
        return 404
    return 503 if isinstance(error, StateError) else 400


def style() -> str:
    """Marks the stylesheet's and script's contents, so that a browser never uses those of another version."""
    return _STYLE


_NO_TIMES = Times(datetime.fromtimestamp(0, UTC), "en")
_STYLE = sha256(b"".join(file.read_bytes() for file in sorted(STATIC.iterdir()))).hexdigest()[:12]


def visit_of(request: HttpRequest) -> Visit:
    """Who asks for what; the guard has noted who it is."""
    is_part = request.headers.get("butler-part") == "1"
    who = getattr(request.state, "who", NOBODY)
    args = request.scope.get("path_params", {})
    return Visit(request.url.path, args, dict(request.query_params), who.csrf, is_part, who.by, who.via, who.session)


async def _then(deed: Deed, daemon: DaemonPort) -> Next | None:
    waiting = deed.then(daemon) if deed.then else None
    return None if waiting is None else await waiting


def _shown(view: View, visit: Visit, books: Books) -> Response:
    try:
        return page_of(view(books, visit), visit, books)
    except ButlerError as error:
        return sorry(error, visit)


def _done(decide: Next, visit: Visit, books: Books) -> Response | Deed:
    try:
        found = decide(books, visit)
        return found if isinstance(found, Deed) else page_of(found, visit, books)
    except ButlerError as error:
        return sorry(error, visit)


def page_of(page: Page, visit: Visit, books: Books) -> Response:
    """Write a page, in the books' thread; nobody but the owner is told how much is held."""
    held = books.truth.outbox.count() if visit.csrf else 0
    times = Times(books.now, books.owner.language)
    return HTMLResponse(written(page, visit, times, held=held, style=style()), page.status)
