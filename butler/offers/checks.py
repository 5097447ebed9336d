"""Checks of what a thinker sends: each returns the value that is what it should be, and raises BreachError for any other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from butler.core.actions import Action
from butler.core.errors import StateError
from butler.core.steps import ModelCall
from butler.core.text import one_line

Check = Callable[[Any], Any]

LONGEST_TEXT = 8_000_000
_LONGEST_NAME = 20_000
_LONGEST_LINE = 64_000
_MOST = 100_000
_MOST_WANTED = 1_000
"""How many of something are handed over at once, which all are in memory then."""
_LARGEST = 2**62


class BreachError(ValueError):
    """A thinker asked for what no workflow asks for; `str` names it."""


class BreachedError(StateError):
    """A thinker was ended for what it asked; nothing that it proposed is to be relied on."""


def breach(what: str) -> BreachedError:
    """Say that a thinker was ended for what it asked."""
    return BreachedError(
        f"The process that this run thinks in asked for what it may not have ({one_line(what, 300)}), so it was ended.",
        advice="If that happens again, something that it reads may have taken it over.",
    )


def name(value: Any) -> str:
    """A reference, key, address or name."""
    return _text(value, _LONGEST_NAME)


def text(value: Any) -> str:
    """A text."""
    return _text(value, LONGEST_TEXT)


def line(value: Any) -> str:
    """A line that tells what goes on."""
    return _text(value, _LONGEST_LINE)


def number(value: Any) -> int:
    """A number that a database can hold."""
    if type(value) is not int or not -_LARGEST < value < _LARGEST:
        raise BreachError("a number")
    return value


def count(value: Any) -> int:
    """How many of something are wanted."""
    found = number(value)
    if not 0 <= found <= _MOST_WANTED:
        raise BreachError("a count")
    return found


def moment(value: Any) -> datetime:
    """A time with its zone."""
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise BreachError("a time")
    return value


def day(value: Any) -> date:
    """A date."""
    if type(value) is not date:
        raise BreachError("a date")
    return value


def proposal(value: Any) -> Action:
    """An action, whose fields the seam has checked."""
    if not isinstance(value, Action):
        raise BreachError("an action")
    return value


def record(value: Any) -> ModelCall:
    """The record of a question to the model, whose fields the seam has checked."""
    if not isinstance(value, ModelCall):
        raise BreachError("a record")
    return value


def each(check: Check) -> Check:
    """A list of such values."""

    def checked(values: Any) -> list[Any]:
        if not isinstance(values, (list, tuple)) or len(values) > _MOST:
            raise BreachError("a list")
        return [check(value) for value in values]

    return checked


def _text(value: Any, longest: int) -> str:
    if type(value) is not str or len(value) > longest or not (value.isascii() or _is_whole(value)):
        raise BreachError("a text")
    return value


def _is_whole(value: str) -> bool:
    """Whether a text has no half characters, which no file or database takes."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
