"""The guard before the page: lets in who is logged in, believes only our own forms, and tells browsers what is not allowed."""

from __future__ import annotations

import asyncio
import hmac
import re
from hashlib import sha256
from urllib.parse import quote

from starlette.datastructures import MutableHeaders
from starlette.requests import Request as HttpRequest
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from butler.core.access import Entrance, Session, split_host
from butler.core.errors import AccessError, ButlerError, UsageError
from butler.web.books import Reading
from butler.web.layout import NOBODY, Who
from butler.web.origin import address_of, is_from_here, is_local, is_ours, is_secure
from butler.web.routes import read_form, sorry, visit_of

_FREE = re.compile(r"/(healthz|hooks/.*|static/.*)", re.DOTALL)
"""What is answered to programs and says nothing of the owner's."""
_LOCAL = "/metrics"
"""What is answered to programs of this machine."""
_LOGIN = "/login"
_SAFE = ("GET", "HEAD")
_FORM = "application/x-www-form-urlencoded"
_PATIENCE = 20.0
_LOOK_AGAIN = 15.0
_PATH = re.compile(r"/(?![/\\])[\x21-\x7e]*", re.ASCII)

_HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # The last one that a browser knows counts. With the first alone it would name no origin with our own forms either.
    "referrer-policy": "no-referrer, same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=()",
}
_TRANSPORT = "max-age=31536000"
_PAGES, _FILES = "no-store", "public, max-age=31536000, immutable"


class Guard:
    """Stands before the application, errors included; the state of a request gets `who`, and `form` where one was sent.

    `by` is the account that the butler serves, as the record of decisions names it.
    """

    def __init__(self, app: ASGIApp, reading: Reading, entrance: Entrance, by: str) -> None:
        self._app = app
        self._reading = reading
        self._entrance = entrance
        self._by = by

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it here."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close"})
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = HttpRequest(scope, receive)
        secure = is_secure(request.headers.get("host", ""), self._entrance)
        send = _telling(send, scope["path"], secure)
        try:
            refused = await self._refused(request)
        except ButlerError as error:
            refused = sorry(error, visit_of(request), 503)
        if refused is not None:
            await refused(scope, receive, send)
            return
        await self._app(scope, receive, self._while_let_in(request, send))

    async def _refused(self, request: HttpRequest) -> Response | None:
        """What to answer in place of the application; None where it may answer."""
        # The path that routes go by, which an address put together from it need not have.
        path, host = request.scope["path"], request.headers.get("host", "")
        if not is_ours(host, self._entrance):
            return PlainTextResponse("This is not a name of this page. Set web.hosts to have it answer to another one.\n", 400)
        request.state.local = is_local(host, _client(request))
        if _FREE.fullmatch(path) or (path == _LOCAL and request.state.local):
            return None
        request.state.who = who = await self._who(request)
        if who is NOBODY and path != _LOGIN:
            return _stranger(request)
        return None if request.method in _SAFE else await self._doubted(request, who)

    async def _who(self, request: HttpRequest) -> Who:
        token = cookie_of(request, self._entrance)
        found = await self._session(token) if token else None
        return Who(csrf_of(token), self._by, _via(request, found), found.id) if found else NOBODY

    async def _session(self, token: str) -> Session | None:
        return await self._reading.ask(lambda books: books.truth.access.session(token, self._entrance, books.now))

    async def _doubted(self, request: HttpRequest, who: Who) -> Response | None:
        """Why a change is not believed to be the owner's; None where it is, and then the form was read."""
        if not is_from_here(request.headers, self._entrance):
            return sorry(AccessError("This was not sent by a page of the butler."), visit_of(request), 403)
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
            return sorry(UsageError("What was sent is no form."), visit_of(request), 415)
        try:
            async with asyncio.timeout(_PATIENCE):
                request.state.form = await read_form(request)
        except UsageError as error:
            return sorry(error, visit_of(request))
        except TimeoutError:
            return sorry(UsageError("That took too long to arrive.", advice="Try again."), visit_of(request), 408)
        sent = request.state.form.get("csrf", [""])[0]
        if who is NOBODY or hmac.compare_digest(sent.encode(), who.csrf.encode()):
            return None
        return sorry(
            AccessError("This form is of another session.", advice="Load the page again, and repeat it there."),
            visit_of(request),
            403,
        )

    def _while_let_in(self, request: HttpRequest, send: Send) -> Send:
        """Send a stream only as long as its session lasts."""
        token = cookie_of(request, self._entrance)
        if getattr(request.state, "who", NOBODY) is NOBODY:
            return send
        looked = asyncio.get_running_loop().time()

        async def sending(message: Message) -> None:
            nonlocal looked
            now = asyncio.get_running_loop().time()
            if message.get("more_body") and now - looked > _LOOK_AGAIN:
                looked = now
                if await self._session(token) is None:
                    # What servers raise when nobody listens any more.
                    raise OSError("the session ended")
            await send(message)

        return sending


def csrf_of(token: str) -> str:
    """What the forms of a session have to send back; nobody can tell the session's token from it."""
    return hmac.new(token.encode(), b"form", sha256).hexdigest()


def cookie_name(request: HttpRequest, entrance: Entrance) -> str:
    """The cookie's name; it has the port in it, for browsers send cookies to all ports of a name."""
    host = request.headers.get("host", "")
    if is_secure(host, entrance):
        return "__Host-butler"
    port = split_host(host)[1]
    return f"butler-{port}" if port else "butler"


def cookie_of(request: HttpRequest, entrance: Entrance) -> str:
    """The token that a browser sent."""
    return request.cookies.get(cookie_name(request, entrance), "")


def own_path(path: str) -> str:
    """A path of ours to go on to; the first page for anything else that was sent as one."""
    return path if _PATH.fullmatch(path) and not path.startswith(_LOGIN) else "/"


def _stranger(request: HttpRequest) -> Response:
    """What is answered to whoever is not logged in: a browser is led to where they can be."""
    if "text/html" not in request.headers.get("accept", "") or "butler-part" in request.headers:
        return PlainTextResponse("Log in first: `butler web` prints a link.\n", 401)
    if request.method not in _SAFE:
        advice = "Log in, go back, and send it again."
        return sorry(
            AccessError("You are not logged in any more, and nothing was done.", advice=advice), visit_of(request), 401
        )
    path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(_LOGIN if path == "/" else f"{_LOGIN}?next={quote(path, safe='/')}", 303)


def _client(request: HttpRequest) -> str:
    return request.client.host if request.client else ""


def _via(request: HttpRequest, session: Session) -> str:
    address = address_of(_client(request), request.headers.get("x-forwarded-for", ""))
    return f"web {address}, session {session.id}, {session.browser}"


def _telling(send: Send, path: str, secure: bool) -> Send:
    """Send with the headers that tell browsers what this page is not to be used for."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers[name] = value
            is_file = path.startswith("/static/") and message["status"] in {200, 304}
            headers["cache-control"] = _FILES if is_file else _PAGES
            if secure:
                headers["strict-transport-security"] = _TRANSPORT
        await send(message)

    return sending
