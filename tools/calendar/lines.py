"""A calendar object as its lines: what is not touched is written again to the letter, whatever it may mean.

icalendar reads and writes the single lines; a whole object does not go through it, since it would drop or rewrite what
it does not know.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

from icalendar.parser import Contentline, Parameters

from butler.core.errors import ButlerError
from tools.calendar.rules import LIBRARY_ERRORS

_NAME = re.compile(r"[A-Za-z0-9-]{1,100}(?=[;:])")
_QUOTED = re.compile(r'"[^"]*"|:')
_LINE_END = re.compile(r"\r\n?|\n")
_UNSEEN = str.maketrans("", "", "".join(map(chr, [*range(9), *range(11, 13), *range(14, 32), 127])))
_DEEPEST = 8


class EditError(ButlerError):
    """A calendar object cannot be changed as it was asked for."""


P = ParamSpec("P")
R = TypeVar("R")


def edits(function: Callable[P, R]) -> Callable[P, R]:
    """Let a function raise EditError for whatever the libraries raise over hostile text."""

    @wraps(function)
    def told(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except LIBRARY_ERRORS as error:
            raise EditError("The calendar object holds values that cannot be worked with.") from error

    return told


@dataclass(frozen=True, slots=True)
class Line:
    """One property; `raw` is its text as it stands there, folds included and without its line end."""

    raw: str

    @property
    def flat(self) -> str:
        """Its text without folds."""
        return re.sub(r"\n[ \t]", "", self.raw)

    @property
    def name(self) -> str:
        """Its name in capitals; empty where it is no property."""
        found = _NAME.match(self.raw[:120])
        return found.group().upper() if found else ""

    @property
    def value(self) -> str:
        """What stands behind its first colon outside of quotes, still escaped."""
        return self.flat[self._colon() + 1 :]

    @property
    def head(self) -> str:
        """Its name with its parameters as they stand there."""
        return self.flat[: self._colon()]

    @property
    def params(self) -> Parameters:
        """Its parameters; none where they cannot be read."""
        try:
            return cast("Parameters", _any(Parameters).from_ical(self.flat[len(self.name) + 1 : self._colon()]))
        except LIBRARY_ERRORS:
            return Parameters()

    def param(self, name: str) -> str:
        """One of its parameters as text; of several values the first."""
        value = self.params.get(name, "")
        return str(value[0] if isinstance(value, list) and value else value or "")

    def _colon(self) -> int:
        flat = self.flat
        return next((found.start() for found in _QUOTED.finditer(flat) if found.group() == ":"), len(flat))


@dataclass(slots=True)
class Block:
    """A component: its properties and inner components, in their order."""

    name: str
    body: list[Line | Block] = field(default_factory=list)

    @property
    def lines(self) -> Iterator[Line]:
        """Its own properties."""
        return (each for each in self.body if isinstance(each, Line))

    def blocks(self, *names: str) -> list[Block]:
        """Its inner components of some kinds."""
        return [each for each in self.body if isinstance(each, Block) and each.name in names]

    def all(self, name: str) -> list[Line]:
        """Every property of a name."""
        return [line for line in self.lines if line.name == name]

    def first(self, name: str) -> Line | None:
        """The first property of a name."""
        return next((line for line in self.lines if line.name == name), None)

    def text(self, name: str) -> str:
        """The value of the first property of a name as it stands there, trimmed."""
        line = self.first(name)
        return line.value.strip() if line else ""

    def drop(self, *names: str) -> None:
        """Take away every property of some names."""
        self.body = [each for each in self.body if isinstance(each, Block) or each.name not in names]

    def put(self, line: Line) -> None:
        """Set a property that is there once: in its old place, or behind the other properties."""
        places = [place for place, each in enumerate(self.body) if isinstance(each, Line) and each.name == line.name]
        if places:
            self.body[places[0]] = line
            for place in reversed(places[1:]):
                del self.body[place]
        else:
            self.add(line)

    def add(self, line: Line) -> None:
        """Add a property behind the others."""
        place = max((at for at, each in enumerate(self.body, 1) if isinstance(each, Line)), default=0)
        self.body.insert(place, line)

    def rewrite(self, change: Callable[[Line], Line | None]) -> None:
        """Put what `change` makes of each property in its place, or take it away."""
        changed = (each if isinstance(each, Block) else change(each) for each in self.body)
        self.body = [each for each in changed if each is not None]

    def copy(self) -> Block:
        """A copy that can be changed for itself."""
        return Block(self.name, [each.copy() if isinstance(each, Block) else each for each in self.body])


def made(name: str, value: Any, params: Parameters | None = None) -> Line:
    """Write a property from one of icalendar's values, folded as RFC 5545 asks."""
    return _folded(_any(Contentline).from_parts(name, Parameters() if params is None else params, value))


def plain(name: str, value: str) -> Line:
    """Write a property whose value needs no escaping."""
    return _folded(_any(Contentline)(f"{name}:{value}"))


def _folded(line: Any) -> Line:
    return Line(line.to_ical().decode().replace("\r\n", "\n"))


def _any(untyped: Any) -> Any:
    return untyped


def read_block(text: str) -> Block:
    """Read the one VCALENDAR of a text; raises EditError where it is not whole or there are several."""
    outer = Block("")
    stack = [outer]
    for line in _logical(text):
        flat = line.flat.strip()
        mark = flat.upper()
        if mark.startswith("BEGIN:") and len(stack) <= _DEEPEST:
            block = Block(mark[6:].strip())
            stack[-1].body.append(block)
            stack.append(block)
        elif mark.startswith("END:") and stack[-1].name == mark[4:].strip() and len(stack) > 1:
            stack.pop()
        elif mark.startswith(("BEGIN:", "END:")):
            raise EditError("The calendar object is broken: its parts are not closed as they were opened.")
        elif flat:
            stack[-1].body.append(line)
    calendars = outer.blocks("VCALENDAR")
    if len(stack) > 1 or len(calendars) != 1:
        raise EditError("The calendar object is broken off, or holds no calendar or several.")
    return calendars[0]


def _logical(text: str) -> Iterator[Line]:
    pending: list[str] = []
    for physical in _LINE_END.split(text.removeprefix("\ufeff").translate(_UNSEEN)):
        if physical[:1] in {" ", "\t"} and pending:
            pending.append(physical)
            continue
        if pending:
            yield Line("\n".join(pending))
        pending = [physical]
    yield Line("\n".join(pending))


def write_block(block: Block) -> str:
    """Write a component with all that is in it."""
    return "".join(f"{line}\r\n" for line in _written(block))


def _written(block: Block) -> Iterator[str]:
    yield f"BEGIN:{block.name}"
    for each in block.body:
        if isinstance(each, Block):
            yield from _written(each)
        else:
            yield each.raw.replace("\n", "\r\n")
    yield f"END:{block.name}"
