"""What a run gets from beyond the mirror: files as they are now, and what tools that only read give."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence

from butler.core.context import Context
from butler.core.documents import Document
from butler.core.foreign import ForeignTool
from butler.core.given import Given
from butler.offers.checks import BreachError


class Outside:
    """Asks for it; what a question is answered with is kept here, so that what is quoted of it can be checked."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def document(self, ref: str) -> tuple[Document, bytes] | None:
        """A document and its text, of which bytes cross more easily."""
        found = self._context.document(ref)
        return None if found is None else (dataclasses.replace(found, text=""), found.text.encode("utf-8", "replace"))

    def tools(self) -> Sequence[ForeignTool]:
        """The tools that only read, each without the words that its server describes it with."""
        return [dataclasses.replace(each, description="") for each in self._context.foreign_tools()]

    def foreign(self, what: str, arguments: str) -> bytes:
        """Call a tool that only reads; its text crosses as bytes, of which more come over more easily."""
        try:
            asked = json.loads(arguments)
        except (ValueError, RecursionError) as error:
            raise BreachError("JSON") from error
        if not isinstance(asked, dict) or what not in self._context.foreign_reads:
            raise BreachError("a tool")
        content = self._context.foreign(what, asked).encode("utf-8", "replace")
        if self._context.question is not None:
            server, _, tool = what.partition(".")
            Given(self._context.memory).keep(f"mcp:{server}/{tool}", content.decode())
        return content
