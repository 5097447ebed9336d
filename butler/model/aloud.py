"""An answer as it comes: each element of its first list is heard as soon as it is complete, while the rest is still written."""

from __future__ import annotations

import json
import re
from typing import Any, Generic, TypeVar, get_args

from pydantic import BaseModel, TypeAdapter, ValidationError

from butler.core.steps import Step

A = TypeVar("A", bound=BaseModel)

_BEGINNING = re.compile(r'\s*\{\s*"([^"\\]*)"\s*:\s*\[')
_BETWEEN = re.compile(r"[\s,]*")


class Aloud(Generic[A]):
    """Hears one answer piece by piece; `count` elements were heard so far.

    What is not the answer that was asked for is not heard, and nothing after it: the whole answer is read in the end.
    """

    def __init__(self, step: Step[A]) -> None:
        self.count = 0
        self._heard = step.heard
        self._name, kind = _first_list(step.answer)
        self._element: TypeAdapter[Any] | None = TypeAdapter(kind) if self._heard and kind is not None else None
        self._text = ""
        self._place = 0

    def hear(self, piece: str) -> None:
        """Take the next piece of the answer."""
        if self._element is None:
            return
        self._text += piece
        # An element is an object: only its end can complete one.
        if "}" in piece and (self._place or self._begins()):
            self._go_on(self._element)

    def _begins(self) -> bool:
        begun = _BEGINNING.match(self._text)
        if begun is None:
            return False
        if begun[1] != self._name:
            self._element = None
            return False
        self._place = begun.end()
        return True

    def _go_on(self, element: TypeAdapter[Any]) -> None:
        while self._element is not None:
            between = _BETWEEN.match(self._text, self._place)
            start = between.end() if between else self._place
            if not self._text.startswith("{", start):
                # The list has ended, or is none of objects.
                self._element = None if start < len(self._text) else self._element
                return
            try:
                found, self._place = json.JSONDecoder().raw_decode(self._text, start)
            except (ValueError, RecursionError):
                return
            self._tell(element, found)

    def _tell(self, element: TypeAdapter[Any], found: Any) -> None:
        try:
            value = element.validate_json(json.dumps(found), strict=True)
        except (ValidationError, ValueError):
            self._element = None
            return
        self.count += 1
        if self._heard is not None:
            self._heard(value)


def _first_list(answer: type[BaseModel]) -> tuple[str, Any]:
    """The name of an answer's first field and what its elements are; None where it is no list."""
    name, field = next(iter(answer.model_fields.items()), ("", None))
    kinds = get_args(field.annotation) if field is not None else ()
    return name, kinds[0] if kinds and isinstance(kinds[0], type) and issubclass(kinds[0], BaseModel) else None
