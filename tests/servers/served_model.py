"""A model on the scripted Ollama, as its listings and /api/show describe it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

_DETAILS = {
    "parent_model": "",
    "format": "gguf",
    "family": "llama",
    "families": ["llama"],
    "parameter_size": "8B",
    "quantization_level": "Q4_K_M",
}


@dataclass(frozen=True)
class ServedModel:
    """A model on the scripted server."""

    name: str = "good:latest"
    digest: str = "ab" * 32
    context_length: int = 32768
    capabilities: tuple[str, ...] = ("completion", "tools")
    remote_host: str = ""
    template: str = "{{ .Prompt }}"

    def listed(self) -> dict[str, Any]:
        """The entry of /api/tags."""
        entry = {"name": self.name, "model": self.name, "modified_at": stamp(), "size": 4_000_000_000, "digest": self.digest}
        return entry | {"details": _DETAILS} | self._remote()

    def loaded(self, context: int) -> dict[str, Any]:
        """The entry of /api/ps."""
        entry = {"name": self.name, "model": self.name, "size": 4_000_000_000, "digest": self.digest, "details": _DETAILS}
        return entry | {"expires_at": stamp(timedelta(minutes=5)), "size_vram": 0, "context_length": context}

    def shown(self) -> dict[str, Any]:
        """The answer of /api/show."""
        sizes = {"attention.head_count": 32, "attention.head_count_kv": 8, "block_count": 1, "embedding_length": 4096}
        more = {"feed_forward_length": 14336, "rope.dimension_count": 128, "vocab_size": 128256}
        numbers = sizes | more | {"context_length": self.context_length, "attention.layer_norm_rms_epsilon": 1e-05}
        ids = {"add_bos_token": False, "bos_token_id": 1, "eos_token_id": 2, "model": "gpt2", "pre": "default"}
        tokens = {**ids, "merges": None, "token_type": None, "tokens": None}
        return {
            "modelfile": f"FROM {self.name}\n",
            "template": self.template,
            "details": _DETAILS,
            "model_info": {
                "general.architecture": "llama",
                "general.file_type": 0,
                "general.parameter_count": 8_000_000_000,
                **{f"llama.{name}": value for name, value in numbers.items()},
                **{f"tokenizer.ggml.{name}": value for name, value in tokens.items()},
            },
            "tensors": [{"name": "output.weight", "type": "F32", "shape": [32, 263]}],
            "capabilities": list(self.capabilities),
            "modified_at": stamp(),
        } | self._remote()

    def _remote(self) -> dict[str, Any]:
        return {"remote_host": self.remote_host, "remote_model": self.name} if self.remote_host else {}


def stamp(later: timedelta = timedelta(0)) -> str:
    """The time now, or later, as Ollama writes it."""
    return f"{datetime.now(UTC) + later:%Y-%m-%dT%H:%M:%S.%f}000Z"
