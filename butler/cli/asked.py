"""How questions, answers and conversations look in a terminal and as JSON; words of the world are made harmless."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from butler.cli import output
from butler.core.asking import Answer, Citation, Read, Reading, Said
from butler.core.sources import SourceState
from butler.core.text import one_line
from butler.store.conversations import Asked, Conversation

# An answer by code proposes nothing, and is not to wait for what shows proposals.
if TYPE_CHECKING:
    from butler.core.actions import Kept

_LONGEST = 2_000
_TITLE = 160
_REF = 1_000
_UNANSWERED = {
    "asked": "It was not answered: what was to answer it ended before.",
    "failed": "It was not answered.",
    "cancelled": "It was given up.",
}


def sentence(text: str, cites: Sequence[int], width: int) -> str:
    """A sentence with the marks of what it rests on, over as many lines as it needs."""
    marks = " ".join(f"[{number}]" for number in cites)
    return textwrap.fill(f"{one_line(text, _LONGEST)} {marks}".strip(), width, break_long_words=False, break_on_hyphens=False)


def progress(line: Reading | Read | Said, begun: Mapping[int, str]) -> str:
    """What is being read, when that has ended: `searching mail for “offer”: 4 found`; empty for anything else."""
    if not isinstance(line, Read):
        return ""
    return f"{one_line(begun.get(line.number, 'reading'), _LONGEST)}: {line.found} found" if line.found >= 0 else ""


def sources(citations: Sequence[Citation], width: int, zone: ZoneInfo) -> Iterator[str]:
    """What an answer rests on: number, title and time, the words, the reference."""
    for number, citation in enumerate(citations, 1):
        head = f"[{number}] "
        pad = " " * len(head)
        when = moment(citation.when, zone)
        yield f"{head}{one_line(citation.title or citation.ref, _TITLE)}{f', {when}' if when else ''}"
        if citation.quote:
            quote = f"“{one_line(citation.quote, _LONGEST)}”"
            yield textwrap.fill(quote, width, initial_indent=pad, subsequent_indent=pad, break_long_words=False)
        yield f"{pad}{one_line(citation.ref, _REF)}"


def moment(text: str, zone: ZoneInfo) -> str:
    """A time as an answer names it: in the owner's zone; what is no time is shown as it is."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return one_line(text, 60)
    if len(text) <= len("2026-11-24"):
        return f"{found:%a %d %b %Y}"
    return f"{found.astimezone(zone) if found.tzinfo else found:%a %d %b %Y %H:%M}"


def below(turn: Asked, width: int, zone: ZoneInfo) -> Iterator[str]:
    """What stands below the sentences of an answer: how it came about, and what it rests on."""
    answer = turn.answer or Answer()
    if answer.reason:
        yield textwrap.fill(one_line(answer.reason, _LONGEST), width)
    if answer.citations:
        yield ""
        yield from sources(answer.citations, width, zone)


def page(turns: Sequence[Asked], width: int, zone: ZoneInfo, answering: frozenset[int]) -> Iterator[str]:
    """A conversation whole; `answering` are the questions that are being answered just now."""
    for number, turn in enumerate(turns):
        if number:
            yield ""
        yield from textwrap.wrap(f"> {one_line(turn.question, _LONGEST)}", width)
        if turn.answer is None:
            why = "It is being answered." if turn.id in answering else turn.note or _UNANSWERED.get(turn.state, "")
            yield from textwrap.wrap(one_line(why, _LONGEST), width)
            continue
        yield from (sentence(each.text, each.cites, width) for each in turn.answer.sentences)
        yield from below(turn, width, zone)
        proposed = (f"Proposed: #{number}. `butler show {number}` tells what became of it." for number in turn.answer.proposed)
        yield from map(output.to_type, proposed)


def held(proposed: Sequence[Kept]) -> Iterator[str]:
    """The actions that wait for the owner, and how to decide."""
    if not proposed:
        return
    from butler.cards.saying import saying

    for kept in proposed:
        yield f"#{kept.id} {kept.status}: {saying(kept.action.payload)}"
    waiting = [kept.id for kept in proposed if kept.status == "held"]
    if waiting:
        first = waiting[0]
        yield output.to_type(f"`butler show {first}` shows it, `butler approve {first}` or `butler reject {first}` decides.")


def in_list(found: Conversation, zone: ZoneInfo) -> str:
    """A conversation in a list."""
    count = f"{found.turns} question{'' if found.turns == 1 else 's'}"
    return f"{found.id:>4}  {found.updated.astimezone(zone):%Y-%m-%d %H:%M}  {one_line(found.title, 100)}  ({count})"


def conversation_json(found: Conversation) -> dict[str, Any]:
    """A conversation in a list."""
    return {
        "id": found.id,
        "title": found.title,
        "started": found.started.isoformat(),
        "updated": found.updated.isoformat(),
        "turns": found.turns,
    }


def turn_json(turn: Asked) -> dict[str, Any]:
    """A question with its answer."""
    return {
        "conversation": turn.conversation,
        "turn": turn.id,
        "question": turn.question,
        "state": turn.state,
        "asked": turn.asked.isoformat(),
        "ended": turn.ended.isoformat() if turn.ended else None,
        "run": turn.run or None,
        "answer": _answer_json(turn.answer) if turn.answer else None,
        "note": turn.note or None,
    }


def _answer_json(answer: Answer) -> dict[str, Any]:
    return {
        "text": answer.text,
        "unknown": answer.unknown,
        "by": answer.by,
        "language": answer.language,
        "reason": answer.reason or None,
        "sentences": [{"text": each.text, "cites": list(each.cites)} for each in answer.sentences],
        "citations": [
            {"number": number, "ref": each.ref, "title": each.title, "when": each.when or None, "quote": each.quote or None}
            for number, each in enumerate(answer.citations, 1)
        ],
        "reads": [{"what": each.what, "found": each.found} for each in answer.reads],
        "dropped": answer.dropped,
        "proposed": list(answer.proposed),
    }


def sources_json(states: Sequence[SourceState]) -> list[dict[str, Any]]:
    """How old what is known of each source is."""
    return [
        {"kind": each.kind, "name": each.name, "state": each.state, "as_of": each.as_of.isoformat() if each.as_of else None}
        for each in states
    ]


def age(states: Sequence[SourceState], now: datetime) -> str:
    """Say how old what is known is, where that is over an hour for some source; empty where it is not."""
    if not states:
        return ""
    if any(each.as_of is None for each in states):
        never = ", ".join(f"{each.kind}.{each.name}" for each in states if each.as_of is None)
        return f"Never read: {never}. `butler sync` reads it."
    oldest = min(states, key=lambda each: each.as_of or now)
    hours = (now - (oldest.as_of or now)).total_seconds() / 3600
    if hours < 1:
        return ""
    old = f"{hours:.0f} hour{'s' if hours >= 1.5 else ''}" if hours < 48 else f"{hours / 24:.0f} days"
    return f"What is known of {oldest.kind}.{oldest.name} is {old} old. `butler sync` brings it up to date."
