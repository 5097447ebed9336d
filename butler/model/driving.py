"""One loop for what several threads ask: whoever waits for something drives it, one thread at a time, for all of them."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import threading
from collections.abc import Collection, Coroutine
from typing import Any, TypeVar

from butler.core.errors import ModelError

T = TypeVar("T")

_LAST_SECONDS = 2.0
"""How long what was cancelled may take to hang up."""


class Driven:
    """The loop; nothing happens in it but while somebody waits. To be closed."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner(loop_factory=asyncio.new_event_loop)
        self._changed = threading.Condition()
        self._is_driven = False
        self._is_closed = False
        self._driver: asyncio.Task[Any] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self.stopped = False

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Wait for some work in the loop; raises what it raises, and ModelError where `cancel` ended it."""
        loop = None if self.stopped else self._started()
        if loop is None:
            work.close()
            raise stopping()
        begun: list[asyncio.Task[Any]] = []
        found = asyncio.run_coroutine_threadsafe(self._unless_stopped(work, begun), loop)
        return self._waited(found, begun)

    def cancel(self) -> None:
        """End all work, from any thread or signal handler; nothing more is begun."""
        self.stopped = True
        # The loop may be closed, and then there is nothing left to cancel.
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._cancel_all, self._loop)

    def close(self, last: Coroutine[Any, Any, None]) -> None:
        """Cancel, do the last thing there is to do, and release the loop; may be called twice."""
        self.cancel()
        with self._changed:
            self._changed.wait_for(lambda: not self._is_driven)
            if self._is_closed:
                last.close()
                return
            self._is_closed = True
        self._runner.run(self._last(last))
        self._runner.close()

    def _started(self) -> asyncio.AbstractEventLoop | None:
        """The loop, begun by whoever comes first; None when it was closed."""
        with self._changed:
            if self._is_closed:
                return None
            if self._loop is None:
                self._loop = self._runner.get_loop()
            return self._loop

    async def _unless_stopped(self, work: Coroutine[Any, Any, T], begun: list[asyncio.Task[Any]]) -> T:
        if self.stopped or (task := asyncio.current_task()) is None:
            work.close()
            raise asyncio.CancelledError
        begun.append(task)
        return await work

    def _waited(self, found: concurrent.futures.Future[T], begun: list[asyncio.Task[Any]]) -> T:
        found.add_done_callback(self._tell)
        while True:
            with self._changed:
                self._changed.wait_for(lambda: found.done() or not self._is_driven)
                if found.done():
                    break
                if self._is_closed:
                    raise stopping()
                self._is_driven = True
            try:
                # Whoever drives is cancelled only if that came before it began, and then looks again.
                with contextlib.suppress(asyncio.CancelledError):
                    self._runner.run(self._until(found, begun))
            finally:
                with self._changed:
                    self._is_driven = False
                    self._changed.notify_all()
        try:
            return found.result()
        except concurrent.futures.CancelledError:
            raise stopping() from None

    async def _until(self, found: concurrent.futures.Future[T], begun: list[asyncio.Task[Any]]) -> None:
        """Drive until that is done; what was cancelled besides hangs up meanwhile."""
        self._driver = asyncio.current_task()
        waited = asyncio.wrap_future(found)
        # Whoever asked is told, not the loop.
        waited.add_done_callback(_told)
        try:
            await asyncio.wait([waited])
        except asyncio.CancelledError:
            # Somebody pressed a key.
            await _hung_up(begun)
            raise
        if self.stopped:
            await _hung_up(_others())

    async def _last(self, last: Coroutine[Any, Any, None]) -> None:
        await _hung_up(_others())
        await last

    def _cancel_all(self, loop: asyncio.AbstractEventLoop) -> None:
        """Cancel everything but what drives, which waits until the rest has ended."""
        if self._is_closed:
            return
        for task in asyncio.all_tasks(loop) - {self._driver}:
            task.cancel()

    def _tell(self, _: object) -> None:
        with self._changed:
            self._changed.notify_all()


def stopping() -> ModelError:
    """What whoever waits gets when the asking was ended."""
    return ModelError("The asking was ended because the butler is stopping.")


def _told(waited: asyncio.Future[Any]) -> None:
    if not waited.cancelled():
        waited.exception()


def _others() -> set[asyncio.Task[Any]]:
    return asyncio.all_tasks() - {task for task in (asyncio.current_task(),) if task}


async def _hung_up(tasks: Collection[asyncio.Task[Any]]) -> None:
    """Cancel some tasks, and wait until they have hung up."""
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=_LAST_SECONDS)
