"""What a thinker may tell of models: what it saw of those that it was told to ask, and of no others."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from butler.core.accounts import ModelHost
from butler.core.models import ROLES, ModelIdentity, ModelPin
from butler.core.pins import Meeting, harmless
from butler.core.text import one_line
from butler.offers.checks import BreachError, breach

_LONGEST_DIGEST = 200
_LARGEST_VECTOR, _MOST_TOKENS = 4 * 8_192, 2**31


class Models:
    """Takes what was seen of the models of a host; whoever tells it may lie, but only about these."""

    def __init__(self, host: ModelHost | None, met: Meeting, clock: Callable[[], datetime]) -> None:
        self._urls = {server.url for server in host.servers()} if host else set()
        self._names = {host.named(role) for role in ROLES} if host else set()
        self._met = met
        self._clock = clock

    def met(self, url: str, name: str, seen: ModelIdentity) -> ModelPin | None:
        """Note what a server has under a name; gives what is pinned there."""
        if url not in self._urls or name not in self._names:
            raise BreachError("a model that it was not told to ask")
        return self._met(url, name, harmless(identity(seen)), self._clock())


def identity(value: object) -> ModelIdentity:
    """What a model is said to be, whose fields the seam has checked."""
    if not isinstance(value, ModelIdentity):
        raise BreachError("a model")
    return value


def unkept(url: str, name: str, seen: ModelIdentity, at: datetime) -> ModelPin | None:
    """Keep nothing of what was seen."""


def vectors(found: tuple[str, int, list[bytes]], count: int) -> tuple[str, int, list[bytes]]:
    """What an embedding model is said to have answered, if it is as much as was asked for; raises BreachedError."""
    digest, tokens, packed = found
    if len(digest) > _LONGEST_DIGEST or not 0 <= tokens < _MOST_TOKENS or len(packed) != count:
        raise breach("vectors")
    if any(len(vector) > _LARGEST_VECTOR for vector in packed):
        raise breach("a vector")
    return one_line(digest, _LONGEST_DIGEST), tokens, packed
