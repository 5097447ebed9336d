"""A book of model calls in memory, keeping the contract of butler.core.steps.CallBook."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from butler.core.models import ModelIdentity, ModelPin
from butler.core.steps import ModelCall


@dataclass
class MemoryBook:
    """Records once for each run and key; `rate` is what tokens_per_byte answers until something was learned.

    `pins` are what is pinned, by address and name; `seen` is what was met.
    """

    rate: float | None = None
    calls: list[ModelCall] = field(default_factory=list)
    learned: list[tuple[str, int, int]] = field(default_factory=list)
    pins: dict[tuple[str, str], ModelPin] = field(default_factory=dict)
    seen: list[tuple[str, str, ModelIdentity]] = field(default_factory=list)

    def answer(self, key: str) -> str | None:
        return next((call.answer for call in self.calls if call.key == key and call.outcome != "fallback"), None)

    def record(self, call: ModelCall) -> None:
        if not any((call.run, call.key) == (known.run, known.key) for known in self.calls):
            self.calls.append(call)

    def tokens_per_byte(self, digest: str) -> float | None:
        return self.rate

    def learn(self, digest: str, tokens: int, size: int) -> None:
        self.learned.append((digest, tokens, size))

    def met(self, url: str, name: str, seen: ModelIdentity, at: datetime) -> ModelPin | None:
        self.seen.append((url, name, seen))
        return self.pins.get((url, name))
