"""What tools of servers gave for an answer: kept with its run, and what is cited of it with the answer. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from butler.core.asking import GivenText
from butler.core.context import RunMemory

STAGE = "foreign:"
"""How the values begin under which it is kept; only the trusted side keeps such."""
_MOST = 50


class Given:
    """The texts that one run was given."""

    def __init__(self, memory: RunMemory) -> None:
        self._memory = memory

    def keep(self, ref: str, text: str) -> None:
        """Keep what a tool gave, by its reference."""
        number = sum(1 for _ in self._all()) + 1
        if number <= _MOST:
            self._memory.keep(f"{STAGE}{number}", {"ref": base_of(ref), "text": text})

    def texts(self, ref: str) -> list[str]:
        """All that a tool gave, the first first."""
        return [text for known, text in self._all() if known == base_of(ref)]

    def _all(self) -> Iterator[tuple[str, str]]:
        for number in range(1, _MOST + 1):
            kept = self._memory.kept(f"{STAGE}{number}")
            if kept is None:
                return
            yield str(kept["ref"]), str(kept["text"])


def texts_in(given: Iterable[GivenText], ref: str) -> list[str]:
    """All that a tool gave, of what is kept with an answer."""
    return [each.text for each in given if each.ref == base_of(ref)]


def base_of(ref: str) -> str:
    """The reference of a tool without the number of the call: mcp:SERVER/TOOL."""
    return ref.partition("#")[0]


def is_given(ref: str) -> bool:
    """Whether a reference names what a tool of a server gave."""
    return ref.startswith("mcp:")
