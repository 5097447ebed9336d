"""The small port: what the gateway needs of a server of models, whichever way that is spoken to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self, TypedDict

from butler.core.models import Api
from butler.model.wire import Embeddings, Listing, Shown

END_SECONDS = 0.2
"""How long the end of an answer is waited for after its last piece, so that its connection can be used again."""


class Message(TypedDict):
    """One message of a chat."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Chat:
    """One chat to be had: nothing of it may be cut by the server. `context` and `max_tokens` are in tokens.

    `quiet` tells a model that would think aloud not to; `keep_alive` is how long it stays in memory where that can be said.
    """

    model: str
    messages: Sequence[Message]
    schema: Mapping[str, Any]
    context: int
    max_tokens: int
    seed: int
    keep_alive: str = "10m"
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of one chat: `finished` says that the server ended it itself, `cut_off` that it was too long for us.

    `first` is in seconds: how long it took until the answer began.
    """

    content: str
    finished: bool
    reason: str
    cut_off: bool
    thought: bool
    tokens_in: int
    tokens_out: int
    first: float | None = None


class ModelPort(Protocol):
    """One server. Every method raises ServerError and nothing else; none of them waits longer than its deadline for a byte."""

    url: str

    @property
    def api(self) -> Api:
        """How the server is spoken to."""
        ...

    async def version(self) -> str:
        """The server's version, empty where it does not say."""
        ...

    async def tags(self) -> Listing:
        """The models that are there."""
        ...

    async def loaded(self) -> Listing:
        """The models in memory, with the digests that answer."""
        ...

    async def shown(self, name: str) -> Shown:
        """What the server knows of a model."""
        ...

    async def converse(self, chat: Chat, longest: int, hear: Callable[[str], None] | None = None) -> Reply:
        """Chat and read the answer as it comes, up to `longest` characters; then the connection is closed.

        `hear` is given each piece of it.
        """
        ...

    async def embedded(self, model: str, texts: Sequence[str], keep_alive: str) -> Embeddings:
        """Vectors of some texts, none of which may be cut by the server."""
        ...

    async def close(self) -> None:
        """End every connection."""
        ...

    async def __aenter__(self) -> Self:
        """Itself, to be closed at the end."""
        ...

    async def __aexit__(self, kind: Any, error: Any, trace: Any, /) -> Any:
        """Close."""
        ...
