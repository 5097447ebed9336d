"""The kinds of values that may cross between processes: a closed table, and how each is taken apart and put together again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields
from functools import cache
from importlib import import_module
from operator import attrgetter
from typing import Any, get_type_hints

KINDS: Mapping[str, tuple[str, ...]] = {
    "butler.core.accounts": ("MailAccount", "SmtpServer", "CalendarAccount", "NotesFolder", "ContactsAccount", "ModelHost"),
    "butler.core.actions": ("Action", "Taint", "Finding", "Kept", "Decision"),
    "butler.core.asking": ("Question",),
    "butler.core.briefing": (
        *("Evidence", "Line", "Section", "Dropped", "BriefingSource", "BriefingModel", "Usage", "Briefing", "Origin"),
    ),
    "butler.core.calendar": (
        *("CalendarPlace", "RawObject", "Attendee", "Occurrence", "Task", "CalendarObject", "StoredObject"),
        *("Placed", "PlacedTask"),
    ),
    "butler.core.contacts": ("RawCards", "YearDay", "Phone", "Home", "Relation", "Contact", "Cards", "PlacedContact"),
    "butler.core.context": ("Identity", "Edit", "Wish"),
    "butler.core.definitions": ("Definition",),
    "butler.core.documents": ("Document",),
    "butler.core.effects": (
        *("AppendMail", "RemoveMail", "MoveMail", "FlagMail", "SendMail", "PutObject", "DeleteObject", "PutFile", "MoveFile"),
        *("RestoreFile", "AddLine", "TakeLine", "CallTool", "Seen", "Receipt"),
    ),
    "butler.core.foreign": ("ForeignTool",),
    "butler.core.mail": ("Address", "Attachment", "RawPart", "RawMail", "Message", "Mail", "MailPlace", "NewText"),
    "butler.core.models": ("ModelServer", "ModelIdentity", "ModelPin", "ModelLook"),
    "butler.core.notes": ("RawNote", "Note", "PlacedNote"),
    "butler.core.owner": ("Owner", "BriefingOptions"),
    "butler.core.payloads": (
        *("Person", "Letter", "MailAt", "CalendarChange", "EventFields", "MailDraft", "MailSend", "MailMove", "MailKeyword"),
        *("CalendarCreate", "CalendarUpdate", "CalendarRespond", "CalendarCancel", "TaskCreate", "TaskComplete"),
        *("FileWrite", "FileAppend", "FileMove", "MemoryAdd", "McpCall", "Undo"),
    ),
    "butler.core.queries": ("Found",),
    "butler.core.remembering": ("Remembered",),
    "butler.core.requests": ("Request",),
    "butler.core.sources": ("Collection", "Batch", "SourceState", "Frame"),
    "butler.core.steps": ("ModelCall",),
}
"""What may cross, by the module it is in, which is imported when it is first met. Frozen dataclasses and pydantic's models."""

_MODULES = {name: module for module, names in KINDS.items() for name in names}


def name_of(kind: type) -> str | None:
    """The name under which values of a class cross; None where they do not."""
    name = kind.__name__
    return name if _MODULES.get(name) == kind.__module__ else None


def kind_named(name: str) -> type | None:
    """The class whose values cross under a name."""
    module = _MODULES.get(name)
    kind: type | None = getattr(import_module(module), name) if module else None
    return kind


LONG = 400
"""From so many signs on a text is a long one."""


def is_model(kind: type) -> bool:
    """Whether a class is one of pydantic's, which checks its fields by itself."""
    return hasattr(kind, "model_validate_json")


@cache
def hints_of(kind: type) -> Mapping[str, Any]:
    """The fields of a dataclass in order, each with the type that it is said to have."""
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind)}


@cache
def taking_apart(kind: type) -> Callable[[Any], tuple[Any, ...]]:
    """Make the function that lists the fields of a value; of a secret it is the text, which is fetched for that."""
    if is_model(kind):
        return lambda value: (value.model_dump_json(),)
    read = attrgetter(*hints_of(kind))
    if len(hints_of(kind)) == 1:
        return lambda value: (read(value),)
    if any(map(is_secret, hints_of(kind).values())):
        return lambda value: tuple(each() if callable(each) else each for each in read(value))
    if str in hints_of(kind).values():
        return lambda value: spread(read(value))
    return read


def is_secret(hint: Any) -> bool:
    """Whether a field holds what fetches a secret."""
    return getattr(hint, "__origin__", None) is Callable or any(_inside(hint))


def _inside(hint: Any) -> Iterator[bool]:
    if not isinstance(hint, type):
        yield from (is_secret(each) for each in getattr(hint, "__args__", ()) if each is not hint)


def spread(row: Iterable[Any]) -> tuple[Any, ...]:
    """Fields as they cross, long texts apart from the others."""
    return tuple([Text(each) if type(each) is str and len(each) > LONG else each for each in row])


class Text:
    """A long text: it crosses beside the others, where none of its signs has to be told apart."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


class Told:
    """A secret that was fetched elsewhere."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def __call__(self) -> str:
        """The secret."""
        return self._text

    def __repr__(self) -> str:
        return "<a secret>"
