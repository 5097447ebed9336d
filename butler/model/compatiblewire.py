"""What an OpenAI-compatible server says, as far as the butler reads it: llama.cpp's `llama-server` and LM Studio."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict


class _Wire(BaseModel):
    model_config = ConfigDict(frozen=True)


class Offered(_Wire):
    """One model of /v1/models; `meta` is llama.cpp's, and tells of its weights: size, n_params, n_vocab, n_ctx_train."""

    id: str
    meta: dict[str, Any] | None = None


class Catalogue(_Wire):
    """The answer of /v1/models."""

    data: tuple[Offered, ...]


class Generation(_Wire):
    """What llama.cpp does where a request says nothing; `n_ctx` is the context of one slot."""

    n_ctx: int | None = None


class Properties(_Wire):
    """The answer of llama.cpp's /props."""

    build_info: str = ""
    chat_template: str = ""
    default_generation_settings: Generation = Generation()


class Usage(_Wire):
    """How many tokens were read and written."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class Delta(_Wire):
    """The next piece of an answer; what a model thinks aloud comes beside it."""

    content: str | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None


class Choice(_Wire):
    """An answer of which there is one."""

    delta: Delta | None = None
    finish_reason: str | None = None


class Fault(_Wire):
    """An error of llama.cpp: an HTTP status, a sentence and a kind."""

    code: int | str | None = None
    message: str | None = None
    type: str | None = None


class Refusal(_Wire):
    """An error as either server says it."""

    error: Fault | str

    @property
    def sentence(self) -> str:
        """What it says."""
        return self.error if isinstance(self.error, str) else f"{self.error.message or ''} {self.error.type or ''}".strip()


class Piece(_Wire):
    """One event of a streamed answer; the last has the counts, and no choices."""

    model: str | None = None
    choices: tuple[Choice, ...] | None = None
    usage: Usage | None = None
    error: Fault | str | None = None


class Vector(_Wire):
    """The vector of one text."""

    index: int
    embedding: tuple[float, ...]


class Vectors(_Wire):
    """The answer of /v1/embeddings."""

    data: tuple[Vector, ...]
    usage: Usage | None = None
