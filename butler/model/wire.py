"""What an Ollama server says, as far as the butler reads it: the client's own types leave out where a model really runs."""

from __future__ import annotations

import re
from typing import Any

from pydantic import BaseModel, ConfigDict

from butler.core.text import visible

_LONGEST_CONTEXT = 2**40
"""Tokens above which a number is none of a context."""


_CLOUD_ENDINGS = (":cloud", "-cloud")


def runs_elsewhere(name: str) -> bool:
    """Whether Ollama would send what is asked of a model of this name to its makers' servers."""
    plain = re.sub(r"[^a-z0-9]+$", "", visible(name).casefold())
    return plain.removesuffix(":latest").endswith(_CLOUD_ENDINGS)


class _Wire(BaseModel):
    model_config = ConfigDict(frozen=True)


class _MaybeRemote(_Wire):
    remote_host: str | None = None
    remote_model: str | None = None

    @property
    def remote(self) -> str:
        """The host or model elsewhere that would do the work, empty for a local model."""
        return self.remote_host or self.remote_model or ""


class Version(_Wire):
    """The answer of /api/version."""

    version: str


class Listed(_MaybeRemote):
    """One model of /api/tags or /api/ps."""

    name: str
    digest: str = ""


class Listing(_Wire):
    """The answer of /api/tags and /api/ps."""

    models: tuple[Listed, ...] | None

    def find(self, name: str) -> Listed | None:
        """The model called `name`, or `name:latest` as Ollama completes it."""
        wanted = (name, f"{name}:latest")
        return next((listed for listed in self.models or () if listed.name in wanted), None)


class Shown(_MaybeRemote):
    """The answer of /api/show; `capabilities` is missing on servers too old to say."""

    capabilities: tuple[str, ...] | None = None
    model_info: dict[str, Any] | None = None
    template: str | None = None

    @property
    def context_length(self) -> int | None:
        """The longest context that the model was made for, in tokens."""
        lengths = (value for key, value in (self.model_info or {}).items() if key.endswith(".context_length"))
        return next((value for value in lengths if type(value) is int and 0 < value <= _LONGEST_CONTEXT), None)


class Embeddings(_MaybeRemote):
    """The answer of /api/embed."""

    embeddings: tuple[tuple[float, ...], ...]
    prompt_eval_count: int | None = None


class Words(_Wire):
    """The message of a chat reply, or the next piece of it."""

    content: str = ""
    thinking: str | None = None


class ChatPart(_MaybeRemote):
    """One line of a streamed /api/chat; the last has `done` and the counts."""

    message: Words = Words()
    done: bool = False
    done_reason: str | None = None
    prompt_eval_count: int | None = None
    eval_count: int | None = None
