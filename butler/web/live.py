"""Live updates: a stream of server-sent events that tells an open page when there is something new to show.

While nobody listens nothing is looked at; however many listen, it is looked at once a second for all of them.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request as HttpRequest
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from butler.core.errors import ButlerError
from butler.core.text import one_line
from butler.web.books import Books, Reading
from butler.web.daemon_port import DaemonPort

_EVERY = 1.0
_ALIVE = 15.0
_LONGEST = 300.0
"""Seconds of one stream; the page asks again at once, and is let in anew or not."""
_MOST = 16
_AGAIN = b"retry: 2000\n\n"


@dataclass(eq=False, slots=True)
class _Listener:
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def hears(self) -> bool:
        """Wait for news; False when there were none for a while."""
        try:
            async with asyncio.timeout(_ALIVE):
                await self.news.wait()
        except TimeoutError:
            return False
        # Only now: what came while the page was told of something else counts, too.
        self.news.clear()
        return True


class Live:
    """Tells all open pages of what changed: actions that are held, what runs, the journal's end, and what questions tell."""

    def __init__(self, reading: Reading, daemon: DaemonPort) -> None:
        self._reading = reading
        self._daemon = daemon
        self._listeners: set[_Listener] = set()
        self._looking: asyncio.Task[None] | None = None
        self._seen: Mapping[str, Any] = {}
        self._is_over = False

    def routes(self) -> list[Route]:
        """The stream's route."""
        return [Route("/live", self.stream, methods=["GET"])]

    def close(self) -> None:
        """End all streams, so that the daemon need not wait for their pages to go away."""
        self._is_over = True
        if self._looking:
            self._looking.cancel()
        for each in self._listeners:
            each.news.set()

    async def stream(self, request: HttpRequest) -> Response:
        """Tell a page of what changes, from how it is now on."""
        if self._is_over or len(self._listeners) >= _MOST:
            return PlainTextResponse("Too many pages are open.", 503, {"Retry-After": "10"})
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(self._events(request), media_type="text/event-stream", headers=headers)

    async def _events(self, _request: HttpRequest) -> AsyncIterator[bytes]:
        listener = _Listener()
        self._join(listener)
        told: Mapping[str, Any] = {}
        end = asyncio.get_running_loop().time() + _LONGEST
        try:
            yield _AGAIN
            while not self._is_over and asyncio.get_running_loop().time() < end:
                if self._seen and self._seen != told:
                    told = self._seen
                    yield b"event: changed\ndata: " + json.dumps(told).encode() + b"\n\n"
                if not await listener.hears():
                    yield b": still here\n\n"
        finally:
            self._leave(listener)

    def _join(self, listener: _Listener) -> None:
        self._listeners.add(listener)
        if self._looking is None:
            self._seen = {}
            self._looking = asyncio.get_running_loop().create_task(self._look())

    def _leave(self, listener: _Listener) -> None:
        self._listeners.discard(listener)
        if not self._listeners and self._looking:
            self._looking.cancel()
            self._looking = None

    async def _look(self) -> None:
        while True:
            try:
                found = {**await self._reading.ask(_counted), **self._running()}
            except ButlerError:
                # The page that asks next says what is wrong.
                found = dict(self._seen)
            if found != self._seen:
                self._seen = found
                for each in self._listeners:
                    each.news.set()
            await asyncio.sleep(_EVERY)

    def _running(self) -> dict[str, Any]:
        status = self._daemon.status()
        running = status.get("running")
        return {
            "running": one_line(str(running["workflow"]), 60) if running else "",
            "waiting": len(status.get("waiting") or ()),
            "stopped": bool(status.get("stopped")),
        }


def _counted(books: Books) -> dict[str, Any]:
    truth = books.truth
    told = truth.conversations.last_told()
    return {"held": truth.outbox.count(), "seq": truth.journal.head()[0], **({"told": told} if told else {})}
