"""A model that drafts sensibly from what it is shown, in the language that it is told, and judges like the good model."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from good_model import good_model
from ollama_script import Chat

_SAYINGS = {
    "English": ("Thank you for your message.", "Yes, I will see to it."),
    "German": ("danke für die Nachricht.", "Ja, ich kümmere mich darum."),
    "French": ("Merci pour votre message.", "Oui, je m'en occupe."),
    "Spanish": ("Gracias por tu mensaje.", "Sí, yo me encargo de eso."),
    "Italian": ("Grazie per il messaggio.", "Sì, me ne occupo io."),
    "Dutch": ("Bedankt voor je bericht.", "Ja, ik zorg ervoor."),
}


def drafting_model(chat: Chat) -> str | Mapping[str, Any]:
    """Answer a chat: a draft where one is wanted, else what the good model says."""
    return sensible(chat) if is_draft(chat) else judging_model(chat)


def judging_model(chat: Chat) -> str | Mapping[str, Any]:
    """Judge like the good model, which knows a request only by its question mark, and know the German "Bescheid" too."""
    said = good_model(chat)
    if isinstance(said, Mapping) and said.get("label") == "none" and "summary" in said and "Bescheid" in chat.text:
        return {**said, "label": "reply", "evidence": ["Bescheid"]}
    return said


def is_draft(chat: Chat) -> bool:
    """Whether a chat asks for a draft."""
    return "offers" in (chat.schema or {}).get("properties", {})


def sensible(chat: Chat) -> dict[str, Any]:
    """A draft that thanks, says yes to each question, and offers the first free time where there is one."""
    found = re.search(r"Reply language: (\w+)", chat.facts)
    opening, yes = _SAYINGS[found[1] if found else "English"]
    numbers = [int(number) for number in re.findall(r"^QUESTION (\d)$", chat.text, re.MULTILINE)]
    return {
        "body": opening,
        "answers": [{"question": number, "text": yes} for number in numbers],
        "offers": [1] if "Free times: 1 =" in chat.facts else [],
        "unsure": False,
    }
