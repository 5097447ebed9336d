"""Hearing that something arrived at a source, without reading it: what tools that can hear offer, and what they are given."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

from butler.core.accounts import Account

if TYPE_CHECKING:
    from butler.core.dialing import Dial

Heard = Literal["there", "arrived"]
"""The source answers and has nothing new; or it has."""

What = Literal["added", "modified", "deleted"]
Changed = tuple[What, str]
"""What happened to a path."""


class Stop(Protocol):
    """Says when to end; it can be waited for as a descriptor that becomes readable."""

    def is_set(self) -> bool:
        """Whether to end."""
        ...

    def wait(self, seconds: float) -> bool:
        """Wait until it is set, but no longer than that; says whether it is."""
        ...

    def fileno(self) -> int:
        """The descriptor."""
        ...

    def then(self, call: Callable[[], None]) -> None:
        """Have this called, and nothing else, by who sets it; at once where it is set."""
        ...


Changes = Callable[[Sequence[Path], Stop], Iterator[Sequence[Changed]]]
"""Yields what changes directly below some folders, burst by burst, and nothing every few seconds; ends when it is to stop."""


class Ear(Protocol):
    """Hears of new things in one place; knows from one call to the next what was there."""

    def listen(self, stop: Stop) -> Iterator[Heard]:
        """Yield whenever the source was looked at, once for a burst; ends soon after it is to stop.

        What arrived before the first look counts as well. Raises LoginError where the source does not take the log-in, and
        SourceError when it is gone; then it may be called again.
        """
        ...


@runtime_checkable
class Hears(Protocol):
    """A tool whose sources can tell by themselves that something arrived."""

    def ear(self, account: Account, place: str, poll: float, changes: Changes, *, dial: Dial | None = None) -> Ear:
        """Make the ear for a place of an account; every `poll` seconds it looks by itself.

        It connects by `dial` (None: directly), and to nothing yet.
        """
        ...
