"""Notices: told to their owner by way of apprise, batched, never twice, and never in the way of anything else."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, Protocol
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from butler.children import Child
from butler.core.errors import ButlerError, SourceError
from butler.core.notices import Notice, due, message, state_of
from butler.core.text import one_line
from butler.settings.notices import NoticesPart, addresses
from butler.store.truth import Truth

_TITLE = "Butler"
_EVERY = 60.0
_GATHER = 2.0
_LAST = 2.5
"""Seconds in which what is being sent may arrive at the end."""
_LONGEST_PAUSE = 3600.0
_TRIES = 6
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "WAYLAND_DISPLAY", "XDG_RUNTIME_DIR")
_LOCAL = frozenset({"dbus", "gio", "glib", "gnome", "kde", "qt", "syslog"})
"""Schemes of addresses that lead to the desktop or the log of this machine, for which a worker has no way."""
_log = logging.getLogger(__name__)


class Ask(Protocol):
    """Uses the store in the thread that it belongs to."""

    def __call__(self, use: Callable[[Truth], Any], /) -> Awaitable[Any]:
        """Use the store; raises what the use of it raises."""
        ...


class Send(Protocol):
    """Sends a notice to addresses of hosts, in a thread of its own."""

    def __call__(self, urls: Sequence[str], hosts: Sequence[str], title: str, body: str, seconds: float, /) -> set[int]:
        """Send for so many seconds; returns the numbers of the addresses that took it. Raises ButlerError."""
        ...


@dataclass(frozen=True, slots=True)
class Letter:
    """A message on its way: to which addresses, how often it was tried, and from when on (monotonic) it is tried again."""

    body: str
    urls: tuple[str, ...]
    tries: int = 0
    not_before: float = 0.0


class Notices:
    """Hears what happens and tells its owner of it; to be used inside one event loop.

    `environ` is that of the daemon; `every` is in seconds: the pause between two looks, and between two messages. What `send`
    is for is sent by it; all else, and without it everything, by a process that is started for that.
    """

    def __init__(
        self,
        part: NoticesPart,
        zone: ZoneInfo,
        clock: Callable[[], datetime],
        ask: Ask,
        environ: Mapping[str, str],
        every: float = _EVERY,
        send: Send | None = None,
    ) -> None:
        self._clock = clock
        self._ask = ask
        self._environ = {name: environ[name] for name in _KEPT if name in environ} | {"NETRC": os.devnull}
        self._every = every
        self._send = send
        self._news: list[tuple[str, str, str, str]] = []
        self._left: list[Letter] = []
        self._failed = 0
        self._not_before = 0.0
        self._telling: asyncio.Future[None] | None = None
        self._woken = asyncio.Event()
        self.use(part, zone)

    def use(self, part: NoticesPart, zone: ZoneInfo) -> None:
        """Go by these settings from now on."""
        self._part = part
        self._manners = part.manners(zone)
        self._woken.set()

    def tell(self, kind: str, sentence: str, subject: str, words: str = "") -> None:
        """Take a piece of news: `sentence` in words of ours, `words` are those of the world that go with it."""
        _log.info("notice (%s, %s): %s", kind, one_line(subject, 80), one_line(sentence))
        self._news.append((kind, subject, sentence, words))
        self._woken.set()

    async def gone(self) -> dict[str, str]:
        """The sources of which it was noted that they cannot be reached, each with its sentence."""
        try:
            return dict(await self._ask(lambda truth: truth.notices.lasting("source")))
        except ButlerError as error:
            _log.warning("what was told before cannot be read: %s", error)
            return {}

    async def work(self) -> None:
        """Note and tell, for ever; what fails is logged and tried again."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._every):
                    await self._woken.wait()
            self._woken.clear()
            try:
                # Kept at once, told together with what comes at the same time.
                await self._note()
                await asyncio.sleep(min(_GATHER, self._every))
                await self.look()
            except ButlerError as error:
                _log.warning("notices cannot be kept or sent: %s", error)

    async def look(self) -> None:
        """Note what is new, and tell what is due; raises ButlerError."""
        fresh = await self._note()
        await self._send_left()
        if fresh and time.monotonic() >= self._not_before:
            # What was sent is noted, whoever gives up waiting for that.
            self._telling = asyncio.ensure_future(self._tell(fresh))
            await asyncio.shield(self._telling)

    async def close(self) -> None:
        """Keep the last news, and let what is on its way arrive within a moment."""
        try:
            await self._note()
        except ButlerError as error:
            _log.warning("the last notices cannot be kept: %s", error)
        if self._telling:
            await asyncio.wait((self._telling,), timeout=_LAST)
            self._telling.cancel()
            await asyncio.gather(self._telling, return_exceptions=True)

    async def _note(self) -> list[Notice]:
        """Keep the news, so that they outlive this process, and find what is due."""
        news, now = self._news[:], self._clock()

        def note(truth: Truth) -> list[Notice]:
            for kind, subject, sentence, words in news:
                group, state = state_of(kind)
                truth.notices.note(group, subject, state, now, sentence, words)
            truth.notices.look(now)
            return truth.notices.waiting()

        waiting: list[Notice] = await self._ask(note)
        del self._news[: len(news)]
        return due(waiting, self._manners, now)

    async def _tell(self, fresh: Sequence[Notice]) -> None:
        self._not_before = time.monotonic() + self._every
        urls = addresses(await asyncio.to_thread(self._part.urls))
        body = message(fresh, self._manners)
        if urls:
            failed = await self._sent(Letter(body, urls))
            if len(failed) == len(urls):
                self._failed += 1
                self._not_before = time.monotonic() + _pause(self._every, self._failed)
                raise SourceError("None of the addresses took the notice. It is tried again later.")
            self._failed = 0
            if failed:
                self._keep(Letter(body, failed, 1))
        now = self._clock()
        for notice in fresh:
            await self._ask(partial(_told, notice, now))

    async def _send_left(self) -> None:
        """Try again where a message did not arrive that arrived elsewhere."""
        ready = [letter for letter in self._left if letter.not_before <= time.monotonic()]
        for letter in ready:
            self._left.remove(letter)
            if failed := await self._sent(letter):
                self._keep(replace(letter, urls=failed, tries=letter.tries + 1))

    def _keep(self, letter: Letter) -> None:
        if letter.tries >= _TRIES:
            _log.warning("a notice was given up for %d of the addresses", len(letter.urls))
            return
        _log.warning("%d of the addresses did not take a notice; they are tried again", len(letter.urls))
        self._left.append(replace(letter, not_before=time.monotonic() + _pause(self._every, letter.tries)))

    async def _sent(self, letter: Letter) -> tuple[str, ...]:
        """Send for as long as the deadline; returns the addresses that did not take it."""
        far = [url for url in letter.urls if self._send and not is_local(url)]
        near = [url for url in letter.urls if url not in far]
        took = await asyncio.gather(self._sent_far(far, letter.body), self._sent_near(near, letter.body))
        return tuple(url for url in letter.urls if url not in took[0] | took[1])

    async def _sent_far(self, urls: Sequence[str], body: str) -> set[str]:
        """Send over the network; returns the addresses that took it."""
        if not urls or self._send is None:
            return set()
        try:
            took = await asyncio.to_thread(self._send, urls, self._part.hosts, _TITLE, body, self._part.deadline)
        except ButlerError as error:
            _log.warning("a notice cannot be sent: %s", one_line(str(error)))
            return set()
        return {urls[number] for number in took}

    async def _sent_near(self, urls: Sequence[str], body: str) -> set[str]:
        """Send in a child; returns the addresses that took it."""
        if not urls:
            return set()
        order = {"urls": urls, "title": _TITLE, "body": body, "seconds": self._part.deadline}
        file = os.memfd_create("notice", os.MFD_CLOEXEC)
        try:
            os.write(file, json.dumps(order).encode())
            argv = (sys.executable, "-P", "-m", "butler.sending", str(file))
            child = Child(argv, self._environ, lambda line: _log.warning("notice: %s", one_line(line)), (file,))
        finally:
            os.close(file)
        try:
            if await child.ended(self._part.deadline) is None:
                _log.warning("sending a notice took longer than %.0f s", self._part.deadline)
        finally:
            child.kill()
            ended = await child.ended()
        took = set((ended.printed or b"").split()) if ended else set()
        return {url for number, url in enumerate(urls) if str(number).encode() in took}


def is_local(url: str) -> bool:
    """Whether a notice to this address stays on this machine, by other ways than a network."""
    return urlsplit(url).scheme.lower() in _LOCAL


def _told(notice: Notice, now: datetime, truth: Truth) -> None:
    truth.notices.told(notice, now)


def _pause(every: float, tries: int) -> float:
    """Seconds until the next try, longer each time."""
    return float(min(every * 2.0**tries, _LONGEST_PAUSE))
