"""What other programs may ask the butler for over MCP: each tool with the arguments that it takes. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

ProposedKind = Literal["task.create", "calendar.create", "mail.draft", "file.append"]
_MOST_PAGES = 200
_FIRST_YEAR, _LAST_YEAR = 1900, 2200
_REF = "a reference as other tools give it, such as mail:home/<id>"


class _Asked(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_max_length=20_000)

    @model_validator(mode="after")
    def _is_of_our_time(self) -> Self:
        """Days at either end of the calendar have none before or after them, and no other zone."""
        for _, value in self:
            if isinstance(value, dt.date) and not _FIRST_YEAR <= value.year <= _LAST_YEAR:
                raise ValueError(f"the year of a day is from {_FIRST_YEAR} to {_LAST_YEAR}")
        return self


class Paged(_Asked):
    """Which page of an answer is wanted."""

    page: int = Field(default=1, ge=1, le=_MOST_PAGES, description="page of the answer, from 1")


class Searched(Paged):
    """Words to look for."""

    query: str = Field(min_length=1, max_length=500, description="words, or a query as `butler search` takes it")


class Named(Paged):
    """One thing."""

    ref: str = Field(min_length=3, max_length=2_000, description=_REF)


class Spanned(Paged):
    """Days from the first to the last."""

    first: dt.date = Field(description="first day, such as 2026-11-24")
    last: dt.date | None = Field(default=None, description="last day; left out: the first one alone")


class Noted(Paged):
    """Notes by words, or those changed lately."""

    query: str = Field(default="", max_length=500, description="words of the notes; left out: those changed lately")
    days: int = Field(default=14, ge=1, le=366, description="without a query: how many days back")


class Dated(Paged):
    """A day."""

    day: dt.date | None = Field(default=None, description="the day; left out: that of the latest briefing")


class Proposed(_Asked):
    """Something to be put before the owner, in plain words; which fields are needed depends on its kind."""

    kind: ProposedKind = Field(
        description="task.create needs title; calendar.create title, start and end; mail.draft to, subject and text, or "
        "answers and text; file.append path and text"
    )
    because: str = Field(min_length=3, max_length=500, description="why, in a sentence for the owner")
    title: str = Field(default="", max_length=500, description="title of a task or an event")
    text: str = Field(default="", description="body of a draft, text for a file, description of a task or an event")
    due: dt.datetime | dt.date | None = Field(default=None, description="when a task is due: a day, or a time")
    start: dt.datetime | dt.date | None = Field(default=None, description="when an event begins: a day, or a time")
    end: dt.datetime | dt.date | None = Field(default=None, description="when it ends; of whole days the day after the last")
    location: str = Field(default="", max_length=500, description="where an event is")
    account: str = Field(default="", max_length=100, description="mail account of a draft; left out: the first")
    to: tuple[str, ...] = Field(default=(), max_length=50, description="addresses that a draft is to")
    cc: tuple[str, ...] = Field(default=(), max_length=50, description="addresses in copy")
    subject: str = Field(default="", max_length=500, description="subject of a draft")
    answers: str = Field(default="", max_length=2_000, description="reference of the mail that a draft answers")
    root: str = Field(default="", max_length=100, description="folder of notes that a file is in; left out: the first")
    path: str = Field(default="", max_length=1_000, description="path of the file below its folder")


TOOLS: Mapping[str, tuple[type[_Asked], str]] = {
    "search": (Searched, "Search mails, events, tasks, notes and documents, best first."),
    "mail": (Named, "Read one mail by its reference."),
    "read": (Named, "Read one event, task, note, document or contact by its reference."),
    "agenda": (Spanned, "List the events of some days (at most 62), with where and who."),
    "tasks": (Paged, "List the open tasks, those due first."),
    "notes": (Noted, "Find notes by words, or list those changed lately."),
    "contacts": (Searched, "Find people of the address books by a name or an address."),
    "briefing": (Dated, "Read the briefing of a day, as it was written."),
    "held": (Paged, "List the actions that wait for the owner's decision."),
    "propose": (Proposed, "Put an action before the owner. It is held until they decide; nothing else comes of it."),
}
"""Each tool by its name: what it takes, and what it does."""

WRITES = frozenset({"propose"})
"""The tools that leave something behind."""


def schema_of(tool: str) -> dict[str, Any]:
    """The JSON schema of what a tool takes."""
    return TOOLS[tool][0].model_json_schema()
