"""Workflows of one's own, as values: what a Markdown file says of one, what it gathers, and what is reckoned from that.

A definition is the owner's word, and trusted. Whatever is gathered is not: it is material, and decides nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol, get_args

from pydantic import BaseModel, ConfigDict, Field

from butler.core.actions import Action, Decision, Kept
from butler.core.calendar import CalendarPlace, Placed, PlacedTask
from butler.core.mail import Mail
from butler.core.notes import PlacedNote
from butler.core.owner import Owner
from butler.core.payloads import ActionKind

SourceName = Literal["mail", "notes", "documents", "events", "tasks", "mcp"]
SOURCES: tuple[str, ...] = get_args(SourceName)

Option = str | tuple[str, ...] | Mapping[str, str]
"""What a reckoner can be told, all of it as it is written: a text, texts, or texts by name; it makes numbers of them itself."""

_NOWHERE = CalendarPlace()
NO_MODEL, DEFAULT_MODEL = "none", "default"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Gathering(_Frozen):
    """What one source of a workflow is: the things of a kind that a query finds, or the files that a glob names, in a window.

    `files` is `ROOT/PATTERN`, for notes and documents only. An empty query finds all. `window` is in words ("last month").
    Of `mcp` the query is a call of a tool that only reads, see `butler.core.foreign.read_call`.
    """

    kind: SourceName
    query: str = ""
    files: str = ""
    window: str = "all"


class Tool(_Frozen):
    """A reckoner by its name, and what it is told; `place` is the file that it is in where that is the owner's own."""

    name: str
    place: str = ""
    options: Mapping[str, Option] = Field(default_factory=dict)


class Output(_Frozen):
    """Where the result goes: a page of the butler's own (its name may hold {day}, {week}, {month}, {year}), a notice, or both.

    `folder` is one below that of the pages; an empty `page` is no page.
    """

    page: str = ""
    folder: str = ""
    notice: bool = False


class Limits(_Frozen):
    """What a run may use: things gathered, characters of each that the model reads, questions to it, tokens of all of them,
    seconds of each reckoner, and lines on the page.
    """

    things: int = Field(default=200, ge=1, le=900)
    characters: int = Field(default=4000, ge=100, le=8000)
    steps: int = Field(default=24, ge=1, le=200)
    tokens: int = Field(default=100_000, ge=1000, le=1_000_000)
    seconds: int = Field(default=30, ge=1, le=300)
    lines: int = Field(default=80, ge=1, le=500)


class Question(_Frozen):
    """A part of the prompt below a heading: what the model is asked for a section of the page."""

    heading: str
    text: str


class Definition(_Frozen):
    """A workflow as its file says it; `prompt` is the text before the first heading, and holds for every question.

    `trigger` are the settings of its job by name, as they are written; empty: it runs when it is asked for. `gate` are the
    kinds of actions that it may propose, which the policy then judges as any other.
    """

    name: str
    title: str
    trigger: Mapping[str, str] = Field(default_factory=dict)
    sources: tuple[Gathering, ...] = ()
    tools: tuple[Tool, ...] = ()
    model: str = DEFAULT_MODEL
    output: Output = Output()
    gate: tuple[ActionKind, ...] = ()
    limits: Limits = Limits()
    prompt: str = ""
    questions: tuple[Question, ...] = ()
    is_shipped: bool = False

    def options(self, tool: str) -> Mapping[str, Option]:
        """What a reckoner is told; empty where it is not named."""
        return next((each.options for each in self.tools if each.name == tool), {})


@dataclass(frozen=True, slots=True)
class Paper:
    """A note or document: its text and, where it is a table (`.csv`), its bytes; `problem` says why there is no text.

    `sha256` (hex) is that of its bytes and `folders` are those of its root, both only where the definition may move files.
    """

    ref: str
    root: str
    path: str
    modified: dt.datetime
    text: str
    content: bytes = b""
    problem: str = ""
    sha256: str = ""
    folders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Material:
    """What was gathered: newest first for mails and papers, events by their start, tasks the open ones by due date; none twice.

    `windows` are the first moment of each source and the one after its last, as the definition orders them, None where it has
    none. `decided` is what the owner decided about since the earliest of them. `task_place` is where new tasks go.
    """

    owner: Owner
    now: dt.datetime
    mails: tuple[Mail, ...] = ()
    notes: tuple[PlacedNote, ...] = ()
    documents: tuple[Paper, ...] = ()
    events: tuple[Placed, ...] = ()
    tasks: tuple[PlacedTask, ...] = ()
    windows: tuple[tuple[dt.datetime, dt.datetime] | None, ...] = ()
    decided: tuple[tuple[Kept, Decision], ...] = ()
    task_place: CalendarPlace = _NOWHERE


@dataclass(frozen=True, slots=True)
class ReckonedLine:
    """A line of facts, and the references that it rests on, at least one."""

    text: str
    refs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReckonedSection:
    """Lines below a heading; with `columns` it is a table, whose cells stand in each line's text with tabs between them."""

    heading: str
    lines: tuple[ReckonedLine, ...]
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reckoned:
    """What code found: sections, actions to be proposed (each with a key of its own), sentences on what was left out."""

    sections: tuple[ReckonedSection, ...] = ()
    actions: tuple[Action, ...] = ()
    left_out: tuple[str, ...] = ()


class Reckoning(Protocol):
    """What an entry point in `butler.reckoners` names: a pure function, or a `Reckoner`."""

    def __call__(self, material: Material, definition: Definition, day: dt.date) -> Reckoned:
        """Find what there is to be said; raises ValueError with a sentence where an option is wrong."""
        ...


@dataclass(frozen=True, slots=True)
class Reckoner:
    """A reckoning that says what it can be told: `options` by name, each with a line of help; `reads` are kinds of source."""

    reckon: Reckoning
    options: Mapping[str, str] = field(default_factory=dict)
    reads: tuple[SourceName, ...] = ()

    def __call__(self, material: Material, definition: Definition, day: dt.date) -> Reckoned:
        """Reckon."""
        return self.reckon(material, definition, day)
