"""What pydantic found of one value, as what follows the name of a setting in a sentence; it never repeats the value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_MUST = {
    "int_parsing": "must be a whole number",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_parsing": "must be a number",
    "float_type": "must be a number",
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "string_type": "must be text",
    "path_type": "must be a path",
    "tuple_type": "must be a list, or words parted by commas",
    "missing": "is needed",
    "model_type": "must be a group of settings",
    "model_attributes_type": "must be a group of settings",
    "dict_type": "must be a group of settings",
}
_LIMITS = {
    "greater_than": ("must be more than {}", "gt"),
    "greater_than_equal": ("must be at least {}", "ge"),
    "less_than": ("must be less than {}", "lt"),
    "less_than_equal": ("must be at most {}", "le"),
    "literal_error": ("must be {}", "expected"),
    "string_pattern_mismatch": ("must match {}", "pattern"),
}


def reasons(kind: str, message: str, context: Mapping[str, Any]) -> Sequence[str]:
    """Say what pydantic found of one value, each as what follows the name of the setting."""
    if kind == "value_error":
        return message.removeprefix("Value error, ").splitlines()
    if kind in _LIMITS:
        words, name = _LIMITS[kind]
        return [words.format(context[name])]
    return [_MUST.get(kind) or f"is wrong: {message[:1].lower()}{message[1:]}"]
