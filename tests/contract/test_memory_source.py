"""The source in memory, on which the sync is tested, keeps the contract of every source."""

from __future__ import annotations

import pytest
from memory_source import MemorySource, raw_note
from source_contract import SourceContract

from butler.core.sources import Raw, Source


class Memory:
    """A world in memory."""

    def __init__(self) -> None:
        self.memory = MemorySource("notes", "notes", batch=2)
        self.source: Source[Raw] = self.memory
        self.memory.put("notes")

    def put(self, name: str, text: str) -> None:
        self.memory.put("notes", raw_note(name, text, version=text))

    def remove(self, name: str) -> None:
        self.memory.remove("notes", name)

    def key(self, name: str) -> str:
        return name


@pytest.fixture
def world() -> Memory:
    return Memory()


class TestMemorySource(SourceContract):
    """The contract."""
