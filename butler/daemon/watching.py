"""The watchers: built from the settings, started, replaced when those change, and ended in time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence

from butler.settings import Settings
from butler.watch import Report, SourceWatcher, Watcher


class Watching:
    """Keeps the watchers of the present settings; `build` makes them."""

    def __init__(self, report: Report, build: Callable[[Settings], Sequence[Watcher]]) -> None:
        self._report = report
        self._build = build
        self.watchers: list[Watcher] = []
        self._troubles: dict[str, str] = {}
        self._changing = asyncio.Lock()

    async def use(self, settings: Settings) -> None:
        """Watch what these settings name, and nothing else."""
        async with self._changing:
            await self._end()
            watchers = list(await asyncio.to_thread(self._build, settings))
            for watcher in watchers:
                await asyncio.to_thread(watcher.start, self._report)
            self.watchers = watchers

    async def stop(self) -> None:
        """End all watchers."""
        async with self._changing:
            await self._end()

    def dead(self) -> list[str]:
        """The names of those that ended by themselves."""
        return [watcher.name for watcher in self.watchers if not watcher.alive()]

    def changed(self) -> list[dict[str, str]]:
        """The sources that went or came back for their watchers since this was last asked: `name`, `state` and `error`."""
        before, self._troubles = self._troubles, self._troubles | troubles(self.watchers)
        return [
            {"name": source, "state": "failed" if trouble else "fresh", "error": trouble}
            for source, trouble in self._troubles.items()
            if bool(trouble) != bool(before.get(source, "" if trouble else "unknown"))
        ]

    async def _end(self) -> None:
        ending, self.watchers = self.watchers, []
        await asyncio.gather(*(asyncio.to_thread(watcher.stop) for watcher in ending))


def troubles(watchers: Iterable[Watcher]) -> dict[str, str]:
    """The trouble of each source: of one of its watchers, none where all are well, left out where some do not know yet."""
    of_source: dict[str, list[str | None]] = {}
    for watcher in watchers:
        if isinstance(watcher, SourceWatcher) and watcher.source:
            of_source.setdefault(watcher.source, []).append(watcher.trouble)
    found: dict[str, str] = {}
    for source, known in of_source.items():
        trouble = next(filter(None, known), None if None in known else "")
        if trouble is not None:
            found[source] = trouble
    return found
