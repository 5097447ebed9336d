"""Composes the page of a run: what code reckoned, then what the model found, then what was left out and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from butler.core.briefing import Evidence, Line
from butler.core.context import Context
from butler.core.definingoutput import page_name
from butler.core.definitions import NO_MODEL, Definition, ReckonedLine
from butler.core.errors import StateError
from butler.core.text import one_line
from workflows.own.reckon import Findings
from workflows.own.things import Thing
from workflows.own.think import Answered
from workflows.pages.nodes import unread
from workflows.pages.page import Block, Page

_ALONE = "What the model found"
_TELLING = 3


def definition_of(context: Context) -> Definition:
    """What a run does; raises StateError where it is of no workflow of one's own."""
    if context.definition is None:
        raise StateError("This run has no definition.", advice="Run a workflow by its name: `butler workflow list`.")
    return context.definition


@dataclass(frozen=True, slots=True)
class Made:
    """The page, and sentences on what is not on it."""

    page: Page
    left_out: tuple[str, ...]
    dropped: int


def compose(
    context: Context,
    gathered: Sequence[str],
    findings: Findings,
    answers: Sequence[Answered],
    things: Sequence[Thing],
) -> Made:
    """Put the page together; the lines of code come first, and take what room there is. `gathered` is left out."""
    definition = definition_of(context)
    asks = definition.model != NO_MODEL and bool(definition.prompt or definition.questions)
    found = [*_reckoned(findings), *_answered(answers)]
    # Where nobody had anything to say, there is what was read.
    found = found if any(block.lines for block in found) else [Block("What was read", [_read(each) for each in things])]
    blocks, cut = _within(found, definition.limits.lines)
    dropped = findings.dropped + sum(each.dropped for each in answers)
    left_out = (*gathered, *findings.left_out, *_unread(answers), *_counted(cut, dropped))
    has_model = any(answer.digest and not (answer.reason and not answer.lines) for answer in answers)
    page = Page(
        name=page_name(definition, context.day),
        title=definition.title,
        day=context.day,
        made=context.now.astimezone(context.owner.zone),
        blocks=blocks,
        composed_by="model" if has_model else "rules",
        notice=_notice(context, answers, asks=asks, has_model=has_model),
        unread=unread(context),
        empty="There is nothing to tell.",
        remarks=[one_line(sentence, 300) for sentence in left_out],
    )
    return Made(page, left_out, dropped)


def _reckoned(findings: Findings) -> Iterator[Block]:
    for section in findings.sections:
        yield Block(section.heading, [_line(each) for each in section.lines], section.columns)


def _line(line: ReckonedLine) -> Line:
    return Line(text=line.text, by="code", evidence=tuple(Evidence(ref=ref) for ref in line.refs))


def _read(thing: Thing) -> Line:
    body = thing.text.partition("\n---\n")[2] if thing.text.startswith("---\n") else thing.text
    first = next((line for line in body.splitlines() if sum(sign.isalpha() for sign in line) >= _TELLING), "")
    return Line(
        text=one_line(f"{thing.title}: {first}", 240), by="code", evidence=tuple(Evidence(ref=ref) for ref in thing.refs)
    )


def _answered(answers: Sequence[Answered]) -> Iterator[Block]:
    for answer in answers:
        yield Block(answer.heading or _ALONE, answer.lines)


def _within(blocks: Sequence[Block], most: int) -> tuple[list[Block], int]:
    """Blocks of so many lines together, and how many lines there were above that."""
    kept, room, cut = [], most, 0
    for block in blocks:
        cut += max(0, len(block.lines) - room)
        kept.append(Block(block.heading, block.lines[:room], block.columns))
        room -= len(kept[-1].lines)
    return kept, cut


def _notice(context: Context, answers: Sequence[Answered], *, asks: bool, has_model: bool) -> str:
    if not asks:
        return "Reckoned by code; no model was asked."
    if has_model and context.model is not None:
        return f"Facts by code; what {one_line(context.model.name, 80)} found cites its sources."
    reason = next((answer.reason for answer in answers if answer.reason), "")
    if context.model is None:
        reason = "No model is configured, or none was wanted."
    return f"No model answered, so these are the facts that code found. {one_line(reason, 300)}".strip()


def _unread(answers: Sequence[Answered]) -> Iterator[str]:
    for answer in answers:
        of = f" for “{answer.heading}”" if answer.heading else ""
        if answer.unread and not answer.reason:
            yield f"{answer.unread} texts were not read{of}: the limit of steps or tokens was reached."
        elif answer.unread:
            yield f"{answer.unread} texts were not answered{of}: {one_line(answer.reason, 200)}"
        if answer.cut:
            yield f"{answer.cut} times only the beginning of a text was read{of}."


def _counted(cut: int, dropped: int) -> Iterator[str]:
    if cut:
        yield f"{cut} more lines are not shown (limits.lines)."
    if dropped:
        yield (
            "1 line was dropped, for what it rests on is not literally there."
            if dropped == 1
            else f"{dropped} lines were dropped, for what they rest on is not literally there."
        )
