"""Which reads are done next: the first ones by rule, more where the model picks them, by number, out of those that there are.

The model that picks is shown the owner's questions, what can be read and how much was found, and no word of the world; of tools
of servers it sees the names that their owner wrote into the settings, and what their arguments are called.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from pydantic import BaseModel, ConfigDict

from butler.core.asking import MOST_READS
from butler.core.context import Context
from butler.core.text import one_line
from workflows.ask import steps
from workflows.ask.asked import Asked
from workflows.ask.dayhits import fold
from workflows.ask.foreign import Tool, tools
from workflows.ask.reading import Got, Wanted, arguments_of, offers

MOST_ROUNDS = 3
_MOST_WORDS = 5
_TURNS = 2
_WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")
_TASKS = re.compile(r"\b(?:tasks?|to-?dos?|due|aufgaben?|fallig|taches?|tareas?|compiti|attivita|taken|zadania|tarefas?)\b")


class Planned(BaseModel):
    """The reads of one round; `enough` says that no more are wanted, `failure` why the model did not pick."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reads: tuple[Wanted, ...] = ()
    enough: bool = False
    failure: str = ""


def plan(context: Context, asked: Asked, got: Sequence[Got], noted: int) -> Planned:
    """The reads of the next round; those of the first are begun by rule, whatever the model picks."""
    picked, enough, failure = _picked(context, asked, got, noted)
    wanted = [*(() if got else by_rule(asked)), *picked]
    done = [one.wanted for one in got]
    fresh = [one for one in dict.fromkeys(wanted) if one not in done]
    return Planned(reads=tuple(fresh[: MOST_READS - len(got)]), enough=enough, failure=failure)


def by_rule(asked: Asked) -> Iterator[Wanted]:
    """The reads that any question begins with: its words, whom it names, its time, and what it points back to."""
    if asked.words:
        yield Wanted(kind="search", what="everything", words=asked.words[:12])
    for person in sorted(asked.people)[:1]:
        yield Wanted(kind="person", words=(person,), time=1 if asked.windows else 0)
    if asked.windows:
        yield Wanted(kind="calendar", time=1)
    if _TASKS.search(fold(asked.text)):
        yield Wanted(kind="tasks")
    if asked.meant.before and asked.meant.before.refs and len(asked.distinct) < _TURNS:
        yield Wanted(kind="before")


def _picked(context: Context, asked: Asked, got: Sequence[Got], noted: int) -> tuple[list[Wanted], bool, str]:
    if context.model is None:
        return [], True, ""
    known = {tool.name: tool for tool in tools(context)}
    offered = offers(asked, got, list(known.values()))
    lines = [known[one.what].plainly if one.kind == "foreign" else _offer(one, got) for one in offered]
    said = context.model.ask(
        steps.plan(), subject=f"question:{context.run}", facts=_facts(context, asked, got, lines, noted), text=asked.whole
    )
    if said.answer is None:
        return [], True, said.reason or "The model gave no reason."
    picked = [one for choice in said.answer.reads if (one := _wanted(choice, offered, asked, known))]
    return picked, said.answer.enough, ""


def _wanted(choice: steps.Picked, offered: Sequence[Wanted], asked: Asked, known: Mapping[str, Tool]) -> Wanted | None:
    """A read as it was picked; None where there is no such read, or it lacks what it needs."""
    if choice.read > len(offered):
        return None
    one = offered[choice.read - 1]
    time = choice.time if choice.time <= len(asked.windows) else 0
    if one.kind == "search":
        words = tuple(dict.fromkeys(word.casefold() for word in _WORD.findall(choice.words)))[:_MOST_WORDS]
        return one.model_copy(update={"words": words, "time": time}) if words else None
    if one.kind == "foreign":
        arguments = known[one.what].arguments(choice.words)
        return None if arguments is None else one.model_copy(update={"arguments": arguments})
    return one.model_copy(update={"time": time}) if one.kind in ("calendar", "person") else one


def _facts(context: Context, asked: Asked, got: Sequence[Got], offered: Sequence[str], noted: int) -> str:
    """Lines of the owner's words and of numbers, and of nothing else but names of tools and of what these take."""
    zone = context.owner.zone
    before = "; ".join(f"“{one_line(turn.question, 160)}”" for turn in asked.meant.history[-_TURNS:])
    times = "; ".join(
        f"{number} = {one_line(window.words, 60)} ({window.start.astimezone(zone):%A %Y-%m-%d %H:%M} – "
        f"{window.stop.astimezone(zone):%Y-%m-%d %H:%M})"
        for number, window in enumerate(asked.windows[: steps.MOST_TIMES], 1)
    )
    lines = [
        f"Today: {context.now.astimezone(zone):%A %Y-%m-%d}",
        *([f"Asked before: {before}"] if before else []),
        f"Times: {times or 'none'}",
        "Reads: " + "; ".join(f"{number} = {one}" for number, one in enumerate(offered[: steps.MOST_OFFERED], 1)),
        "Done: " + ("; ".join(_done(one) for one in got) or "nothing"),
        f"Noted so far: {noted}",
        f"Reads left: {MOST_READS - len(got)}",
    ]
    return "\n".join(lines)


def _offer(one: Wanted, got: Sequence[Got]) -> str:
    match one.kind:
        case "search":
            return f"search {one.what} for words"
        case "calendar":
            return "the calendar of a time"
        case "tasks":
            return "open tasks"
        case "person":
            return f"mails with “{one.words[0]}”"
        case "before":
            return "what the answer before rests on"
    place = next(number for number, each in enumerate(got, 1) if one.ref in each.refs)
    return f"the rest of the thread of a mail that the read number {place} of those done found"


def _done(one: Got) -> str:
    words = f" “{' '.join(one.wanted.words)}”" if one.wanted.words else ""
    if one.wanted.kind == "foreign":
        words = "".join(f" {name}={one_line(str(value), 60)}" for name, value in arguments_of(one.wanted).items())
    return f"{one.wanted.kind}{f' {one.wanted.what}' if one.wanted.what else ''}{words}: {one.done.found} found"
