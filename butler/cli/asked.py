"""How questions, answers and conversations look in a terminal and as JSON; words of the world are made harmless."""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
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
_FRESH = timedelta(hours=1)
_DAYS_FROM = 48
"""Hours from which an age is told in days."""
_MOST_AGES = 3
_KINDS = {"mail": "mail", "event": "calendar", "task": "calendar", "file": "notes", "contact": "contacts"}
"""The kind of source that has each kind of reference."""
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


def age(states: Sequence[SourceState], now: datetime, answer: Answer | None = None) -> str:
    """Say how old what is known is of the sources that an answer read, where that is over an hour; empty where it is not."""
    read = [each for each in states if answer is None or each.kind in _kinds_read(answer)]
    if any(each.as_of is None for each in read):
        never = ", ".join(each.setting for each in states if each.as_of is None)
        return f"Never read: {never}. `butler sync` reads it."
    old = sorted((each.as_of, each.setting) for each in read if each.as_of and now - each.as_of >= _FRESH)
    if not old:
        return ""
    since, name = old[0]
    if len(old) > _MOST_AGES:
        told = f"{name} and {len(old) - 1} more sources is up to {_how_old(now - since)} old"
    else:
        rest = (f", of {name} {_how_old(now - as_of)}" for as_of, name in old[1:])
        told = f"{name} is {_how_old(now - since)} old{''.join(rest)}"
    return f"What is known of {told}. `butler sync` brings it up to date."


def _kinds_read(answer: Answer) -> Collection[str]:
    """The kinds of source that an answer rests on: those that code looked at, or that it cites; all where neither is told."""
    if answer.sources is not None:
        return answer.sources
    cited = {_KINDS[kind] for one in answer.citations if (kind := one.ref.partition(":")[0]) in _KINDS}
    return cited or _KINDS.values()


def _how_old(age: timedelta) -> str:
    hours = age / timedelta(hours=1)
    if hours >= _DAYS_FROM:
        return f"{hours / 24:.0f} days"
    return f"{hours:.0f} hour{'s' if hours >= 1.5 else ''}"
