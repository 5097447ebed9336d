"""What pages read and decide with: both databases and the gate, used in one thread beside the daemon's loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

from butler.core.costs import Tariff
from butler.core.jobs import Job
from butler.core.owner import BriefingOptions, Owner
from butler.core.policy import Policy
from butler.gate import Gate
from butler.store.mirror import Mirror
from butler.store.truth import Truth
from butler.web.layout import prepare

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class House:
    """Whose page it is: the owner, their state folder, rules and jobs, the model's name, and how they want their day.

    `backups` is where the nightly ones go, None where none are made. `titles` are what workflows of the owner's own are called,
    `memory` the note of what is to be remembered, `tariff` what the model costs as far as that was given.
    `embeds` says that there is an embedding model.
    """

    owner: Owner
    state: Path
    policy: Policy
    jobs: Sequence[Job] = ()
    model: str = ""
    options: BriefingOptions = field(default_factory=BriefingOptions)
    backups: Path | None = None
    titles: Mapping[str, str] = field(default_factory=dict)
    memory: Path | None = None
    tariff: Tariff = field(default_factory=Tariff)
    embeds: bool = False


class Books:
    """The databases, opened when they are first needed. To be used in one thread, and in no transaction over two requests."""

    def __init__(self, house: House, clock: Callable[[], datetime]) -> None:
        self.house = house
        self.owner = house.owner
        self._clock = clock
        self._truth: Truth | None = None
        self._mirror: Mirror | None = None
        self._file = (0, 0)

    @property
    def now(self) -> datetime:
        """The time, in the owner's zone."""
        return self._clock().astimezone(self.owner.zone)

    @property
    def truth(self) -> Truth:
        """The butler's own database."""
        if self._truth is None:
            self._truth = Truth.open(self.house.state / "butler.db")
        return self._truth

    @property
    def mirror(self) -> Mirror:
        """The mirror, opened anew when a sync put another file in its place."""
        path = self.house.state / "mirror.db"
        if self._mirror is not None and self._file != _identity(path):
            self._mirror.close()
            self._mirror = None
        if self._mirror is None:
            self._mirror = Mirror.open(path, self.owner.zone.key, self.owner.addresses, self._clock)
            self._file = _identity(path)
        return self._mirror

    @property
    def gate(self) -> Gate:
        """Where the owner decides: the same gate as everywhere."""
        policy = self.house.policy
        return Gate(self.truth.outbox, replace(policy, trash=policy.trash | self.mirror.reads.folders("\\Trash")), self._clock)

    def close(self) -> None:
        """Close what was opened."""
        for each in (self._mirror, self._truth):
            if each is not None:
                each.close()
        self._mirror = self._truth = None


class Reading:
    """The thread in which the books are used, so that neither a slow disk nor a long page stops the loop."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="page")
        self._thread.submit(prepare)

    async def ask(self, use: Callable[[Books], T]) -> T:
        """Use the books; raises what the use of them raises."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, partial(use, self._books))

    async def close(self) -> None:
        """Close the books when all that was asked is answered, and end the thread."""
        await self.ask(lambda books: books.close())
        self._thread.shutdown(wait=False)


def _identity(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return (0, 0)
    return (found.st_dev, found.st_ino)
