"""Arguments of a tool of somebody else's server, held to the first level of its schema. Pure.

The schema is the server's own and is not carried out: only names, simple types and lists of values are looked at.
"""

from __future__ import annotations

import json
import math
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from butler.core.text import one_line

MOST_SHOWN = 8
"""A tool that has to be given more than so many arguments is offered to nobody who writes them on a line."""
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,39}")
_PLAIN: Mapping[str, str] = {
    "integer": "a whole number, such as 3",
    "number": "a number, such as 3 or 2.5",
    "boolean": "true or false",
    "array": 'a list, such as ["a", "b"]',
    "object": 'an object, such as {"a": 1}',
    "null": "null",
    "string": "a text",
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a tool may be given under a name: `types` are those of JSON, none where any will do."""

    name: str
    types: frozenset[str]
    is_needed: bool
    values: tuple[Any, ...] = ()

    @property
    def plainly(self) -> str:
        """It for reading: its name, its types, and whether it may be left out."""
        types = " or ".join(sorted(self.types & _PLAIN.keys())) or "anything"
        return f"{self.name}: {types}{'' if self.is_needed else ', optional'}"


def parameters(schema: str) -> tuple[Parameter, ...]:
    """What a tool may be given, as far as its schema tells."""
    found = json.loads(schema)
    known = found.get("properties") if isinstance(found, dict) else None
    needed = found.get("required") if isinstance(found, dict) else None
    names = frozenset(each for each in needed if isinstance(each, str)) if isinstance(needed, list) else frozenset()
    told = known.items() if isinstance(known, dict) else ()
    return tuple(Parameter(name, _types(each), name in names, _values(each)) for name, each in told)


def showable(schema: str) -> tuple[Parameter, ...] | None:
    """What a tool may be given, where all that it needs can be written on a line; the names are plain ones. Else None."""
    found = parameters(schema)
    plain = tuple(each for each in found if _NAME.fullmatch(each.name))
    needed = [each for each in found if each.is_needed]
    if any(each not in plain for each in needed) or len(needed) > MOST_SHOWN:
        return None
    return tuple(sorted(plain, key=lambda each: not each.is_needed)[:MOST_SHOWN])


def converted(schema: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments, a text turned into what the schema wants in its place; raises ValueError with a sentence."""
    known = {each.name: each for each in parameters(schema)}
    return {name: _converted(known[name], value) if name in known else value for name, value in arguments.items()}


def from_line(schema: str, line: str) -> dict[str, Any]:
    """Arguments that were written on a line: name=value for each, or the one text that a tool needs as it stands.

    Raises ValueError with a sentence.
    """
    known = parameters(schema)
    words = _split(line)
    pairs = [word.partition("=") for word in words]
    names = {each.name for each in known}
    if words and all(sign and name in names for name, sign, _ in pairs):
        return converted(schema, {name: value for name, _, value in pairs})
    if not words:
        return {}
    single = [each for each in known if each.is_needed] or list(known)
    if len(single) != 1:
        raise ValueError("Its arguments are written as name=value.")
    return converted(schema, {single[0].name: line.strip()})


def _split(line: str) -> list[str]:
    try:
        return shlex.split(line)
    except ValueError:
        return line.split()


def _types(told: object) -> frozenset[str]:
    """The types that part of a schema takes; none where it takes any, or cannot be told."""
    if not isinstance(told, dict):
        return frozenset()
    named = told.get("type")
    if isinstance(named, str):
        return frozenset({named})
    if isinstance(named, list):
        return frozenset(each for each in named if isinstance(each, str))
    ways = next((ways for key in ("anyOf", "oneOf") if isinstance(ways := told.get(key), list)), [])
    found = [_types(each) for each in ways if not (isinstance(each, dict) and ("anyOf" in each or "oneOf" in each))]
    return frozenset().union(*found) if all(found) else frozenset()


def _values(told: object) -> tuple[Any, ...]:
    listed = told.get("enum") if isinstance(told, dict) else None
    return tuple(listed) if isinstance(listed, list) else ()


def _converted(wanted: Parameter, value: Any) -> Any:
    made = value
    if isinstance(value, str) and wanted.values and value not in wanted.values and "string" not in wanted.types:
        made = _read(value)
    elif isinstance(value, str) and wanted.types and "string" not in wanted.types:
        made = _read(value)
        if not any(_is(kind, made) for kind in wanted.types):
            what = " or ".join(_PLAIN.get(kind, one_line(kind, 20)) for kind in sorted(wanted.types))
            raise ValueError(f"{one_line(wanted.name, 60)} is to be {what}; it is “{one_line(value, 60)}”.")
    if wanted.values and made not in wanted.values:
        listed = ", ".join(one_line(str(each), 40) for each in wanted.values[:10])
        raise ValueError(f"{one_line(wanted.name, 60)} is to be one of {listed}; it is “{one_line(str(value), 60)}”.")
    return made


def _read(word: str) -> Any:
    """What a word is in JSON; the word itself where it is nothing there."""
    plain = word.strip()
    try:
        return json.loads(plain.lower() if plain.lower() in ("true", "false", "null") else plain)
    except (ValueError, RecursionError):
        return word


def _is(wanted: str, value: Any) -> bool:
    match value:
        case bool():
            return wanted == "boolean"
        case int():
            return wanted in ("integer", "number")
        case float():
            return math.isfinite(value) and (wanted == "number" or (wanted == "integer" and value.is_integer()))
        case None:
            return wanted == "null"
        case str():
            return wanted == "string"
    return wanted == ("array" if isinstance(value, list) else "object")
