"""The briefing as Markdown, pure: pleasant in Obsidian and in a plain reader, and nothing from the world can act in it."""

from __future__ import annotations

import json
from collections.abc import Iterator

from butler import wording
from butler.core.briefing import Briefing, Line
from butler.core.text import code_span, one_line
from butler.core.text import markdown as harmless


def render(briefing: Briefing, notice: str = "") -> str:
    """Write the briefing as a Markdown file with front matter; `notice` is its first line below that."""
    references = wording.References()
    body = [*_opening(briefing, notice), *_sections(briefing, references), *_closing(briefing, references)]
    return "\n".join([*_front_matter(briefing), "", *body]).rstrip("\n") + "\n"


def _front_matter(briefing: Briefing) -> Iterator[str]:
    yield "---"
    yield f"date: {briefing.date.isoformat()}"
    yield f"generated_at: {briefing.generated_at.isoformat()}"
    yield f"composed_by: {briefing.composed_by}"
    yield "sources:" if briefing.sources else "sources: []"
    for source in briefing.sources:
        # A JSON string is a YAML string too, whatever stands in it.
        yield f"  - {json.dumps(one_line(wording.source_state(source, briefing)), ensure_ascii=False)}"
    yield "---"


def _opening(briefing: Briefing, notice: str) -> Iterator[str]:
    if notice:
        yield from (f"*{harmless(notice)}*", "")
    yield from (f"# {wording.long_day(briefing.date)}", "")
    if stillness := wording.stillness(briefing):
        yield from (stillness, "")
    for error in wording.source_errors(briefing):
        yield from (f"**Not fresh:** {harmless(error)}", "")


def _sections(briefing: Briefing, references: wording.References) -> Iterator[str]:
    for section in briefing.sections:
        yield from (f"## {wording.HEADINGS[section.name]}", "")
        for line in section.lines:
            yield from _line(line, references)
        yield ""


def _line(line: Line, references: wording.References) -> Iterator[str]:
    marks = "".join(f"[^{number}]" for number in references.numbers(line))
    yield f"- {harmless(line.text)}{marks}"
    for quote in wording.quotes(line):
        yield f"  > “{harmless(quote)}”"


def _closing(briefing: Briefing, references: wording.References) -> Iterator[str]:
    yield from ("---", "")
    yield " · ".join(harmless(wording.source_state(source, briefing)) for source in briefing.sources)
    yield ""
    for sentence in (wording.left_out(briefing), wording.cost(briefing)):
        if sentence:
            yield from (harmless(sentence), "")
    # The word before the reference keeps readers without footnotes from taking the line for a link's target.
    yield from (f"[^{number}]: see {code_span(ref)}" for number, ref in references)
