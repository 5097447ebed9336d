"""What a thinker may tell of models: what it saw of those that it was told to ask, and of no others."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from butler.core.accounts import ModelHost
from butler.core.models import ROLES, ModelIdentity, ModelPin
from butler.core.pins import harmless
from butler.core.steps import CallBook
from butler.offers.checks import BreachError


class Models:
    """Takes what was seen of the models of a host; whoever tells it may lie, but only about these."""

    def __init__(self, host: ModelHost | None, book: CallBook, clock: Callable[[], datetime]) -> None:
        self._urls = {server.url for server in host.servers()} if host else set()
        self._names = {host.named(role) for role in ROLES} if host else set()
        self._book = book
        self._clock = clock

    def met(self, url: str, name: str, seen: ModelIdentity) -> ModelPin | None:
        """Note what a server has under a name; gives what is pinned there."""
        if url not in self._urls or name not in self._names:
            raise BreachError("a model that it was not told to ask")
        return self._book.met(url, name, harmless(seen), self._clock())


def identity(value: Any) -> ModelIdentity:
    """What a model is said to be, whose fields the seam has checked."""
    if not isinstance(value, ModelIdentity):
        raise BreachError("a model")
    return value
