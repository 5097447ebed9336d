"""A parser that parses in the tests' own process, with tools that only they know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from butler.core.prepared import Prepared, prepared_of
from butler.core.sources import Frame, Raw, SourceKind, Tool
from butler.sandbox.parser import Parser
from butler.sandbox.worker import Forkserver


class ParserHere(Parser):
    """Parses with the tools that it is given, without any worker."""

    def __init__(self, tools: Mapping[SourceKind, Tool]) -> None:
        super().__init__(Forkserver())
        self._tools = tools

    def parse(self, kind: SourceKind, raws: Sequence[Raw], frame: Frame) -> list[Prepared | None]:
        return list(prepared_of(kind, self._tools[kind].parse(raws, frame)))
