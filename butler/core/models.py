"""Models as the settings and the state know them: roles, further servers, what a model is, and what is pinned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Role = Literal["judge", "write", "ask", "embed"]
"""What a model is for: judging mails and documents, writing drafts, answering questions, making vectors for search."""
ROLES: tuple[Role, ...] = get_args(Role)

Api = Literal["ollama", "openai"]
"""How a server is spoken to: Ollama's own way, or OpenAI's, as llama.cpp and LM Studio do (they know no digests)."""

UNPINNED = "unpinned:"
"""What begins with this stands in for a digest where a server knows none: answers are kept by it, and nothing is pinned."""


@dataclass(frozen=True, slots=True)
class ModelServer:
    """A server that may do the work: `slots` is how many questions it answers at once."""

    name: str
    url: str
    api: Api = "ollama"
    slots: int = 1


@dataclass(frozen=True, slots=True)
class ModelIdentity:
    """What a model is on a server: `digest` is empty where the server knows none, `template` is the SHA-256 of its template
    (empty: not told), `server` its kind and version, such as `ollama 0.31.2`.
    """

    name: str
    digest: str
    template: str = ""
    server: str = ""


@dataclass(frozen=True, slots=True)
class ModelLook:
    """What a look at a model found: on the server called `server` (empty: the first) at `url`, the model of the settings called
    `name`.

    `context` is in tokens (0: not told), `loaded` says that it is in memory, `refused` that it runs on somebody else's machine;
    `problem` is why it cannot be used, and `advice` what to do about that.
    """

    server: str
    url: str
    api: Api
    name: str
    identity: ModelIdentity
    present: bool = False
    context: int = 0
    loaded: bool = False
    refused: bool = False
    problem: str = ""
    advice: str = ""


@dataclass(frozen=True, slots=True)
class ModelPin:
    """What the owner agreed to: at `url`, the model of the settings called `name` is `identity`.

    `use` is the name that is asked for: the same, or the private alias of a model that was gone back to.
    """

    url: str
    name: str
    identity: ModelIdentity
    use: str = ""
