"""The application: the pages of the owner, what programs may ask, and who is let in."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request as HttpRequest
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from butler.core.access import Entrance
from butler.core.errors import ButlerError, UsageError
from butler.web import ask, health, journal, review, runs, schedule, search, today
from butler.web.access import Door
from butler.web.books import Reading
from butler.web.daemon_port import DaemonPort
from butler.web.guard import Guard
from butler.web.hooks import Hooks
from butler.web.live import Live
from butler.web.routes import STATIC, Pages, sorry, visit_of


class Site(Starlette):
    """An application behind a guard, which stands before all of it, its answers to failures included."""

    guard: Callable[[ASGIApp], Guard]

    def build_middleware_stack(self) -> ASGIApp:
        """Put the guard before everything else."""
        return self.guard(super().build_middleware_stack())


def application(reading: Reading, daemon: DaemonPort, hooks: Hooks, entrance: Entrance, by: str) -> Starlette:
    """Make the application; `state.live` is to be closed before it is served no more. `by` is the account that it serves."""
    pages, live = Pages(reading, daemon), Live(reading, daemon)
    routes: list[BaseRoute] = [
        *hooks.routes(),
        *live.routes(),
        *Door(pages, entrance).routes(),
        Mount("/static", StaticFiles(directory=STATIC)),
        *today.routes(pages),
        *review.routes(pages),
        *runs.routes(pages),
        *schedule.routes(pages),
        *journal.routes(pages),
        *health.routes(pages),
        *ask.routes(pages),
        *search.routes(pages),
    ]
    app = Site(routes=routes, exception_handlers={HTTPException: _refused, Exception: _broken})
    app.guard = partial(Guard, reading=reading, entrance=entrance, by=by)
    app.state.live = live
    return app


async def _refused(request: HttpRequest, error: Exception) -> Response:
    """What no route answers."""
    assert isinstance(error, HTTPException)  # noqa: S101 - what it was registered for
    headers = dict(error.headers or {})
    if visit_of(request).csrf:
        sentence = "There is no such page." if error.status_code == 404 else f"{error.detail}."
        answer = sorry(UsageError(sentence), visit_of(request), error.status_code)
        answer.headers.update(headers)
        return answer
    return PlainTextResponse(f"{error.detail}\n", error.status_code, headers)


async def _broken(request: HttpRequest, _error: Exception) -> Response:
    """What is answered where the butler has a fault; the log has the rest."""
    error = ButlerError("The butler has a fault, and could not do this.", advice="Its log tells where.")
    return sorry(error, visit_of(request), 500)
