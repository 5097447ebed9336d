"""Answers: their schema as the server takes it and in words, and the reading of what came back."""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from butler.core.text import one_line
from butler.model.failures import BadAnswerError
from butler.model.port import Reply

A = TypeVar("A", bound=BaseModel)
Schema = Mapping[str, Any]

LONGEST_ANSWER = 65_536
"""Characters of one answer, whatever its step allows."""
_CHARACTERS_A_TOKEN = 8
_PROBLEM_LENGTH = 400


def longest(max_tokens: int) -> int:
    """How many characters an answer of so many tokens can have at most; a longer one is endless."""
    return min(LONGEST_ANSWER, _CHARACTERS_A_TOKEN * max_tokens)


def schema_of(answer: type[BaseModel]) -> dict[str, Any]:
    """The answer's JSON schema, without the patterns that Ollama refuses (they are checked here all the same)."""
    schema = copy.deepcopy(answer.model_json_schema())
    for part in _parts(schema):
        pattern = part.get("pattern")
        if isinstance(pattern, str) and not (pattern.startswith("^") and pattern.endswith("$")):
            del part["pattern"]
    return schema


def _parts(value: object) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for child in children:
        yield from _parts(child)


def in_words(schema: Schema) -> str:
    """The shape of the answer on one line, written like the object itself: every key in its order and what it may hold."""
    return _object(schema, schema.get("$defs", {}))


def _words(part: Schema, definitions: Schema) -> str:
    if "$ref" in part:
        return _words(definitions[part["$ref"].rpartition("/")[2]], definitions)
    told = f" ({part['description']})" if part.get("description") else ""
    return _kind(part, definitions) + told


def _kind(part: Schema, definitions: Schema) -> str:
    if "anyOf" in part:
        return "|".join(_words(choice, definitions) for choice in part["anyOf"])
    if "enum" in part or "const" in part:
        choices = part.get("enum", [part.get("const")])
        return "|".join(json.dumps(choice, ensure_ascii=False) for choice in choices)
    match part.get("type"):
        case "array":
            most = f"max {part['maxItems']}: " if "maxItems" in part else ""
            return f"[{most}{_words(part.get('items', {}), definitions)}]"
        case "object":
            return _object(part, definitions)
        case "string":
            return _text_words(part)
        case "integer" | "number" as kind:
            return str(kind) + _range_words(part)
        case kind:
            return {"boolean": "true|false", "null": "null"}.get(str(kind), "any value")


def _object(part: Schema, definitions: Schema) -> str:
    keys = (f'"{name}":{_words(child, definitions)}' for name, child in part.get("properties", {}).items())
    return "{" + ",".join(keys) + "}"


def _text_words(part: Schema) -> str:
    most = f" max {part['maxLength']}" if "maxLength" in part else ""
    return {"date": "date YYYY-MM-DD", "time": "time HH:MM"}.get(part.get("format", ""), "text") + most


def _range_words(part: Schema) -> str:
    low = f" from {part['minimum']}" if "minimum" in part else ""
    return low + (f" to {part['maximum']}" if "maximum" in part else "")


def read(answer: type[A], reply: Reply) -> A:
    """The checked answer in a reply; raises BadAnswerError with what to tell the model."""
    content = reply.content.strip()
    if not content:
        thought = " It thought instead." if reply.thought else ""
        raise BadAnswerError(f"It was empty.{thought}", "")
    if "<think" in content[:200].casefold():
        raise BadAnswerError("It thought aloud; only the JSON object is wanted.", content)
    value = checked(answer, content, hint=_ending(reply))
    if not reply.finished and not reply.cut_off:
        # Ollama stops without a last line when the model repeats itself. What only blanks follow is whole.
        raise BadAnswerError("It broke off.", content)
    return value


def checked(answer: type[A], content: str, hint: str = "") -> A:
    """The answer in a JSON text, all keys known, all numbers finite; raises BadAnswerError."""
    try:
        value = answer.model_validate_json(content, extra="forbid")
    except ValidationError as error:
        raise BadAnswerError(one_line(hint + "; ".join(_complaints(error)), _PROBLEM_LENGTH), content) from None
    if not _finite(value.model_dump()):
        raise BadAnswerError("A number in it is not a number (NaN or infinite).", content)
    return value


def _ending(reply: Reply) -> str:
    if reply.cut_off:
        return "It did not end. "
    if not reply.finished:
        return "It broke off. "
    return "It was cut off at its longest; be shorter. " if reply.reason == "length" else ""


def _complaints(error: ValidationError) -> Iterator[str]:
    for complaint in error.errors(include_url=False, include_context=False, include_input=False)[:5]:
        place = ".".join(str(step) for step in complaint["loc"])
        yield f"{place}: {complaint['msg']}" if place else complaint["msg"]


def _finite(value: object) -> bool:
    if isinstance(value, dict):
        return all(_finite(child) for child in value.values())
    if isinstance(value, list | tuple):
        return all(_finite(child) for child in value)
    return not isinstance(value, float) or math.isfinite(value)
