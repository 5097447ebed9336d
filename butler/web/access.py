"""Coming in and going out: the log-in by a link or a passphrase, the log-out, and the page that lists who is in."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial
from typing import Any

from starlette.requests import Request as HttpRequest
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from butler.core.access import Entrance, browser_of
from butler.core.errors import AccessError, UsageError
from butler.web.books import Books
from butler.web.guard import cookie_name, own_path
from butler.web.layout import Page, Visit
from butler.web.origin import is_secure
from butler.web.routes import Deed, Fields, Pages, page_of, visit_of


@dataclass(frozen=True, slots=True)
class Door:
    """Where sessions begin and end."""

    pages: Pages
    entrance: Entrance

    def routes(self) -> list[BaseRoute]:
        """The routes."""
        return [
            Route("/login", self.login, methods=["GET"]),
            Route("/login", self.enter, methods=["POST"]),
            Route("/logout", self.leave, methods=["POST"]),
            self.pages.view("/access", self.access),
            self.pages.deed("/access/end", _end),
            self.pages.deed("/access/end-others", _end_others),
        ]

    async def login(self, request: HttpRequest) -> Response:
        """Where one comes in: a button where the link is a good one, and a field where there is a passphrase.

        Looking at it uses no link up: programs that show what a link leads to do that.
        """
        visit = visit_of(request)
        to = own_path(visit.query.get("next", "/"))
        if visit.csrf:
            return RedirectResponse(to, 303)
        answer = await self.pages.reading.ask(partial(_login, visit, {"to": to}))
        if "next" in visit.query and "key" not in visit.query and request.headers.get("sec-fetch-site") == "cross-site":
            # Browsers keep a strict cookie back where the way here began elsewhere, and send it with what this page asks for.
            answer.headers["refresh"] = f"0; url={to}"
        return answer

    async def enter(self, request: HttpRequest) -> Response:
        """Let somebody in."""
        form: Fields = request.state.form
        to = own_path(_one(form, "next"))
        browser = browser_of(request.headers.get("user-agent", ""))
        try:
            if "key" in form:
                key = _one(form, "key")
                token = await self.pages.reading.ask(lambda books: books.truth.access.enter_by_link(key, browser, books.now))
            else:
                token = await self._by_passphrase(_one(form, "passphrase"), browser)
        except AccessError as error:
            told = {"to": to, "problem": str(error)}
            answer = await self.pages.reading.ask(partial(_login, visit_of(request), told))
            answer.status_code = 429 if error.wait else 403
            if error.wait:
                answer.headers["retry-after"] = str(error.wait)
            return answer
        answer = RedirectResponse(to, 303)
        self._set(request, answer, token, int(self.entrance.longest.total_seconds()))
        return answer

    async def leave(self, request: HttpRequest) -> Response:
        """End the session of whoever asks for it, or all of them."""
        visit, everywhere = visit_of(request), "everywhere" in request.state.form
        await self.pages.reading.ask(partial(_leave_all if everywhere else _leave, visit))
        answer = RedirectResponse("/login", 303)
        self._set(request, answer, "", 0)
        return answer

    def access(self, books: Books, _visit: Visit) -> Page:
        """Who is logged in, since when, and how to end that."""
        access = books.truth.access
        values = {"sessions": access.sessions(self.entrance, books.now), "has_passphrase": access.has_passphrase}
        return Page("access.html", "Access", values)

    async def _by_passphrase(self, passphrase: str, browser: str) -> str:
        """Let in by the passphrase: each try is counted before it is looked at, so that many at once gain nothing."""
        from butler.web.passphrase import is_right

        reading = self.pages.reading
        hashed = await reading.ask(lambda books: books.truth.access.begin_try(books.now))
        if await asyncio.to_thread(is_right, hashed, passphrase):
            return await reading.ask(lambda books: books.truth.access.enter_by_passphrase(browser, books.now))
        await reading.ask(lambda books: books.truth.access.refuse_try(browser, books.now))
        raise AccessError("This is not the passphrase.")

    def _set(self, request: HttpRequest, answer: Response, token: str, seconds: int) -> None:
        answer.set_cookie(
            cookie_name(request, self.entrance),
            token,
            max_age=seconds,
            path="/",
            secure=is_secure(request.headers.get("host", ""), self.entrance),
            httponly=True,
            samesite="strict",
        )


def _login(visit: Visit, told: dict[str, Any], books: Books) -> Response:
    access = books.truth.access
    key = visit.query.get("key", "")
    problem = access.look_at_link(key, books.now) if key else ""
    values = {"key": "" if problem else key, "problem": problem, "has_passphrase": access.has_passphrase} | told
    return page_of(Page("login.html", "Log in", values), visit, books)


def _leave(visit: Visit, books: Books) -> None:
    books.truth.access.end(visit.session, f"You logged out, by {visit.via}.", books.now)


def _leave_all(visit: Visit, books: Books) -> None:
    books.truth.access.end_all(f"You logged out everywhere, by {visit.via}.", books.now)


def _end(books: Books, visit: Visit, form: Fields) -> Deed:
    number = _one(form, "session")
    if not number.isascii() or not number.isdigit() or len(number) > 15:
        raise UsageError("There is no such session.")
    books.truth.access.end(int(number), f"You ended it, by {visit.via}.", books.now)
    return Deed("/access")


def _end_others(books: Books, visit: Visit, _form: Fields) -> Deed:
    books.truth.access.end_all(f"You ended all others, by {visit.via}.", books.now, but=visit.session)
    return Deed("/access")


def _one(form: Fields, name: str) -> str:
    return form.get(name, [""])[0]
