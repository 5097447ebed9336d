"""Live updates: what an open page is told, that nothing is looked at while none is open, and that streams end at once."""

import asyncio
import datetime as dt
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from page_client import OWNER, DaemonHere
from quiet_time import since
from starlette.requests import Request
from starlette.responses import StreamingResponse

from butler.core.policy import Policy
from butler.store.truth import Truth
from butler.web.books import Books, House, Reading
from butler.web.live import Live

T = TypeVar("T")
NOW = dt.datetime(2026, 11, 24, 6, 0, tzinfo=dt.UTC)
REQUEST = Request({"type": "http", "method": "GET", "path": "/live", "headers": []})


class CountedReading(Reading):
    """Counts how often the books are looked into."""

    looks = 0

    async def ask(self, use: Callable[[Books], T]) -> T:
        self.looks += 1
        return await super().ask(use)


class Stream:
    """An open page that reads the stream."""

    def __init__(self, answer: StreamingResponse) -> None:
        self._chunks = answer.body_iterator.__aiter__()

    async def next(self, within: float = 10) -> dict[str, Any] | None:
        """The next thing it is told; None at the end of the stream."""
        async with asyncio.timeout(within):
            async for chunk in self._chunks:
                text = bytes(chunk).decode() if not isinstance(chunk, str) else chunk
                if text.startswith("event: changed"):
                    found: dict[str, Any] = json.loads(text.partition("data: ")[2])
                    return found
        return None

    async def leave(self) -> None:
        await self._chunks.aclose()  # type: ignore[attr-defined]


@asynccontextmanager
async def alive(folder: Path) -> AsyncIterator[tuple[Live, CountedReading, DaemonHere]]:
    Truth.open(folder / "butler.db").close()
    reading = CountedReading(Books(House(OWNER, folder, Policy()), lambda: NOW))
    daemon = DaemonHere()
    live = Live(reading, daemon)
    try:
        yield live, reading, daemon
    finally:
        live.close()
        await reading.close()


async def opened(live: Live) -> Stream:
    answer = await live.stream(REQUEST)
    assert isinstance(answer, StreamingResponse)
    return Stream(answer)


def change(folder: Path) -> None:
    truth = Truth.open(folder / "butler.db")
    truth.outbox.stop("for a while", "anna", NOW)
    truth.close()


def test_an_open_page_is_told_how_it_is_and_then_what_changes(tmp_path: Path) -> None:
    async def story() -> None:
        async with alive(tmp_path) as (live, _, daemon):
            page = await opened(live)
            first = await page.next()
            assert first == {"held": 0, "seq": 0, "running": "", "waiting": 0, "stopped": False}
            change(tmp_path)
            second = await page.next()
            assert second is not None
            assert second["seq"] == 1
            daemon.running = {"running": {"workflow": "draft_reply"}, "waiting": [{}, {}]}
            third = await page.next()
            assert third is not None
            assert (third["running"], third["waiting"]) == ("draft_reply", 2)

    asyncio.run(story())


def test_all_open_pages_hear_of_it_from_one_look(tmp_path: Path) -> None:
    async def story() -> None:
        async with alive(tmp_path) as (live, reading, _):
            pages, began = [await opened(live) for _ in range(5)], time.monotonic()
            assert all(await asyncio.gather(*(page.next() for page in pages)))
            # Once a second, however many pages there are.
            assert reading.looks <= 1 + int(since(began))
            change(tmp_path)
            assert {each["seq"] for each in await asyncio.gather(*(page.next() for page in pages)) if each} == {1}

    asyncio.run(story())


def test_nothing_is_looked_at_while_no_page_is_open(tmp_path: Path) -> None:
    async def story() -> None:
        async with alive(tmp_path) as (live, reading, _):
            await asyncio.sleep(1.2)
            assert reading.looks == 0
            page = await opened(live)
            await page.next()
            await page.leave()
            seen = reading.looks
            await asyncio.sleep(1.5)
            assert reading.looks == seen

    asyncio.run(story())


def test_closing_ends_every_stream_at_once_and_lets_no_new_one_in(tmp_path: Path) -> None:
    async def story() -> None:
        async with alive(tmp_path) as (live, _, _):
            pages = [await opened(live) for _ in range(3)]
            await asyncio.gather(*(page.next() for page in pages))
            live.close()
            assert await asyncio.gather(*(page.next(within=1) for page in pages)) == [None] * 3
            assert (await live.stream(REQUEST)).status_code == 503

    asyncio.run(story())


def test_too_many_pages_are_asked_to_come_later(tmp_path: Path) -> None:
    async def story() -> None:
        async with alive(tmp_path) as (live, _, _):
            pages = [await opened(live) for _ in range(16)]
            await asyncio.gather(*(page.next() for page in pages))
            refused = await live.stream(REQUEST)
            assert (refused.status_code, refused.headers["retry-after"]) == (503, "10")
            await pages.pop().leave()
            assert await (await opened(live)).next()

    asyncio.run(story())
