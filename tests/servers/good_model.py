"""A model that understands nothing and answers sensibly all the same, from the schema asked for and the text at hand."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ollama_script import Chat

_SENTENCE = re.compile(r"[^.!?\n]*[^.!?\s][^.!?\n]*[.!?]*")
_GREETING = re.compile(r"(?i)^(hi|hello|dear|hallo|hej|liebe|sehr geehrte|bonjour|cher|guten|ciao|hola|salut)\b.{0,40}$")
_PROMISE = re.compile(r"(?i)\b(I(['’]ll| will| promise)|ich (werde|schicke|melde|bringe)|werde ich|je (vais|vous envoie))\b")
_URGENT = re.compile(r"(?i)\b(urgent|asap|today|immediately|dringend|heute|sofort|aujourd'hui|hoy)\b")
_QUOTED = ("evidence", "quote", "quotes", "words")

Schema = Mapping[str, Any]


def good_model(chat: Chat) -> str | Mapping[str, Any]:
    """Answer a chat: with an object of the schema, or politely when there is none."""
    return "Good morning." if chat.schema is None else _Mind(chat.text, chat.schema).answer()


class _Mind:
    def __init__(self, text: str, schema: Schema) -> None:
        self._schema = schema
        own = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith(">"))
        found = (match.group().strip() for match in _SENTENCE.finditer(own))
        self._sentences = [sentence for sentence in found if not _GREETING.match(sentence)]
        questions = [sentence for sentence in self._sentences if sentence.endswith("?")]
        promises = [sentence for sentence in self._sentences if _PROMISE.search(sentence)]
        self._wants = {"promise": promises, "question": questions}
        self._labels = self._schema_labels()
        self._telling = promises if "promise" in self._labels else questions
        self._urgent = bool(_URGENT.search(text))

    def answer(self) -> Mapping[str, Any]:
        return self._object(self._schema)

    def _schema_labels(self) -> set[str]:
        parts = [*self._schema.get("properties", {}).values(), *self._schema.get("$defs", {}).values()]
        return {str(choice) for part in parts for choice in part.get("enum", ())}

    def _object(self, part: Schema) -> dict[str, Any]:
        return {name: self._value(name, child) for name, child in part.get("properties", {}).items()}

    def _value(self, name: str, part: Schema) -> Any:
        if "$ref" in part:
            return self._value(name, self._schema["$defs"][part["$ref"].rpartition("/")[2]])
        if "anyOf" in part:
            nullable = any(choice.get("type") == "null" for choice in part["anyOf"])
            return None if nullable else self._value(name, part["anyOf"][0])
        if "enum" in part or "const" in part:
            return self._choice(part.get("enum", [part.get("const")]))
        match part.get("type"):
            case "object":
                return self._object(part)
            case "array":
                return self._list(name, part)
            case "string":
                return self._string(name, part)
            case "boolean":
                return bool(self._telling)
            case "integer" | "number":
                return part.get("minimum", 0)
            case _:
                return None

    def _choice(self, choices: Sequence[Any]) -> Any:
        wanted = ("reply", "yes", "promise", "question") if self._telling else ("none", "no", "nothing")
        urgency = ("high",) if self._urgent else ("normal",)
        return next((choice for choice in (*wanted, *urgency) if choice in choices), choices[0])

    def _list(self, name: str, part: Schema) -> list[Any]:
        most = part.get("maxItems", 3)
        items = part.get("items", {})
        if items.get("type") == "string" and _is_quote(name):
            return [_short(sentence, items) for sentence in self._telling[:1]][:most]
        least = part.get("minItems", 0)
        return [self._value(name, items) for _ in range(least)]

    def _string(self, name: str, part: Schema) -> str:
        said = self._telling or ([] if self._empty_is_fine(name) else self._sentences)
        if part.get("format") == "date":
            return "2000-01-01"
        if _is_quote(name) or name in ("summary", "text", "title"):
            return _short(said[0], part) if said else ""
        return _short("It asks for something." if self._telling else "It asks for nothing.", part)

    def _empty_is_fine(self, name: str) -> bool:
        return name == "summary" and "none" in self._labels


def _is_quote(name: str) -> bool:
    return any(word in name.casefold() for word in _QUOTED)


def _short(sentence: str, part: Schema) -> str:
    most = part.get("maxLength", 200)
    return sentence if len(sentence) <= most else sentence[:most].rpartition(" ")[0] or sentence[:most]
