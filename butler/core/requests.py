"""What is asked of the butler: one run of one workflow, by whom, and how soon it matters."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

TAKES_REFERENCE = frozenset({"documents", "meeting"})
"""The workflows that are about one thing, and need its reference."""
WITHOUT_MODEL = frozenset({"sync", "maintenance", "meaning"})
"""The workflows that ask the model that chats nothing."""
WITHOUT_SOURCES = frozenset({"maintenance"})
"""The workflows that read no mail, calendar or note, and so have their use also where none is set."""
WISH = "wish"
"""The trigger of what revises the actions that their owner asked to have changed."""


class Priority(IntEnum):
    """Who goes first where several wait for the one place to run in."""

    PERSON = 0
    """Somebody sits there and waits."""
    TRIGGER = 1
    """Something happened, or its time has come."""
    BACKLOG = 2
    """It may wait for the night."""


@dataclass(frozen=True, slots=True)
class Request:
    """A wish for one run; requests that are equal are one.

    `trigger` says what caused it: "schedule", "mail:home/INBOX", "event:…", "file:…", "hook:NAME", "night", "wish" or
    "person". `subject` is what the workflow is to look at, where that is one thing. `job` and `slot` name the row that the
    run's outcome belongs to; both are empty where it belongs to none. `model` says whether the run asks the model.
    """

    workflow: str
    trigger: str
    priority: Priority = Priority.TRIGGER
    subject: str = ""
    job: str = ""
    slot: str = ""
    model: bool = False
