"""The nodes of a workflow of one's own: gather, reckon, think, write; each may be run again over what the run's memory kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

from butler.core.context import Context
from butler.core.definingoutput import page_place
from butler.core.definitions import Definition
from workflows.own.compose import Made, compose, definition_of
from workflows.own.gather import Gathered, gather
from workflows.own.reckon import Findings, reckon
from workflows.own.things import things_of
from workflows.own.think import Thinking
from workflows.own.tools import find
from workflows.pages.chain import State
from workflows.pages.nodes import RESULT, sync
from workflows.pages.page import render

_PAGE = "page"


class Nodes:
    """The nodes of one run over its definition; the owner's prompt is trusted, and nothing that is gathered."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._memory = context.memory

    @property
    def order(self) -> Mapping[str, Callable[[State], State]]:
        """The nodes by name, in their order."""
        return {"gather": self.gather, "reckon": self.reckon, "think": self.think, "write": self.write}

    def gather(self, _state: State) -> State:
        """Bring the mirror up to date, and read the sources."""
        sync(self._context)
        _ = self._gathered
        return {"stage": "gather"}

    def reckon(self, _state: State) -> State:
        """Let code find the facts."""
        _ = self._findings
        return {"stage": "reckon"}

    def think(self, _state: State) -> State:
        """Ask the model, and keep the page: what was written is not composed anew."""
        if self._memory.kept(_PAGE) is None:
            made = self._made()
            refs = list(dict.fromkeys(evidence.ref for line in made.page.lines for evidence in line.evidence))
            self._memory.keep(_PAGE, {"name": made.page.name, "text": render(made.page), "refs": refs, **_said(made)})
        return {"found": (self._memory.kept(_PAGE) or {})["refs"], "stage": "think"}

    def write(self, _state: State) -> State:
        """Save the page and put the actions before the gate, and say what came of both."""
        kept: Mapping[str, Any] = self._memory.kept(_PAGE) or {}
        definition = self._definition
        name = str(kept["name"])
        path = self._context.save(page_place(definition, self._context.day), str(kept["text"])) if name else ""
        proposed = list(self._proposed())
        result: dict[str, Any] = {"page": name, "path": path, "title": definition.title, "proposed": proposed}
        result |= {key: kept[key] for key in ("lines", "left_out", "dropped", "model")}
        if not name:
            result["text"] = kept["text"]
        if definition.output.notice:
            result["notice"] = _notice(definition, int(kept["lines"]), len(proposed))
        self._memory.keep(RESULT, result)
        return {"stage": "write"}

    @property
    def _definition(self) -> Definition:
        return definition_of(self._context)

    @cached_property
    def _gathered(self) -> Gathered:
        return gather(self._context, self._definition)

    @cached_property
    def _findings(self) -> Findings:
        return reckon(self._definition, self._gathered.material, self._context.day, find)

    def _made(self) -> Made:
        definition, material = self._definition, self._gathered.material
        things = things_of(material, self._findings, definition.limits.characters)
        answers = Thinking(self._context, definition).all(things)
        return compose(self._context, self._gathered.left_out, self._findings, answers, things)

    def _proposed(self) -> Iterator[dict[str, Any]]:
        for action in self._findings.actions:
            kept = self._context.propose(replace(action, workflow=self._definition.name))
            if kept.action.key == action.key:
                yield {"id": kept.id, "kind": action.kind}


def _said(made: Made) -> dict[str, Any]:
    return {
        "lines": len(made.page.lines),
        "left_out": list(made.left_out),
        "dropped": made.dropped,
        "model": made.page.composed_by == "model",
    }


def _notice(definition: Definition, lines: int, proposed: int) -> str:
    """The sentence of the notice, all of it of the owner's own words and of numbers."""
    told = f"{lines} {'line' if lines == 1 else 'lines'}"
    return f"{definition.title}: {told}{f', {proposed} to decide' if proposed else ''}."
