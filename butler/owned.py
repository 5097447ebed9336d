"""A workflow by its name, also one of the owner's own; and what a run of theirs is kept to, whatever it reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from butler.core.accounts import ModelHost
from butler.core.actions import Action, Kept
from butler.core.context import Context
from butler.core.definingoutput import page_place
from butler.core.definitions import DEFAULT_MODEL, NO_MODEL, Definition
from butler.core.sources import SourceKind
from butler.offers.checks import BreachError
from butler.runner import Workflow
from butler.settings.code import Code, points
from butler.settings.own import unknown
from butler.settings.values import WorkflowsPart
from butler.store.runs import Runs
from butler.toolbox import targets

GRAPH = "own"
"""The entry point of the graph that runs definitions."""
_EXAM = "exam"
"""The entry point of the graph that exams run, in houses of their own."""
_BESIDE = ("maintenance", "meaning")
"""What `butler do` takes that is no graph."""
_GROUP = "butler.workflows"
_LOOKED_AT = 50


def named_by(part: WorkflowsPart, name: str) -> Workflow:
    """Find a workflow: code that is installed, code of the owner's, or a file; raises UsageError and SettingsError."""
    code = part.code()
    if name in points(_GROUP) and name not in (GRAPH, _EXAM) and name not in code.places("workflows"):
        return Workflow(name)
    if place := code.places("workflows").get(name):
        return Workflow(name, entry=place, reads=reads_of(code))
    shelf = part.shelf()
    definition = shelf.definition(name)
    if definition is None:
        raise unknown(name, shelf, sorted({*code.workflows(), *_BESIDE}))
    return workflow_of(definition, code)


def workflow_of(definition: Definition, code: Code) -> Workflow:
    """A definition as a workflow, which may read the owner's code where it calls some."""
    reads = reads_of(code) if any(tool.place for tool in definition.tools) else ()
    return Workflow(definition.name, entry=GRAPH, reads=reads, definition=definition)


def tools_of(code: Code) -> dict[SourceKind, str]:
    """Where all tools are, where some are files of the owner's; empty where none is, and they are to be looked for."""
    own = code.places("tools")
    return targets(own) if own else {}


def reads_of(code: Code) -> tuple[str, ...]:
    """What a worker has to read for the owner's code: their folder of it, and nothing beside."""
    return (str(Path(code.folder).resolve()),) if code.folder else ()


def host_of(definition: Definition | None, host: ModelHost | None) -> ModelHost | None:
    """Whom a run may ask: the model that its file names, at the server of the settings, where one is used at all."""
    if definition is None or host is None or definition.model == DEFAULT_MODEL:
        return host
    return None if definition.model == NO_MODEL else replace(host, name=definition.model, write="", ask="")


def kept_to(definition: Definition | None, context: Context, runs: Runs) -> Context:
    """A context that proposes only kinds of the file's gate and saves only its page: here, where nothing that was read is.

    Whoever asks for more was taken over by something: that ends it.
    """
    if definition is None:
        return context
    place = page_place(definition, context.day)

    def propose(action: Action) -> Kept:
        if action.kind not in definition.gate:
            raise BreachError("an action that its workflow may not propose")
        return context.propose(replace(action, workflow=definition.name))

    def save(name: str, markdown: str) -> str:
        if not place or name != place:
            raise BreachError("a page that its workflow does not have")
        return context.save(name, markdown)

    last = next((run.started for run in runs.top(definition.name, limit=_LOOKED_AT) if run.state == "done"), None)
    return replace(context, definition=definition, last_time=last, propose=propose, save=save)


def notice_of(definition: Definition | None, result: Mapping[str, Any], proposed: Sequence[Kept]) -> str:
    """The sentence of the notice that a run gives, in the owner's own words and numbers; empty where it gives none."""
    if definition is None or not definition.output.notice:
        return ""
    lines = result.get("lines")
    count = lines if isinstance(lines, int) and lines >= 0 else 0
    decide = f", {len(proposed)} to decide" if proposed else ""
    return f"{definition.title}: {count} {'line' if count == 1 else 'lines'}{decide}."
