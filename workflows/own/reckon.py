"""Reckons: calls what a definition names over the material, each in its time, and takes of it what rests on the material."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Protocol

from butler.core.actions import Action
from butler.core.definitions import Definition, Material, Reckoned, ReckonedLine, ReckonedSection, Reckoning, Tool
from butler.core.text import one_line

MOST_ACTIONS = 50
_MOST_SECTIONS = 40
_LONGEST = 240

Find = Callable[[str, str], Reckoning]
"""Loads a reckoner by its name and, where it is the owner's own, its file."""


class Referred(Protocol):
    """Something that has a reference."""

    @property
    def ref(self) -> str:
        """Its reference."""
        ...


@dataclass(frozen=True, slots=True)
class Findings:
    """What all reckoners found together; `dropped` counts the lines that rest on nothing that was gathered."""

    sections: tuple[ReckonedSection, ...] = ()
    actions: tuple[Action, ...] = ()
    left_out: tuple[str, ...] = ()
    dropped: int = 0


def reckon(definition: Definition, material: Material, day: dt.date, find: Find) -> Findings:
    """Call every reckoner; `find` loads one by its name and place. What one does wrong is said, and the others go on."""
    known = refs_of(material)
    sections: list[ReckonedSection] = []
    actions: list[Action] = []
    left_out: list[str] = []
    dropped = 0
    for tool in definition.tools:
        trial = _Trial(tool.name, partial(_call, find, tool, material, definition, day))
        found = trial.within(definition.limits.seconds)
        if isinstance(found, str):
            left_out.append(found)
            continue
        for section in found.sections[:_MOST_SECTIONS]:
            lines = tuple(_borne(section.lines, known))
            dropped += len(section.lines) - len(lines)
            sections.append(ReckonedSection(one_line(section.heading, 120), lines, tuple(section.columns)))
        left_out += [one_line(sentence, _LONGEST) for sentence in found.left_out[:_MOST_SECTIONS]]
        actions += found.actions
    allowed, refused = _proposable(actions, definition, known)
    return Findings(tuple(sections), tuple(allowed[:MOST_ACTIONS]), (*left_out, *refused), dropped)


def _call(find: Find, tool: Tool, material: Material, definition: Definition, day: dt.date) -> Reckoned:
    return find(tool.name, tool.place)(material, definition, day)


def refs_of(material: Material) -> frozenset[str]:
    """All references that something may rest on."""
    kinds: tuple[Sequence[Referred], ...] = (
        *(material.mails, material.notes, material.documents, material.events, material.tasks),
    )
    things = (each.ref for kind in kinds for each in kind)
    return frozenset((*things, *(ref for kept, _ in material.decided for ref in kept.action.sources)))


def _base(ref: str) -> str:
    """A reference without the line that it may name of a file."""
    before, mark, line = ref.rpartition("#L")
    return before if mark and line.isdigit() else ref


def _borne(lines: Sequence[ReckonedLine], known: frozenset[str]) -> Iterator[ReckonedLine]:
    for line in lines:
        refs = tuple(dict.fromkeys(ref for ref in line.refs if _base(ref) in known or ref in known))
        if refs and line.text.strip():
            yield ReckonedLine("\t".join(one_line(cell, _LONGEST) for cell in line.text.split("\t")), refs)


def _proposable(actions: Sequence[Action], definition: Definition, known: frozenset[str]) -> tuple[list[Action], list[str]]:
    """The actions that may be proposed, and sentences on those that may not."""
    allowed, refused = list[Action](), dict[str, int]()
    for action in actions:
        if action.kind not in definition.gate:
            reason = f"{action.kind} is not in the gate of its file"
        elif not action.sources or not all(_base(ref) in known or ref in known for ref in action.sources):
            reason = "it rests on nothing that was gathered"
        elif len(allowed) >= MOST_ACTIONS:
            reason = f"{MOST_ACTIONS} are the most in one run"
        else:
            allowed.append(action)
            continue
        refused[reason] = refused.get(reason, 0) + 1
    return allowed, [f"{count} not proposed: {reason}." for reason, count in refused.items()]


class _Trial:
    """One call in a thread of its own, so that what never ends does not hold the rest up; its process ends with the run."""

    def __init__(self, name: str, call: Callable[[], Reckoned]) -> None:
        self._name = name
        self._call = call
        self._found: Reckoned | str = f"The tool {name} ended without a result."
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def within(self, seconds: float) -> Reckoned | str:
        """What it found, or a sentence on why there is nothing."""
        self._thread.start()
        self._thread.join(seconds)
        if self._thread.is_alive():
            return f"The tool {self._name} did not end within {seconds:g} seconds (limits.seconds), so nothing of it is here."
        return self._found

    def _run(self) -> None:
        with self:
            found = self._call()
            self._found = found if isinstance(found, Reckoned) else f"The tool {self._name} returned no Reckoned."

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> bool:
        if isinstance(error, ValueError) and type(error) is ValueError:
            self._found = f"The tool {self._name} found nothing: {one_line(str(error), _LONGEST)}"
        elif error is not None:
            self._found = f"The tool {self._name} broke: {type(error).__name__}: {one_line(str(error), _LONGEST)}"
        return True
