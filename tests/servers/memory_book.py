"""A book of model calls in memory, keeping the contract of butler.core.steps.CallBook."""

from __future__ import annotations

from dataclasses import dataclass, field

from butler.core.steps import ModelCall


@dataclass
class MemoryBook:
    """Records once for each run and key; `rate` is what tokens_per_byte answers until something was learned."""

    rate: float | None = None
    calls: list[ModelCall] = field(default_factory=list)
    learned: list[tuple[str, int, int]] = field(default_factory=list)

    def answer(self, key: str) -> str | None:
        return next((call.answer for call in self.calls if call.key == key and call.outcome != "fallback"), None)

    def record(self, call: ModelCall) -> None:
        if not any((call.run, call.key) == (known.run, known.key) for known in self.calls):
            self.calls.append(call)

    def tokens_per_byte(self, digest: str) -> float | None:
        return self.rate

    def learn(self, digest: str, tokens: int, size: int) -> None:
        self.learned.append((digest, tokens, size))
