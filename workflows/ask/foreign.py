"""Tools of servers of the owner's choice that only read, as a question may use them: named by their owner, shown without
a word that their server describes them with.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from butler.core.arguments import from_line, showable
from butler.core.context import Context
from butler.core.given import is_given
from butler.core.plain import canonical

MOST_TOOLS = 6
"""So many are offered for one question."""
_KEPT = "tools"
_MOST_CALLS = 50


class Tool(BaseModel):
    """A tool: SERVER.TOOL, and the schema of its arguments."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    schema_: str

    @property
    def plainly(self) -> str:
        """It as an offer: its name, and what it takes."""
        takes = "; ".join(each.plainly for each in showable(self.schema_) or ()).replace(";", ",")
        return f"the tool {self.name}" + (f" ({takes})" if takes else "")

    def arguments(self, line: str) -> str | None:
        """What it is called with, as it was written on a line; None where that does not fit."""
        try:
            found = from_line(self.schema_, line)
        except ValueError:
            return None
        needed = (each.name for each in showable(self.schema_) or () if each.is_needed)
        return canonical(found) if all(name in found for name in needed) else None


def tools(context: Context) -> tuple[Tool, ...]:
    """The tools that are offered, the same while one question is answered; their servers start when this is first asked."""
    if not context.foreign_reads:
        return ()
    kept = context.memory.kept(_KEPT)
    if kept is None:
        found = [
            Tool(name=f"{each.server}.{each.name}", schema_=each.schema)
            for each in context.foreign_tools()
            if f"{each.server}.{each.name}" in context.foreign_reads and showable(each.schema) is not None
        ]
        kept = [each.model_dump(mode="json") for each in found[:MOST_TOOLS]]
        context.memory.keep(_KEPT, kept)
    return tuple(Tool.model_validate(each) for each in kept)


def keep_given(context: Context, what: str, text: str) -> str:
    """Keep what a tool gave for one call; returns the reference by which it is cited."""
    server, _, tool = what.partition(".")
    refs = (f"mcp:{server}/{tool}" + (f"#{number}" if number > 1 else "") for number in range(1, _MOST_CALLS))
    ref = next(ref for ref in refs if context.memory.kept(_stage(ref)) is None)
    context.memory.keep(_stage(ref), text)
    return ref


def given(context: Context, ref: str) -> str | None:
    """What was given under a reference; None where it is no such, or of another question."""
    found = context.memory.kept(_stage(ref)) if is_given(ref) else None
    return None if found is None else str(found)


def _stage(ref: str) -> str:
    return f"given:{ref}"
