"""Two models on one scripted server that judge and draft alike, but for what a test says of the second one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from draft_model import drafting_model
from ollama_script import Answer, Chat
from served_model import ServedModel

PRESENT = ServedModel("good:latest", "ab" * 32)
OTHER = ServedModel("other:latest", "cd" * 32)

Change = Callable[[Chat, Mapping[str, Any]], Answer]


def two_models(change: Change, name: str = OTHER.name) -> Callable[[Chat], Answer]:
    """A script in which the model of a name says something else where `change` does."""

    def script(chat: Chat) -> Answer:
        said = drafting_model(chat)
        if chat.body["model"] != name or not isinstance(said, Mapping):
            return said
        return change(chat, said)

    return script


def is_received(chat: Chat) -> bool:
    """Whether a received mail is to be judged."""
    return {"label", "summary"} <= set((chat.schema or {}).get("properties", {}))


def is_sent(chat: Chat) -> bool:
    """Whether a mail of the owner's is to be judged."""
    properties = set((chat.schema or {}).get("properties", {}))
    return "label" in properties and "summary" not in properties
