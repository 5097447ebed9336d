"""What programs may ask: `/healthz`, `/metrics` and `POST /hooks/NAME`; each hook with a token of its own."""

from __future__ import annotations

import hmac
import re
from collections.abc import Awaitable, Callable, Mapping
from uuid import uuid4

from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from butler.core.errors import ButlerError, UsageError
from butler.core.requests import Priority, Request
from butler.core.text import one_line
from butler.web.sent import Hook, subject_sent

LARGEST_BODY = 65_536
_KEY = re.compile(r"[\x21-\x7e]{1,128}")
_TEXT = "text/plain; version=0.0.4; charset=utf-8"


class Hooks:
    """Answers. `hooks` are by name, `dead` names what is not alive.

    `arrive` has kept a request when it returns.
    """

    def __init__(
        self,
        hooks: Mapping[str, Hook],
        arrive: Callable[[Request], Awaitable[None]],
        dead: Callable[[], list[str]],
        numbers: Callable[[], Awaitable[Mapping[str, float]]],
    ) -> None:
        self._hooks = hooks
        self._arrive = arrive
        self._dead = dead
        self._numbers = numbers

    def routes(self) -> list[Route]:
        """Their routes."""
        return [
            Route("/healthz", self.healthz),
            Route("/metrics", self.metrics),
            Route("/hooks/{name}", self.hook, methods=["POST"]),
        ]

    async def healthz(self, request: HttpRequest) -> Response:
        """Say whether all parts are alive: 200, or 503, on this machine with the names of those that are not."""
        dead = self._dead()
        names = {"dead": dead} if request.state.local else {}
        return JSONResponse({"alive": not dead, **names}, 503 if dead else 200)

    async def metrics(self, _request: HttpRequest) -> Response:
        """Tell numbers as Prometheus reads them."""
        numbers = await self._numbers()
        return PlainTextResponse("".join(f"{name} {value:g}\n" for name, value in numbers.items()), media_type=_TEXT)

    async def hook(self, request: HttpRequest) -> Response:
        """Have a workflow run, about what is sent where it takes that; an Idempotency-Key makes of two calls one."""
        name = request.path_params["name"]
        hook = self._allowed(name, request.headers.get("authorization", ""))
        if hook is None:
            return JSONResponse({"error": "This hook and token do not belong together."}, 401)
        body = await _body(request)
        if body is None:
            return JSONResponse({"error": f"More than {LARGEST_BODY} bytes."}, 413)
        key = request.headers.get("idempotency-key", "") or uuid4().hex
        if not _KEY.fullmatch(key):
            return JSONResponse({"error": "Idempotency-Key is too long or has odd characters."}, 400)
        job = f"hook:{name}"
        try:
            subject = subject_sent(hook, request.headers.get("content-type", ""), body)
            await self._arrive(Request(hook.workflow, job, Priority.TRIGGER, subject, job, key, model=True))
        except UsageError as error:
            return JSONResponse({"error": one_line(str(error))}, 400)
        except ButlerError as error:
            return JSONResponse({"error": str(error)}, 503)
        return JSONResponse({"accepted": key}, 202)

    def _allowed(self, name: str, sent: str) -> Hook | None:
        """The hook whose token was sent; as long to find out for a hook that does not exist."""
        hook = self._hooks.get(name, Hook("", ""))
        is_same = hmac.compare_digest(sent.encode(), f"Bearer {hook.token}".encode())
        return hook if is_same and hook.token else None


async def _body(request: HttpRequest) -> bytes | None:
    """What was sent; None where that is more than is allowed, which is not read to its end."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            return None
    return bytes(body)
